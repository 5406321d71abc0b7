/** Checkpoints as files that somebody carries to where whoever owns the database can't reach them. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { Effect, Result } from "effect"
import type { Checkpoint } from "./Checkpoint.ts"
import { notWrittenWords } from "./fileWords.ts"
import { FileError, inFile } from "./OutFile.ts"

/**
 * Each into a file of its own in `folder`, which is made where it is missing. One that is there already stays as it is; the first
 * that could not be written is told when the others are.
 */
export const writeCheckpoints = (
  folder: string,
  checkpoints: ReadonlyArray<Checkpoint>
): Effect.Effect<void, FileError> =>
  Effect.gen(function* () {
    yield* Effect.try({
      try: () => mkdirSync(folder, { recursive: true }),
      catch: (cause) => new FileError({ reason: "not writable", message: notWrittenWords(folder, cause) })
    })
    const written = yield* Effect.forEach(checkpoints, (checkpoint) => {
      const path = join(folder, `workspace-${checkpoint.workspace_id}-row-${checkpoint.seq}.json`)
      return Effect.result(inFile(path, false, (write) => write(`${JSON.stringify(checkpoint)}\n`)))
    })
    const wrong = written.find(Result.isFailure)
    if (wrong !== undefined) return yield* wrong.failure
  })
