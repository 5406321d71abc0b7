/**
 * The SQL that makes the database: migrations/NNNN_name.sql, tables, applied once and never edited; rules/*.sql,
 * functions, triggers, policies and grants, applied again whenever one of them changes. Read from disk, beside this file.
 */

import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { Effect, Schema } from "effect"

export interface SqlFile {
  readonly name: string
  readonly text: string
  readonly sha256: string
}

export interface MigrationFile extends SqlFile {
  readonly id: number
}

export interface SchemaFiles {
  readonly migrations: ReadonlyArray<MigrationFile>
  readonly rules: ReadonlyArray<SqlFile>
}

/** A file that can't be taken as it is; `detail` says what to do. */
export class SchemaFileError extends Schema.TaggedError<SchemaFileError>()("SchemaFileError", {
  reason: Schema.Literals(["misnamed", "duplicate", "unreadable"]),
  file: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${this.file}: ${this.detail}`
  }
}

/** Where our own are. */
export const ourFolder = new URL("./", import.meta.url)

/** Both folders below `folder`, in name order. A folder that isn't there counts as empty. */
export const readSchemaFiles = Effect.fn("SchemaFiles.read")(function* (folder: URL = ourFolder) {
  const migrations: Array<MigrationFile> = []
  for (const file of yield* readSql(new URL("migrations/", folder))) {
    const id = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(file.name)?.[1]
    if (id === undefined) {
      const detail = "a migration is called NNNN_name.sql: four digits, then lower-case letters, digits and _"
      return yield* new SchemaFileError({ reason: "misnamed", file: file.name, detail })
    }
    if (migrations.at(-1)?.id === Number(id)) {
      const detail = `has the same number as ${migrations.at(-1)!.name}; give the newer one the next free number`
      return yield* new SchemaFileError({ reason: "duplicate", file: file.name, detail })
    }
    migrations.push({ ...file, id: Number(id) })
  }
  return { migrations, rules: yield* readSql(new URL("rules/", folder)) } satisfies SchemaFiles
})

const readSql = (folder: URL): Effect.Effect<ReadonlyArray<SqlFile>, SchemaFileError> =>
  Effect.try({
    try: () =>
      names(folder).map((name) => {
        // A checkout with CRLF is the same text: its digest must not say that it was edited.
        const text = readFileSync(new URL(encodeURIComponent(name), folder), "utf8").replaceAll("\r\n", "\n")
        return { name, text, sha256: createHash("sha256").update(text).digest("hex") }
      }),
    catch: (cause) =>
      new SchemaFileError({ reason: "unreadable", file: folder.pathname, detail: `can't be read: ${cause}` })
  })

const names = (folder: URL): ReadonlyArray<string> => {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".sql"))
      .sort()
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return []
    throw cause
  }
}
