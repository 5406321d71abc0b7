/** Sessions in the portal's role: how long they live, who sees and ends them; and what a super admin does beside them. */
import { randomBytes } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"
import { refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { tokenOf } from "#schema/testing/session.ts"

type Token = Redacted.Redacted<string>
type Row = Record<string, unknown>

/** As the portal, in the name of who holds the token; gives rows, or the reason of the refusal. */
const said = Effect.fnUntraced(function* (token: Token, call: string, workspaceId: number | null = null) {
  const { asPortal } = yield* TestDatabase
  const rows = Effect.flatMap(SqlClient, (sql) => sql.unsafe<Row>(`SELECT * FROM ${call}`))
  return yield* Effect.match(asPortal(act(token, workspaceId, { address: "192.0.2.1" })(rows)), {
    onSuccess: (found): ReadonlyArray<Row> | string => found,
    onFailure: ({ reason }) => reason
  })
})

const renew = Effect.fnUntraced(function* (token: Token) {
  const { asPortal } = yield* TestDatabase
  const [session] = yield* asPortal(
    Effect.flatMap(
      SqlClient,
      (sql) => sql<{ person_id: number; second_factor_due: boolean; days: number }>`
        SELECT person_id, second_factor_due, round(extract(epoch FROM expires_at - clock_timestamp()) / 86400)::int AS days
          FROM renew_session(${Redacted.value(token)})`
    )
  )
  return session
})

const ids = (rows: ReadonlyArray<Row> | string) => (typeof rows === "string" ? rows : rows.map(({ id }) => id))

const sessionId = Effect.fnUntraced(function* (token: Token) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ id: number }>`
    SELECT id FROM session WHERE token_hash = sha256(convert_to(${Redacted.value(token)}, 'UTF8'))`
  return row?.id
})

const ending = (token: Token, when: string) =>
  Effect.flatMap(
    SqlClient,
    (sql) =>
      sql`UPDATE session SET expires_at = now() + ${when}::interval WHERE token_hash = sha256(convert_to(${Redacted.value(token)}, 'UTF8'))`
  )

const person = Effect.fnUntraced(function* (superAdmin = false) {
  const sql = yield* SqlClient
  const email = `${randomBytes(6).toString("hex")}@sample.example`
  const [row] = yield* sql<{ id: number }>`
    INSERT INTO person (email, name, super_admin) VALUES (${email}, 'Somebody', ${superAdmin}) RETURNING id`
  return row!.id
})

const chain = (workspaceId: number, ...actions: ReadonlyArray<string>) =>
  Effect.flatMap(
    SqlClient,
    (sql) => sql`SELECT action, person_id, object_id, facts::jsonb AS facts FROM audit
                  WHERE workspace_id = ${workspaceId} AND action = ANY (${actions}::text[]) ORDER BY seq DESC LIMIT 2`
  )

layer(TestDatabase.layer, { excludeTestServices: true })("a session", (it) => {
  it.effect("is renewed by use once less than half of its thirty days is left, and not once it has ended", () =>
    Effect.gen(function* () {
      const personId = yield* person()
      const token = yield* tokenOf(personId)
      for (const [left, after] of [
        ["16 days", 16],
        ["14 days", 30],
        ["1 minute", 30]
      ] as const) {
        yield* ending(token, left)
        assert.deepStrictEqual(yield* renew(token), { person_id: personId, second_factor_due: false, days: after })
      }
      yield* ending(token, "-1 second")
      assert.isUndefined(yield* renew(token))
      assert.isUndefined(yield* renew(Redacted.make("no such token")))
      assert.strictEqual(yield* said(token, "my_sessions()"), "NotSignedIn")
    })
  )

  it.effect("that waits for its second factor is told so and not renewed, but can be left", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const token = yield* tokenOf(yield* person(), "due")
      yield* ending(token, "1 day")
      assert.deepInclude(yield* renew(token), { second_factor_due: true, days: 1 })
      assert.strictEqual(yield* said(token, "my_sessions()"), "NotSignedIn")
      yield* asPortal(Effect.flatMap(SqlClient, (sql) => sql`SELECT sign_out(${Redacted.value(token)})`))
      assert.isUndefined(yield* renew(token))
    })
  )

  it.effect("is seen and ended by whom it belongs to, each with its word in the audit; others' do not exist", () =>
    Effect.gen(function* () {
      const me = yield* person()
      const [here, there, elsewhere] = [yield* tokenOf(me), yield* tokenOf(me), yield* tokenOf(me)]
      const strangers = yield* tokenOf(yield* person())
      const [hereId, thereId, elsewhereId] = [
        yield* sessionId(here),
        yield* sessionId(there),
        yield* sessionId(elsewhere)
      ]
      const mine = yield* said(here, "my_sessions()")
      assert.deepStrictEqual(ids(mine), [elsewhereId, thereId, hereId])
      assert.deepStrictEqual(
        (mine as ReadonlyArray<Row>).map(({ current }) => current),
        [false, false, true]
      )
      assert.strictEqual(yield* said(strangers, `revoke_session(${thereId})`), "NotFound")
      yield* said(here, `revoke_session(${thereId})`)
      assert.strictEqual(yield* said(there, "my_sessions()"), "NotSignedIn")
      assert.strictEqual(yield* said(here, `revoke_session(${thereId})`), "NotFound")
      assert.deepStrictEqual(yield* said(here, "revoke_other_sessions()"), [{ revoke_other_sessions: 1 }])
      assert.deepStrictEqual(yield* said(here, "revoke_other_sessions()"), [{ revoke_other_sessions: 0 }])
      assert.strictEqual(yield* said(elsewhere, "my_sessions()"), "NotSignedIn")
      assert.deepStrictEqual(ids(yield* said(here, "my_sessions()")), [hereId])
      assert.isDefined(yield* renew(strangers))
      assert.deepStrictEqual(yield* chain(0, "session.revoke"), [
        { action: "session.revoke", person_id: me, object_id: me, facts: { person_id: me, sessions: [elsewhereId] } },
        { action: "session.revoke", person_id: me, object_id: thereId, facts: { person_id: me } }
      ])
    })
  )

  it.effect("is nobody's once its person is disabled, though nothing has ended it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const who = yield* person()
      const token = yield* tokenOf(who)
      yield* ending(token, "1 day")
      yield* sql`UPDATE person SET disabled_at = now() WHERE id = ${who}`
      assert.isUndefined(yield* renew(token))
      yield* sql`UPDATE person SET disabled_at = NULL WHERE id = ${who}`
      assert.deepInclude(yield* renew(token), { person_id: who })
    })
  )

  it.effect("that has ended is cleared away when others are opened", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess } = yield* TestDatabase
      const me = yield* person()
      const [old, revoked, living] = [yield* tokenOf(me), yield* tokenOf(me), yield* tokenOf(me)]
      yield* ending(old, "-1 day")
      yield* sql`UPDATE session SET revoked_at = now() WHERE id = ${(yield* sessionId(revoked))!}`
      yield* asAccess(
        Effect.flatMap(
          SqlClient,
          (access) => access`SELECT * FROM open_session(${me}, sha256('x'), 'passkey', true, '', '')`
        )
      )
      assert.deepStrictEqual(
        [yield* sessionId(old), yield* sessionId(revoked), (yield* sessionId(living)) !== undefined],
        [undefined, undefined, true]
      )
    })
  )

  it.effect("says where its person may act", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const one = yield* sampleWorkspace()
      const other = yield* sampleWorkspace({ require_second_factor: "true" })
      yield* sampleWorkspace()
      const token = yield* tokenOf(one.flaggedId)
      yield* sql`INSERT INTO membership (workspace_id, person_id, role) VALUES (${other.workspaceId}, ${one.flaggedId}, 'admin')`
      const rows = (yield* said(token, "my_workspaces()")) as ReadonlyArray<Row>
      assert.deepStrictEqual(
        rows.map(({ flagged, id, require_second_factor, role }) => [id, role, flagged, require_second_factor]),
        [
          [one.workspaceId, "author", true, false],
          [other.workspaceId, "admin", false, true]
        ]
      )
      yield* sql`UPDATE membership SET left_at = now() WHERE workspace_id = ${other.workspaceId} AND person_id = ${one.flaggedId}`
      assert.deepStrictEqual(ids(yield* said(token, "my_workspaces()")), [one.workspaceId])
      assert.deepStrictEqual(yield* said(yield* tokenOf(yield* person()), "my_workspaces()"), [])
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("a super admin", (it) => {
  it.effect("acts in a workspace after entering it, in this session alone; its own audit says so once", () =>
    Effect.gen(function* () {
      const { adminId, workspaceId } = yield* sampleWorkspace()
      const boss = yield* person(true)
      const [here, there] = [yield* tokenOf(boss), yield* tokenOf(boss)]
      assert.strictEqual(yield* said(here, "acting()", workspaceId), "NotFound")
      assert.strictEqual(yield* said(yield* tokenOf(adminId), `enter_workspace(${workspaceId})`), "Forbidden")
      assert.strictEqual(yield* said(here, "enter_workspace(999999)"), "NotFound")
      yield* said(here, `enter_workspace(${workspaceId})`)
      yield* said(here, `enter_workspace(${workspaceId})`)
      const [me] = (yield* said(here, "acting()", workspaceId)) as ReadonlyArray<Row>
      assert.deepInclude(me, { person_id: boss, workspace_id: workspaceId, role: "super_admin" })
      assert.deepStrictEqual(ids(yield* said(here, "my_workspaces()")), [workspaceId])
      assert.strictEqual(yield* said(there, "acting()", workspaceId), "NotFound")
      assert.deepStrictEqual(yield* chain(workspaceId, "workspace.enter"), [
        {
          action: "workspace.enter",
          person_id: boss,
          object_id: workspaceId,
          facts: { session_id: yield* sessionId(here) }
        }
      ])
      assert.deepStrictEqual(yield* chain(0, "workspace.enter"), [])
    })
  )

  it.effect("disables a person, whose sessions end and who opens none until enabled again; never themselves", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const boss = yield* person(true)
      const who = yield* person()
      const [bosss, whose] = [yield* tokenOf(boss), yield* tokenOf(who)]
      const open = asAccess(
        Effect.flatMap(
          SqlClient,
          (sql) => sql`SELECT * FROM open_session(${who}, ${randomBytes(32)}, 'single_sign_on', false, '', '')`
        )
      ).pipe(
        Effect.as("opened"),
        Effect.catchTag("SqlError", (error) => Effect.succeed(refused(error).reason))
      )
      const [ended] = [yield* sessionId(whose)]
      assert.strictEqual(yield* said(whose, `disable_person(${boss}, 'no')`), "Forbidden")
      assert.strictEqual(yield* said(bosss, `disable_person(${boss}, 'no')`), "Conflict")
      assert.strictEqual(yield* said(bosss, `disable_person(${who}, ' ')`), "Invalid")
      yield* said(bosss, `disable_person(${who}, 'has left')`)
      assert.strictEqual(yield* said(bosss, `disable_person(${who}, 'has left')`), "NotFound")
      assert.strictEqual(yield* said(whose, "my_sessions()"), "NotSignedIn")
      assert.isUndefined(yield* renew(whose))
      assert.strictEqual(yield* open, "Forbidden")
      yield* said(bosss, `enable_person(${who})`)
      assert.strictEqual(yield* said(bosss, `enable_person(${who})`), "NotFound")
      assert.strictEqual(yield* said(whose, "my_sessions()"), "NotSignedIn", "it stays ended")
      assert.strictEqual(yield* open, "opened")
      assert.deepStrictEqual(yield* chain(0, "person.disable", "person.enable"), [
        { action: "person.enable", person_id: boss, object_id: who, facts: {} },
        { action: "person.disable", person_id: boss, object_id: who, facts: { sessions: [ended] } }
      ])
    })
  )
})
