/** Asking to join: where a workspace says it can be asked, and nowhere else; answered by its admins. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actionsOf, newestOf, signedIn, somebody, told } from "#schema/testing/signedIn.ts"
import * as JoinRequests from "./JoinRequests.ts"
import * as Members from "./Members.ts"
import * as WorkspaceSettings from "./WorkspaceSettings.ts"

const prepare = Effect.gen(function* () {
  const workspace = yield* sampleWorkspace()
  const admin = yield* signedIn(workspace.adminId, workspace.workspaceId)
  const { name } = yield* admin(WorkspaceSettings.settings())
  return { ...workspace, admin, name }
})

layer(TestDatabase.layer, { excludeTestServices: true })("a request to join", (it) => {
  it.effect("tells nobody which workspaces there are that can't be asked", () =>
    Effect.gen(function* () {
      const { name, workspaceId } = yield* prepare
      const { self } = yield* somebody()
      for (const asked of [name, `${workspaceId}`, "No such"])
        assert.strictEqual(
          yield* told(self(JoinRequests.ask(asked, "please"))),
          `NotFound: workspace “${asked}” does not exist, or takes no requests; ask one of its admins for an invitation`
        )
    })
  )

  it.effect("is made by name or id, once, and accepted with a role", () =>
    Effect.gen(function* () {
      const { admin, authorId, name, workspaceId } = yield* prepare
      yield* admin(WorkspaceSettings.change({ open_to_requests: true }))
      const { email, id, self } = yield* somebody()
      assert.strictEqual(
        yield* told(self(JoinRequests.ask(name, " "))),
        "Invalid: say who you are and why you ask, in up to 1,000 characters; its admins read it"
      )
      const request = yield* self(JoinRequests.ask(name, "I do the alerts"))
      assert.strictEqual(
        yield* told(self(JoinRequests.ask(`${workspaceId}`, "again"))),
        "Conflict: you have asked already; its admins have not answered yet"
      )
      const [waiting] = yield* admin(JoinRequests.waiting())
      assert.include(waiting, { id: request, person_id: id, email, note: "I do the alerts" })
      assert.deepStrictEqual(yield* (yield* signedIn(authorId, workspaceId))(JoinRequests.waiting()), [])

      assert.strictEqual(
        yield* told(admin(JoinRequests.accept(request, "boss" as Members.Role))),
        "Invalid: a role is author, moderator or admin"
      )
      yield* admin(JoinRequests.accept(request, "author", true))
      assert.deepInclude(yield* newestOf(workspaceId), {
        action: "join.accept",
        object_id: id,
        facts: { join_request_id: request, after: { role: "author", moderator: true } }
      })
      assert.deepStrictEqual((yield* actionsOf(workspaceId)).slice(-2), ["join.request", "join.accept"])
      assert.isUndefined(yield* (yield* signedIn(id, workspaceId))(Members.approversWarning(workspaceId)))
      assert.include((yield* self(JoinRequests.mine()))[0], { workspace: name, accepted: true })
      assert.strictEqual(
        yield* told(self(JoinRequests.ask(name, "again"))),
        "Conflict: you are in this workspace already"
      )
      assert.strictEqual(
        yield* told(admin(JoinRequests.decline(request))),
        "Conflict: this request was accepted already"
      )
    })
  )

  it.effect("is declined, answered by no neighbour, and can be made again", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { admin, name, workspaceId } = yield* prepare
      yield* admin(WorkspaceSettings.change({ open_to_requests: true }))
      const { id, self } = yield* somebody()
      const request = yield* self(JoinRequests.ask(name, "please"))
      const neighbour = yield* prepare
      for (const answer of [JoinRequests.accept(request, "author"), JoinRequests.decline(request)])
        assert.strictEqual(yield* told(neighbour.admin(answer)), `NotFound: join request ${request} does not exist`)
      yield* admin(JoinRequests.decline(request))
      assert.deepInclude(yield* newestOf(workspaceId), { action: "join.decline", object_id: id })
      assert.deepStrictEqual(yield* sql`SELECT FROM membership WHERE person_id = ${id}`, [])
      assert.strictEqual(
        yield* told(admin(JoinRequests.accept(request, "author"))),
        "Conflict: this request was declined already"
      )
      yield* self(JoinRequests.ask(name, "please, again"))
    })
  )
})
