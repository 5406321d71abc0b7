/**
 * What the audit's commands have in common: options that are refused in a line before anything is done, and an end that says in
 * words why nothing was done.
 */
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
