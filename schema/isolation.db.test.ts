/**
 * The matrix of isolation, tried out: every table and view that there is × each login role × reading and every way of
 * writing × nobody, somebody of the workspace, and a super admin in Master. It is kept in isolation.md for people to read
 * (`npm run db:catalogue` writes it anew), and fails when it differs, when a table has no policy, or when there is no row of
 * both workspaces to try it on.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { expect } from "vitest"
import { SqlClient, type SqlError, sqlState } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { bothWorkspaces } from "#schema/testing/bothWorkspaces.ts"
import { tokenOf } from "#schema/testing/session.ts"

interface Relation {
  readonly name: string
  readonly kind: "table" | "view"
  readonly columns: ReadonlyArray<string>
}

const relations = Effect.flatMap(
  SqlClient,
  (sql) => sql<Relation>`
    SELECT c.relname AS name, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
           (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
      FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
     ORDER BY c.relname COLLATE "C"`
)

/** How a row tells whose it is, where that isn't its workspace_id. Nothing: it is nobody's, and only counted. */
const whose: Record<string, string> = {
  workspace: "id",
  person: "(SELECT min(m.workspace_id) FROM (SELECT * FROM membership OFFSET 0) m WHERE m.person_id = t.id)",
  channel: "(SELECT min(g.workspace_id) FROM channel_grant g WHERE g.channel_id = t.id)",
  preset: "(SELECT min(s.workspace_id) FROM sender s WHERE s.preset_id = t.id)"
}
const ownerOf = ({ columns, name }: Relation) =>
  columns.includes("workspace_id") ? "t.workspace_id" : (whose[name] ?? "NULL::int")

/** In a transaction that is taken back, so that nothing that is tried leaves a trace. */
const tried = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    let result: A | undefined
    yield* sql
      .withTransaction(
        Effect.andThen(
          Effect.tap(effect, (a) =>
            Effect.sync(() => {
              result = a
            })
          ),
          Effect.fail("taken back" as const)
        )
      )
      .pipe(
        Effect.catchIf(
          (error) => error === "taken back",
          () => Effect.void
        )
      )
    return result as A
  })

const refusedBy = (statement: string) =>
  tried(Effect.flatMap(SqlClient, (sql) => sql.unsafe(statement))).pipe(
    Effect.as("done"),
    Effect.catch((error) => Effect.succeed(sqlState(error as SqlError) ?? "gone"))
  )

layer(TestDatabase.layer, { excludeTestServices: true })("isolation", (it) => {
  it.effect("is forced on every table there is, partitions and all, and each has a policy that names its owner", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      assert.deepStrictEqual(
        yield* sql`SELECT c.relname AS open FROM pg_class c
                    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
                      AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
                        SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polroles = ARRAY[c.relowner]))`,
        []
      )
      assert.deepStrictEqual(
        yield* sql`SELECT relname AS leaks FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'
                      AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)
                      AND (has_table_privilege('countersign_portal', oid, 'SELECT') OR has_table_privilege('countersign_engine', oid, 'SELECT')
                           OR has_table_privilege('countersign_access', oid, 'SELECT'))`,
        []
      )
    })
  )

  it.effect("holds as isolation.md says, table by table", () =>
    Effect.gen(function* () {
      const { asAccess, asEngine, asPortal } = yield* TestDatabase
      const { mine, superAdminId } = yield* bothWorkspaces
      const found = yield* relations
      const own = mine.workspaceId

      const total = new Map<string, { own: number; foreign: number; all: number }>()
      const counted = (relation: Relation) => countedAs(relation, ownerOf(relation))
      const countedAs = (relation: Relation, owner: string) =>
        Effect.map(
          Effect.flatMap(SqlClient, (client) =>
            client.unsafe<{ own: number; foreign: number; all: number }>(
              `SELECT count(*) FILTER (WHERE w = ${own})::int AS own, count(*) FILTER (WHERE w <> ${own})::int AS foreign, count(*)::int AS all
                 FROM (SELECT ${owner} AS w FROM ${relation.name} t) AS seen`
            )
          ),
          (rows) => rows[0]!
        )
      for (const relation of found) total.set(relation.name, yield* counted(relation))
      const bare = found.filter(
        (relation) =>
          ownerOf(relation) !== "NULL::int" &&
          (total.get(relation.name)!.own === 0 || total.get(relation.name)!.foreign === 0)
      )
      assert.deepStrictEqual(
        bare.map(({ name }) => name),
        ["audit_pending"],
        "a table without a row of each workspace: add some in testing/bothWorkspaces.ts"
      )

      /** "-" not at all, "none", "own", "all", or some. Whose a row is may be told by a table that the role doesn't read. */
      const seen = (relation: Relation) =>
        tried(counted(relation)).pipe(
          Effect.catch(() => tried(countedAs(relation, "NULL::int"))),
          Effect.map((n) => {
            const whole = total.get(relation.name)!
            if (n.foreign > 0) return n.foreign === whole.foreign && n.all === whole.all ? "all" : "some foreign"
            if (n.own > 0) return n.own === whole.own ? "own" : "some own"
            return n.all === 0 ? "none" : n.all === whole.all ? "all" : "some"
          }),
          Effect.catch((error) =>
            Effect.succeed(sqlState(error as SqlError) === "42501" ? "-" : `${sqlState(error as SqlError)}`)
          )
        )

      const person = (id: number, workspace: number | null) => Effect.map(tokenOf(id), (token) => act(token, workspace))
      const author = yield* person(mine.authorId, own)
      const admin = yield* person(mine.adminId, own)
      const master = yield* person(superAdminId, null)
      const lines: Array<string> = []
      for (const relation of found) {
        const reads = [
          yield* asEngine(seen(relation)),
          yield* asAccess(seen(relation)),
          yield* asPortal(seen(relation)),
          yield* asPortal(author(seen(relation))),
          yield* asPortal(admin(seen(relation))),
          yield* asPortal(master(seen(relation)))
        ]
        const { name, columns } = relation
        const written: Array<string> = []
        for (const [role, as] of [
          ["engine", asEngine],
          ["access", asAccess],
          ["portal", (effect: ReturnType<typeof refusedBy>) => asPortal(admin(effect))],
          ["portal in Master", (effect: ReturnType<typeof refusedBy>) => asPortal(master(effect))]
        ] as const) {
          const verbs = {
            insert: `INSERT INTO ${name} OVERRIDING SYSTEM VALUE SELECT * FROM (SELECT (jsonb_populate_record(NULL::${name}, '{}')).*) AS t`,
            delete: `DELETE FROM ${name}`,
            truncate: `TRUNCATE ${name} CASCADE`,
            ...Object.fromEntries(
              columns.map((column) => [`update ${column}`, `UPDATE ${name} SET ${column} = DEFAULT`])
            )
          }
          for (const [verb, statement] of Object.entries(verbs)) {
            const outcome = yield* as(refusedBy(statement))
            if (!["42501", "42809", "55000"].includes(outcome)) written.push(`${role}: ${verb}`)
          }
        }
        lines.push(`| ${name} | ${reads.join(" | ")} | ${written.join(", ")} |`)
      }
      // what no file may say otherwise
      for (const line of lines) {
        const [, name, , , nobody, asAuthor, asAdmin] = line.split("|").map((cell) => cell.trim())
        assert.include(["-", "none"], nobody!, line)
        for (const cell of [asAuthor, asAdmin]) assert.notInclude(cell!, "foreign", `${name}`)
      }
      const text = `# Isolation

What each login role reads and writes of each table and view, as tried by isolation.db.test.ts and written by
\`npm run db:catalogue\`. A dash: refused outright. none, own, all: of the rows that are there; some own: of one's
workspace's, those that one's role may see. The portal's role is tried as
nobody, as an author and as an admin of one of two workspaces, and as a super admin in none (Master). Written by hand is
what stands in the last column, and nothing else; all other writing is done by functions that ask who acts.

| table | engine | access | portal: nobody | author | admin | Master | written by hand |
| --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join("\n")}
`
      yield* Effect.promise(() => expect(text).toMatchFileSnapshot("isolation.md"))
    })
  )
})
