/**
 * Every act of a person: that it is refused to nobody and to the neighbour, allowed to whom the matrix allows it and to no other
 * role, and that it leaves its line in the audit, in its own transaction. The list (testing/acts.ts) is held against the database.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import { type Acting, act } from "#schema/people/Acting.ts"
import { Refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import type { Act, Ground, Role } from "#schema/testing/acts/Act.ts"
import { acts, byToken, harmless, looks } from "#schema/testing/acts.ts"
import { sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { tokenOf } from "#schema/testing/session.ts"

const run = (statement: string) => Effect.flatMap(SqlClient, (sql) => sql.unsafe(statement))

let made = 0

const prepare = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [superAdmin] = yield* sql<{ id: number }>`
    INSERT INTO person (email, name, super_admin) VALUES (${`super${++made}@sample.example`}, 'Super', true) RETURNING id`
  const workspace = yield* sampleWorkspace()
  const neighbour = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const ground = (): Ground => ({ workspace, channel, superAdminId: superAdmin!.id, n: ++made })
  const session = (personId: number, workspaceId: number | null) =>
    Effect.map(tokenOf(personId), (token) => act(token, workspaceId))
  const inside = workspace.workspaceId
  const master = yield* session(superAdmin!.id, null)
  const entered = yield* session(superAdmin!.id, inside)
  yield* sql`INSERT INTO workspace_entry (session_id, workspace_id) SELECT id, ${inside} FROM session WHERE person_id = ${superAdmin!.id}`
  const as: Record<Role, Acting> = {
    author: yield* session(workspace.authorId, inside),
    flag: yield* session(workspace.flaggedId, inside),
    moderator: yield* session(workspace.moderatorId, inside),
    admin: yield* session(workspace.adminId, inside),
    super_admin: entered
  }
  const stranger = yield* session(neighbour.adminId, neighbour.workspaceId)
  const alone = yield* session(workspace.authorId, null)
  return { ground, as, master, alone, stranger }
})

const inChains = Effect.map(
  run("SELECT coalesce(sum(seq), 0)::int AS rows FROM audit_chain"),
  (rows) => (rows[0] as { rows: number }).rows
)

/** Rows by a person that do not say, in the part that may be erased, how they were called. */
const nameless = run(`
  SELECT workspace_id, seq, action FROM audit
   WHERE person_id IS NOT NULL
     AND NOT coalesce(personal::jsonb #>> '{by,name}' <> '' AND personal::jsonb #>> '{by,email}' LIKE '%@%', false)`)

layer(TestDatabase.layer, { excludeTestServices: true })("what the portal may call", (it) => {
  it.effect("is listed, each in one place: acts, looks, and what is harmless", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const found = yield* sql<{ name: string; volatile: boolean }>`
        SELECT proname AS name, provolatile = 'v' AS volatile FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND has_function_privilege('countersign_portal', oid, 'EXECUTE') ORDER BY 1`
      const listed = [...Object.keys(acts), ...Object.keys(looks), ...harmless, ...byToken]
      assert.deepStrictEqual(
        found.map(({ name }) => name),
        listed.toSorted()
      )
      const changing = found.filter(({ volatile }) => volatile).map(({ name }) => name)
      assert.deepStrictEqual(
        changing.filter((name) => !(name in acts) && !["act", "make_month", ...byToken].includes(name)),
        [],
        "what may change something is an act"
      )
    })
  )

  it.effect("comes to nothing without an identity, and for a neighbour", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { ground, stranger } = yield* prepare
      for (const [name, call] of Object.entries(looks)) {
        const statement = yield* call(ground())
        const shown = (as: Acting = (effect) => effect as never) =>
          asPortal(as(run(statement))).pipe(
            Effect.map((rows) => (rows.length === 0 ? "nothing" : "something")),
            Effect.catch((error) =>
              Effect.succeed(error instanceof Refused ? error.reason : `${sqlState(error as SqlError)}`)
            )
          )
        assert.include(["nothing", "CS404", "CS401"], yield* shown(), name)
        // what is about oneself is about the neighbour then
        if (!name.startsWith("my_")) assert.include(["nothing", "NotFound"], yield* shown(stranger), name)
      }
    })
  )

  for (const [name, it_is] of Object.entries(acts)) {
    it.effect(`and ${name} is done by whom the matrix names, and leaves its line in the audit`, () =>
      Effect.gen(function* () {
        const { asPortal } = yield* TestDatabase
        const { alone, as, ground, master, stranger } = yield* prepare
        const attempt = (acting: Acting, statement: string) =>
          asPortal(acting(run(statement))).pipe(
            Effect.as("done"),
            Effect.catch((error) =>
              Effect.succeed(error instanceof Refused ? `${error.reason}: ${error.message}` : `${error}`)
            )
          )
        const statement = yield* it_is.call(ground())
        const nobody = yield* Effect.flip(asPortal(run(statement)))
        assert.include(["CS401", "CS404"], sqlState(nobody as SqlError), sqlMessage(nobody as SqlError))
        if (it_is.foreign !== undefined)
          assert.match(yield* attempt(stranger, statement), /^NotFound: .*does not exist/)

        const done = (acting: Acting) =>
          Effect.gen(function* () {
            const call = yield* it_is.call(ground())
            const before = yield* inChains
            assert.strictEqual(yield* attempt(acting, call), "done")
            assert.strictEqual((yield* inChains) - before, it_is.audits, `rows in the audit of ${call}`)
          })
        const refused = (acting: Acting, reason: RegExp) =>
          Effect.gen(function* () {
            const before = yield* inChains
            const call = yield* it_is.call(ground())
            const prepared = (yield* inChains) - before
            assert.match(yield* attempt(acting, call), reason, name)
            assert.strictEqual((yield* inChains) - before, prepared, "what is refused leaves no line")
          })
        yield* allowed(it_is, { alone, as, master }, done, refused)
        assert.deepStrictEqual(yield* nameless, [], "every row by a person says who, with name and e-mail")
      })
    )
  }
})

const allowed = <E, R>(
  { who }: Act,
  { alone, as, master }: { alone: Acting; as: Record<Role, Acting>; master: Acting },
  done: (acting: Acting) => Effect.Effect<void, E, R>,
  refused: (acting: Acting, reason: RegExp) => Effect.Effect<void, E, R>
) =>
  Effect.gen(function* () {
    if (who === "self") return yield* done(alone)
    if (who === "installation") {
      yield* done(master)
      return yield* refused(alone, /^Forbidden/)
    }
    for (const role of ["author", "flag", "moderator", "admin", "super_admin"] as const) {
      if (role === "super_admin" || who.includes(role)) yield* done(as[role])
      else yield* refused(as[role], /^Forbidden: only .* may .*; you are an? /)
    }
    yield* refused(master, /^(Forbidden: choose a workspace to act in|NotFound|Forbidden)/)
  })
