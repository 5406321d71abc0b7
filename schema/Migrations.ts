/**
 * Brings a database to the schema of this version: login roles, then migrations, then rules.
 *
 * Promises: forward only; each migration in one transaction, recorded with its SHA-256; all rules in one transaction
 * whenever the text of one of them, or the last migration, differs from what they were applied with. Two starters at
 * once don't collide: each transaction takes an advisory lock first, and looks what is done only then. Nothing is
 * held between transactions, so a starter that is killed leaves nothing to clean.
 *
 * Refused, with the reason and nothing changed: a migration edited after it was applied, one with a number below the
 * last applied, a database that a newer version has migrated or that isn't UTF-8, a server before Postgres 15.
 *
 * A rule must be written to be applied again (CREATE OR REPLACE, DROP … IF EXISTS). Deleting a rule's file leaves its
 * objects in place: a migration drops them.
 */
import { type Config, Effect, type Redacted, Schema } from "effect"
import { layer, SqlClient, type SqlError, serverField, sqlMessage, sqlState, transaction } from "./Database.ts"
import { ensureLoginRoles } from "./LoginRole.ts"
import { type MigrationFile, readSchemaFiles, type SchemaFileError, type SqlFile } from "./SchemaFiles.ts"
import { type Statement, splitStatements } from "./statements.ts"

export class MigrationError extends Schema.TaggedError<MigrationError>()("MigrationError", {
  reason: Schema.Literals(["edited", "late", "newer", "server", "role", "statement"]),
  /** The file, role or server that it is about. */
  subject: Schema.String,
  detail: Schema.String,
  cause: Schema.optional(Schema.Defect())
}) {
  override get message() {
    return `${this.subject}: ${this.detail}`
  }
}

export interface Migrated {
  /** File names of the migrations that were applied now, in order. */
  readonly migrations: ReadonlyArray<string>
  /** Whether the rules were applied (again) now. */
  readonly rules: boolean
}

/** From this version on, `security_invoker` views and all else that we use exist. */
const oldestServer = 150_000

/**
 * Migrates the database at the owner's URL. `folder` holds migrations/ and rules/; ours unless given.
 * Fails with `MigrationError`, `SchemaFileError`, or `SqlError` when the server can't be reached.
 */
export const migrate = (
  ownerUrl: Redacted.Redacted<string>,
  folder?: URL
): Effect.Effect<Migrated, MigrationError | SchemaFileError | SqlError | Config.ConfigError> =>
  migrateHere(ownerUrl, folder).pipe(
    Effect.provide(layer(ownerUrl, { applicationName: "countersign migrate", maxConnections: 1 }))
  )

const migrateHere = Effect.fn("Migrations.migrate")(function* (ownerUrl: Redacted.Redacted<string>, folder?: URL) {
  const files = yield* readSchemaFiles(folder)
  yield* checkServer
  for (const { role, why } of yield* ensureRoles(ownerUrl)) {
    const detail = `this role ${why}; it must have nothing but what rules/ grants it`
    return yield* new MigrationError({ reason: "role", subject: role, detail })
  }
  const migrations: Array<string> = []
  while (true) {
    const applied = yield* applyNext(files.migrations)
    if (applied === undefined) break
    migrations.push(applied)
  }
  const rules = yield* applyRules(files.rules, files.migrations.at(-1)?.id ?? 0)
  return { migrations, rules } satisfies Migrated
})

const checkServer = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [server] = yield* sql<{ number: number; shown: string; encoding: string }>`
    SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS shown,
           current_setting('server_encoding') AS encoding`
  const refuse = (detail: string) =>
    new MigrationError({ reason: "server", subject: `Postgres ${server!.shown}`, detail })
  if (server!.number < oldestServer) return yield* refuse("Postgres 15 or newer is needed")
  if (server!.encoding !== "UTF8") {
    return yield* refuse(
      `this database's encoding is ${server!.encoding}; make one with ENCODING 'UTF8' TEMPLATE template0`
    )
  }
})

const ensureRoles = (ownerUrl: Redacted.Redacted<string>) =>
  ensureLoginRoles(ownerUrl).pipe(
    Effect.catchTag("SqlError", (cause): Effect.Effect<never, MigrationError | SqlError> => {
      if (sqlState(cause) !== "42501") return Effect.fail(cause)
      const detail =
        "the owner may not create roles; let an administrator run CREATE ROLE countersign_engine LOGIN PASSWORD '…' " +
        "and the same for countersign_portal and countersign_access, then give ENGINE_DATABASE_URL, PORTAL_DATABASE_URL and ACCESS_DATABASE_URL"
      return Effect.fail(new MigrationError({ reason: "role", subject: "login roles", detail, cause }))
    })
  )

/** One transaction under the lock that both kinds of file share. */
const locked = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  transaction(
    Effect.gen(function* () {
      const sql = yield* SqlClient
      yield* sql`SELECT pg_advisory_xact_lock(hashtext('countersign schema'))`
      yield* sql`CREATE TABLE IF NOT EXISTS schema_migration (
        id int PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`
      yield* sql`CREATE TABLE IF NOT EXISTS schema_rule (
        name text PRIMARY KEY, sha256 text NOT NULL, after_migration int NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now())`
      return yield* work
    })
  )

/** Applies the first migration that is not yet on record, or `undefined` when all are. */
const applyNext = (files: ReadonlyArray<MigrationFile>) =>
  locked(
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const applied = yield* sql<Applied>`SELECT id, name, sha256 FROM schema_migration ORDER BY id`
      const next = yield* nextMigration(files, applied)
      if (next === undefined) return undefined
      yield* run(next)
      yield* sql`INSERT INTO schema_migration ${sql.insert({ id: next.id, name: next.name, sha256: next.sha256 })}`
      return next.name
    })
  )

interface Applied {
  readonly id: number
  readonly name: string
  readonly sha256: string
}

/** Compares what is on disk with what is on record; pure. */
export const nextMigration = (
  files: ReadonlyArray<MigrationFile>,
  applied: ReadonlyArray<Applied>
): Effect.Effect<MigrationFile | undefined, MigrationError> => {
  const refuse = (reason: "edited" | "late" | "newer", subject: string, detail: string) =>
    Effect.fail(new MigrationError({ reason, subject, detail }))
  const onDisk = new Map(files.map((file) => [file.id, file]))
  for (const row of applied) {
    const file = onDisk.get(row.id)
    if (file === undefined) {
      return refuse("newer", row.name, "this database has it, this version doesn't know it: start the newer version")
    }
    if (file.sha256 !== row.sha256) {
      return refuse(
        "edited",
        file.name,
        "edited after it was applied; restore it and put the change in a new migration"
      )
    }
  }
  const last = applied.at(-1)?.id ?? 0
  const done = new Set(applied.map((row) => row.id))
  const next = files.find((file) => !done.has(file.id))
  return next !== undefined && next.id < last
    ? refuse("late", next.name, `comes after ${applied.at(-1)!.name} was applied; give it a number above ${last}`)
    : Effect.succeed(next)
}

/** Applies all rules in name order unless all are on record as they are, after this last migration. */
const applyRules = (rules: ReadonlyArray<SqlFile>, lastMigration: number) =>
  locked(
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const rows = rules.map(
        ({ name, sha256 }): Record<string, unknown> => ({ name, sha256, after_migration: lastMigration })
      )
      const recorded = yield* sql`
        SELECT name, sha256, after_migration FROM schema_rule ORDER BY name COLLATE "C"`
      if (JSON.stringify(recorded) === JSON.stringify(rows)) return false
      // a rule may call what stands in a file further down
      yield* sql`SET LOCAL check_function_bodies = off`
      for (const rule of rules) yield* run(rule)
      yield* sql`DELETE FROM schema_rule`
      for (const row of rows) yield* sql`INSERT INTO schema_rule ${sql.insert(row)}`
      return true
    })
  )

const run = (file: SqlFile) =>
  Effect.forEach(
    splitStatements(file.text),
    (statement) =>
      Effect.flatMap(SqlClient, (sql) => sql.unsafe(statement.text).unprepared).pipe(
        Effect.catchTag("SqlError", (cause): Effect.Effect<never, MigrationError | SqlError> => {
          // Without a SQLSTATE it is the connection that failed, not the file.
          if (sqlState(cause) === undefined) return Effect.fail(cause)
          const detail = `${sqlMessage(cause)} (SQLSTATE ${sqlState(cause)})${hint(cause)}`
          const subject = `${file.name} line ${lineOf(statement, cause)}`
          return Effect.fail(new MigrationError({ reason: "statement", subject, detail, cause }))
        })
      ),
    { discard: true }
  )

const hint = (error: SqlError): string =>
  ["detail", "hint", "where"]
    .flatMap((field) => serverField(error, field) ?? [])
    .map((text) => `\n  ${text}`)
    .join("")

/** The line in the file: the statement's first, plus the lines before the character that the server points at. */
const lineOf = (statement: Statement, error: SqlError): number => {
  const position = Number(serverField(error, "position") ?? 1)
  return statement.line + statement.text.slice(0, position - 1).split("\n").length - 1
}
