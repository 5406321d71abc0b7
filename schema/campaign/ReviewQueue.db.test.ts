import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { decideAs, pressAs, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import * as ReviewQueue from "./ReviewQueue.ts"

const withPostgres = layer(TestDatabase.layer, { excludeTestServices: true })

withPostgres("the review queue", (it) => {
  it.effect("says to each who looks why they may not decide, and how far the decision has come", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace({ approvals_needed: 2 })
      const { adminId, authorId, flaggedId, moderatorId, workspaceId } = workspace
      const channels = [yield* sampleChannel(workspace)]
      const first = yield* sampleCampaign({
        workspace,
        channels,
        state: "in_review",
        columns: { edited_by: flaggedId }
      })
      yield* decideAs(workspace, moderatorId, first.campaignId)
      const seenBy = Effect.fnUntraced(function* (person: number, at: number | null = workspaceId) {
        const { campaigns } = yield* asPortal((yield* actor(person, at))(ReviewQueue.page(at)))
        return campaigns.map(({ approvals_needed, approvals_standing, id, makers, why_not }) => ({
          id,
          why_not,
          approvals_standing,
          approvals_needed,
          makers
        }))
      })
      const row = { id: first.campaignId, approvals_standing: 1, approvals_needed: 2, makers: ["Author", "Flagged"] }
      assert.deepStrictEqual(yield* seenBy(authorId), [{ ...row, why_not: "role" }])
      assert.deepStrictEqual(yield* seenBy(flaggedId), [{ ...row, why_not: "maker" }])
      assert.deepStrictEqual(yield* seenBy(moderatorId), [{ ...row, why_not: "already_approved" }])
      assert.deepStrictEqual(yield* seenBy(adminId), [{ ...row, why_not: null }])

      const [superAdmin] = yield* sql<{
        id: number
      }>`INSERT INTO person (email, name, super_admin) VALUES ('super@queue.example', 'Super', true) RETURNING id`
      assert.deepStrictEqual(yield* seenBy(superAdmin!.id, null), [{ ...row, why_not: "master" }])

      // what stood for an earlier submission stands no more, and who gave it may decide again
      yield* pressAs(workspace, authorId, first.campaignId, "revise")
      assert.deepStrictEqual(yield* seenBy(adminId), [])
      yield* pressAs(workspace, authorId, first.campaignId, "submit")
      assert.deepStrictEqual(yield* seenBy(moderatorId), [{ ...row, approvals_standing: 0, why_not: null }])
    })
  )

  it.effect("begins with what waits longest, and goes on page by page", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const workspace = yield* sampleWorkspace()
      const channels = [yield* sampleChannel(workspace)]
      const ids: Array<number> = []
      for (let i = 0; i < ReviewQueue.PAGE + 2; i++) {
        ids.push((yield* sampleCampaign({ workspace, channels, state: "in_review", numbers: 1 })).campaignId)
      }
      // taken back and submitted anew, the first is the last
      yield* pressAs(workspace, workspace.authorId, ids[0]!, "revise")
      yield* pressAs(workspace, workspace.authorId, ids[0]!, "submit")
      const as = yield* actor(workspace.moderatorId, workspace.workspaceId)
      const page = yield* asPortal(as(ReviewQueue.page(workspace.workspaceId)))
      const rest = yield* asPortal(as(ReviewQueue.page(workspace.workspaceId, page.next!)))
      assert.deepStrictEqual(
        [...page.campaigns, ...rest.campaigns].map(({ id }) => id),
        [...ids.slice(1), ids[0]!]
      )
      assert.strictEqual(page.campaigns.length, ReviewQueue.PAGE)
      assert.strictEqual(rest.next, null)
      assert.strictEqual(yield* asPortal(as(ReviewQueue.count(workspace.workspaceId))), ids.length)
      assert.isAtLeast(page.campaigns[0]!.age_seconds, 0)
    })
  )
})
