/**
 * What a reader hands on: up to a thousand accepted numbers as columns, and up to a thousand rejected lines.
 */
import { explanations as numberExplanations, type Reason } from "../text/Msisdn.ts"

/** Why a line is not part of the audience. */
export type Rejection =
  | Reason
  | "duplicate"
  | "line too long"
  | "not UTF-8"
  | "quote not closed"
  | "no value"
  | "value too long"
  | "text too long"

/** What each means, and what to do: the words of the page and of the download. */
export const explanations: Record<Rejection, string> = {
  ...numberExplanations,
  empty: "This row has no number, though it has other values.",
  duplicate: "This number stands earlier in the file; its first occurrence is kept.",
  "line too long": "This line is longer than 65,536 bytes. Check that each number stands in its own line.",
  "not UTF-8": "This line has bytes that are not UTF-8. Save the file as “CSV UTF-8”.",
  "quote not closed": "A quotation mark in this row is never closed. Close it, or double it if it belongs to the text.",
  "no value":
    "This row has no value for a placeholder of the text. Fill it in, or take the placeholder out of the text.",
  "value too long":
    "This row has a value of more than 250 characters. Shorten it, or take its column away if the text does not need it.",
  "text too long": "With the values of this row the text takes more messages than one may. Shorten them."
}

export interface RejectedLine {
  /** 1 is the first line of the file, the header of a csv included. A row of several lines has its first. */
  readonly line: number
  readonly reason: Rejection
  /** The line as it was, cut to 100 characters. */
  readonly raw: string
}

/** Each line is in exactly one of the others: lines = valid + duplicates + invalid + empty. */
export interface Counts {
  readonly lines: number
  readonly valid: number
  readonly duplicates: number
  readonly invalid: number
  readonly empty: number
}

export interface AudienceBatch {
  /** E.164 without "+", in the order of the file. */
  readonly numbers: Float64Array
  /** Line of each number. */
  readonly lines: Uint32Array
  /** By column that is kept, aligned with `numbers`; a missing cell is "". `undefined` where none is. */
  readonly values: ReadonlyArray<ReadonlyArray<string>> | undefined
  readonly rejected: ReadonlyArray<RejectedLine>
  /** Of the file up to here. */
  readonly counts: Counts
  /** Bytes of the file read when this batch was made: for the progress bar. */
  readonly bytes: number
}

export const RAW_LENGTH = 100

/** Gathers lines into batches, and counts them. */
export class BatchBuilder {
  bytes = 0
  private readonly size: number
  private readonly ready: Array<AudienceBatch> = []
  private numbers: Float64Array
  private lines: Uint32Array
  private filled = 0
  private values: Array<Array<string>> | undefined
  private rejected: Array<RejectedLine> = []
  private lineCount = 0
  private valid = 0
  private duplicates = 0
  private invalid = 0
  private empty = 0

  constructor(size: number) {
    this.size = size
    this.numbers = new Float64Array(size)
    this.lines = new Uint32Array(size)
  }

  /** How many columns of a csv are kept. */
  set columns(count: number) {
    if (count > 0) this.values = Array.from({ length: count }, () => [])
  }

  get counts(): Counts {
    const { duplicates, empty, invalid, lineCount, valid } = this
    return { lines: lineCount, valid, duplicates, invalid, empty }
  }

  accept(number: number, line: number, values: ReadonlyArray<string> | undefined): void {
    this.lineCount++
    this.valid++
    this.numbers[this.filled] = number
    this.lines[this.filled] = line
    this.filled++
    if (this.values !== undefined) values!.forEach((value, column) => void this.values![column]!.push(value))
    if (this.filled === this.size) this.flush()
  }

  reject(line: number, reason: Rejection, text: string): void {
    this.lineCount++
    if (reason === "duplicate") this.duplicates++
    else this.invalid++
    // A pair cut in half would be refused by Postgres as invalid UTF-8.
    this.rejected.push({ line, reason, raw: text.slice(0, RAW_LENGTH).toWellFormed() })
    if (this.rejected.length === this.size) this.flush()
  }

  skipEmpty(): void {
    this.lineCount++
    this.empty++
  }

  /** Closes the current batch, if there is anything in it. */
  flush(): void {
    if (this.filled === 0 && this.rejected.length === 0) return
    const whole = this.filled === this.size
    this.ready.push({
      // A full batch is handed over as it is: a copy of each would be the larger part of all garbage.
      numbers: whole ? this.numbers : this.numbers.slice(0, this.filled),
      lines: whole ? this.lines : this.lines.slice(0, this.filled),
      values: this.values,
      rejected: this.rejected,
      counts: this.counts,
      bytes: this.bytes
    })
    if (whole) {
      this.numbers = new Float64Array(this.size)
      this.lines = new Uint32Array(this.size)
    }
    this.filled = 0
    this.values = this.values?.map(() => [])
    this.rejected = []
  }

  /** The batches that are full. */
  take(): ReadonlyArray<AudienceBatch> {
    return this.ready.splice(0)
  }
}
