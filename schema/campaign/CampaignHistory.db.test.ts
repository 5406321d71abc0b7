import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { pressAs, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import { history } from "./CampaignHistory.ts"

const withPostgres = layer(TestDatabase.layer, { excludeTestServices: true })

withPostgres("a campaign's history", (it) => {
  it.effect("tells each event once, newest first, with names; without the audit to who may not view it", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const workspace = yield* sampleWorkspace()
      const { authorId, flaggedId, moderatorId, outsiderId, workspaceId } = workspace
      const channels = [yield* sampleChannel(workspace)]
      const { campaignId } = yield* sampleCampaign({ workspace, channels, state: "sending" })
      yield* pressAs(workspace, moderatorId, campaignId, "pause", "wrong date")
      yield* pressAs(workspace, authorId, campaignId, "resume")
      yield* pressAs(workspace, moderatorId, campaignId, "pause")
      const told = Effect.fnUntraced(function* (person: number, at: number | null = workspaceId) {
        const events = yield* asPortal((yield* actor(person, at))(history(workspaceId, campaignId)))
        return events.map(({ action, note, person: name }) => [action, name, note])
      })
      const audited = [
        ["campaign.pause", "Moderator", null],
        ["campaign.resume", "Author", null],
        ["campaign.pause", "Moderator", "wrong date"],
        ["campaign.open", null, null],
        ["campaign.approve", "Moderator", "for the test"],
        ["campaign.submit", "Author", null],
        ["campaign.seal_audience", "Author", null],
        ["campaign.load_audience", "Author", null]
      ]
      assert.deepStrictEqual(yield* told(moderatorId), audited)
      // one's own
      assert.deepStrictEqual(yield* told(authorId), audited)
      // another author sees how it moved, and not what the audit says
      assert.deepStrictEqual(yield* told(flaggedId), [
        ["pause", "Moderator", null],
        ["resume", "Author", null],
        ["pause", "Moderator", "wrong date"],
        ["open", null, null],
        ["approve", "Moderator", null],
        ["submit", "Author", null]
      ])
      assert.deepStrictEqual(yield* told(outsiderId, null), [])
    })
  )
})
