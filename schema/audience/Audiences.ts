/**
 * Loads an audience file into a lane: read, normalised, deduplicated, stored in runs of a thousand, sealed.
 *
 * Promises: numbers keep the order of the file; every line that is no recipient is kept with its reason; memory is
 * bounded by the set that finds duplicates and two statements; while Postgres stores one statement the next is read, so
 * that a machine with two cores uses both. Of a text with placeholders the values are stored beside the numbers, and the most
 * messages that somebody gets become what approvers see. It never sends a statement twice: after a lost connection nobody knows whether
 * the run was stored, so the load fails, and what there is of it is discarded before another.
 *
 * Needs a `SqlClient` in the portal's role.
 */
import { Effect, Stream } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { ArrayOid, Int4Array, textArray } from "#schema/PgArray.ts"
import { encoded } from "#schema/PgTypes.ts"
import type { Acting } from "#schema/people/Acting.ts"
import type { Refused } from "#schema/Refused.ts"
import type { AudienceBatch, Counts, RejectedLine } from "./AudienceBatch.ts"
import {
  type AudienceFileError,
  type AudienceSource,
  type OnColumns,
  type OnEnd,
  readAudience
} from "./AudienceFile.ts"
import type { AudienceOptions } from "./AudienceReader.ts"
import { PartCounter } from "./PartCounter.ts"
import { laneText, noteParts } from "./PartCounts.ts"
import { RunWriter } from "./RunWriter.ts"
import { ValuesWriter } from "./ValuesWriter.ts"

/**
 * Runs in one statement: a statement then stores for some 50 ms, against which its way there and back is nothing, and
 * three of its parameters (one stored, one waiting, one written) are under a megabyte.
 */
const RUNS_A_STATEMENT = 16

/** The same beside so many columns of values: never more than 5 million characters, were all as long as they may be. */
const runsBeside = (columns: number): number => Math.max(1, Math.floor(RUNS_A_STATEMENT / Math.max(1, columns)))

/** Rejected lines in a row of the database. */
const LINES_A_ROW = 1_000

const NONE: Counts = { lines: 0, valid: 0, duplicates: 0, invalid: 0, empty: 0 }

export interface LoadOptions extends Omit<AudienceOptions, "parts"> {
  /** The lane to fill: empty, not sealed. */
  readonly laneId: number
  /** What the file is called by who gives it, without a path. */
  readonly fileName: string
  /** In whose name: noted as a maker of the campaign, so can't approve it. Each statement is a transaction of its own. */
  readonly as: Acting
  /** Told of the columns of a csv before the first batch. */
  readonly onColumns?: OnColumns
  /** Told of each batch as it is read: for a progress bar (`bytes`, `counts`) and a list of rejected lines. */
  readonly onBatch?: (batch: AudienceBatch) => void
}

export interface Loaded {
  readonly counts: Counts
  /** Merkle root over the runs, 64 hex digits: what the approvers' fingerprint holds of the audience. */
  readonly digest: string
  /** Of a text with placeholders: the most messages that somebody gets, and all of them. */
  readonly parts: { readonly most: number; readonly messages: number } | undefined
}

/**
 * Fills and seals the lane. Fails with `AudienceFileError` when the file can't be an audience (the rejected lines are
 * kept), with `Refused` when the database refuses or is gone; the lane then stays open and unsent.
 */
export const load = (
  source: AudienceSource,
  options: LoadOptions
): Effect.Effect<Loaded, AudienceFileError | Refused, SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const { laneId, onBatch, as } = options
    const { charsets, text } = yield* as(laneText(laneId))
    const parts = new PartCounter(text, charsets)
    let runs: RunWriter | undefined
    const values = new ValuesWriter()
    const rejected = new RejectedLines()
    let whole = { counts: NONE, octets: 0 }

    const store = ({ numbers, values }: Statement) =>
      as(
        sql.unsafe("SELECT load_audience($1, $2, $3)", [
          laneId,
          encoded(ArrayOid.text, numbers),
          encoded(ArrayOid.text, values === undefined ? null : textArray(values))
        ])
      ).pipe(Effect.tap(() => Effect.sync(() => runs!.giveBack(numbers))))
    const keep = (lines: ReadonlyArray<RejectedLine>) =>
      as(
        sql.unsafe("SELECT keep_rejected_lines($1, $2, $3, $4)", [
          laneId,
          encoded(ArrayOid.int4, lineNumbers(lines)),
          encoded(ArrayOid.text, textArray(lines.map((line) => line.reason))),
          encoded(ArrayOid.text, textArray(lines.map((line) => line.raw)))
        ])
      )

    // what is full is stored; the rest waits for more of the file
    const take = (batch: AudienceBatch) => {
      onBatch?.(batch)
      rejected.add(batch.rejected)
      const full: Array<Statement> = []
      runs ??= new RunWriter(runsBeside(batch.values?.length ?? 0))
      for (let at = 0; at < batch.numbers.length; ) {
        const from = at
        at += runs.add(batch.numbers, at)
        if (batch.values !== undefined) values.add(batch.values, from, at)
        if (runs.isFull) full.push({ numbers: runs.take()!, values: values.take() })
      }
      return { runs: full, rejected: rejected.take(LINES_A_ROW) }
    }
    const columns: OnColumns = (kept, leftOut) => {
      values.begin(kept)
      options.onColumns?.(kept, leftOut)
    }
    const onEnd: OnEnd = (counts, octets) => {
      whole = { counts, octets }
    }
    yield* readAudience(source, { ...options, parts, onColumns: columns, onEnd }).pipe(
      Stream.map(take),
      Stream.filter((due) => due.runs.length > 0 || due.rejected !== undefined),
      Stream.buffer({ capacity: 1 }),
      Stream.runForEach((due) =>
        Effect.gen(function* () {
          for (const statement of due.runs) yield* store(statement)
          if (due.rejected !== undefined) yield* keep(due.rejected)
        })
      ),
      // also of a file that turned out to hold no number: its author wants to know why
      Effect.onError(() => Effect.ignore(keepAll(rejected.rest(), keep)))
    )
    const last = runs?.take()
    if (last !== undefined) yield* store({ numbers: last, values: values.take() })
    yield* keepAll(rejected.rest(), keep)
    const counted = parts.keys.length > 0
    if (counted) yield* as(noteParts(laneId, text, parts.most))
    yield* as(noteFile(laneId, options.fileName, whole.octets, whole.counts))
    const [sealed] = yield* as(sql<{ digest: string }>`SELECT encode(seal_audience(${laneId}), 'hex') AS digest`)
    return {
      counts: whole.counts,
      digest: sealed!.digest,
      parts: counted ? { most: parts.most, messages: parts.messages } : undefined
    }
  })

/** For whoever asks later; of a name so long that no file has it, its end. */
const noteFile = Effect.fnUntraced(function* (laneId: number, name: string, octets: number, counts: Counts) {
  const sql = yield* SqlClient
  const { duplicates, empty, invalid, lines } = counts
  const file = { name: name.slice(-255).toWellFormed().replaceAll("\0", ""), octets, lines, duplicates, invalid, empty }
  yield* sql`SELECT note_file(${laneId}, ${JSON.stringify(file)}::text::jsonb)`
})

/** What one call of `load_audience` takes. */
interface Statement {
  readonly numbers: Buffer
  /** a JSON object a run */
  readonly values: ReadonlyArray<string> | undefined
}

const keepAll = <E, R>(
  lines: ReadonlyArray<RejectedLine>,
  keep: (lines: ReadonlyArray<RejectedLine>) => Effect.Effect<unknown, E, R>
) => (lines.length === 0 ? Effect.void : Effect.asVoid(keep(lines)))

const lineNumbers = (lines: ReadonlyArray<RejectedLine>): Uint8Array => {
  const column = new Int4Array(lines.length)
  column.add(
    Int32Array.from(lines, (line) => line.line),
    lines.length
  )
  return column.done()
}

/** Rejected lines gathered into blocks, a row each. */
class RejectedLines {
  private pending: Array<RejectedLine> = []

  add(lines: ReadonlyArray<RejectedLine>): void {
    if (lines.length > 0) this.pending = this.pending.concat(lines)
  }

  /** A block of `count` lines or more, or nothing yet. */
  take(count: number): ReadonlyArray<RejectedLine> | undefined {
    return this.pending.length < count ? undefined : this.rest()
  }

  rest(): ReadonlyArray<RejectedLine> {
    const { pending } = this
    this.pending = []
    return pending
  }
}
