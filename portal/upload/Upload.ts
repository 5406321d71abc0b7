/** One file on its way from a browser into a campaign's audience: how much of it has come, how fast, and how it went. */
import type { Counts } from "#schema/audience/AudienceBatch.ts"
import type { AudienceFileError } from "#schema/audience/AudienceFile.ts"

import type { Refused } from "#schema/Refused.ts"
import { Octets } from "./Octets.ts"

/** A file as its browser names it: the same once it is chosen again. */
export interface GivenFile {
  readonly name: string
  /** undefined: of a form without a script, until its end */
  readonly size: number | undefined
  /** when it was changed last, as the browser says it */
  readonly modified: string
  /** header of the column with the numbers; "": the first one */
  readonly column: string
}

/** faulty: of a fault of ours. */
export type Problem = AudienceFileError | Refused | "faulty" | "too large" | "longer than said" | "broken off"

/** Over which a pace is measured. */
const MEASURED_MS = 10_000

interface Mark {
  readonly at: number
  readonly taken: number
}

export class Upload {
  readonly workspaceId: number
  readonly file: GivenFile
  readonly by: { readonly id: number; readonly name: string }
  /** Octets that were taken: where the next piece begins. */
  taken = 0
  /** Of the lines that were read. */
  counts: Counts = { lines: 0, valid: 0, duplicates: 0, invalid: 0, empty: 0 }
  problem: Problem | undefined
  readonly octets = new Octets()
  private ended = false
  private turn = 0
  private marks: Array<Mark>

  constructor(workspaceId: number, file: GivenFile, by: Upload["by"]) {
    this.workspaceId = workspaceId
    this.file = file
    this.by = by
    this.marks = [{ at: Date.now(), taken: 0 }]
  }

  get state(): "taking" | "finishing" | "failed" {
    if (this.problem !== undefined) return "failed"
    return this.ended ? "finishing" : "taking"
  }

  /** Since when nothing has come. */
  get heardAt(): number {
    return this.marks.at(-1)!.at
  }

  isOf(file: GivenFile, personId: number): boolean {
    const { column, modified, name, size } = this.file
    return (
      this.by.id === personId &&
      name === file.name &&
      size === file.size &&
      modified === file.modified &&
      column === file.column
    )
  }

  /** Whoever brings a piece last is the one who is heard: an earlier request may hang in a connection that is lost. */
  begin(): { readonly isMine: () => boolean } {
    const mine = ++this.turn
    return { isMine: () => this.turn === mine }
  }

  /** Settles when more may come; false: it is taken no further. */
  take(piece: Uint8Array): Promise<boolean> {
    this.taken += piece.length
    const now = Date.now()
    this.marks = [...this.marks.filter(({ at }) => now - at < MEASURED_MS), { at: now, taken: this.taken }]
    return this.octets.put(piece)
  }

  end(): void {
    this.ended = true
    this.octets.end()
  }

  fail(problem: Problem): void {
    this.problem ??= problem
    this.octets.close()
  }

  /** How long the rest will take at the pace of the last seconds; undefined: nobody can say. */
  get restMs(): number | undefined {
    const [first] = this.marks
    const came = this.taken - first!.taken
    if (this.file.size === undefined || came === 0) return undefined
    return ((this.file.size - this.taken) * (this.heardAt - first!.at)) / came
  }
}
