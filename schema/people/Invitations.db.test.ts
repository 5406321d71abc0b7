/** Invitations: by admins, for one address, once, for seven days; accepted by who has an account and by who has none. */
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SqlClient, type SqlError, sqlState } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actionsOf, signedIn, somebody, told } from "#schema/testing/signedIn.ts"
import * as Invitations from "./Invitations.ts"
import * as Members from "./Members.ts"

const HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"

const prepare = Effect.gen(function* () {
  const workspace = yield* sampleWorkspace()
  return { ...workspace, admin: yield* signedIn(workspace.adminId, workspace.workspaceId) }
})

const states = <E, R>(
  admin: (
    effect: ReturnType<typeof Invitations.invitations>
  ) => Effect.Effect<ReadonlyArray<Invitations.Invitation>, E, R>
) => Effect.map(admin(Invitations.invitations()), (rows) => rows.map(({ state }) => state))

layer(TestDatabase.layer, { excludeTestServices: true })("an invitation", (it) => {
  it.effect("is accepted by who is signed in under its address, once", () =>
    Effect.gen(function* () {
      const { admin, workspaceId } = yield* prepare
      const joiner = yield* somebody()
      const letter = yield* admin(
        Invitations.invite({ email: ` ${joiner.email.toUpperCase()} `, role: "author", moderator: true })
      )
      assert.deepInclude(letter, { email: joiner.email, invited_by: "Admin" })
      assert.lengthOf(Redacted.value(letter.token), 43)
      assert.strictEqual(
        yield* told((yield* somebody()).self(Invitations.accept(letter.token))),
        "Forbidden: this invitation was sent to another address than yours; sign in with the account of that address"
      )
      assert.strictEqual(yield* joiner.self(Invitations.accept(letter.token)), workspaceId)
      const [joined] = yield* (yield* SqlClient)`
        SELECT role, moderator FROM membership WHERE workspace_id = ${workspaceId} AND person_id = ${joiner.id}`
      assert.deepStrictEqual(joined, { role: "author", moderator: true })
      assert.strictEqual(
        yield* told(joiner.self(Invitations.accept(letter.token))),
        "Conflict: this invitation was used already; sign in"
      )
      assert.deepStrictEqual(yield* states(admin), ["accepted"])
      assert.deepStrictEqual(yield* actionsOf(workspaceId), ["member.invite", "member.join"])
      assert.strictEqual(
        yield* told(admin(Invitations.invite({ email: joiner.email, role: "author" }))),
        `Conflict: ${joiner.email} is a member of this workspace already`
      )
    })
  )

  it.effect("keeps of its token only the SHA-256, which the portal can't read", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { admin } = yield* prepare
      const { invitation_id, token } = yield* admin(
        Invitations.invite({ email: "hash@sample.example", role: "author" })
      )
      const [row] =
        yield* sql`SELECT token_hash = sha256(convert_to(${Redacted.value(token)}, 'UTF8')) AS same FROM invitation WHERE id = ${invitation_id}`
      assert.deepStrictEqual(row, { same: true })
      const read = yield* told(admin(Effect.flatMap(SqlClient, (client) => client`SELECT token_hash FROM invitation`)))
      assert.match(read, /permission denied/)
    })
  )

  it.effect("makes an account for somebody new, with the password they chose", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess } = yield* TestDatabase
      const { admin, workspaceId } = yield* prepare
      const { token } = yield* admin(Invitations.invite({ email: "fresh@sample.example", role: "moderator" }))
      const shown = yield* asAccess(Invitations.behind(token))
      assert.deepInclude(shown, {
        email: "fresh@sample.example",
        role: "moderator",
        invited_by: "Admin",
        has_account: false
      })
      assert.strictEqual(
        yield* told(asAccess(Invitations.acceptAsNew(token, "  ", HASH))),
        "Invalid: a person needs a name, of up to 200 characters"
      )
      const id = yield* asAccess(Invitations.acceptAsNew(token, "Fresh", HASH, { address: "192.0.2.1" }))
      const [made] = yield* sql`
        SELECT p.email, p.name, w.hash, m.role FROM person p JOIN password w ON w.person_id = p.id
          JOIN membership m ON m.person_id = p.id AND m.workspace_id = ${workspaceId} WHERE p.id = ${id}`
      assert.deepStrictEqual(made, { email: "fresh@sample.example", name: "Fresh", hash: HASH, role: "moderator" })
      assert.strictEqual(
        yield* told(asAccess(Invitations.acceptAsNew(token, "Again", HASH))),
        "Conflict: this invitation was used already; sign in"
      )
      const [own] =
        yield* sql`SELECT count(*)::int AS n FROM audit WHERE workspace_id = 0 AND action = 'person.create' AND object_id = ${id}`
      assert.deepStrictEqual(own, { n: 1 })
    })
  )

  it.effect("of an address that has an account makes no second one", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const { admin } = yield* prepare
      const joiner = yield* somebody()
      const { token } = yield* admin(Invitations.invite({ email: joiner.email, role: "author" }))
      assert.isTrue((yield* asAccess(Invitations.behind(token))).has_account)
      assert.strictEqual(
        yield* told(asAccess(Invitations.acceptAsNew(token, "Other", HASH))),
        "Conflict: there is an account with this address already; whoever it belongs to signs in with it"
      )
    })
  )

  it.effect("that is revoked, replaced, expired, unknown, or of an admin who has gone is refused in words", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { adminId, admin, moderatorId, workspaceId } = yield* prepare
      const { email, self } = yield* somebody()
      const invite = admin(Invitations.invite({ email, role: "author" }))
      const gone =
        "Conflict: this invitation was taken back, or a newer one was sent; look for that, or ask whoever invited you"

      const first = yield* invite
      const second = yield* invite
      assert.deepStrictEqual(yield* states(admin), ["open", "revoked"])
      assert.strictEqual(yield* told(self(Invitations.accept(first.token))), gone)
      yield* admin(Invitations.revoke(second.invitation_id))
      assert.strictEqual(yield* told(self(Invitations.accept(second.token))), gone)
      assert.strictEqual(
        yield* told(admin(Invitations.revoke(second.invitation_id))),
        "Conflict: this invitation was taken back already"
      )

      const third = yield* invite
      const days = (Number(third.expires_at) - Date.now()) / 86_400_000
      assert.isTrue(days > 6.9 && days <= 7.01, `${days} days`)
      yield* sql`UPDATE invitation SET expires_at = now() WHERE id = ${third.invitation_id}`
      assert.strictEqual(
        yield* told(self(Invitations.accept(third.token))),
        "Conflict: this invitation is older than seven days; ask for a new one"
      )
      assert.strictEqual((yield* states(admin))[0], "expired")
      assert.strictEqual(
        yield* told(self(Invitations.accept(Redacted.make("no such token")))),
        "NotFound: this invitation does not exist; open the link as it was mailed"
      )

      const fourth = yield* invite
      yield* sql`UPDATE membership SET role = 'admin' WHERE workspace_id = ${workspaceId} AND person_id = ${moderatorId}`
      yield* (yield* signedIn(moderatorId, workspaceId))(Members.changeRole(adminId, "moderator"))
      assert.strictEqual(
        yield* told(self(Invitations.accept(fourth.token))),
        "Conflict: whoever invited you no longer manages this workspace; ask one of its admins for a new invitation"
      )
    })
  )

  it.effect("brings a former member back into their own row", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { admin, authorId, workspaceId } = yield* prepare
      yield* admin(Members.remove(authorId))
      const [{ email }] = (yield* sql`SELECT email FROM person WHERE id = ${authorId}`) as [{ email: string }]
      const { token } = yield* admin(Invitations.invite({ email, role: "moderator" }))
      yield* (yield* signedIn(authorId, null))(Invitations.accept(token))
      assert.deepStrictEqual(
        yield* sql`SELECT role, left_at FROM membership WHERE workspace_id = ${workspaceId} AND person_id = ${authorId}`,
        [{ role: "moderator", left_at: null }]
      )
    })
  )

  it.effect("is made and seen by admins alone, of their own workspace, for addresses and roles that there are", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { admin, authorId, workspaceId } = yield* prepare
      const { invitation_id } = yield* admin(Invitations.invite({ email: "seen@sample.example", role: "author" }))
      const author = yield* signedIn(authorId, workspaceId)
      assert.deepStrictEqual(yield* author(Invitations.invitations()), [])
      assert.strictEqual(
        yield* told(author(Invitations.invite({ email: "x@sample.example", role: "admin" }))),
        "Forbidden: only an admin may manage members, settings and keys of the workspace; you are an author"
      )
      const neighbour = yield* prepare
      assert.deepStrictEqual(yield* neighbour.admin(Invitations.invitations()), [])
      assert.strictEqual(
        yield* told(neighbour.admin(Invitations.revoke(invitation_id))),
        `NotFound: invitation ${invitation_id} does not exist`
      )
      assert.strictEqual(
        yield* told(admin(Invitations.invite({ email: "nobody", role: "author" }))),
        "Invalid: “nobody” is no e-mail address"
      )
      assert.strictEqual(
        yield* told(admin(Invitations.invite({ email: "x@sample.example", role: "admin", moderator: true }))),
        "Invalid: the moderator flag is for authors; moderators and admins may decide without it"
      )
      const asNew = Effect.flatMap(SqlClient, (sql) => sql`SELECT accept_invitation_as_new('x', 'x', ${HASH})`)
      assert.strictEqual(sqlState((yield* Effect.flip(asPortal(asNew))) as SqlError), "42501")
    })
  )
})
