/** That credentials are the access role's alone, and that it sees nothing else: read from the catalogue, so that what is new is held to it. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient, type SqlError, sqlState } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"

const state = (statement: string) =>
  Effect.flatMap(SqlClient, (sql) => sql.unsafe(statement)).pipe(
    Effect.as("allowed"),
    Effect.catchTag("SqlError", (error: SqlError) => Effect.succeed(sqlState(error)))
  )

/** What may be called by a role, as it is written: name and argument types. */
const callable = (role: string) =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.map(
      sql<{ call: string }>`
        SELECT format('%I(%s)', p.proname, (SELECT string_agg('NULL::' || format_type(t, NULL), ', ') FROM unnest(p.proargtypes) AS t)) AS call
          FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND has_function_privilege(${role}, p.oid, 'EXECUTE') ORDER BY 1`,
      (rows) => rows.map(({ call }) => call)
    )
  )

layer(TestDatabase.layer, { excludeTestServices: true })("the access role", (it) => {
  it.effect("reads and writes no table, view or sequence whatever", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess } = yield* TestDatabase
      const tables = yield* sql<{ name: string; view: boolean }>`
        SELECT format('%I', c.relname) AS name, c.relkind = 'v' AS view FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`
      assert.isAbove(tables.length, 30)
      const opened: Array<string> = []
      for (const { name, view } of tables) {
        const writing = view ? [] : [`DELETE FROM ${name}`, `INSERT INTO ${name} DEFAULT VALUES`]
        for (const statement of [`SELECT 1 FROM ${name}`, ...writing]) {
          if ((yield* asAccess(state(statement))) !== "42501") opened.push(statement)
        }
      }
      assert.deepStrictEqual(opened, [])
      const held = yield* sql`
        SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
           AND has_column_privilege('countersign_access', c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES')`
      assert.deepStrictEqual(held, [])
    })
  )

  it.effect("alone can ask for credentials: the portal's and the engine's can call none of its functions", () =>
    Effect.gen(function* () {
      const { asEngine, asPortal } = yield* TestDatabase
      const functions = yield* callable("countersign_access")
      for (const name of ["password_to_check", "open_session", "code_to_check", "reset_password", "change_password"]) {
        assert.isTrue(
          functions.some((call) => call.startsWith(`${name}(`)),
          name
        )
      }
      for (const call of functions) {
        assert.strictEqual(yield* asPortal(state(`SELECT ${call}`)), "42501", call)
        assert.strictEqual(yield* asEngine(state(`SELECT ${call}`)), "42501", call)
      }
    })
  )

  it.effect(
    "and no other role reads what credentials are kept in, or calls what is between the functions that do",
    () =>
      Effect.gen(function* () {
        const { asAccess, asEngine, asPortal } = yield* TestDatabase
        for (const as of [asAccess, asEngine, asPortal]) {
          for (const table of [
            "password",
            "totp",
            "recovery_code",
            "mailed_link",
            "known_network",
            "sign_in_throttle",
            "session"
          ]) {
            assert.strictEqual(yield* as(state(`SELECT count(*) FROM ${table}`)), "42501", table)
          }
          for (const call of [
            "put_password(1, '$argon2id$')",
            "take_back_attempt('account', 'x', 1, '')",
            "spend_code(1, 1, NULL, '{}')",
            "put_recovery_codes(1, '{}')",
            "end_sessions(1, NULL)",
            "forget_totp(1)",
            "act_as(1)",
            "note_network(1, '192.0.2.1')",
            "audit_row(0, 1, 'person', 'x', 'x', 1, '{}', '{}')"
          ]) {
            assert.strictEqual(yield* as(state(`SELECT ${call}`)), "42501", call)
          }
        }
      })
  )
})
