/** The owner's URL of the database to use: DATABASE_URL where it is given, else our own server, its data under ./data. */

import { Config, Effect, Option } from "effect"
import { DatabaseUrl } from "#schema/Database.ts"
import { start } from "./EmbeddedPostgres.ts"

export const database = Effect.gen(function* () {
  const given = yield* Config.option(DatabaseUrl)
  if (Option.isSome(given)) return given.value
  return (yield* start({ dataDir: "./data/postgres" })).url
})
