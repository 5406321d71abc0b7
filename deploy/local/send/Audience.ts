/** The file of numbers into the campaign's lane, with what a person sees meanwhile and afterwards. */
import { accessSync, constants, statSync } from "node:fs"
import { basename, extname } from "node:path"
import { Cause, Clock, Effect, Exit, Option } from "effect"
import type { Counts } from "#schema/audience/AudienceBatch.ts"
import { load } from "#schema/audience/Audiences.ts"
import type { Acting } from "#schema/people/Acting.ts"
import type { Workspace } from "#schema/people/Workspaces.ts"
import { makeNormaliser } from "#schema/text/Msisdn.ts"
import { refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"
import { RejectedFile } from "./RejectedFile.ts"

/** What can be said before anything is started: there is such a file, and something is in it. Gives its size in bytes. */
export const checkFile = Effect.fnUntraced(function* (path: string) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return yield* refusal(`There is no file ${path}.`, "Check the path given as --numbers.")
  if (found.isDirectory())
    return yield* refusal(`${path} is a folder, not a file.`, "Choose the file inside it for --numbers.")
  if (found.isFile() && found.size === 0)
    return yield* refusal(`${path} is empty.`, "Give a file with a number in each line.")
  yield* Effect.try(() => accessSync(path, constants.R_OK)).pipe(
    Effect.mapError(() => refusal(`${path} can't be read.`, "Check its permissions."))
  )
  return found.size
})

export interface AudienceChoice {
  readonly path: string
  readonly size: number
  readonly column: string | undefined
  readonly workspace: Workspace
  readonly laneId: number
  /** Who writes it. */
  readonly author: Acting
}

/** Loads and seals; shows the counts and what was left out, also where the file turns out to be no audience. */
export const loadAudience = Effect.fnUntraced(function* ({
  author,
  column,
  laneId,
  path,
  size,
  workspace
}: AudienceChoice) {
  const rejected = new RejectedFile(path)
  const begun = yield* Clock.currentTimeMillis
  let counts: Counts | undefined
  let others: ReadonlyArray<string> = []
  let drawn = 0
  const loaded = yield* load(path, {
    laneId,
    as: author,
    fileName: basename(path),
    format: column !== undefined || [".csv", ".tsv"].includes(extname(path).toLowerCase()) ? "csv" : "txt",
    normaliser: makeNormaliser(workspace.country),
    ...(column === undefined ? {} : { column }),
    // the text won't change any more: what it doesn't need of people's data isn't kept
    keep: "placeholders",
    onColumns: (_, leftOut) => {
      others = leftOut
    },
    onBatch: (batch) => {
      counts = batch.counts
      rejected.add(batch.rejected)
      const now = performance.now()
      if (now - drawn < 100) return
      drawn = now
      Screen.move(
        `Reading ${basename(path)}  ${Screen.bar(batch.bytes / size, 20)}  ${Screen.count(counts.valid)} numbers, ${Screen.count(counts.invalid)} bad lines`
      )
    }
  }).pipe(
    Effect.mapError((error) =>
      error.reason === "which column" || error.reason === "no such column"
        ? refusal(error.message, "Name it: --column NAME, in quotes where it has a blank.")
        : error
    ),
    Effect.onExit((exit) =>
      Effect.sync(() => {
        Screen.settle(false)
        rejected.close()
        if (!wasReadToItsEnd(exit)) {
          if (counts !== undefined)
            Screen.line(`Only ${Screen.many(counts.lines, "line")} of ${basename(path)} were read.`)
          return
        }
        if (counts !== undefined) showCounts(path, counts, others)
        rejected.show()
      })
    )
  )
  return { ...loaded, seconds: ((yield* Clock.currentTimeMillis) - begun) / 1000 }
})

/** Also where what was read is no audience: an interruption, or a database that went away, leaves figures that are none. */
const wasReadToItsEnd = (exit: Exit.Exit<unknown, { readonly _tag: string }>): boolean => {
  if (Exit.isSuccess(exit)) return true
  const error = Cause.findErrorOption(exit.cause)
  return !Cause.hasInterrupts(exit.cause) && Option.isSome(error) && error.value._tag !== "Refused"
}

const showCounts = (path: string, counts: Counts, others: ReadonlyArray<string>) => {
  Screen.row(
    "To",
    `${Screen.bold(Screen.many(counts.valid, "recipient"))} from ${basename(path)}`,
    Screen.dim(
      `${Screen.many(counts.lines, "line")}: ${Screen.count(counts.valid)} valid · ${Screen.count(counts.duplicates)} twice · ${Screen.count(counts.invalid)} invalid · ${Screen.count(counts.empty)} empty`
    )
  )
  if (others.length > 0)
    Screen.row(
      "",
      Screen.dim(`Columns not used: ${others.slice(0, 8).map(Screen.shown).join(", ")}${others.length > 8 ? " …" : ""}`)
    )
}
