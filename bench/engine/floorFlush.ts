/**
 * The floor's flush as the 38 arguments of `record_outcomes`: its columns are in Postgres' binary form already, so that they
 * are only strung together.
 */
import { arrayHead, type Block } from "./floorBlock.ts"
import type { Parameter } from "./floorPostgres.ts"

const INT2 = 21
const INT4 = 23
const CHAR = 18
const TEXT = 25

const literal = (values: ReadonlyArray<string | number | boolean>) => `{${values.join(",")}}`
const upto = (lengths: ReadonlyArray<number>) => {
  let total = 0
  return lengths.map((n) => (total += n))
}

/** channel and epoch as their text; number: of the flush; all: the blocks that changed. */
export const flushArguments = (
  channel: string,
  epoch: string,
  number: number,
  all: ReadonlyArray<Block>
): ReadonlyArray<Parameter> => {
  const a = all.filter((b) => b.attempts.n > 0)
  const r = all.filter((b) => b.receipts.n > 0)
  const aUpto = upto(a.map((b) => b.attempts.n))
  const rUpto = upto(r.map((b) => b.receipts.n))
  const sent = (oid: number, run: (b: Block) => Buffer) => [arrayHead(oid, aUpto.at(-1) ?? 0), ...a.map(run)]
  const told = (oid: number, run: (b: Block) => Buffer) => [arrayHead(oid, rUpto.at(-1) ?? 0), ...r.map(run)]
  return [
    channel,
    epoch,
    String(number),
    literal(a.map((b) => b.month)),
    literal(a.map((b) => b.id)),
    literal(aUpto),
    sent(INT2, ({ attempts: c }) => c.nth.subarray(0, c.n * 6)),
    sent(INT2, ({ attempts: c }) => c.part.subarray(0, c.n * 6)),
    sent(INT2, ({ attempts: c }) => c.try.subarray(0, c.n * 6)),
    sent(INT2, ({ attempts: c }) => c.bind.subarray(0, c.n * 6)),
    sent(CHAR, ({ attempts: c }) => c.verdict.subarray(0, c.n * 5)),
    sent(INT4, ({ attempts: c }) => c.status.subarray(0, c.n * 8)),
    sent(TEXT, ({ attempts: c }) => c.id.subarray(0, c.idEnd)),
    sent(INT4, ({ attempts: c }) => c.submitted.subarray(0, c.n * 8)),
    sent(INT4, ({ attempts: c }) => c.answered.subarray(0, c.n * 8)),
    literal(r.map((b) => b.month)),
    literal(r.map((b) => b.id)),
    literal(rUpto),
    told(INT2, ({ receipts: c }) => c.nth.subarray(0, c.n * 6)),
    told(INT2, ({ receipts: c }) => c.part.subarray(0, c.n * 6)),
    told(INT2, ({ receipts: c }) => c.state.subarray(0, c.n * 6)),
    told(TEXT, ({ receipts: c }) => c.error.subarray(0, c.errorEnd)),
    told(INT4, ({ receipts: c }) => c.received.subarray(0, c.n * 8)),
    null,
    null,
    null,
    null,
    null,
    literal(all.map((b) => b.month)),
    literal(all.map((b) => b.id)),
    literal(all.map((b) => b.attempts.n)),
    literal(all.map((b) => b.grown.delivered)),
    literal(all.map((b) => b.grown.undelivered)),
    literal(all.map((b) => b.grown.expired)),
    literal(all.map(() => 0)),
    literal(all.map(() => 0)),
    literal(all.map((b) => b.open === 0)),
    literal(all.map((b) => (b.moving === 0 ? `"${b.letters.toString("latin1")}"` : "NULL")))
  ]
}
