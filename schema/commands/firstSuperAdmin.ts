/** `npm run people:first -- --email … --name …`: see people/FirstSuperAdmin.ts. Exit code 1: not made, and why. */
import { Console, Effect, Redacted } from "effect"
import { runCommand } from "#schema/audit/CommandLine.ts"
import { DatabaseUrl, layer, urlToShow } from "#schema/Database.ts"
import { type Arguments, help, makeFirst, readArguments } from "#schema/people/FirstSuperAdmin.ts"

const make = Effect.fnUntraced(function* ({ email, name, portal }: Extract<Arguments, { readonly _tag: "Make" }>) {
  const url = yield* DatabaseUrl
  const token = yield* Effect.provide(
    makeFirst(email, name),
    layer(url, { applicationName: "countersign people:first", maxConnections: 1 })
  )
  yield* Console.log(`${email} is the super admin of ${urlToShow(url)}.`)
  yield* Console.log(
    portal === undefined
      ? "This token sets their password, within an hour, once; it goes into the portal's link /reset/… (--portal prints the link):"
      : "By this link they set their password, within an hour, once. When the hour is over, run this again for another:"
  )
  yield* Console.log(`\n    ${portal === undefined ? "" : `${portal}/reset/`}${Redacted.value(token)}\n`)
})

const program = Effect.gen(function* () {
  const asked = yield* Effect.fromResult(readArguments(process.argv.slice(2)))
  yield* asked._tag === "Help" ? Console.log(help) : make(asked)
})

runCommand(program, "not made")
