/**
 * Takes a chain out of the database, from its first kept row to its end: as it was at one moment, a batch of rows at a time, however
 * long it is. That it was taken is in the chain before it is read, in a transaction of its own, and so is in what is taken.
 */
import { Clock, Effect, Stream } from "effect"
import { SqlClient, type SqlError } from "#schema/Database.ts"
import type { Acting } from "#schema/people/Acting.ts"
import type { Refused } from "#schema/Refused.ts"
import { chainHead, firstRow, rowsOf, snapshot } from "./Audits.ts"
import { csv, type ExportHeader, exportHeader, jsonLines } from "./Export.ts"

/** JSON Lines can be verified (`npm run audit:verify`), CSV is for a spreadsheet. */
export type ExportFormat = "jsonl" | "csv"

/** Takes the file's text, piece by piece. */
export type Take<E, R> = (text: string) => Effect.Effect<void, E, R>

/**
 * For who acts in a workspace (schema/people/Acting.ts) and may look at all of its audit. Begins its own transactions: not to be
 * called within one. Gives what the export's first line says.
 */
export const exportAs = <E, R>(
  acting: Acting,
  format: ExportFormat,
  take: Take<E, R>
): Effect.Effect<ExportHeader, Exclude<E, SqlError> | SqlError | Refused, R | SqlClient> =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.andThen(
      acting(sql`SELECT export_audit()`),
      snapshot(
        acting(
          Effect.flatMap(sql<{ id: number }>`SELECT acting_workspace() AS id`, ([acted]) =>
            written(acted!.id, format, take)
          )
        )
      )
    )
  )

/** For the owner, who is nobody in particular: the audit says that it was the command line. workspaceId 0: the installation's own. */
export const exportByOwner = <E, R>(
  workspaceId: number,
  format: ExportFormat,
  take: Take<E, R>
): Effect.Effect<ExportHeader, E | SqlError, R | SqlClient> =>
  Effect.flatMap(SqlClient, (sql) => {
    const facts = JSON.stringify({ through: "command_line" })
    return Effect.andThen(
      sql`SELECT audit_system(${workspaceId}, 'audit.export', 'workspace', ${workspaceId}::bigint, ${facts}::text::jsonb)`,
      snapshot(written(workspaceId, format, take))
    )
  })

const written = Effect.fnUntraced(function* <E, R>(workspaceId: number, format: ExportFormat, take: Take<E, R>) {
  const { seq, workspace } = yield* chainHead(workspaceId)
  const exported_at = new Date(yield* Clock.currentTimeMillis).toISOString()
  const header = exportHeader({ workspace_id: workspaceId, workspace, exported_at }, yield* firstRow(workspaceId), seq)
  const rows = rowsOf(workspaceId)
  yield* Stream.runForEach(format === "csv" ? csv(rows) : jsonLines(header, rows), take)
  return header
})
