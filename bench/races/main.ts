/**
 * `npm run proof:races`: two who press at once, a thousand rounds of each race (races.ts), on a database of its own.
 *
 * The last line, on stdout, is one JSON object: for each race how often which order came out. Exit code 1 when both or neither
 * did, and at a deadlock.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Clock, Effect, Layer } from "effect"
import { asked } from "#bench/asked.ts"
import { ownDatabase } from "#bench/ownDatabase.ts"
import { layer, SqlError, sqlMessage } from "#schema/Database.ts"
import { portalUrl } from "#schema/LoginRole.ts"
import { type AsPortal, races, runRace } from "./races.ts"

const { rounds } = asked("Two who press at once: approvals, an edit, a start, a sender's name.", {
  rounds: { default: 1_000, least: 1, most: 1_000_000, help: "of each race" }
})

const proof = Effect.scoped(
  Effect.gen(function* () {
    const owner = yield* ownDatabase("races", {})
    const asOwner = yield* Layer.build(layer(owner, { applicationName: "countersign proof" }))
    const portal = yield* Layer.build(layer(yield* portalUrl(owner), { applicationName: "countersign proof" }))
    const asPortal = Effect.provide(portal) as AsPortal
    const figures: Record<string, unknown> = {}
    for (const name of Object.keys(races)) {
      const began = yield* Clock.currentTimeMillis
      figures[name] = yield* Effect.provide(runRace(name, rounds, asPortal), asOwner)
      const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
      process.stderr.write(`${name}: ${rounds} rounds, ${seconds.toFixed(0)} s, ${JSON.stringify(figures[name])}\n`)
    }
    process.stdout.write(`${JSON.stringify({ rounds, ...figures })}\n`)
  })
)

NodeRuntime.runMain(
  Effect.catchCause(proof, (cause) =>
    Effect.sync(() => {
      const error = Cause.squash(cause)
      process.stderr.write(`${error instanceof SqlError ? sqlMessage(error) : Cause.pretty(cause)}\n`)
      process.exitCode = 1
    })
  ),
  { disableErrorReporting: true }
)
