import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import {
  byForce,
  decideAs,
  inReview,
  pressAs,
  type SampleWorkspace,
  sampleCampaign,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import * as Evidence from "./Evidence.ts"

const seenBy = Effect.fnUntraced(function* (
  workspace: SampleWorkspace,
  personId: number,
  campaignId: number,
  most?: number
) {
  const { asPortal } = yield* TestDatabase
  return yield* asPortal((yield* actor(personId, workspace.workspaceId))(Evidence.evidence(campaignId, most)))
})

const whyNot = Effect.fnUntraced(function* (workspace: SampleWorkspace, personId: number, campaignId: number) {
  const { asPortal } = yield* TestDatabase
  const { approving, refusing } = yield* asPortal(
    (yield* actor(personId, workspace.workspaceId))(Evidence.whyNot(campaignId))
  )
  return [approving, refusing]
})

layer(TestDatabase.layer, { excludeTestServices: true })("the evidence", (it) => {
  it.effect("is who asks and why, to whom with what was removed, and what this sender sent last", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { campaignId: before, channel, workspace } = yield* inReview({}, { state: "sending", numbers: 5 })
      yield* byForce("lane", `UPDATE lane SET next_seq = 4 WHERE campaign_id = ${before}`)
      yield* sql`INSERT INTO stop_list ${sql.insert({ workspace_id: workspace.workspaceId, msisdn: 998900000001, cause: "asked" })}`
      const wanted = { workspace, channels: [channel], columns: { text: "Planned maintenance ((when))" } }
      const values = { when: Array.from({ length: 8 }, (_, i) => `at ${i}`) }
      const { campaignId, laneId } = yield* sampleCampaign({ ...wanted, state: "draft", numbers: 8, values })
      yield* byForce(
        "rejected_line",
        `INSERT INTO rejected_line SELECT month, workspace_id, id, '{3, 5, 9}', '{duplicate, "too short", duplicate}', '{a, b, c}' FROM lane WHERE id = ${laneId}`
      )
      const draft = (yield* seenBy(workspace, workspace.authorId, campaignId))!
      assert.deepStrictEqual([draft.submitted_by, draft.submitted_at], [null, null])
      yield* pressAs(workspace, workspace.authorId, campaignId, "submit", "the switch is replaced")

      const seen = (yield* seenBy(workspace, workspace.moderatorId, campaignId))!
      assert.deepInclude(seen, { author: "Author", submitted_by: "Author", why: "the switch is replaced", revision: 1 })
      assert.deepStrictEqual(seen.makers, ["Author"])
      assert.match(seen.fingerprint!, /^[0-9a-f]{64}$/)
      assert.deepStrictEqual(seen.audience, {
        recipients: 8,
        first: ["99890•••••00", "99890•••••01", "99890•••••02"],
        last: ["99890•••••05", "99890•••••06", "99890•••••07"],
        examples: { when: ["at 0", "at 1", "at 2"] },
        rejected: { duplicate: 2, "too short": 1 },
        compared: 11,
        stopped: 1,
        overlap: 3,
        overlapWith: [{ id: before, name: seen.last!.name, numbers: 3 }]
      })
      assert.deepInclude(seen.last, { id: before, text: "Planned maintenance tonight", recipients: 5 })

      const few = (yield* seenBy(workspace, workspace.moderatorId, campaignId, 10))!
      assert.deepInclude(few.audience, { compared: 11, stopped: null, overlap: null, overlapWith: [] })
      const long = `UPDATE campaign SET opened_at = now() - interval '9 days', closed_at = now() - interval '8 days' WHERE id = ${before}`
      yield* byForce("campaign", long)
      assert.strictEqual((yield* seenBy(workspace, workspace.moderatorId, campaignId))!.audience.overlap, 0)

      const foreign = yield* sampleWorkspace()
      assert.isUndefined(yield* seenBy(foreign, foreign.moderatorId, campaignId))
    })
  )

  it.effect("says why a decision is not theirs, as the decision itself would", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview({ approvals_needed: 2 })
      const { adminId, authorId, flaggedId, moderatorId } = workspace
      const role =
        "only a moderator, an admin or an author with the moderator flag may approve, reject or send back a campaign; you are an author"
      assert.deepStrictEqual(yield* whyNot(workspace, authorId, campaignId), [role, role])
      assert.deepStrictEqual(yield* whyNot(workspace, moderatorId, campaignId), [null, null])
      yield* decideAs(workspace, moderatorId, campaignId)
      const twice = `you have approved campaign ${campaignId} already`
      assert.deepStrictEqual(yield* whyNot(workspace, moderatorId, campaignId), [twice, null])
      for (const [person, said] of [
        [authorId, role],
        [moderatorId, twice]
      ] as const)
        assert.strictEqual((yield* Effect.flip(decideAs(workspace, person, campaignId))).message, said)

      const own = yield* inReview({}, {})
      const sql = yield* SqlClient
      yield* sql`INSERT INTO campaign_maker ${sql.insert({ campaign_id: own.campaignId, workspace_id: own.workspace.workspaceId, person_id: own.workspace.flaggedId })}`
      const maker = yield* whyNot(own.workspace, own.workspace.flaggedId, own.campaignId)
      assert.match(maker[0]!, /^you made, edited or submitted this campaign/)
      assert.isNull(maker[1])
      yield* decideAs(workspace, flaggedId, campaignId)
      const over = `campaign ${campaignId} is scheduled, and only what is in review is decided on`
      assert.deepStrictEqual(yield* whyNot(workspace, adminId, campaignId), [over, over])
    })
  )
})
