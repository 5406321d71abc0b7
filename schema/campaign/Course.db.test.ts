/** How far a campaign is told to be, read in the portal's role. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Channels from "#schema/channel/Channels.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import { course, times } from "./Course.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("the course of a campaign", (it) => {
  it.effect("counts what has left, also what was lost in a crash, and not what is only claimed", () =>
    Effect.gen(function* () {
      const { asEngine, asPortal } = yield* TestDatabase
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { campaignId, laneId } = yield* sampleCampaign({ workspace, channels: [channel], numbers: 10 })
      const as = yield* actor(workspace.authorId, workspace.workspaceId)
      const left = Effect.map(asPortal(as(course(campaignId))), (it) => it.left)
      const engine = new PretendEngine(channel)
      assert.deepStrictEqual(yield* asPortal(as(times(campaignId))), { answered: null, settled: null })

      const block = (yield* asEngine(engine.claim(laneId, 4)))!
      assert.strictEqual(yield* left, 0)
      yield* asEngine(engine.flush([{ block, answers: [{ nth: 0, part: 1, verdict: "a" }] }]))
      assert.strictEqual(yield* left, 1)

      // kill -9: three were claimed and nobody knows what became of them
      const epoch = (yield* asEngine(Channels.take(channel.channelId)))!
      yield* asEngine(Channels.settle(channel.channelId, epoch))
      assert.strictEqual(yield* left, 4)
      const { answered } = yield* asPortal(as(times(campaignId)))
      assert.isAbove(answered!, 0)

      const after = new PretendEngine({ channelId: channel.channelId, epoch })
      const rest = (yield* asEngine(after.claim(laneId, 6)))!
      const answers = [0, 1, 2, 3, 4, 5].map((nth) => ({ nth, part: 1, verdict: nth === 0 ? "r" : "a" }) as const)
      yield* asEngine(after.flush([{ block: rest, answers }]))
      assert.strictEqual(yield* left, 10, "all have left, though receipts are awaited")
    })
  )
})
