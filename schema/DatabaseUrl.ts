/**
 * Where the database is, out of the environment. Nonsense is refused when it is read, in a sentence that names the
 * variable and never its value, which holds a password.
 */
import { Config, ConfigProvider, Effect, Option, Redacted } from "effect"

const EXAMPLE = "postgres://user:password@host:5432/database"

/** A URL of Postgres in the variable `name`. */
export const urlIn = (name: string): Config.Config<Redacted.Redacted<string>> =>
  Config.Redacted(name).pipe(
    Config.mapEffect((url) => {
      const fault = faultOf(Redacted.value(url))
      return fault === undefined
        ? Effect.succeed(url)
        : Effect.fail(
            new Config.ConfigError(
              new ConfigProvider.SourceError({ message: `${name} ${fault}; it should look like ${EXAMPLE}.` })
            )
          )
    })
  )

/** `first` where it is given, also when it is nonsense; else `second`. */
export const orUrl =
  (second: Config.Config<Redacted.Redacted<string>>) => (first: Config.Config<Redacted.Redacted<string>>) =>
    Config.flatMap(Config.option(first), Option.match({ onNone: () => second, onSome: (url) => Config.succeed(url) }))

/** `DATABASE_URL`: the owner's, `postgres://user:password@host:port/database`. */
export const DatabaseUrl = urlIn("DATABASE_URL")

/** What is wrong with the environment, and what to do. */
export const configWords = ({ cause }: Config.ConfigError): string =>
  cause instanceof ConfigProvider.SourceError
    ? cause.message
    : `No database is given: set DATABASE_URL=${EXAMPLE} first. (npm start needs none: it brings its own, and prints where that is. A program that has a URL of its own, as ENGINE_DATABASE_URL, needs no more than that.)`

const faultOf = (text: string): string | undefined => {
  // `postgres:///name?host=/run` is legal; URL wants a host before it reads a user.
  const written = text.replace(/^(\w+:\/\/)\//, "$1localhost/")
  if (!URL.canParse(written)) return "is no URL"
  const url = new URL(written)
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") return "is not a URL of Postgres"
  return url.username === "" && !url.searchParams.has("user") ? "names no user" : undefined
}
