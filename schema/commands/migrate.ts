/** `npm run db:migrate`: brings the database of DATABASE_URL to the schema of this version, and says what it did. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { readOptions } from "#schema/audit/CommandLine.ts"
import { DatabaseUrl, sqlMessage, urlToShow } from "#schema/Database.ts"
import { configWords } from "#schema/DatabaseUrl.ts"
import { migrate } from "#schema/Migrations.ts"

const help = `npm run db:migrate: brings the database of DATABASE_URL, its owner's URL, to the schema of this version. It takes no options.`

const program = Effect.gen(function* () {
  const { values } = yield* Effect.fromResult(readOptions(process.argv.slice(2), {}))
  if (values.help === true) return yield* Console.log(help)
  const url = yield* DatabaseUrl
  const done = yield* migrate(url)
  for (const name of done.migrations) yield* Console.log(`applied ${name}`)
  if (done.rules) yield* Console.log("applied the rules")
  yield* Console.log(`${urlToShow(url)} is at the schema of this version`)
})

program.pipe(
  Effect.tapError((error) =>
    Console.error(
      error._tag === "ConfigError"
        ? configWords(error)
        : `not migrated: ${error._tag === "SqlError" ? sqlMessage(error) : error.message}`
    )
  ),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
