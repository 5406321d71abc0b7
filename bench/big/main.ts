/**
 * A big installation to look at and to measure: 200 workspaces of uneven size, 50,000 campaigns in all states, ten million recipients.
 *
 *   npm run db:big                          fills the database of DATABASE_URL, which must not have campaigns yet
 *   npm run db:big -- --measure --json      fills one of its own (a throw-away server, or a new database on the server of DATABASE_URL)
 *                                           and measures everything that the portal lists
 *
 * Measured is what somebody waits for who acts already: each list, as its service asks it, in the portal's role with a living session. The
 * last line is one JSON object; exit code 1 when a big table is read from end to end, or a median is above its bound.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Option, type Redacted } from "effect"
import { asked } from "#bench/asked.ts"
import { ownDatabase } from "#bench/ownDatabase.ts"
import { shown, type Times, timesOf } from "#bench/times.ts"
import { failureWords } from "#schema/audit/CommandLine.ts"
import { DatabaseUrl, layer, SqlClient, urlToShow } from "#schema/Database.ts"
import { portalUrl } from "#schema/LoginRole.ts"
import { migrate } from "#schema/Migrations.ts"
import { act } from "#schema/people/Acting.ts"
import { type Filled, fillBig } from "./fill.ts"
import { type Reader, readers } from "./people.ts"
import { plansOf, reallyScanned, seqScans } from "./plans.ts"
import { queriesOf } from "./queries.ts"

/** Milliseconds that a list may take, of one workspace and of all of them. */
const MOST_MS = { workspace: 50, master: 500 }

/** So that each workspace has some of every kind to look at. */
const CAMPAIGNS_A_WORKSPACE = 10

const { anyway, campaigns, json, measure, recipients, runs, workspaces, written } = asked(
  "A big installation: fills the database of DATABASE_URL, or one of its own and measures what the portal lists.",
  {
    workspaces: { default: 200, least: 4, most: 10_000, help: "workspaces, the n-th with a share that goes like 1/n" },
    campaigns: { default: 50_000, least: 100, most: 10_000_000, help: "campaigns of two years, in all states" },
    recipients: { default: 10_000_000, least: 100, most: 1_000_000_000, help: "recipients in all of them together" },
    written: { default: 10, least: 0, most: 100, help: "of a hundred campaigns, how many with attempts and receipts" },
    anyway: { default: false, help: "fill also a database that has campaigns" },
    measure: { default: false, help: "measure, on a database of its own" },
    runs: { default: 25, least: 1, most: 1_000, help: "times that each list is asked for after the first" },
    json: { default: false, help: "nothing but the last line, which is one JSON object" }
  }
)
const tooFew = `${campaigns} campaigns are too few for ${workspaces} workspaces: give at least ${workspaces * CAMPAIGNS_A_WORKSPACE}, or fewer workspaces`
const say = (line: string) => json || process.stdout.write(`${line}\n`)
const size = { workspaces, campaigns, recipients, written }
const client = (url: Redacted.Redacted<string>) =>
  layer(url, { applicationName: "countersign db:big", maxConnections: 1 })

/** Of the throw-away server: what lists read is in memory. */
const sizes = { shared_buffers: "512MB", max_wal_size: "4GB" }

const filling = Effect.gen(function* () {
  const given = yield* Config.option(DatabaseUrl)
  if (Option.isNone(given))
    return yield* refuse("say with DATABASE_URL which database to fill, or --measure to fill one of its own")
  yield* migrate(given.value)
  yield* Effect.provide(
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const [found] = yield* sql<{ has: boolean }>`SELECT EXISTS (SELECT FROM campaign) AS has`
      if (found!.has && !anyway)
        return yield* refuse(`${urlToShow(given.value)} has campaigns already; --anyway fills it all the same`)
      const filled = yield* fillBig(size, say)
      process.stdout.write(`${JSON.stringify(sizesOf(filled))}\n`)
    }),
    client(given.value)
  )
})

const sizesOf = ({ workspaceIds, ...made }: Filled) => ({ workspaces: workspaceIds.length, ...made })

const refuse = (why: string) =>
  Effect.sync(() => {
    process.stderr.write(`${why}\n`)
    process.exitCode = 1
  })

interface Found {
  readonly lists: Record<string, Times>
  /** big tables read from end to end, by list */
  readonly scanned: Record<string, ReadonlyArray<string>>
}

/** Each list in a transaction of its own. */
const measured = Effect.fnUntraced(function* ({ name, place, token }: Reader) {
  say(`\n${name}`)
  const found: Found = { lists: {}, scanned: {} }
  for (const [what, query] of Object.entries(queriesOf(place))) {
    const looked = Effect.gen(function* () {
      const times = yield* timesOf(Array.from({ length: runs + 1 }, () => query))
      return { times, scanned: new Set([...seqScans(yield* plansOf(query)), ...(yield* reallyScanned(query))]) }
    })
    const { scanned, times } = yield* act(token, place.workspaceId)(looked)
    found.lists[what] = times
    if (scanned.size > 0) found.scanned[what] = [...scanned]
    say(`${shown(what, times)}${scanned.size > 0 ? `; reads all of ${[...scanned].join(", ")}` : ""}`)
  }
  return found
})

const measuring = Effect.gen(function* () {
  const owner = yield* ownDatabase("big", sizes)
  const portal = yield* portalUrl(owner)
  const { filled, who } = yield* Effect.provide(
    Effect.gen(function* () {
      const filled = yield* fillBig(size, say)
      return { filled, who: yield* readers(filled.workspaceIds) }
    }),
    client(owner)
  )
  const found: Record<string, Found> = {}
  for (const reader of who) found[reader.name] = yield* Effect.provide(measured(reader), client(portal))
  const wrong = who.flatMap(({ name, place }) => {
    const most = place.workspaceId === null ? MOST_MS.master : MOST_MS.workspace
    return [
      ...Object.entries(found[name]!.scanned).map(
        ([what, tables]) => `${name}, ${what}: reads all of ${tables.join(", ")}`
      ),
      ...Object.entries(found[name]!.lists)
        .filter(([, { median }]) => median > most)
        .map(([what, { median }]) => `${name}, ${what}: ${median} ms, and ${most} are allowed`)
    ]
  })
  for (const what of wrong) process.stderr.write(`${what}\n`)
  const lists = Object.fromEntries(Object.entries(found).map(([name, { lists }]) => [name, lists]))
  process.stdout.write(`${JSON.stringify({ ...sizesOf(filled), runs, wrong, lists })}\n`)
  process.exitCode = wrong.length === 0 ? 0 : 1
})

const program = Effect.suspend(() => {
  if (campaigns < workspaces * CAMPAIGNS_A_WORKSPACE) return refuse(tooFew)
  return measure ? Effect.scoped(measuring) : filling
})

NodeRuntime.runMain(Effect.catch(program, (error) => refuse(failureWords(error))))
