/**
 * The audit as a file. JSON Lines: a line that says what it is an export of, then a line a row (`AuditRow`), so that whoever gets
 * it can check it without us; and CSV for reading in a spreadsheet, which can't be checked.
 *
 * A line has one form, the one written here: keys in the order of the columns, nothing twice, no spaces between. Reading (ExportReader.ts)
 * refuses any other, so that nobody can show something in the file that the verifier did not read.
 */
import { Stream } from "effect"
import { type AuditRow, BEFORE_ALL, instant } from "./AuditRow.ts"
import { objectIn, recordIn, textIn } from "./Facts.ts"

export const EXPORT_FORMAT = "countersign/audit-export/1"

export interface ExportHeader {
  readonly format: typeof EXPORT_FORMAT
  readonly workspace_id: number
  /** Its name, for people. */
  readonly workspace: string
  /** ISO 8601. */
  readonly exported_at: string
  /** Of no row at all: 1 and 0. */
  readonly first_seq: number
  readonly last_seq: number
  /** The previous hash of the first row. */
  readonly anchor: string
}

/** The header of rows that begin with `first`; of none: of an empty chain. */
export const exportHeader = (
  of: Pick<ExportHeader, "workspace_id" | "workspace" | "exported_at">,
  first: AuditRow | undefined,
  lastSeq: number
): ExportHeader => ({
  format: EXPORT_FORMAT,
  workspace_id: of.workspace_id,
  workspace: of.workspace,
  exported_at: of.exported_at,
  first_seq: first?.seq ?? 1,
  last_seq: first === undefined ? 0 : lastSeq,
  anchor: first?.previous ?? BEFORE_ALL
})

/** The one form of a header's line, without its end. */
export const headerLine = (header: ExportHeader): string =>
  JSON.stringify({
    format: header.format,
    workspace_id: header.workspace_id,
    workspace: header.workspace,
    exported_at: header.exported_at,
    first_seq: header.first_seq,
    last_seq: header.last_seq,
    anchor: header.anchor
  })

/** The one form of a row's line, without its end. */
export const rowLine = (row: AuditRow): string =>
  JSON.stringify({
    workspace_id: row.workspace_id,
    seq: row.seq,
    at_us: row.at_us,
    person_id: row.person_id,
    role: row.role,
    action: row.action,
    object: row.object,
    object_id: row.object_id,
    facts: row.facts,
    personal: row.personal,
    salt: row.salt,
    personal_digest: row.personal_digest,
    previous: row.previous,
    hash: row.hash
  } satisfies AuditRow)

type Batches<E, R> = Stream.Stream<ReadonlyArray<AuditRow>, E, R>

/** The text of the file, a piece a batch. */
export const jsonLines = <E, R>(header: ExportHeader, batches: Batches<E, R>): Stream.Stream<string, E, R> =>
  Stream.concat(
    Stream.succeed(`${headerLine(header)}\n`),
    Stream.map(batches, (rows) => rows.map((row) => `${rowLine(row)}\n`).join(""))
  )

const csvColumns = [
  "workspace_id",
  "seq",
  "at",
  "person_id",
  "name",
  "email",
  "role",
  "action",
  "object",
  "object_id",
  "facts",
  "personal",
  "hash"
] as const

/**
 * A cell of RFC 4180. One that a spreadsheet would take for a formula begins with an apostrophe, which it shows as text
 * (OWASP, CSV Injection).
 */
export const csvCell = (value: string | number | null): string => {
  if (value === null) return ""
  const text = typeof value === "string" && /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : `${value}`
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Who acted, as they were called then; nothing where it was the system, or where their part was erased. */
const actorOf = ({ personal }: AuditRow): { readonly name: string | null; readonly email: string | null } => {
  const by = recordIn(personal === null ? undefined : objectIn(personal), "by")
  return { name: textIn(by, "name") ?? null, email: textIn(by, "email") ?? null }
}

const csvRow = (row: AuditRow): string => {
  const cells = { ...row, ...actorOf(row), at: instant(row.at_us) }
  return `${csvColumns.map((column) => csvCell(cells[column])).join(",")}\r\n`
}

/** The text of the file, a piece a batch; the first line names the columns. */
export const csv = <E, R>(batches: Batches<E, R>): Stream.Stream<string, E, R> =>
  Stream.concat(
    Stream.succeed(`${csvColumns.join(",")}\r\n`),
    Stream.map(batches, (rows) => rows.map(csvRow).join(""))
  )
