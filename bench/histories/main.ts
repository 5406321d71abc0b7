/**
 * `npm run proof:histories -- --histories 10000 --seed N`: random schedules, pauses, crashes, outages and limits in virtual time; nobody
 * twice, nobody forgotten, no limit exceeded, and every ledger adds up.
 *
 * Several searches run side by side, each in a database of its own, that is left for a new one now and then so that tables stay small.
 * What is said on the way goes to stderr; the last line, on stdout, is one JSON object: how many histories, and how often what
 * happened in them. Exit code 1 when a promise was broken (the smallest history that breaks it is told, with its seed), or when some
 * kind of event never came about.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Clock, Effect, type Redacted } from "effect"
import { asked } from "#bench/asked.ts"
import { startThrowAway } from "#deploy/local/throwAwayPostgres.ts"
import { layer, SqlClient, SqlError, sqlMessage, urlFor } from "#schema/Database.ts"
import { migrate } from "#schema/Migrations.ts"
import { prepare } from "./database.ts"
import { type Counts, type Found, missing, search } from "./histories.ts"

const options = asked("Random histories in virtual time: nobody twice, nobody forgotten, no limit exceeded.", {
  histories: { default: 10_000, least: 1, most: 10_000_000, help: "how many" },
  seed: { default: 0, least: 0, most: 2 ** 31 - 1, help: "of all of them; 0: another one each time, which is told" },
  together: { default: 2, least: 1, most: 64, help: "searches side by side" }
})

/** After so many a database is left for a new one: claims and looks of a small one are faster. */
const A_DATABASE = 250

/** Below this a kind of event may by chance not come about. */
const ENOUGH = 500

const proof = Effect.scoped(
  Effect.gen(function* () {
    const seed = options.seed > 0 ? options.seed : 1 + ((yield* Clock.currentTimeMillis) % 999_999)
    process.stderr.write(`seed ${seed}\n`)
    // nothing has to survive, so nothing waits for the disk
    const server = yield* startThrowAway({ autovacuum: "on" })
    const template = "histories_template"
    yield* onServer(server.url, `CREATE DATABASE ${template} TEMPLATE template0 ENCODING 'UTF8'`)
    yield* migrate(urlFor(server.url, { database: template }))
    const began = yield* Clock.currentTimeMillis
    const counts: Counts = {}
    let lived = 0
    const found: Array<Found> = []
    const parts = Array.from({ length: Math.ceil(options.histories / A_DATABASE) }, (_, i) => i)
    const search1 = (part: number) =>
      Effect.gen(function* () {
        if (found.length > 0) return
        const database = `histories_${part}`
        yield* onServer(server.url, `CREATE DATABASE ${database} TEMPLATE ${template}`)
        const here = layer(urlFor(server.url, { database }), {
          applicationName: "countersign proof",
          maxConnections: 1
        })
        const n = Math.min(A_DATABASE, options.histories - part * A_DATABASE)
        const one = yield* Effect.provide(
          Effect.andThen(
            prepare,
            search(n, seed + part, counts, () => lived++)
          ),
          here
        )
        if (one !== undefined) found.push(one)
        yield* onServer(server.url, `DROP DATABASE ${database} WITH (FORCE)`)
        const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
        process.stderr.write(
          `${lived} histories in ${seconds.toFixed(0)} s, ${((seconds * 1000) / lived).toFixed(0)} ms each; ${counts["messages left"]} messages left\n`
        )
      })
    yield* Effect.forEach(parts, search1, { concurrency: options.together, discard: true })
    const seconds = Math.round(((yield* Clock.currentTimeMillis) - began) / 1000)
    for (const { broken, plan, seed } of found)
      process.stderr.write(`BROKEN (seed ${seed}): ${broken}\nthe smallest such history: ${JSON.stringify(plan)}\n`)
    const never = lived >= ENOUGH ? missing(counts) : []
    if (never.length > 0) process.stderr.write(`never came about: ${never.join(", ")}\n`)
    process.stdout.write(
      `${JSON.stringify({ seed, histories: lived, seconds, broken: found.length, counts: sorted(counts) })}\n`
    )
    process.exitCode = found.length + never.length > 0 ? 1 : 0
  })
)

const onServer = (url: Redacted.Redacted<string>, statement: string) =>
  Effect.flatMap(SqlClient, (sql) => sql.unsafe(statement)).pipe(
    Effect.provide(layer(url, { applicationName: "countersign proof", maxConnections: 1 }))
  )

const sorted = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => a.localeCompare(b)))

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
