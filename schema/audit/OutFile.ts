/**
 * Where a command's output goes: standard output, or a file that holds what may not lie open and is not written over by accident.
 */
import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs"
import { Effect, Result, Schema } from "effect"
import { type ArgumentsError, refuse } from "./CommandLine.ts"
import { notWrittenWords } from "./fileWords.ts"

/** The options of a command whose output may go into a file, and what `--help` says of them. */
export const outOptions = { out: { type: "string" }, force: { type: "boolean" } } as const

export const outHelp = `  --out FILE           where to; without it to standard output
  --force              write over a file that is there`

/** path: none for standard output. force: a file that is there is written over. */
export interface Out {
  readonly path: string | undefined
  readonly force: boolean
}

export const readOut = (values: {
  readonly out?: string | undefined
  readonly force?: boolean | undefined
}): Result.Result<Out, ArgumentsError> => {
  const { force = false, out: path } = values
  return force && path === undefined ? refuse("--force goes with --out") : Result.succeed({ path, force })
}

/** A file can't be written. `message` says which, and what to do. */
export class FileError extends Schema.TaggedError<FileError>()("FileError", {
  reason: Schema.Literals(["there already", "not writable"]),
  message: Schema.String
}) {}

const notWritten = (path: string, cause: unknown): FileError =>
  (cause as NodeJS.ErrnoException).code === "EEXIST"
    ? new FileError({ reason: "there already", message: `${path} is there already, and stays as it is` })
    : new FileError({ reason: "not writable", message: notWrittenWords(path, cause) })

export type Write = (text: string) => Effect.Effect<void, FileError>

/**
 * Gives `use` a file to write, for its owner's eyes. It takes its place only when all of it was written; what was there before
 * stays unless `force` is said, and then until that moment. Is opened before `use` begins: what can't be kept is not fetched.
 */
export const inFile = <A, E, R>(
  path: string,
  force: boolean,
  use: (write: Write) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | FileError, R> => {
  const attempt = <B>(what: () => B) => Effect.try({ try: what, catch: (cause) => notWritten(path, cause) })
  const target = force ? `${path}.part` : path
  return Effect.acquireUseRelease(
    attempt(() => {
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) throw aFolder
      return openSync(target, force ? "w" : "wx", 0o600)
    }),
    (file) =>
      use((text) => attempt(() => writeWhole(file, Buffer.from(text)))).pipe(
        Effect.tap(() => (force ? attempt(() => renameSync(target, path)) : Effect.void)),
        Effect.onError(() => Effect.sync(() => rmSync(target, { force: true })))
      ),
    (file) => Effect.sync(() => closeSync(file))
  )
}

/** As the system would say it, but before anything is fetched and whether or not `force` is said. */
const aFolder = Object.assign(new Error("EISDIR"), { code: "EISDIR" })

const writeWhole = (file: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

/** Standard output, as fast as whoever reads it takes it. */
export const toStandardOutput: Write = (text) =>
  Effect.callback((resume) => {
    process.stdout.write(text, (cause) =>
      resume(cause ? Effect.fail(notWritten("standard output", cause)) : Effect.void)
    )
  })

/** Gives `use` what `out` says to write to. */
export const writeTo = <A, E, R>(
  { force, path }: Out,
  use: (write: Write) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | FileError, R> =>
  path === undefined
    ? use(toStandardOutput)
    : inFile(path, force, use).pipe(
        Effect.mapError((error) =>
          error instanceof FileError && error.reason === "there already"
            ? new FileError({ ...error, message: `${error.message}; give another --out, or --force` })
            : error
        )
      )
