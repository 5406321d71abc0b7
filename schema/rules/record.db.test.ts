/** What the journal writes: appended, counted once, by the channel's owner alone, and provable from outside. */
import { createHash } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import * as Channels from "#schema/channel/Channels.ts"
import { SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import { claimError, giveBack } from "#schema/ledger/Door.ts"
import { record } from "#schema/ledger/Outcomes.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type Answer, PretendEngine, type Receipt, type Verdict } from "#schema/testing/PretendEngine.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace, type Wanted } from "#schema/testing/sampleCampaign.ts"

const sending = Effect.fnUntraced(function* (wanted: Partial<Wanted> = {}, segments = 1) {
  const { asEngine } = yield* TestDatabase
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const campaign = yield* sampleCampaign({ workspace, channels: [channel], columns: { segments }, ...wanted })
  return { workspace, channel, engine: new PretendEngine(channel, segments), asEngine, ...campaign }
})

const all = (n: number, verdict: Verdict = "a", part = 1): Array<Answer> =>
  Array.from({ length: n }, (_, nth) => ({ nth, part, verdict }))
const received = (n: number, state = 2, part = 1): Array<Receipt> =>
  Array.from({ length: n }, (_, nth) => ({ nth, part, state }))
const rows = (table: string) =>
  Effect.flatMap(SqlClient, (sql) => sql.unsafe<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)).pipe(
    Effect.map(([row]) => row!.n)
  )

layer(TestDatabase.layer, { excludeTestServices: true })("the journal", (it) => {
  it.effect("appends attempts and receipts, counts them, closes and finishes the block", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asEngine, campaignId, engine, laneId } = yield* sending()
      const block = (yield* asEngine(engine.claim(laneId, 10)))!
      const state = sql`SELECT closed_at IS NOT NULL AS closed, finished_at IS NOT NULL AS finished, outcomes FROM block WHERE id = ${block.claimed.id}`
      yield* asEngine(engine.flush([{ block, answers: all(4) }]))
      assert.deepStrictEqual(yield* state, [{ closed: false, finished: false, outcomes: null }])
      // receipts in the flush of their answers, and before others
      yield* asEngine(engine.flush([{ block, answers: all(10).slice(4), receipts: received(6) }]))
      assert.deepStrictEqual(yield* state, [{ closed: true, finished: false, outcomes: null }])
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      const last = [3, 5, 8, 7].map((state, i) => ({ nth: 6 + i, part: 1, state }))
      yield* asEngine(engine.flush([{ block, receipts: last }]))
      assert.deepStrictEqual(yield* state, [{ closed: true, finished: true, outcomes: "ddddddeurk" }])
      const { accepted, delivered, expired, moving, rejected, undelivered, unknown } =
        yield* Campaigns.progress(campaignId)
      assert.deepStrictEqual(
        [accepted, delivered, undelivered, expired, rejected, unknown, moving],
        [10, 6, 1, 1, 1, 1, 0]
      )
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
    })
  )

  it.effect("waits for every part of a message, and tells its worst one", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asEngine, campaignId, engine, laneId } = yield* sending({ numbers: 5 }, 2)
      const block = (yield* asEngine(engine.claim(laneId, 10)))!
      const [a, r, u] = ["a", "r", "u"] as const
      const second: Array<Answer> = [a, a, r, u, a].map((verdict, nth) => ({ nth, part: 2, verdict }))
      yield* asEngine(engine.flush([{ block, answers: [...all(5, "t"), ...second] }]))
      assert.strictEqual(block.letters, "wwwww")
      yield* asEngine(
        engine.flush([{ block, answers: all(5), receipts: [...received(5), { nth: 1, part: 2, state: 5 }] }])
      )
      const outcomes = sql`SELECT string_agg(outcome, ' ' ORDER BY seq) AS it FROM ledger WHERE lane_id = ${laneId}`
      assert.deepStrictEqual(yield* outcomes, [{ it: "submitted undelivered rejected unknown submitted" }])
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      yield* asEngine(
        engine.flush([
          {
            block,
            receipts: [
              { nth: 0, part: 2, state: 2 },
              { nth: 4, part: 2, state: 3 }
            ]
          }
        ])
      )
      assert.deepStrictEqual(yield* outcomes, [{ it: "delivered undelivered rejected unknown expired" }])
      const [page] = yield* sql`SELECT tries, command_status, message_id FROM ledger_page(${laneId}, 0, 1)`
      assert.deepStrictEqual(page, {
        tries: 2,
        command_status: 0,
        message_id: `${block.messageId(0, 1)} ${block.messageId(0, 2)}`
      })
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
    })
  )

  it.effect("counts a flush once that is said twice, and takes none that comes late or of an epoch that is over", () =>
    Effect.gen(function* () {
      const { asEngine, campaignId, channel, engine, laneId } = yield* sending()
      const block = (yield* asEngine(engine.claim(laneId, 10)))!
      const parked = { key: ["k"], msisdn: [0], state: [2], error: ["000"] }
      const first = yield* asEngine(engine.flush([{ block, answers: all(5) }], parked))
      const second = yield* asEngine(engine.flush([{ block, receipts: received(5) }]))
      const before = [yield* rows("attempt"), yield* rows("receipt"), yield* rows("parked_receipt")]
      for (const again of [second, second]) yield* asEngine(record(again))
      assert.match(
        `${sqlMessage((yield* asEngine(Effect.flip(record(first)))) as SqlError)}`,
        /^flush 1 of channel \d+ comes after a later one/
      )
      assert.deepStrictEqual([yield* rows("attempt"), yield* rows("receipt"), yield* rows("parked_receipt")], before)
      assert.strictEqual((yield* Campaigns.progress(campaignId)).delivered, 5)
      const epoch = (yield* asEngine(Channels.take(channel.channelId)))!
      assert.strictEqual(
        sqlState((yield* asEngine(Effect.flip(engine.flush([{ block, answers: all(5) }])))) as SqlError),
        "CS004"
      )
      yield* asEngine(Channels.settle(channel.channelId, epoch))
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      // a new epoch counts its flushes anew
      const next = new PretendEngine({ ...channel, epoch })
      yield* asEngine(next.flush([], parked))
      assert.strictEqual(yield* rows("parked_receipt"), before[2]! + 1)
    })
  )

  it.effect("keeps nothing that is said of a block after it is finished: its pages stay as they were sealed", () =>
    Effect.gen(function* () {
      const { asEngine, campaignId, engine, laneId } = yield* sending()
      const sql = yield* SqlClient
      const block = (yield* asEngine(engine.claim(laneId, 10)))!
      const { parts } = block
      const each = <A>(of: (nth: number) => A) => parts.map((_, nth) => of(nth))
      yield* asEngine(
        engine.flush([
          {
            block,
            answers: each((nth) => ({ nth, part: 1, verdict: "a" as const })),
            receipts: each((nth) => ({ nth, part: 1, state: 2 }))
          }
        ])
      )
      const page = sql`SELECT * FROM ledger_rows(${laneId}, 0, 10)`
      const before = [yield* page, yield* rows("attempt"), yield* rows("receipt")]
      yield* asEngine(
        engine.flush([
          { block, answers: [{ nth: 0, part: 1, verdict: "r" }], receipts: [{ nth: 1, part: 1, state: 5 }] }
        ])
      )
      assert.deepStrictEqual([yield* page, yield* rows("attempt"), yield* rows("receipt")], before)
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
    })
  )

  it.effect("takes nothing for a block of another channel or of none, whatever column names it", () =>
    Effect.gen(function* () {
      const { asEngine, campaignId, engine, laneId, workspace } = yield* sending()
      const block = (yield* asEngine(engine.claim(laneId, 10)))!
      const stranger = new PretendEngine(yield* sampleChannel(workspace))
      const before = [yield* rows("attempt"), yield* rows("receipt")]
      const tell = (engine: PretendEngine, what: object, id = block.claimed.id, month = block.claimed.month) =>
        asEngine(
          Effect.flip(
            engine.flush([
              {
                block: Object.assign(Object.create(Object.getPrototypeOf(block)), block, {
                  claimed: { ...block.claimed, id, month }
                }),
                ...what
              }
            ])
          )
        ).pipe(Effect.map((error) => sqlState(error as SqlError)))
      for (const what of [{ answers: all(1) }, { receipts: received(1) }, {}]) {
        assert.strictEqual(yield* tell(stranger, what), "CS409")
        assert.strictEqual(yield* tell(engine, what, 1_000_000_000), "CS409")
        assert.strictEqual(yield* tell(engine, what, block.claimed.id, "2019-01-01"), "CS409")
      }
      assert.deepStrictEqual([yield* rows("attempt"), yield* rows("receipt")], before)
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
    })
  )

  it.effect("gives back once what is given back twice, and nothing that was submitted, kept back or another's", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asEngine, campaignId, channel, engine, laneId, numbers, workspace } = yield* sending()
      yield* sql`INSERT INTO stop_list (workspace_id, msisdn, cause) VALUES (${workspace.workspaceId}, ${numbers[9]!}, 'asked')`
      const block = (yield* asEngine(engine.claim(laneId, 10)))!
      const answers = [
        ...all(3),
        { nth: 3, part: 1, verdict: "t" as const },
        { nth: 4, part: 1, verdict: "u" as const }
      ]
      yield* asEngine(engine.flush([{ block, answers }]))
      const back = (from: number, to: number, by = channel) =>
        asEngine(giveBack(by.channelId, by.epoch, block.claimed, [{ from, to }]))
      for (const [from, to] of [
        [3, 5],
        [5, 6],
        [10, 11],
        [1, 2],
        [11, 12]
      ] as const) {
        const error = yield* Effect.flip(back(from, to))
        assert.match(error.message, /submitted or kept back|does not hold/, `${from}`)
      }
      assert.match((yield* Effect.flip(back(6, 7, yield* sampleChannel(workspace)))).message, /is not open on channel/)
      yield* asEngine(engine.giveBack(block, [3, 5, 6, 7]))
      const again = (yield* asEngine(engine.claim(laneId, 2)))!
      yield* back(4, 5)
      yield* back(6, 9)
      assert.strictEqual(again.claimed.firstSeq, 4)
      assert.strictEqual((yield* asEngine(engine.claim(laneId, 10)))!.claimed.firstSeq, 6)
      assert.strictEqual(yield* asEngine(engine.claim(laneId, 10)), undefined)
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
    })
  )

  it.effect("finishes a block with a digest that anybody can compute", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asEngine, engine, laneId, numbers } = yield* sending({ run: 7 })
      const blocks = [yield* asEngine(engine.claim(laneId, 5)), yield* asEngine(engine.claim(laneId, 5))].map((b) => b!)
      for (const block of blocks) {
        const n = block.parts.length
        yield* asEngine(engine.flush([{ block, answers: all(n), receipts: received(n) }]))
        const { firstSeq } = block.claimed
        const digest = createHash("sha256")
          .update(int32(firstSeq))
          .update(arrayOfNumbers(numbers.slice(firstSeq - 1, firstSeq - 1 + n)))
          .update("d".repeat(n))
          .digest("hex")
        assert.deepStrictEqual(
          yield* sql`SELECT encode(digest, 'hex') AS digest FROM block WHERE id = ${block.claimed.id}`,
          [{ digest }]
        )
      }
      assert.deepStrictEqual(
        blocks.map(({ claimed }) => [claimed.firstSeq, claimed.recipients]),
        [
          [1, 5],
          [6, 2]
        ]
      )
    })
  )

  it.effect("goes with an audience whose Merkle root anybody can compute", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      for (const [count, run] of [
        [1, 1],
        [2, 1],
        [3, 1],
        [5, 1],
        [8, 1],
        [11, 1],
        [10, 3],
        [2_500, 1_000]
      ] as const) {
        const { laneId, numbers } = yield* sending({ numbers: count, run })
        const leaves: Array<Buffer> = []
        for (let at = 0; at < count; at += run)
          leaves.push(sha256([Buffer.of(0), int32(at + 1), arrayOfNumbers(numbers.slice(at, at + run))]))
        assert.deepStrictEqual(
          yield* sql`SELECT encode(audience_digest, 'hex') AS root FROM lane WHERE id = ${laneId}`,
          [{ root: merkleRoot(leaves).toString("hex") }]
        )
      }
    })
  )

  it.effect("says what is wrong in words that the engine knows", () =>
    Effect.gen(function* () {
      const { asEngine, channel } = yield* sending()
      yield* Channels.take(channel.channelId)
      const error = yield* asEngine(Effect.flip(new PretendEngine(channel).flush([])))
      assert.strictEqual(claimError(error).reason, "EpochOver")
      assert.match(sqlMessage(error), /another engine has taken channel/)
    })
  )
})

const int32 = (n: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(n)
  return bytes
}

/** array_send of a bigint[]: dimensions, no nulls, element type 20, length, lower bound; each element with its length. */
const arrayOfNumbers = (numbers: ReadonlyArray<number>) =>
  Buffer.concat([
    ...[1, 0, 20, numbers.length, 1].map(int32),
    ...numbers.flatMap((n) => [
      int32(8),
      int32(Math.floor(n / 2 ** 32)),
      Buffer.from((n % 2 ** 32).toString(16).padStart(8, "0"), "hex")
    ])
  ])

const sha256 = (parts: ReadonlyArray<Buffer>) => createHash("sha256").update(Buffer.concat(parts)).digest()

/** Pairs from the left; an odd last one goes up as it is. */
const merkleRoot = (level: ReadonlyArray<Buffer>): Buffer => {
  if (level.length === 1) return level[0]!
  const above: Array<Buffer> = []
  for (let i = 0; i + 1 < level.length; i += 2) above.push(sha256([Buffer.of(1), level[i]!, level[i + 1]!]))
  if (level.length % 2 === 1) above.push(level.at(-1)!)
  return merkleRoot(above)
}
