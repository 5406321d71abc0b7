/** What can't be done, for a person at a terminal: what happened, and what to do. No stack trace belongs to it. */
import { Cause, Config, Effect, Schema } from "effect"
import { type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import { configWords } from "#schema/DatabaseUrl.ts"
import { Refused } from "#schema/Refused.ts"

export class Refusal extends Schema.TaggedError<Refusal>()("Refusal", { message: Schema.String }) {}

export const refusal = (...lines: ReadonlyArray<string>) => new Refusal({ message: lines.join("\n") })

interface Told {
  readonly _tag: string
  readonly message: string
}

/** The database's refusals begin in lower case and have no full stop, as Postgres wants its messages. */
const sentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? "" : "."}`

/** Any expected error of ours in words. */
export const inWords = (error: Told): string => {
  if (error instanceof Config.ConfigError) return configWords(error)
  if (error instanceof Refused)
    return error.reason === "DatabaseGone" ? goneWords(error.message) : sentence(error.message)
  if (error._tag !== "SqlError") return error.message
  const sqlError = error as unknown as SqlError
  return NOT_LET_IN.test(sqlState(sqlError) ?? "") ? goneWords(sqlMessage(sqlError)) : sentence(sqlMessage(sqlError))
}

/** No server spoke, or it lets nobody in, or not with this name and password, or has no such database. */
const NOT_LET_IN = /^($|08|28|3D|57P)/

const goneWords = (message: string): string =>
  `Postgres can't be reached: ${sentence(message)}\nCheck that it runs and that DATABASE_URL is right; nothing was lost.`

/** Errors that are told in a sentence; anything else is a fault of ours. */
const expected = new Set([
  ...["Refusal", "EmbeddedPostgresError", "MigrationError", "SchemaFileError", "SmscError", "SqlError", "ConfigError"],
  ...["Refused", "AudienceFileError", "CheckpointError", "SecretsError"]
])

/**
 * Ends a program's errors in words, `show`n; gives `otherwise`. A connection that dies in a transaction fails its statement
 * and its rollback both, so the whole cause is looked at. What nobody expected goes into the log whole, and a sentence to
 * the screen. Interruption passes through.
 */
export const tellingErrors =
  <B>(show: (message: string) => void, logPath: string, otherwise: B) =>
  <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<A | B, never, R> =>
    Effect.catchCause(program, (cause) => {
      if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause as Cause.Cause<never>)
      const error = Cause.squash(cause)
      // a ConfigError is no Error
      const isExpected =
        typeof error === "object" && error !== null && "_tag" in error && expected.has(error._tag as string)
      const message = isExpected
        ? inWords(error as Error & Told)
        : `This is a fault of ours: ${error instanceof Error ? error.message : String(error)}\nAll of it is in ${logPath}; please report it.`
      return Effect.as(
        Effect.andThen(
          isExpected ? Effect.void : Effect.logInfo("a fault", cause),
          Effect.sync(() => show(message))
        ),
        otherwise
      )
    })
