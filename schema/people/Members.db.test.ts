/** Members, as the portal with living sessions: what admins do, what nobody does to themselves, and that an admin is left. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type SampleWorkspace, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import { atTheSameMoment, newestOf, signedIn, told } from "#schema/testing/signedIn.ts"
import * as Members from "./Members.ts"
import * as People from "./People.ts"

const memberships = (workspaceId: number, ...people: ReadonlyArray<number>) =>
  Effect.flatMap(
    SqlClient,
    (sql) => sql`SELECT role, moderator, left_at IS NOT NULL AS gone FROM membership
                  WHERE workspace_id = ${workspaceId} AND person_id = ANY (${[...people]}::int[]) ORDER BY person_id`
  )

const makeAdmin = (personId: number) =>
  Effect.flatMap(
    SqlClient,
    (sql) => sql`UPDATE membership SET role = 'admin', moderator = false WHERE person_id = ${personId}`
  )

layer(TestDatabase.layer, { excludeTestServices: true })("members", (it) => {
  it.effect("get another role from an admin, which the audit tells before and after", () =>
    Effect.gen(function* () {
      const { adminId, flaggedId, workspaceId } = yield* sampleWorkspace()
      const admin = yield* signedIn(adminId, workspaceId)
      yield* admin(Members.changeRole(flaggedId, "moderator"))
      // the flag went with the author's role, and does not come back with it
      assert.deepStrictEqual(yield* memberships(workspaceId, flaggedId), [
        { role: "moderator", moderator: false, gone: false }
      ])
      assert.deepStrictEqual(yield* newestOf(workspaceId), {
        action: "member.role",
        person_id: adminId,
        role: "admin",
        object_id: flaggedId,
        facts: { before: { role: "author", moderator: true }, after: { role: "moderator", moderator: false } }
      })
      assert.strictEqual(
        yield* told(admin(Members.changeRole(flaggedId, "moderator"))),
        "Conflict: this member is a moderator already"
      )
      assert.strictEqual(
        yield* told(admin(Members.changeRole(flaggedId, "owner" as Members.Role))),
        "Invalid: a role is author, moderator or admin"
      )
    })
  )

  it.effect("who are authors get and lose the moderator flag, and nobody else has it", () =>
    Effect.gen(function* () {
      const { adminId, authorId, moderatorId, workspaceId } = yield* sampleWorkspace()
      const admin = yield* signedIn(adminId, workspaceId)
      yield* admin(Members.setModeratorFlag(authorId, true))
      assert.deepInclude(yield* newestOf(workspaceId), {
        action: "member.flag",
        facts: { before: { role: "author", moderator: false }, after: { role: "author", moderator: true } }
      })
      assert.strictEqual(
        yield* told(admin(Members.setModeratorFlag(authorId, true))),
        "Conflict: this author has the moderator flag already"
      )
      yield* admin(Members.setModeratorFlag(authorId, false))
      assert.strictEqual(
        yield* told(admin(Members.setModeratorFlag(moderatorId, true))),
        "Invalid: the moderator flag is for authors; moderators and admins may decide without it"
      )
    })
  )

  it.effect("are listed to each other, and how they sign in to who manages the workspace alone", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { adminId, authorId, moderatorId, workspaceId } = yield* sampleWorkspace()
      yield* sql`INSERT INTO totp (person_id, secret, confirmed_at) VALUES (${moderatorId}, '\\x00', now())`
      // shown and never confirmed
      yield* sql`INSERT INTO totp (person_id, secret) VALUES (${authorId}, '\\x00')`
      const admin = yield* signedIn(adminId, workspaceId)
      const author = yield* signedIn(authorId, workspaceId)
      yield* admin(Members.setModeratorFlag(authorId, true))
      const told = (who: typeof admin) =>
        Effect.map(who(Members.list()), (all) =>
          all.map((one) => [one.name, one.role, one.moderator, one.second_factor, one.passkey, one.last_seen !== null])
        )
      assert.deepStrictEqual(yield* told(admin), [
        ["Admin", "admin", false, false, false, true],
        ["Moderator", "moderator", false, true, false, false],
        ["Author", "author", true, false, false, true],
        ["Flagged", "author", true, false, false, false]
      ])
      assert.deepStrictEqual((yield* told(author))[1], ["Moderator", "moderator", false, null, null, false])
      const [, , changed] = yield* author(Members.list())
      assert.deepInclude(changed, { id: authorId, given_by: adminId, disabled: false })
      yield* admin(Members.remove(authorId))
      assert.lengthOf(yield* admin(Members.list()), 3)
    })
  )

  it.effect("never change their own role or flag, nor remove themselves, nor see those of elsewhere", () =>
    Effect.gen(function* () {
      const { adminId, workspaceId } = yield* sampleWorkspace()
      const elsewhere = yield* sampleWorkspace()
      const admin = yield* signedIn(adminId, workspaceId)
      assert.strictEqual(
        yield* told(admin(Members.changeRole(adminId, "author"))),
        "Forbidden: nobody changes their own role; ask another admin"
      )
      assert.strictEqual(
        yield* told(admin(Members.setModeratorFlag(adminId, true))),
        "Forbidden: nobody changes their own moderator flag; ask another admin"
      )
      assert.strictEqual(
        yield* told(admin(Members.remove(adminId))),
        "Conflict: nobody removes themselves; leave the workspace instead"
      )
      for (const act of [
        Members.changeRole(elsewhere.authorId, "admin"),
        Members.setModeratorFlag(elsewhere.authorId, true),
        Members.remove(elsewhere.authorId)
      ])
        assert.strictEqual(yield* told(admin(act)), `NotFound: member ${elsewhere.authorId} does not exist`)
    })
  )

  it.effect("who are removed can't act any more at once, and their row stays", () =>
    Effect.gen(function* () {
      const { adminId, authorId, workspaceId } = yield* sampleWorkspace()
      const admin = yield* signedIn(adminId, workspaceId)
      const author = yield* signedIn(authorId, workspaceId)
      yield* admin(Members.remove(authorId))
      assert.strictEqual(
        yield* told(author(Members.approversWarning(workspaceId))),
        `NotFound: workspace ${workspaceId} does not exist, or you are not in it`
      )
      assert.deepStrictEqual(yield* memberships(workspaceId, authorId), [
        { role: "author", moderator: false, gone: true }
      ])
      assert.deepInclude(yield* newestOf(workspaceId), { action: "member.remove", object_id: authorId })
      assert.strictEqual(yield* told(admin(Members.remove(authorId))), `NotFound: member ${authorId} does not exist`)
    })
  )

  it.effect("leave by themselves, but for the last admin", () =>
    Effect.gen(function* () {
      const { adminId, authorId, moderatorId, workspaceId } = yield* sampleWorkspace()
      yield* (yield* signedIn(authorId, workspaceId))(Members.leave(workspaceId))
      assert.deepInclude(yield* newestOf(workspaceId), { action: "member.leave", person_id: authorId, role: "author" })
      const admin = yield* signedIn(adminId, null)
      const last = "Conflict: this is the last admin of the workspace; make somebody else an admin first"
      assert.strictEqual(yield* told(admin(Members.leave(workspaceId))), last)
      yield* makeAdmin(moderatorId)
      yield* (yield* signedIn(adminId, null))(Members.leave(workspaceId))
      assert.strictEqual(
        yield* told(admin(Members.leave(workspaceId))),
        `NotFound: workspace ${workspaceId} does not exist, or you are not in it`
      )
      assert.strictEqual(yield* told((yield* signedIn(moderatorId, workspaceId))(Members.leave(workspaceId))), last)
    })
  )

  it.effect(
    "who are the last admin are not demoted or removed by a super admin either, and a disabled admin does not count",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const { adminId, moderatorId, workspaceId } = yield* sampleWorkspace()
        const [root] = yield* sql<{ id: number }>`
        INSERT INTO person (email, name, super_admin) VALUES ('root@sample.example', 'Root', true) RETURNING id`
        const [session] = [yield* signedIn(root!.id, workspaceId)]
        yield* sql`INSERT INTO workspace_entry (session_id, workspace_id) SELECT id, ${workspaceId} FROM session WHERE person_id = ${root!.id}`
        const last = "Conflict: this is the last admin of the workspace; make somebody else an admin first"
        assert.strictEqual(yield* told(session(Members.changeRole(adminId, "author"))), last)
        assert.strictEqual(yield* told(session(Members.remove(adminId))), last)
        yield* makeAdmin(moderatorId)
        const master = yield* signedIn(root!.id, null)
        yield* master(People.disable(moderatorId, "for the test"))
        assert.strictEqual(yield* told(session(Members.remove(adminId))), last)
        yield* master(People.enable(moderatorId))
        yield* session(Members.remove(adminId))
      })
  )

  it.effect("who are two admins and demote each other at the same moment: one is refused", () =>
    Effect.gen(function* () {
      const { adminId, moderatorId, workspaceId }: SampleWorkspace = yield* sampleWorkspace()
      yield* makeAdmin(moderatorId)
      const first = yield* actor(adminId, workspaceId)
      const second = yield* actor(moderatorId, workspaceId)
      assert.strictEqual(
        yield* atTheSameMoment(
          (held) => first(Effect.andThen(Members.changeRole(moderatorId, "author"), held)),
          second(Members.changeRole(adminId, "author"))
        ),
        "Forbidden: your own role was changed just now; you no longer manage this workspace"
      )
      assert.deepStrictEqual(yield* memberships(workspaceId, moderatorId, adminId), [
        { role: "author", moderator: false, gone: false },
        { role: "admin", moderator: false, gone: false }
      ])
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("who could approve", (it) => {
  it.effect("is said when it is nobody, or too few for what is asked, four eyes counted", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { adminId, authorId, flaggedId, moderatorId, workspaceId } = yield* sampleWorkspace()
      const admin = yield* signedIn(adminId, workspaceId)
      const warning = (author?: number) => admin(Members.approversWarning(workspaceId, author))
      const remedy = "have an admin invite another moderator, or give an author the moderator flag"
      assert.isUndefined(yield* warning())

      yield* admin(Members.remove(moderatorId))
      yield* sql`UPDATE workspace SET large_from_recipients = 1000, large_approvals_needed = 2 WHERE id = ${workspaceId}`
      // who writes and could approve is one fewer for their own
      assert.strictEqual(
        yield* warning(),
        `what is written by Admin, Flagged needs 2 approvals from 1000 recipients on or where it is fed, and only one person could give one; ${remedy}`
      )
      assert.isUndefined(yield* warning(authorId))

      yield* admin(Members.remove(flaggedId))
      assert.strictEqual(
        yield* warning(),
        `nobody could approve what is written by Admin, since nobody approves their own; ${remedy}`
      )
      assert.match(
        yield* Effect.map(warning(authorId), String),
        /^what is written by Author needs 2 approvals from 1000/
      )

      yield* sql`UPDATE workspace SET require_signed_approvals = true WHERE id = ${workspaceId}`
      assert.strictEqual(
        yield* warning(),
        `nobody could approve what is written by Admin, Author, since nobody approves their own; ${remedy}; approvals are signed here, so whoever approves needs a passkey`
      )
      const elsewhere = yield* sampleWorkspace()
      assert.strictEqual(
        yield* told(admin(Members.approversWarning(elsewhere.workspaceId))),
        `NotFound: workspace ${elsewhere.workspaceId} does not exist`
      )
    })
  )
})
