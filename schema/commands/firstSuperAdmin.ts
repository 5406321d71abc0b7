/** `npm run people:first -- --email … --name …`: see people/FirstSuperAdmin.ts. Exit code 1: not made, and why. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Redacted } from "effect"
import { DatabaseUrl, layer, urlToShow } from "#schema/Database.ts"
import { configWords } from "#schema/DatabaseUrl.ts"
import { type Arguments, help, makeFirst, readArguments } from "#schema/people/FirstSuperAdmin.ts"

const make = Effect.fnUntraced(function* ({ email, name, origin }: Extract<Arguments, { readonly _tag: "Make" }>) {
  const url = yield* DatabaseUrl
  const token = yield* Effect.provide(
    makeFirst(email, name),
    layer(url, { applicationName: "countersign people:first", maxConnections: 1 })
  )
  yield* Console.log(`${email} is the super admin of ${urlToShow(url)}.`)
  yield* Console.log(
    origin === undefined
      ? "This token sets their password, within an hour, once; it goes into the portal's link /reset/… (--portal prints the link):"
      : "By this link they set their password, within an hour, once. When the hour is over, run this again for another:"
  )
  yield* Console.log(`\n    ${origin === undefined ? "" : `${origin}/reset/`}${Redacted.value(token)}\n`)
})

const program = Effect.gen(function* () {
  const asked = yield* Effect.fromResult(readArguments(process.argv.slice(2)))
  yield* asked._tag === "Help" ? Console.log(help) : make(asked)
})

program.pipe(
  Effect.tapError((error) =>
    Console.error(`not made: ${error._tag === "ConfigError" ? configWords(error) : error.message}`)
  ),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
