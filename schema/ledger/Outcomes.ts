/**
 * Writing down what happened: one flush of a channel's journal as one statement (`record_outcomes`, rules/record.sql).
 *
 * Promises: a flush is all or nothing; one that is sent again because its commit was not heard of counts once; an engine
 * that has lost the channel is refused.
 */
import { Effect } from "effect"
import { SqlClient, type SqlError } from "#schema/Database.ts"
import { ArrayOid, CharArray, Int2Array, Int4Array, int8Array, type Memory, textArray } from "#schema/PgArray.ts"
import { encoded } from "#schema/PgTypes.ts"
import type { AttemptColumns, ReceiptColumns } from "./Columns.ts"

/** What a block adds to a flush. */
export interface BlockChange {
  readonly id: number
  /** the block's partition, `YYYY-MM-01` */
  readonly month: string
  readonly attempts: AttemptColumns | undefined
  readonly receipts: ReceiptColumns | undefined
  /** growth of the block's counters, in recipients */
  readonly accepted: number
  readonly delivered: number
  readonly undelivered: number
  readonly expired: number
  readonly rejected: number
  readonly unknown: number
  readonly closed: boolean
  /** a letter a recipient once every outcome is final, else null */
  readonly outcomes: string | null
  /** parts of each recipient's message, an octet in two hex digits; absent where all get the campaign's */
  readonly parts?: string | undefined
}

/** Receipts that found no message; columns of one length. */
export interface ParkedColumns {
  readonly key: Array<string>
  readonly msisdn: Array<number>
  readonly state: Array<number>
  readonly error: Array<string>
}

export interface Flush {
  /** grows by one a flush within an epoch */
  readonly number: number
  readonly blocks: ReadonlyArray<BlockChange>
  readonly parked: ParkedColumns | undefined
}

const TEXT = `SELECT record_outcomes($1, $2, $3, $4::date[], $5::bigint[], $6::int[], $7, $8, $9, $10, $11, $12, $13, $14, $15,
  $16::date[], $17::bigint[], $18::int[], $19, $20, $21, $22, $23, $24, $25, $26, $27, $28,
  $29::date[], $30::bigint[], $31::int[], $32::int[], $33::int[], $34::int[], $35::int[], $36::int[], $37::boolean[], $38::text[], $39::text[])`

/** Small columns, an element a block, travel as their text. */
const literal = (values: ReadonlyArray<string | number | boolean>): string => `{${values.join(",")}}`

/**
 * The statement's 39 arguments, in their binary form. The columns may be reused at once; the arguments hold as long as
 * `memory` leaves them alone.
 */
export const encodeFlush = (
  channelId: number,
  epoch: number,
  flush: Flush,
  memory?: Memory
): ReadonlyArray<unknown> => {
  const attempts = flush.blocks.filter((b) => b.attempts !== undefined)
  const receipts = flush.blocks.filter((b) => b.receipts !== undefined)
  return [
    channelId,
    epoch,
    flush.number,
    ...encodeAttempts(attempts, memory),
    ...encodeReceipts(receipts, memory),
    ...encodeParked(flush.parked, memory),
    ...encodeChanges(flush.blocks)
  ]
}

/** Fails with SQLSTATE CS004 when the epoch is over. */
export const record = (encodedFlush: ReadonlyArray<unknown>): Effect.Effect<void, SqlError, SqlClient> =>
  Effect.flatMap(SqlClient, (sql) => Effect.asVoid(sql.unsafe(TEXT, encodedFlush)))

const encodeAttempts = (blocks: ReadonlyArray<BlockChange>, memory?: Memory): ReadonlyArray<unknown> => {
  const upto = runningTotals(blocks.map((b) => b.attempts!.length))
  const total = upto.at(-1) ?? 0
  const nth = new Int2Array(total, memory)
  const part = new Int2Array(total, memory)
  const tries = new Int2Array(total, memory)
  const bind = new Int2Array(total, memory)
  const verdict = new CharArray(total, memory)
  const status = new Int4Array(total, memory)
  const submitted = new Int4Array(total, memory)
  const answered = new Int4Array(total, memory)
  const ids: Array<string> = []
  for (const { attempts } of blocks) {
    const { length } = attempts!
    nth.add(attempts!.nth, length)
    part.add(attempts!.part, length)
    tries.add(attempts!.try, length)
    bind.add(attempts!.bind, length)
    verdict.add(attempts!.verdict, length)
    status.add(attempts!.command_status, length)
    submitted.add(attempts!.submittedMs, length)
    answered.add(attempts!.answeredMs, length)
    for (const id of attempts!.message_id) ids.push(id)
  }
  return [
    literal(blocks.map((b) => b.month)),
    literal(blocks.map((b) => b.id)),
    literal(upto),
    encoded(ArrayOid.int2, nth.done()),
    encoded(ArrayOid.int2, part.done()),
    encoded(ArrayOid.int2, tries.done()),
    encoded(ArrayOid.int2, bind.done()),
    encoded(ArrayOid.char, verdict.done()),
    encoded(ArrayOid.int4, status.done()),
    encoded(ArrayOid.text, textArray(ids, memory)),
    encoded(ArrayOid.int4, submitted.done()),
    encoded(ArrayOid.int4, answered.done())
  ]
}

const encodeReceipts = (blocks: ReadonlyArray<BlockChange>, memory?: Memory): ReadonlyArray<unknown> => {
  const upto = runningTotals(blocks.map((b) => b.receipts!.length))
  const total = upto.at(-1) ?? 0
  const nth = new Int2Array(total, memory)
  const part = new Int2Array(total, memory)
  const state = new Int2Array(total, memory)
  const received = new Int4Array(total, memory)
  const error: Array<string> = []
  let odd: Array<string | null> | undefined
  for (const { receipts } of blocks) {
    const { length } = receipts!
    nth.add(receipts!.nth, length)
    part.add(receipts!.part, length)
    state.add(receipts!.state, length)
    received.add(receipts!.receivedMs, length)
    if (receipts!.odd !== undefined) {
      odd ??= new Array<string | null>(total).fill(null)
      for (const [row, text] of receipts!.odd) odd[error.length + row] = text
    }
    for (const e of receipts!.error) error.push(e)
  }
  return [
    literal(blocks.map((b) => b.month)),
    literal(blocks.map((b) => b.id)),
    literal(upto),
    encoded(ArrayOid.int2, nth.done()),
    encoded(ArrayOid.int2, part.done()),
    encoded(ArrayOid.int2, state.done()),
    encoded(ArrayOid.text, textArray(error, memory)),
    encoded(ArrayOid.int4, received.done()),
    encoded(ArrayOid.text, odd === undefined ? null : textArray(odd, memory))
  ]
}

const encodeParked = (parked: ParkedColumns | undefined, memory?: Memory): ReadonlyArray<unknown> =>
  parked === undefined
    ? [null, null, null, null]
    : [
        encoded(ArrayOid.text, textArray(parked.key, memory)),
        encoded(ArrayOid.int8, int8Array(parked.msisdn, memory)),
        literal(parked.state),
        encoded(ArrayOid.text, textArray(parked.error, memory))
      ]

const encodeChanges = (blocks: ReadonlyArray<BlockChange>): ReadonlyArray<unknown> => [
  literal(blocks.map((b) => b.month)),
  literal(blocks.map((b) => b.id)),
  literal(blocks.map((b) => b.accepted)),
  literal(blocks.map((b) => b.delivered)),
  literal(blocks.map((b) => b.undelivered)),
  literal(blocks.map((b) => b.expired)),
  literal(blocks.map((b) => b.rejected)),
  literal(blocks.map((b) => b.unknown)),
  literal(blocks.map((b) => b.closed)),
  // letters and '-': nothing in it needs quoting but the quotes that keep '-' runs from looking like anything else
  literal(blocks.map((b) => (b.outcomes === null ? "NULL" : `"${b.outcomes}"`))),
  blocks.some((b) => b.parts !== undefined) ? literal(blocks.map((b) => b.parts ?? "NULL")) : null
]

const runningTotals = (lengths: ReadonlyArray<number>): Array<number> => {
  let total = 0
  return lengths.map((n) => {
    total += n
    return total
  })
}
