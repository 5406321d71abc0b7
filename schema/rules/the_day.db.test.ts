/** A workspace's messages a day: what counts for it, when it comes back, and when the number is set in the middle of a day. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type SampleChannel, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

interface Claim {
  readonly block_id: number | null
  readonly month: string
  readonly first_seq: number
  readonly recipients: number
}

const claim = Effect.fnUntraced(function* ({ channelId, epoch }: SampleChannel, laneId: number, most: number) {
  const sql = yield* SqlClient
  const [claimed] = yield* sql<Claim>`
    SELECT block_id, month::text AS month, first_seq, recipients FROM claim_block(${channelId}, ${epoch}, ${laneId}, ${most})`
  return claimed!.block_id === null ? undefined : claimed!
})

layer(TestDatabase.layer, { excludeTestServices: true })("a workspace's day", (it) => {
  it.effect("has what goes back unsent again, and not what may have left", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace({ per_day: 10 })
      const channel = yield* sampleChannel(workspace)
      const { laneId } = yield* sampleCampaign({ workspace, channels: [channel], numbers: 30 })
      const giveBack = (
        way: "return_recipients" | "return_to_resend",
        { block_id, first_seq, month, recipients }: Claim
      ) =>
        sql.unsafe(
          `SELECT ${way}(${channel.channelId}, ${channel.epoch}, '${month}', ${block_id}, '{[${first_seq},${first_seq + recipients})}')`
        )
      const unsent = (yield* claim(channel, laneId, 10))!
      assert.strictEqual(unsent.recipients, 10)
      yield* giveBack("return_recipients", unsent)
      const first = (yield* claim(channel, laneId, 4))!
      yield* giveBack("return_to_resend", first)
      const second = (yield* claim(channel, laneId, 10))!
      assert.strictEqual(second.recipients, 6)
      assert.isUndefined(yield* claim(channel, laneId, 10))
      yield* giveBack("return_to_resend", second)
      assert.isUndefined(yield* claim(channel, laneId, 10))
    })
  )

  it.effect("counts what left before its number was set", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { laneId } = yield* sampleCampaign({ workspace, channels: [channel], numbers: 300 })
      const set = (perDay: number | null) =>
        sql`UPDATE workspace SET per_day = ${perDay} WHERE id = ${workspace.workspaceId}`
      assert.strictEqual((yield* claim(channel, laneId, 100))!.recipients, 100)
      yield* set(100)
      assert.isUndefined(yield* claim(channel, laneId, 100))
      yield* set(null)
      assert.strictEqual((yield* claim(channel, laneId, 30))!.recipients, 30)
      yield* set(150)
      assert.strictEqual((yield* claim(channel, laneId, 100))!.recipients, 20)
    })
  )
})
