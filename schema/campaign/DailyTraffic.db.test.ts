import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type SampleWorkspace, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import { dailyTraffic } from "./DailyTraffic.ts"

const asked = Effect.fnUntraced(function* ({ moderatorId, workspaceId }: SampleWorkspace) {
  const { asPortal } = yield* TestDatabase
  return yield* asPortal((yield* actor(moderatorId, workspaceId))(dailyTraffic(workspaceId)))
})

layer(TestDatabase.layer, { excludeTestServices: true })("a workspace's day", (it) => {
  it.effect("is what opened since its own midnight, beside the median of the days before", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace({ time_zone: "Asia/Tashkent" })
      assert.deepStrictEqual(yield* asked(workspace), {
        today: { campaigns: 0, accepted: 0, delivered: 0, failed: 0 },
        usual: null
      })
      const channel = yield* sampleChannel(workspace)
      /** daysAgo: by the workspace's clock, a second after midnight */
      const sent = Effect.fnUntraced(function* (daysAgo: number, accepted: number) {
        const { campaignId, laneId } = yield* sampleCampaign({ workspace, channels: [channel], state: "sending" })
        yield* sql`UPDATE campaign SET opened_at =
          ((now() AT TIME ZONE 'Asia/Tashkent')::date - ${daysAgo}::int + interval '1 second') AT TIME ZONE 'Asia/Tashkent'
          WHERE id = ${campaignId}`
        yield* sql`INSERT INTO progress ${sql.insert({
          ...{ lane_id: laneId, channel_id: channel.channelId, workspace_id: workspace.workspaceId },
          ...{ accepted, delivered: accepted - 1, undelivered: 1 }
        })} ON CONFLICT (lane_id, channel_id) DO UPDATE SET accepted = excluded.accepted, delivered = excluded.delivered,
          undelivered = excluded.undelivered`
      })
      yield* sent(0, 5)
      yield* sent(0, 4)
      for (const [day, n] of [[1, 10] as const, [2, 3] as const, [3, 8] as const, [40, 10] as const])
        yield* sent(day, n)
      assert.deepStrictEqual(yield* asked(workspace), {
        today: { campaigns: 2, accepted: 9, delivered: 7, failed: 2 },
        usual: 8
      })
      const neighbour = yield* sampleWorkspace()
      assert.strictEqual((yield* asked(neighbour)).today.campaigns, 0)
    })
  )
})
