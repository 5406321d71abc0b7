/**
 * The lines that are no recipients: the first ones to show, how many there are of each reason, and all of them in a file
 * beside the input (staff.csv → staff.csv.rejected.csv), made when there is something to put into it. A file that is there already is
 * never written over: the next is staff.csv.rejected-2.csv.
 */
import { closeSync, openSync, writeSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { explanations, type RejectedLine, type Rejection } from "#schema/audience/AudienceBatch.ts"
import { dataFolder } from "../RunningNote.ts"
import * as Screen from "../Screen.ts"

const SHOWN = 20
const LONGEST_SHOWN = 40

export class RejectedFile {
  readonly first: Array<RejectedLine> = []
  readonly byReason = new Map<Rejection, number>()
  /** Where they are; "" when there are none, or no place for them. */
  path = ""
  private readonly input: string
  private file: number | undefined

  constructor(input: string) {
    this.input = input
  }

  add(lines: ReadonlyArray<RejectedLine>): void {
    if (lines.length === 0) return
    this.open()
    let text = ""
    for (const line of lines) {
      if (this.first.length < SHOWN) this.first.push(line)
      this.byReason.set(line.reason, (this.byReason.get(line.reason) ?? 0) + 1)
      text += `${line.line},${line.reason},"${line.raw.replaceAll('"', '""')}"\r\n`
    }
    if (this.file !== undefined) writeSync(this.file, text)
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file)
    this.file = undefined
  }

  /** Lines shown: the first ones with their reasons, then how many of each, then where all of them are. */
  show(): void {
    if (this.first.length === 0) return
    const width = Math.max(...this.first.map(({ line }) => Screen.count(line).length))
    this.first.forEach(({ line, raw, reason }, i) => {
      const cut = Screen.shown(raw).slice(0, LONGEST_SHOWN)
      Screen.row(
        i === 0 ? "Left out" : "",
        `line ${Screen.count(line).padStart(width)}  ${reason.padEnd(28)} ${Screen.dim(cut)}`
      )
    })
    const total = [...this.byReason.values()].reduce((a, b) => a + b, 0)
    if (total > this.first.length) Screen.row("", Screen.dim(`and ${Screen.count(total - this.first.length)} more`))
    for (const [reason, n] of this.byReason)
      Screen.row("", ...Screen.wrapped(`${Screen.many(n, "line")} ${reason}: ${explanations[reason]}`).map(Screen.dim))
    if (this.path !== "") Screen.row("", `All of them: ${this.path}`)
  }

  /** Beside the input, else (a folder we may not write to) among our data. */
  private open(): void {
    if (this.path !== "" || this.file !== undefined) return
    for (const folder of [dirname(this.input), dataFolder]) {
      try {
        const [path, file] = unused(join(folder, `${basename(this.input)}.rejected`))
        this.file = file
        this.path = path
        writeSync(this.file, "line,reason,text\r\n")
        return
      } catch {
        // The next place.
      }
    }
  }
}

/** The first name that no file has, and that file, opened. */
const unused = (base: string): readonly [string, number] => {
  for (let n = 1; ; n++) {
    const path = `${base}${n === 1 ? "" : `-${n}`}.csv`
    try {
      // numbers of people: nobody else is to read them
      return [path, openSync(path, "wx", 0o600)]
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    }
  }
}
