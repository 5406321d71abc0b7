import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { signedIn } from "#schema/testing/signedIn.ts"
import { members } from "./Workspaces.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("the members of a workspace", (it) => {
  it.effect("may approve what the matrix says, seen by the owner and by one of them alike", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { adminId, authorId, flaggedId, moderatorId, workspaceId } = yield* sampleWorkspace()
      const admin = yield* signedIn(adminId, workspaceId)
      const expected = [
        [authorId, false],
        [adminId, true],
        [flaggedId, true],
        [moderatorId, true]
      ]
      for (const seen of [yield* members(workspaceId), yield* admin(members(workspaceId))]) {
        assert.deepStrictEqual(
          seen.map(({ id, may_approve }) => [id, may_approve]),
          expected
        )
      }
      const rows = yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`DELETE FROM permission WHERE action = 'campaign.decide' AND role = 'moderator'`
          const changed = yield* members(workspaceId)
          yield* sql`INSERT INTO permission (action, role, whose) VALUES ('campaign.decide', 'moderator', 'any')`
          return changed
        })
      )
      assert.isFalse(rows.find(({ id }) => id === moderatorId)!.may_approve)
    })
  )

  it.effect("are those who can sign in: neither who has left nor who is disabled", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { adminId, authorId, flaggedId, moderatorId, workspaceId } = yield* sampleWorkspace()
      yield* sql`UPDATE person SET disabled_at = now() WHERE id = ${moderatorId}`
      yield* sql`UPDATE membership SET left_at = now() WHERE person_id = ${flaggedId}`
      assert.sameMembers(
        (yield* members(workspaceId)).map(({ id }) => id),
        [adminId, authorId]
      )
    })
  )
})
