/** Receipts that come late, or never: what they are matched with, after any time, and what they must not be taken for. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import * as Channels from "#schema/channel/Channels.ts"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type PretendBlock, PretendEngine } from "#schema/testing/PretendEngine.ts"
import { byForce, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** A block of two, accepted, whose engine has forgotten it. */
const accepted = Effect.gen(function* () {
  const { asEngine } = yield* TestDatabase
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const campaign = yield* sampleCampaign({ workspace, channels: [channel], numbers: 2 })
  const engine = new PretendEngine(channel)
  const block = (yield* asEngine(engine.claim(campaign.laneId, 10)))!
  const answers = [0, 1].map((nth) => ({ nth, part: 1, verdict: "a" as const }))
  yield* asEngine(engine.flush([{ block, answers }]))
  return { ...campaign, channel, engine, block }
})

const receiptOf = (block: PretendBlock, nth: number, state: number) => ({
  key: [block.messageId(nth, 1)],
  msisdn: [0],
  state: [state],
  error: ["000"]
})

const aged = ({ claimed }: PretendBlock) =>
  byForce(
    "block",
    `UPDATE block SET opened_at = opened_at - interval '40 days', closed_at = closed_at - interval '40 days' WHERE id = ${claimed.id}`
  )

layer(TestDatabase.layer, { excludeTestServices: true })("receipts", (it) => {
  it.effect("of a block from before a break of forty days are matched still, and those that never came end it", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const { block, campaignId, channel, engine } = yield* accepted
      const { channelId, epoch } = channel
      yield* aged(block)
      yield* asEngine(engine.flush([], receiptOf(block, 0, 2)))
      const { overdue, parked } = yield* asEngine(Channels.findLate(channelId))
      assert.deepStrictEqual([parked, overdue], [[block.claimed.id], [block.claimed.id]])
      assert.strictEqual(yield* asEngine(Channels.matchParked(channelId, epoch, parked)), 1)
      assert.strictEqual(yield* asEngine(Channels.endOverdue(channelId, epoch, overdue)), 1)
      assert.deepStrictEqual(yield* sql`SELECT outcomes FROM block WHERE id = ${block.claimed.id}`, [
        { outcomes: "dk" }
      ])
      const times = sql`SELECT DISTINCT unnest(r.received_ms) AS ms FROM receipt r WHERE r.block_id = ${block.claimed.id}`
      assert.deepStrictEqual(yield* times, [{ ms: 2_147_483_647 }])
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
    })
  )

  it.effect("from before a block was claimed are an older message's, though id and number are the same", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const { block, channel, engine, numbers } = yield* accepted
      const { channelId, epoch } = channel
      const leftOver = { ...receiptOf(block, 0, 5), msisdn: [numbers[0]!] }
      yield* asEngine(engine.flush([], leftOver))
      yield* sql`UPDATE parked_receipt SET received_at = ${sql.literal(
        `(SELECT opened_at - interval '1 microsecond' FROM block WHERE id = ${block.claimed.id})`
      )} WHERE channel_id = ${channelId}`
      const { parked } = yield* asEngine(Channels.findLate(channelId))
      assert.deepStrictEqual(parked, [])
      assert.strictEqual(yield* asEngine(Channels.matchParked(channelId, epoch, [block.claimed.id])), 0)
      // its own, parked after it, is taken
      yield* asEngine(engine.flush([], { ...leftOver, state: [2] }))
      assert.strictEqual(yield* asEngine(Channels.matchParked(channelId, epoch, [block.claimed.id])), 1)
      const [left] = yield* sql`SELECT state FROM parked_receipt WHERE channel_id = ${channelId}`
      assert.deepStrictEqual(left, { state: [5] })
    })
  )
})
