import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import { view } from "./CampaignView.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("what is shown of a campaign", (it) => {
  it.effect("is its text, sender, channels and approvals, and the buttons that whoever looks may press", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state: "sending" })
      const seen = Effect.fnUntraced(function* (person: number) {
        return (yield* asPortal((yield* actor(person, workspace.workspaceId))(view(campaignId))))!
      })
      const shown = yield* seen(workspace.moderatorId)
      assert.strictEqual(shown.channels.length, 1)
      assert.deepStrictEqual(
        shown.approvals.map(({ name, signed }) => [name, signed]),
        [["Moderator", false]]
      )
      assert.instanceOf(shown.approvals[0]!.at, Date)
      const both = (may: boolean) => [
        { action: "pause", may },
        { action: "stop", may }
      ]
      assert.deepStrictEqual(shown.buttons, both(true))
      assert.deepStrictEqual((yield* seen(workspace.authorId)).buttons, both(true))
      // another author
      assert.deepStrictEqual((yield* seen(workspace.flaggedId)).buttons, both(false))
      const foreign = yield* sampleWorkspace()
      assert.isUndefined(yield* asPortal((yield* actor(foreign.adminId, foreign.workspaceId))(view(campaignId))))
    })
  )
})
