/**
 * Reads an export (Export.ts) as its bytes come, in bounded memory. The first line that is not in the one form of a line ends it, with
 * its number. Whether the rows are true is not asked here.
 */
import { closeSync, openSync, readSync } from "node:fs"
import { Effect, Option, Schema, Stream } from "effect"
import type { AuditRow } from "./AuditRow.ts"
import { EXPORT_FORMAT, type ExportHeader, headerLine, rowLine } from "./Export.ts"
import { notReadWords } from "./fileWords.ts"

/** The file can't be read as an export. `message` is for whoever gave it; `line` counts from 1, 0 for the file as a whole. */
export class ExportError extends Schema.TaggedError<ExportError>()("ExportError", {
  reason: Schema.Literals(["not readable", "not an export", "line"]),
  line: Schema.Int,
  message: Schema.String
}) {}

/** Rows that were read together, under the header of their file. Each file gives at least one, which may hold no row. */
export interface ExportBatch {
  readonly header: ExportHeader
  readonly rows: ReadonlyArray<AuditRow>
}

export interface ExportStep {
  readonly rows: ReadonlyArray<AuditRow>
  readonly error: ExportError | undefined
}

/** Bytes. A row tells of one act; the longest hold a text of ten parts before and after. */
export const LONGEST_LINE = 1_048_576

const READ_BYTES = 65_536
const LF = 10

export class ExportReader {
  header: ExportHeader | undefined
  private readonly utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  private rest: ReadonlyArray<Uint8Array> = []
  private restLength = 0
  private line = 0

  /** The next bytes. After an error nothing more is to be given. */
  push(chunk: Uint8Array): ExportStep {
    const rows: Array<AuditRow> = []
    let start = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const error = this.take(this.whole(chunk.subarray(start, end)), rows)
      if (error !== undefined) return { rows, error }
      start = end + 1
    }
    // copied, since the chunk's memory may be used again
    this.rest = [...this.rest, chunk.slice(start)]
    this.restLength += chunk.length - start
    if (this.restLength <= LONGEST_LINE) return { rows, error: undefined }
    this.line++
    return { rows, error: this.tooLong() }
  }

  /** Nothing more comes. */
  end(): ExportStep {
    const rows: Array<AuditRow> = []
    const error = this.restLength > 0 ? this.take(this.whole(new Uint8Array()), rows) : undefined
    if (error !== undefined || this.header !== undefined) return { rows, error }
    return { rows, error: new ExportError({ reason: "not an export", line: 0, message: "The file is empty." }) }
  }

  private whole(end: Uint8Array): Uint8Array {
    if (this.restLength === 0) return end
    const line = Buffer.concat([...this.rest, end])
    this.rest = []
    this.restLength = 0
    return line
  }

  private take(bytes: Uint8Array, rows: Array<AuditRow>): ExportError | undefined {
    this.line++
    if (bytes.length > LONGEST_LINE) return this.tooLong()
    const text = this.text(bytes)
    const value = text === undefined ? undefined : parsed(text)
    if (this.header === undefined) {
      if (!isHeader(value) || headerLine(value) !== text) {
        return new ExportError({
          reason: "not an export",
          line: this.line,
          message: `This is no export of the audit: its first line should be JSON with the format “${EXPORT_FORMAT}”.`
        })
      }
      this.header = value
      return undefined
    }
    if (value === undefined) return this.wrong("is not JSON in UTF-8")
    const part = wrongPart(value as Record<string, unknown>)
    if (part !== undefined) return this.wrong(part)
    if (rowLine(value as AuditRow) !== text) {
      return this.wrong("is not written as an export writes it: the file was changed, or saved by another program")
    }
    rows.push(value as AuditRow)
    return undefined
  }

  private text(bytes: Uint8Array): string | undefined {
    try {
      return this.utf8.decode(bytes)
    } catch {
      return undefined
    }
  }

  private wrong(what: string): ExportError {
    return new ExportError({ reason: "line", line: this.line, message: `Line ${this.line} ${what}.` })
  }

  private tooLong(): ExportError {
    return this.wrong(`is longer than ${LONGEST_LINE} bytes`)
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isWhole = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && (value as number) >= least
// a half of a surrogate pair has no bytes of its own: it would be hashed as another character
const isText = (value: unknown): boolean => typeof value === "string" && value.isWellFormed()
const isHex = (value: unknown, bytes: number): boolean =>
  typeof value === "string" && value.length === 2 * bytes && /^[0-9a-f]*$/.test(value)
const orNull = (is: (value: unknown) => boolean) => (value: unknown) => value === null || is(value)

const isHeader = (value: unknown): value is ExportHeader => {
  if (typeof value !== "object" || value === null) return false
  const header = value as Record<keyof ExportHeader, unknown>
  return (
    header.format === EXPORT_FORMAT &&
    isWhole(header.workspace_id, 0) &&
    isText(header.workspace) &&
    isText(header.exported_at) &&
    isWhole(header.first_seq, 1) &&
    isWhole(header.last_seq, 0) &&
    isHex(header.anchor, 32)
  )
}

const parts: ReadonlyArray<readonly [name: keyof AuditRow, is: (value: unknown) => boolean, what: string]> = [
  ["workspace_id", (value) => isWhole(value, 0), "a whole number"],
  ["seq", (value) => isWhole(value, 1), "a whole number from 1"],
  ["at_us", (value) => typeof value === "string" && /^(0|[1-9]\d{0,15})$/.test(value), "microseconds, as text"],
  ["person_id", orNull((value) => isWhole(value, 0)), "a whole number or null"],
  ["role", isText, "text"],
  ["action", isText, "text"],
  ["object", isText, "text"],
  ["object_id", orNull(Number.isSafeInteger), "a whole number or null"],
  ["facts", isText, "text"],
  ["personal", orNull(isText), "text or null"],
  ["salt", orNull((value) => isHex(value, 16)), "16 bytes in hex or null"],
  ["personal_digest", orNull((value) => isHex(value, 32)), "32 bytes in hex or null"],
  ["previous", (value) => isHex(value, 32), "32 bytes in hex"],
  ["hash", (value) => isHex(value, 32), "32 bytes in hex"]
]

const wrongPart = (row: Record<string, unknown>): string | undefined => {
  if (row === null) return "is not a row"
  for (const [name, is, what] of parts) {
    if (!is(row[name])) return `has no ${name} that is ${what}`
  }
  return undefined
}

/**
 * The file at `path`, a batch a read; the rows before an error come before it. One stage and one piece of memory: a stream within
 * a stream for each read keeps what it read for so long that it takes 130 MB more.
 */
export const readExport = (path: string): Stream.Stream<ExportBatch, ExportError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const attempt = <A>(read: () => A) => Effect.try({ try: read, catch: (cause) => notReadable(path, cause) })
      const file = yield* Effect.acquireRelease(
        attempt(() => openSync(path, "r")),
        (opened) => Effect.sync(() => closeSync(opened))
      )
      const buffer = new Uint8Array(READ_BYTES)
      const reader = new ExportReader()
      const next = attempt(() => {
        const length = readSync(file, buffer, 0, READ_BYTES, null)
        return { step: length > 0 ? reader.push(buffer.subarray(0, length)) : reader.end(), ended: length === 0 }
      })
      return Stream.paginate<ExportError | undefined, ExportBatch, ExportError>(undefined, (error) =>
        error !== undefined
          ? Effect.fail(error)
          : Effect.map(next, ({ ended, step }) => {
              const batches = reader.header === undefined ? [] : [{ header: reader.header, rows: step.rows }]
              return [batches, ended && step.error === undefined ? Option.none() : Option.some(step.error)]
            })
      )
    })
  )

const notReadable = (path: string, cause: unknown): ExportError =>
  new ExportError({ reason: "not readable", line: 0, message: notReadWords(path, cause) })
