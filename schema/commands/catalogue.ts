/**
 * `node schema/commands/catalogue.ts`: prints the catalogue of the database of DATABASE_URL. Compared with the committed
 * catalogue.md it shows what somebody changed by hand on a server.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { DatabaseUrl, layer, sqlMessage } from "#schema/Database.ts"
import { describeCatalogue } from "#schema/describeCatalogue.ts"

const program = Effect.gen(function* () {
  const url = yield* DatabaseUrl
  const text = yield* Effect.provide(describeCatalogue(), layer(url, { applicationName: "countersign catalogue" }))
  yield* Effect.sync(() => process.stdout.write(text))
})

program.pipe(
  Effect.tapError((error) => Console.error(error._tag === "SqlError" ? sqlMessage(error) : error.message)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
