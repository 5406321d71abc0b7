/**
 * Reads an audience: bytes go in as they come, batches of numbers and of rejected lines come out.
 *
 * Promises: memory is bounded whatever the file holds (a batch, a line, and the set that finds duplicates); the first
 * occurrence of a number is kept; each line is counted exactly once: lines = valid + duplicates + invalid + empty;
 * nothing is silently dropped. It is pure: no file, no clock; `AudienceFile` reads it from disk.
 *
 * A `.txt` file holds a number a line. A `.csv` file holds it in its first column or a named one; the other columns are
 * the placeholders' values: a row that lacks one that the text needs is invalid. Its first record is a header when words stand where the number would. Under a header the first
 * column is not taken in silence when it holds no number and another does.
 */
import { type Normaliser, reasonOf as numberReasonOf } from "../text/Msisdn.ts"
import { NumberSet } from "../text/NumberSet.ts"
import { columnKey } from "../text/Placeholders.ts"
import { type AudienceBatch, BatchBuilder, type Counts, type Rejection } from "./AudienceBatch.ts"
import { type AudienceProblem, problems } from "./AudienceProblem.ts"
import { type Columns, columnsOf, likelier } from "./CsvColumns.ts"
import { cellsOf, type Delimiter, delimiterOf } from "./CsvRecord.ts"
import { type DecodedChunk, FileEncoding } from "./FileEncoding.ts"
import { Lines } from "./Lines.ts"
import { isMissing, LONGEST_VALUE, MOST_COLUMNS, type PartCounter } from "./PartCounter.ts"

export type AudienceFormat = "txt" | "csv"

export interface AudienceOptions {
  readonly format: AudienceFormat
  readonly normaliser: Normaliser
  /** Header of the column that holds the number (csv); the first column unless given. Case does not matter. */
  readonly column?: string
  /** Counts what rows make of a text with placeholders (csv): each needs a value for every one of them. */
  readonly parts?: PartCounter
  /** Which columns are kept: all (csv) unless it is only those of placeholders. */
  readonly keep?: "all" | "placeholders"
  /** Found from the first line unless given (csv). */
  readonly delimiter?: Delimiter
  /** Numbers, and rejected lines, a batch holds at most: 1,000 unless given, a block's size. */
  readonly batchSize?: number
}

/** What a push brought: full batches, and what makes reading on pointless. */
export interface AudienceStep {
  readonly batches: ReadonlyArray<AudienceBatch>
  readonly problem: AudienceProblem | undefined
}

// A quoted value may span lines (an address does); one that spans more is a quote that nobody closed.
const MOST_LINES_OF_RECORD = 50
const LONGEST_RECORD = 65_536

interface Line {
  readonly number: number
  readonly text: string
}

export class AudienceReader {
  /** Names of the columns that are kept, in the order of `AudienceBatch.values`; known after the first record of a csv. */
  get columns(): ReadonlyArray<string> {
    return this.layout?.names ?? []
  }

  /** Names of those that are not. */
  get leftOut(): ReadonlyArray<string> {
    return this.layout?.leftOut ?? []
  }

  /** Running counts. The header of a csv is not among the lines. */
  get counts(): Counts {
    return this.builder.counts
  }

  /** Octets taken so far. */
  get octets(): number {
    return this.builder.bytes
  }

  private readonly options: AudienceOptions
  private readonly encoding = new FileEncoding()
  private readonly lines: Lines
  private readonly seen = new NumberSet()
  private readonly builder: BatchBuilder
  private lineNumber = 0
  private problem: AudienceProblem | undefined
  private delimiter: Delimiter | undefined
  private layout: Columns | undefined
  /** For each placeholder, which of the values that are kept. */
  private filling: ReadonlyArray<number> = []
  /** While nobody has named the column and the first one has shown no number. */
  private unsure = false
  /** Lines of a csv record whose quote is still open. */
  private open: Array<Line> = []
  private openLength = 0

  constructor(options: AudienceOptions) {
    this.options = options
    this.delimiter = options.delimiter
    this.builder = new BatchBuilder(Math.max(1, options.batchSize ?? 1_000))
    this.lines = new Lines(options.format === "txt" ? this.onTxtLine : this.onCsvLine)
    const placeholders = options.parts?.keys ?? []
    if (options.format === "txt" && placeholders.length > 0) this.problem = problems.noSuchPlaceholder(placeholders, [])
  }

  /** Takes the next bytes, in pieces of any size. After a problem nothing more is read. */
  push(chunk: Uint8Array): AudienceStep {
    if (this.problem !== undefined) return { batches: [], problem: this.problem }
    this.builder.bytes += chunk.length
    this.feed(this.encoding.push(chunk))
    return { batches: this.builder.take(), problem: this.problem }
  }

  /** The file has ended. The last batches, and a problem when the file was empty or held no valid number. */
  end(): AudienceStep {
    if (this.problem === undefined) this.feed(this.encoding.end())
    if (this.problem === undefined) {
      this.lines.end()
      this.giveUpOpenRecord()
    }
    if (this.problem === undefined) {
      const { empty, lines, valid } = this.counts
      if (lines === empty) this.problem = this.layout?.header === true ? problems.onlyHeader : problems.empty
      else if (valid === 0) this.problem = problems.noValidNumber
    }
    this.builder.flush()
    return { batches: this.builder.take(), problem: this.problem }
  }

  private feed(decoded: DecodedChunk): void {
    if (decoded === undefined) return
    if ("binary" in decoded) this.problem = problems.binary(decoded.binary)
    else this.lines.push(decoded.bytes)
  }

  private readonly onTxtLine = (bytes: Buffer, start: number, end: number, cut: boolean): void => {
    const line = ++this.lineNumber
    if (cut) {
      this.builder.reject(line, "line too long", textOf(bytes, start, end))
      return
    }
    const number = this.options.normaliser.ofBytes(bytes, start, end)
    if (number > 0) {
      if (this.seen.add(number)) this.builder.accept(number, line, undefined)
      else this.builder.reject(line, "duplicate", textOf(bytes, start, end))
      return
    }
    const reason = numberReasonOf(number)
    if (reason === "empty") this.builder.skipEmpty()
    else this.builder.reject(line, isUtf8(bytes, start, end) ? reason : "not UTF-8", textOf(bytes, start, end))
  }

  private readonly onCsvLine = (bytes: Buffer, start: number, end: number, cut: boolean): void => {
    const number = ++this.lineNumber
    if (this.problem !== undefined) return
    const text = textOf(bytes, start, end)
    if (cut || !isUtf8(bytes, start, end)) {
      // It cannot close a record: what is open before it stands alone.
      this.giveUpOpenRecord()
      this.builder.reject(number, cut ? "line too long" : "not UTF-8", text)
      return
    }
    this.takeCsvLine({ number, text })
  }

  private takeCsvLine(line: Line): void {
    if (line.number === 1) {
      // Excel's own way to name the delimiter; no row.
      const named = /^sep=([,;\t|])$/i.exec(line.text)
      if (named !== null) {
        this.delimiter ??= named[1] as Delimiter
        return
      }
    }
    this.delimiter ??= line.text.trim() === "" ? undefined : delimiterOf(line.text)
    if (this.delimiter === undefined) {
      this.builder.skipEmpty()
      return
    }
    this.open.push(line)
    this.openLength += line.text.length + 1
    const text = this.open.length === 1 ? line.text : this.open.map((part) => part.text).join("\n")
    const cells = cellsOf(text, this.delimiter)
    if (cells !== "open") {
      const first = this.open[0]!
      this.open = []
      this.openLength = 0
      this.takeRecord(cells, first.number, text)
    } else if (this.open.length >= MOST_LINES_OF_RECORD || this.openLength > LONGEST_RECORD) this.giveUpFirstOpenLine()
  }

  /** Rejects the line that opened a quote which never closed, and reads the lines after it again, as their own. */
  private giveUpFirstOpenLine(): void {
    const [first, ...rest] = this.open
    this.open = []
    this.openLength = 0
    if (first === undefined) return
    this.builder.reject(first.number, "quote not closed", first.text)
    for (const line of rest) this.takeCsvLine(line)
  }

  private giveUpOpenRecord(): void {
    while (this.open.length > 0) this.giveUpFirstOpenLine()
  }

  private takeRecord(cells: ReadonlyArray<string>, line: number, text: string): void {
    if (this.problem !== undefined) return
    if (cells.every((cell) => cell === "")) {
      this.builder.skipEmpty()
      return
    }
    if (this.layout === undefined) {
      const placeholders = this.options.parts?.keys ?? []
      const keepAll = this.options.keep !== "placeholders"
      const choice = { column: this.options.column, placeholders, keepAll, mostKept: MOST_COLUMNS }
      const found = columnsOf(cells, choice, this.options.normaliser)
      if ("problem" in found) {
        this.problem = found.problem
        return
      }
      this.layout = found
      this.unsure = found.header && this.options.column === undefined
      this.builder.columns = found.names.length
      const keys = found.names.map(columnKey)
      this.filling = placeholders.map((key) => keys.indexOf(key))
      if (found.header) return
    }
    if (this.unsure) {
      const other = likelier(cells, this.options.normaliser)
      if (other >= 0) {
        this.problem = problems.whichColumn(this.layout.all, this.layout.all[other] ?? `column ${other + 1}`)
        return
      }
    }
    const number = this.options.normaliser.ofText(cells[this.layout.number] ?? "")
    if (number > 0) this.unsure = false
    if (number < 0) this.builder.reject(line, numberReasonOf(number), text)
    else if (this.layout.names.length === 0) this.takeNumber(number, line, text, undefined)
    else {
      const values = this.layout.valuesOf(cells)
      const parts = this.partsOf(values)
      if (typeof parts === "string") this.builder.reject(line, parts, text)
      else if (this.takeNumber(number, line, text, values)) this.options.parts?.count(parts)
    }
  }

  private takeNumber(number: number, line: number, text: string, values: ReadonlyArray<string> | undefined): boolean {
    const isNew = this.seen.add(number)
    if (isNew) this.builder.accept(number, line, values)
    else this.builder.reject(line, "duplicate", text)
    return isNew
  }

  /** Parts of a row's message, or why its values can't be sent. */
  private partsOf(values: ReadonlyArray<string>): number | Rejection {
    if (values.some((value) => value.length > LONGEST_VALUE)) return "value too long"
    const { parts } = this.options
    if (parts === undefined || this.filling.length === 0) return 0
    const filled = this.filling.map((index) => values[index]!)
    if (filled.some(isMissing)) return "no value"
    const count = parts.partsOf(filled)
    return count > parts.maximumParts ? "text too long" : count
  }
}

const textOf = (bytes: Buffer, start: number, end: number): string => bytes.toString("utf8", start, end)

const strict = new TextDecoder("utf-8", { fatal: true })

const isUtf8 = (bytes: Buffer, start: number, end: number): boolean => {
  let at = start
  while (at < end && bytes[at]! < 0x80) at++
  if (at === end) return true
  try {
    strict.decode(bytes.subarray(start, end))
    return true
  } catch {
    return false
  }
}
