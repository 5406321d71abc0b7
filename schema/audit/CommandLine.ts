/**
 * What the audit's commands have in common: options that are refused in a line before anything is done, an end that says in words
 * why nothing was done, and files that hold what may not lie open and are not written over by accident.
 */
import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs"
import { type ParseArgsConfig, parseArgs } from "node:util"
import { runMain } from "@effect/platform-node/NodeRuntime"
import { type Config, Console, Effect, Result, Schema } from "effect"
import { SqlError, sqlMessage } from "#schema/Database.ts"
import { configWords } from "#schema/DatabaseUrl.ts"

export class ArgumentsError extends Schema.TaggedError<ArgumentsError>()("ArgumentsError", {
  reason: Schema.Literals(["not understood"]),
  message: Schema.String
}) {}

export const refuse = (message: string) => Result.fail(new ArgumentsError({ reason: "not understood", message }))

const HELP = { help: { type: "boolean", short: "h" } } as const

/** The options' values, `--help` among them, and what stands beside them. One that is not in the list is refused. */
export const readOptions = <const O extends NonNullable<ParseArgsConfig["options"]>>(
  args: ReadonlyArray<string>,
  options: O,
  allowPositionals = false
) => {
  const parsed = Result.try(() => parseArgs({ args: [...args], options: { ...options, ...HELP }, allowPositionals }))
  if (Result.isSuccess(parsed)) return Result.succeed(parsed.success)
  // its first sentence says which one
  const [which] = `${(parsed.failure as Error).message}`.split(/\. |\n/)
  return refuse(`${which}; --help lists the options`)
}

/** A whole number of at most nine digits, as ids are. */
export const isId = (text: string): boolean => /^\d{1,9}$/.test(text)

/** A file can't be written. `message` says which, and what to do. */
export class FileError extends Schema.TaggedError<FileError>()("FileError", {
  reason: Schema.Literals(["there already", "not writable"]),
  message: Schema.String
}) {}

const notWritten = (path: string, cause: unknown): FileError =>
  (cause as NodeJS.ErrnoException).code === "EEXIST"
    ? new FileError({ reason: "there already", message: `${path} is there already, and stays as it is` })
    : new FileError({ reason: "not writable", message: `${path} can't be written: ${(cause as Error).message}` })

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
    attempt(() => openSync(target, force ? "w" : "wx", 0o600)),
    (file) =>
      use((text) => attempt(() => writeWhole(file, Buffer.from(text)))).pipe(
        Effect.tap(() => (force ? attempt(() => renameSync(target, path)) : Effect.void)),
        Effect.onError(() => Effect.sync(() => rmSync(target, { force: true })))
      ),
    (file) => Effect.sync(() => closeSync(file))
  )
}

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

interface Failure {
  readonly message: string
}

/** Why it came to nothing, for people. */
export const failureWords = (error: SqlError | Config.ConfigError | Failure): string => {
  if (error instanceof SqlError) return sqlMessage(error)
  return "_tag" in error && error._tag === "ConfigError" ? configWords(error as Config.ConfigError) : error.message
}

/** Runs a command to its end. Exit code 0, or 1 after a line that begins with `not`: "not exported". */
export const runCommand = <E extends SqlError | Config.ConfigError | Failure>(
  command: Effect.Effect<unknown, E>,
  not: string
): void => {
  // who reads our output may go away; `toStandardOutput` tells
  process.stdout.on("error", () => undefined)
  runMain(
    command.pipe(
      Effect.catch((error) =>
        Effect.andThen(
          Console.error(`${not}: ${failureWords(error)}`),
          Effect.sync(() => void (process.exitCode = 1))
        )
      )
    )
  )
}
