/** That identity is shown and never set: what a living session opens, and everything else that somebody may try instead. */
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { layer as at, SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import { act, actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type SampleWorkspace, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor, tokenOf } from "#schema/testing/session.ts"

const inhabited = Effect.gen(function* () {
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const campaign = yield* sampleCampaign({ workspace, channels: [channel] })
  return { workspace, ...campaign }
})

const seen = Effect.flatMap(SqlClient, (sql) => sql<{ id: number }>`SELECT id FROM campaign ORDER BY id`).pipe(
  Effect.map((rows) => rows.map(({ id }) => id))
)

const run = (statement: string) => Effect.flatMap(SqlClient, (sql) => sql.unsafe(statement))

layer(TestDatabase.layer, { excludeTestServices: true })("a living session", (it) => {
  it.effect("opens the workspace that was asked for, for one transaction, and tells who acts", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { campaignId, workspace } = yield* inhabited
      yield* inhabited
      const author = yield* actor(workspace.authorId, workspace.workspaceId)
      const who = run("SELECT person_id, workspace_id, role, flagged FROM acting()")
      assert.deepStrictEqual(yield* asPortal(author(Effect.all([seen, who]))), [
        [campaignId],
        [{ person_id: workspace.authorId, workspace_id: workspace.workspaceId, role: "author", flagged: false }]
      ])
      assert.deepStrictEqual(yield* asPortal(seen), [])
      const alone = yield* actor(workspace.authorId, null)
      assert.deepStrictEqual(yield* asPortal(alone(seen)), [], "in no workspace one sees only oneself")
    })
  )

  it.effect(
    "opens all of them to a super admin who looks, one to who has entered it, and none to act in otherwise",
    () =>
      Effect.gen(function* () {
        const { asPortal } = yield* TestDatabase
        const sql = yield* SqlClient
        const { campaignId, workspace } = yield* inhabited
        const [superAdmin] = yield* sql<{ id: number }>`
        INSERT INTO person (email, name, super_admin) VALUES ('super@sample.example', 'Super', true) RETURNING id`
        const token = yield* tokenOf(superAdmin!.id)
        const master = act(token, null)
        assert.include(yield* asPortal(master(seen)), campaignId)
        const stop = run(`SELECT move_campaign(${campaignId}, 'stop')`)
        assert.strictEqual(
          (yield* asPortal(Effect.flip(master(stop)))).message,
          "choose a workspace to act in; all of them together can only be looked at"
        )
        const inside = act(token, workspace.workspaceId)
        assert.strictEqual((yield* asPortal(Effect.flip(inside(seen)))).reason, "NotFound")
        yield* sql`INSERT INTO workspace_entry (session_id, workspace_id)
                 SELECT id, ${workspace.workspaceId} FROM session WHERE person_id = ${superAdmin!.id}`
        yield* asPortal(inside(stop))
      })
  )

  const ends: Record<string, string> = {
    "was revoked": "UPDATE session SET revoked_at = now() WHERE person_id = $1",
    "has run out": "UPDATE session SET expires_at = now() WHERE person_id = $1",
    "is of somebody who was disabled": "UPDATE person SET disabled_at = now() WHERE id = $1"
  }
  for (const [what, statement] of Object.entries(ends)) {
    it.effect(`opens nothing when it ${what}`, () =>
      Effect.gen(function* () {
        const { asPortal } = yield* TestDatabase
        const sql = yield* SqlClient
        const { workspace } = yield* inhabited
        const author = yield* actor(workspace.authorId, workspace.workspaceId)
        yield* asPortal(author(seen))
        yield* sql.unsafe(statement, [workspace.authorId])
        assert.strictEqual(
          (yield* asPortal(Effect.flip(author(seen)))).message,
          "this session has ended; sign in again"
        )
      })
    )
  }

  it.effect("opens nothing before its second factor, where there is one or the workspace asks for it", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const { workspace } = yield* inhabited
      const open = (token: Redacted.Redacted<string>) => asPortal(act(token, workspace.workspaceId)(seen))
      const due = yield* tokenOf(workspace.authorId, "due")
      const none = yield* tokenOf(workspace.authorId, "none")
      assert.match((yield* Effect.flip(open(due))).message, /waits for its second factor/)
      yield* open(none)
      yield* sql`UPDATE workspace SET require_second_factor = true WHERE id = ${workspace.workspaceId}`
      assert.match((yield* Effect.flip(open(none))).message, /this workspace asks for a second factor/)
      yield* open(yield* tokenOf(workspace.authorId))
    })
  )

  it.effect("opens no workspace of which its person is no member, or no more: in the words of one that is none", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const { workspace } = yield* inhabited
      const other = yield* sampleWorkspace()
      const words = (id: number) => `workspace ${id} does not exist, or you are not in it`
      const refusal = (personId: number, id: number) =>
        Effect.gen(function* () {
          const as = yield* actor(personId, id)
          return (yield* asPortal(Effect.flip(as(seen)))).message
        })
      assert.strictEqual(yield* refusal(other.adminId, workspace.workspaceId), words(workspace.workspaceId))
      assert.strictEqual(yield* refusal(workspace.authorId, 999_999), words(999_999))
      yield* sql`UPDATE membership SET left_at = now() WHERE person_id = ${workspace.authorId}`
      assert.strictEqual(yield* refusal(workspace.authorId, workspace.workspaceId), words(workspace.workspaceId))
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("the portal's password alone", (it) => {
  /** A true note, taken out of a transaction in which somebody acts. */
  const noteOf = Effect.fnUntraced(function* ({ authorId, workspaceId }: SampleWorkspace) {
    const author = yield* actor(authorId, workspaceId)
    const noted = run("SELECT current_setting('countersign.identity') AS note") as Effect.Effect<
      ReadonlyArray<{ note: string }>,
      SqlError,
      SqlClient
    >
    return Effect.map(author(noted), (rows) => rows[0]!.note)
  })

  it.effect("is nobody, whatever is set: a note made up, altered, or true and said again elsewhere", () =>
    Effect.gen(function* () {
      const { portalUrl } = yield* TestDatabase
      const { campaignId, workspace } = yield* inhabited
      const { adminId, authorId, workspaceId } = workspace
      const take = yield* noteOf(workspace)
      // one connection, so that what differs is the transaction
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient
        const note = yield* take
        const seal = note.split("|").at(-1)!
        const forged = [
          note,
          `${authorId}|${workspaceId}|author|false||`,
          `${adminId}|${workspaceId}|admin|false|1|`,
          `${adminId}|${workspaceId}|admin|false|1|${seal}`,
          `||super_admin|false|1|${seal}`,
          note.replace("|author|", "|admin|"),
          "",
          "|||||"
        ]
        for (const text of forged) {
          for (const scope of ["LOCAL", "SESSION"]) {
            const shown = yield* sql.withTransaction(
              Effect.andThen(
                sql.unsafe(`SET ${scope} "countersign.identity" = '${text}'`).unprepared,
                Effect.all([seen, run("SELECT person_id FROM acting()"), run("SELECT visible_workspaces() AS w")])
              )
            )
            assert.deepStrictEqual(shown, [[], [{ person_id: null }], [{ w: [] }]], `${scope} ${text}`)
            const acted = yield* Effect.flip(
              sql.withTransaction(
                Effect.andThen(
                  sql.unsafe(`SET ${scope} "countersign.identity" = '${text}'`).unprepared,
                  run(`SELECT move_campaign(${campaignId}, 'stop')`)
                )
              )
            )
            assert.strictEqual(sqlState(acted as SqlError), "CS401", `${scope} ${text}`)
          }
        }
      }).pipe(Effect.provide(at(portalUrl, { applicationName: "test", maxConnections: 1 })))
    })
  )

  it.effect("can't use a true note in another connection at the same moment", () =>
    Effect.gen(function* () {
      const { asPortal, portalUrl } = yield* TestDatabase
      const { workspace } = yield* inhabited
      const author = yield* actor(workspace.authorId, workspace.workspaceId)
      const elsewhere = (note: string) =>
        Effect.gen(function* () {
          const sql = yield* SqlClient
          return yield* sql.withTransaction(
            Effect.andThen(sql`SELECT set_config('countersign.identity', ${note}, true)`, seen)
          )
        }).pipe(Effect.provide(at(portalUrl, { applicationName: "test", maxConnections: 1 })))
      const shown = yield* asPortal(
        author(
          Effect.flatMap(run("SELECT current_setting('countersign.identity') AS note"), (rows) =>
            elsewhere((rows as ReadonlyArray<{ note: string }>)[0]!.note)
          )
        )
      )
      assert.deepStrictEqual(shown, [])
    })
  )

  it.effect(
    "can't become another role, switch the rules off, or have a function of its own called in their place",
    () =>
      Effect.gen(function* () {
        const { asPortal } = yield* TestDatabase
        yield* inhabited
        const told: Record<string, string> = {}
        for (const statement of [
          "SET ROLE countersign_engine",
          "SET ROLE countersign_access",
          "SET SESSION AUTHORIZATION countersign_access",
          "SET session_replication_role = replica",
          "ALTER TABLE campaign DISABLE ROW LEVEL SECURITY",
          "ALTER TABLE campaign NO FORCE ROW LEVEL SECURITY",
          "DROP POLICY own_workspace ON campaign",
          "CREATE FUNCTION public.acting_workspace() RETURNS int LANGUAGE sql AS 'SELECT 1'",
          "CREATE SCHEMA mine",
          "SELECT * FROM public.session",
          "SELECT key FROM identity_key",
          "SELECT identity_seal('1|1|admin|false|1')",
          "SELECT act_as(1, 1)",
          "SELECT note_identity(NULL, NULL)",
          "COPY campaign TO PROGRAM 'cat'",
          "SELECT pg_read_file('postgresql.conf')"
        ]) {
          told[statement] = yield* asPortal(run(statement)).pipe(
            Effect.as("done"),
            Effect.catchTag("SqlError", (error) => Effect.succeed(sqlState(error) ?? "gone"))
          )
        }
        assert.deepStrictEqual(
          Object.entries(told).filter(([, state]) => state !== "42501"),
          []
        )
        // asked to show what policies hide, Postgres refuses rather than shows
        const { asPortal: again } = yield* TestDatabase
        const open = Effect.flatMap(SqlClient, (sql) =>
          sql.withTransaction(Effect.andThen(sql`SET LOCAL row_security = off`, seen))
        )
        assert.match(
          sqlMessage((yield* again(Effect.flip(open))) as SqlError),
          /would be affected by row-level security/
        )
      })
  )

  it.effect("learns nothing of a token from another's hash, and the owner alone acts without one", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { campaignId, workspace } = yield* inhabited
      const token = yield* tokenOf(workspace.authorId)
      const hash = (yield* run(
        `SELECT encode(token_hash, 'hex') AS hash FROM session WHERE person_id = ${workspace.authorId} ORDER BY id DESC LIMIT 1`
      )) as ReadonlyArray<{ hash: string }>
      for (const guess of [hash[0]!.hash, `\\x${hash[0]!.hash}`, "", Redacted.value(token).slice(1)]) {
        const error = yield* asPortal(Effect.flip(act(Redacted.make(guess), workspace.workspaceId)(seen)))
        assert.strictEqual(error.reason, "NotSignedIn", guess)
      }
      assert.include(yield* actAs(workspace.authorId, workspace.workspaceId)(seen), campaignId)
    })
  )
})
