import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { AuditRow } from "./AuditRow.ts"
import { personalDigest, rowHash } from "./Chain.ts"
import { type Checkpoint, generateCheckpointKey, readPrivateKey, signCheckpoint } from "./Checkpoint.ts"
import { SampleChain } from "./testing/SampleChain.ts"
import { Verification } from "./Verification.ts"

const own = generateCheckpointKey()
const keyOf = (privateKey: string) => Result.getOrThrow(readPrivateKey(privateKey))

const chain = new SampleChain(5)
const ten = Array.from({ length: 10 }, (_, i) => chain.say({ facts: { i } }))

const checkpointOf = (row: AuditRow, privateKey = own.privateKey): Checkpoint =>
  signCheckpoint({ workspace_id: 5, seq: row.seq, hash: row.hash, at_us: row.at_us }, keyOf(privateKey))

/** In batches of three, as they come from a file or a database. */
const verify = (rows: ReadonlyArray<AuditRow>, checkpoints: ReadonlyArray<Checkpoint>, key?: string) => {
  const verification = new Verification({ workspaceId: 5, checkpoints, key })
  const batches = Array.from({ length: Math.ceil(rows.length / 3) }, (_, i) => rows.slice(3 * i, 3 * i + 3))
  return Effect.andThen(
    Effect.forEach(batches, (batch) => verification.take(batch), { discard: true }),
    verification.end()
  )
}

const refused = (...of: Parameters<typeof verify>) =>
  Effect.map(Effect.flip(verify(...of)), ({ reason, seq }) => [seq, reason] as const)

/** The same history told another way, in itself without fault. */
const rewritten = (from: number): ReadonlyArray<AuditRow> => {
  const other = new SampleChain(5)
  return ten.map((_, i) => other.say({ facts: { i }, ...(i + 1 >= from ? { role: "admin" } : {}) }))
}

describe("Verification", () => {
  it.effect("holds the chain to its checkpoints", () =>
    Effect.gen(function* () {
      const { checkpoints, rows } = yield* verify(ten, [checkpointOf(ten[4]!), checkpointOf(ten[9]!)], own.publicKey)
      assert.strictEqual(rows, 10)
      assert.deepStrictEqual(checkpoints, { held: 2, ofDropped: 0, upTo: 10, keys: [own.publicKey] })
    })
  )

  it.effect("knows up to which row checkpoints vouch", () =>
    Effect.gen(function* () {
      const upTo = (rows: ReadonlyArray<AuditRow>, ...of: ReadonlyArray<number>) =>
        Effect.map(
          verify(
            rows,
            of.map((seq) => checkpointOf(ten[seq - 1]!))
          ),
          ({ checkpoints }) => checkpoints.upTo
        )
      assert.strictEqual(yield* upTo(ten, 6, 3), 6)
      assert.strictEqual(yield* upTo(ten), 0)
      assert.strictEqual(yield* upTo(ten.slice(4), 4), 0, "of no row that is here")
    })
  )

  it.effect("finds what says a key twice, which others may read otherwise, and what is no JSON", () =>
    Effect.gen(function* () {
      const of = (facts: string, personal: string | null = null) => {
        const salt = personal === null ? null : "00".repeat(16)
        const digest = personal === null || salt === null ? null : personalDigest(salt, personal)
        const row = { ...ten[0]!, facts, personal, salt, personal_digest: digest }
        return [{ ...row, hash: rowHash(row) }]
      }
      for (const fine of [
        '{"a": {"a": ":\\":", "b\\\\": "\\\\"}, "b": [{"a": 1}, {"a": [":"]}]}',
        '{"\\u0061": 1, "b" : 2}',
        "{}"
      ])
        yield* verify(of(fine, fine), [])
      const twice = [
        '{"a": 1, "a": 2}',
        '{"x": {"a": 1, "b": 2, "\\u0061": 1}}',
        '{"x": [{"a": "\\u0022:\\u0022:", "a":1}]}',
        "{"
      ]
      for (const json of twice) {
        assert.deepStrictEqual(yield* refused(of(json), []), [1, "facts"], json)
        assert.deepStrictEqual(yield* refused(of("{}", json), []), [1, "personal"], json)
      }
      const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
      yield* verify(of(deep), [])
    })
  )

  it.effect("finds by a checkpoint that everything was written anew, which the chain itself can't tell", () =>
    Effect.gen(function* () {
      yield* verify(rewritten(3), [])
      assert.deepStrictEqual(yield* refused(rewritten(3), [checkpointOf(ten[4]!)]), [5, "checkpoint"])
      // only what comes after it
      yield* verify(rewritten(6), [checkpointOf(ten[4]!)])
    })
  )

  it.effect("finds by a checkpoint that the newest rows were cut off", () =>
    Effect.gen(function* () {
      yield* verify(ten.slice(0, 7), [])
      assert.deepStrictEqual(yield* refused(ten.slice(0, 7), [checkpointOf(ten[9]!)]), [10, "end"])
      assert.deepStrictEqual(yield* refused([], [checkpointOf(ten[9]!)]), [10, "end"])
    })
  )

  it.effect("does not believe a checkpoint of another key, or one that was changed", () =>
    Effect.gen(function* () {
      const others = checkpointOf(ten[4]!, generateCheckpointKey().privateKey)
      yield* verify(ten, [others])
      assert.deepStrictEqual(yield* refused(ten, [others], own.publicKey), [5, "checkpoint"])
      const moved = { ...checkpointOf(ten[3]!), seq: 5, hash: ten[4]!.hash }
      assert.deepStrictEqual(yield* refused(ten, [moved]), [5, "checkpoint"])
    })
  )

  it.effect("takes a checkpoint's word for the rows before the first, and no other row's", () =>
    Effect.gen(function* () {
      const { checkpoints } = yield* verify(ten.slice(4), [checkpointOf(ten[3]!), checkpointOf(ten[9]!)])
      assert.strictEqual(checkpoints.held, 2)
      assert.deepStrictEqual(yield* refused(ten.slice(4), [checkpointOf(ten[2]!)]), [5, "head"])
      const others = checkpointOf(ten[3]!, generateCheckpointKey().privateKey)
      assert.deepStrictEqual(yield* refused(ten.slice(4), [others], own.publicKey), [5, "head"])
    })
  )

  it.effect("checks the signatures of checkpoints whose rows were dropped, and counts them apart", () =>
    Effect.gen(function* () {
      const other = new SampleChain(5)
      const rows = Array.from({ length: 6 }, () => other.say())
      const kept = [...rows.slice(3), other.say({ action: "audit.truncate", facts: { first_seq: 4 } })]
      const { checkpoints } = yield* verify(kept, [checkpointOf(rows[0]!), checkpointOf(rows[5]!)])
      assert.deepStrictEqual([checkpoints.held, checkpoints.ofDropped], [1, 1])
      const broken = { ...checkpointOf(rows[0]!), at_us: "1" }
      assert.deepStrictEqual(yield* refused(kept, [broken]), [1, "checkpoint"])
      const before = { ...checkpointOf({ ...rows[2]!, hash: "ee".repeat(32) }) }
      assert.deepStrictEqual(yield* refused(kept, [before]), [4, "checkpoint"])
    })
  )

  it.effect("notes sealed ledgers, and finds one without its roots and one that was sealed again", () =>
    Effect.gen(function* () {
      const roots = { campaign_id: 7, root: "ab".repeat(32), by_number: "cd".repeat(32) }
      const sealing = (...each: ReadonlyArray<object>) => {
        const other = new SampleChain(5)
        return each.map((facts) => other.say({ action: "ledger.seal", facts }))
      }
      const rows = sealing(roots, { ...roots, campaign_id: 8 })
      const { seals } = yield* verify(rows, [])
      const sealed = rows.map(({ hash, seq }, i) => [7 + i, { seq, hash, byNumber: roots.by_number }] as const)
      assert.deepStrictEqual([...seals], sealed)
      for (const name of Object.keys(roots))
        assert.deepStrictEqual(yield* refused(sealing({ ...roots, [name]: null }), []), [1, "facts"], name)
      assert.deepStrictEqual(yield* refused(sealing(roots, { ...roots, by_number: roots.root }), []), [2, "seal"])
    })
  )
})
