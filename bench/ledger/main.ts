/**
 * How fast the ledger is read when years of sending are in it, and what a claim costs beside a long stop list.
 *
 *   npm run bench:ledger -- --campaigns 100 --recipients 100000 --million 1000000 --runs 25 --json
 *
 * Fills a database of its own (a throw-away server; or a new database on the server of DATABASE_URL), some months of
 * campaigns and a large one half-way through, and asks in the portal's role for one number's whole history and for pages of
 * 50 at several places. *First* is the first call of a connection: it plans, and looks the catalogue up. The last line is
 * one JSON object; exit code 1 when a median is above its bound.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Clock, Effect, Redacted } from "effect"
import { asked } from "#bench/asked.ts"
import { ownDatabase } from "#bench/ownDatabase.ts"
import { shown, type Times, timesOf } from "#bench/times.ts"
import { layer, SqlClient } from "#schema/Database.ts"
import { engineUrl, portalUrl } from "#schema/LoginRole.ts"
import { type Acting, act, actAs } from "#schema/people/Acting.ts"
import { faithful, fillCampaign, fillPeople, TOKEN } from "./fill.ts"

/** Milliseconds that one number's history, and one page, may take. */
const MOST_MS = 20

const { campaigns, explain, json, million, recipients, runs } = asked(
  "How fast the ledger is read when years of sending are in it, and what a claim costs beside a long stop list.",
  {
    campaigns: { default: 100, least: 9, most: 1_000, help: "campaigns of past months, nine a month" },
    recipients: {
      default: 100_000,
      least: 1_000,
      most: 10_000_000,
      help: "numbers in each of them, rounded down to thousands"
    },
    million: {
      default: 1_000_000,
      least: 10_000,
      most: 10_000_000,
      help: "numbers of the large campaign that pages are read of"
    },
    runs: { default: 25, least: 1, most: 1_000, help: "calls of each kind after the first" },
    explain: { default: false, help: "also show the plans" },
    json: { default: false, help: "nothing but the last line, which is one JSON object" }
  }
)
const say = (line: string) => json || process.stdout.write(`${line}\n`)

/** Of the throw-away server: the working set is in memory, as a ledger that is read is. */
const sizes = { shared_buffers: "512MB", max_wal_size: "4GB" }

/** Times of statements one after the other on one new connection, each for itself, in one transaction if `as` somebody. */
const timed = (
  url: Redacted.Redacted<string>,
  statements: ReadonlyArray<string>,
  as: Acting = (effect) => effect as never
) => {
  const each = Effect.flatMap(SqlClient, (sql) => timesOf(statements.map((statement) => sql.unsafe(statement))))
  // connecting is not what is measured
  const connected = Effect.flatMap(SqlClient, (sql) => Effect.andThen(sql`SELECT 1`, each))
  return Effect.provide(as(connected), layer(url, { applicationName: "countersign bench", maxConnections: 1 }))
}

const show = (what: string, times: Times) => say(shown(what, times))

/** runs + 1 calls, no two in a row of the same number or place. */
const calls = (call: (i: number) => string) => Array.from({ length: runs + 1 }, (_, i) => `SELECT * FROM ${call(i)}`)

const history = (i: number) => `number_history(${faithful[(i * 7) % faithful.length]})`
const page = (laneId: number, after: number) => (i: number) => `ledger_page(${laneId}, ${after + i * 50}, 50)`

const bench = Effect.scoped(
  Effect.gen(function* () {
    const owner = yield* ownDatabase("ledger", sizes)
    const asOwner = layer(owner, { applicationName: "countersign bench", maxConnections: 1 })
    const portal = yield* portalUrl(owner)
    const began = yield* Clock.currentTimeMillis
    const laneId = yield* Effect.provide(fill, asOwner)
    const numbers = campaigns * recipients + million
    say(`${numbers.toLocaleString("en")} numbers filled in ${((yield* Clock.currentTimeMillis) - began) / 1000} s`)

    const figures: Record<string, Times> = {}
    const measure = Effect.fnUntraced(function* (name: string, what: string, statements: ReadonlyArray<string>) {
      const times = yield* timed(portal, statements, act(Redacted.make(TOKEN), 1))
      figures[name] = times
      show(what, times)
    })
    yield* measure("history", `a number's history over ${campaigns} campaigns`, calls(history))
    yield* measure("pageAtBeginning", "a page at the beginning", calls(page(laneId, 0)))
    yield* measure("pageInTheMiddle", "in the middle, blocks unfinished", calls(page(laneId, million / 2)))
    const edge = Math.floor(million / 10_000) * 9_000
    yield* measure("pageAtTheEdge", "where claiming has come to", calls(page(laneId, edge - runs * 25)))
    yield* measure("pageAtTheEnd", "at the end", calls(page(laneId, million - 50 * (runs + 2))))
    yield* Effect.provide(loadWithoutVacuum, asOwner)
    yield* measure("historyAfterLoad", "a history right after loading 200,000 more", calls(history))
    if (explain) {
      for (const call of [history(3), page(laneId, million / 2)(3)]) yield* Effect.provide(explained(call), asOwner)
    }
    yield* claims(owner, figures)

    const slow = Object.entries(figures).filter(([name, { median }]) => !name.startsWith("claim") && median > MOST_MS)
    for (const [name, { median }] of slow) process.stderr.write(`${name}: ${median} ms, and ${MOST_MS} are allowed\n`)
    process.stdout.write(`${JSON.stringify({ numbers, runs, ...figures })}\n`)
    process.exitCode = slow.length === 0 ? 0 : 1
  })
)

/** Nine campaigns a month up to this one, the last with receipts still missing; then the large one. Gives its lane. */
const fill = Effect.gen(function* () {
  yield* fillPeople
  for (let i = 0; i < campaigns; i++) {
    const monthsAgo = Math.floor((campaigns - 1 - i) / 9)
    yield* fillCampaign({ recipients, monthsAgo, receiptsPercent: i === campaigns - 1 ? 60 : 100 })
  }
  const { laneId } = yield* fillCampaign({ recipients: million, monthsAgo: 0, receiptsPercent: 60 })
  yield* (yield* SqlClient)`VACUUM ANALYZE`
  return laneId
})

const draft = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [campaign] = yield* sql<{ id: number }>`
    INSERT INTO campaign (workspace_id, name, sender_revision_id, text, segments, created_by, edited_by)
    VALUES (1, 'Next notice', 1, 'Planned maintenance tonight', 1, 1, 1) RETURNING id`
  const [lane] = yield* sql<{
    id: number
  }>`INSERT INTO lane (workspace_id, campaign_id) VALUES (1, ${campaign!.id}) RETURNING id`
  yield* sql`INSERT INTO lane_channel (workspace_id, lane_id, channel_id) VALUES (1, ${lane!.id}, 1)`
  return { campaignId: campaign!.id, laneId: lane!.id }
})

const load = (laneId: number, thousands: number) =>
  Effect.flatMap(SqlClient, (sql) =>
    author(sql`
      SELECT load_audience(${laneId}, array_agg(run)) FROM (
        SELECT (SELECT array_agg(998950000000 + (g * 1000 + i) * 7919 % 40000003)::text FROM generate_series(0, 999) AS i) AS run
          FROM generate_series(0::bigint, ${thousands - 1}) AS g) AS runs`)
  )

/** Persons 1 and 2 of workspace 1 write and approve (fillPeople). */
const author = actAs(1, 1)

/** As much as the GIN index keeps in its list of what it has not yet put in order. */
const loadWithoutVacuum = Effect.flatMap(draft, ({ laneId }) => load(laneId, 200))

const explained = (call: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    // twice on one connection: the first call plans
    yield* sql.unsafe(`SELECT * FROM ${call}`)
    const rows = yield* sql.unsafe<{ "QUERY PLAN": string }>(`EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM ${call}`)
    say(`\n${call}\n${rows.map((row) => row["QUERY PLAN"]).join("\n")}`)
  })

/** Claims of a thousand, committed one by one as the engine does, without and with a stop list. */
const claims = Effect.fnUntraced(function* (owner: Redacted.Redacted<string>, figures: Record<string, Times>) {
  const engine = yield* engineUrl(owner)
  const asOwner = layer(owner, { applicationName: "countersign bench", maxConnections: 1 })
  const { epoch, laneId } = yield* Effect.provide(sending(3 * (runs + 1)), asOwner)
  for (const stops of [0, 20_000, 200_000]) {
    yield* Effect.provide(
      Effect.flatMap(
        SqlClient,
        (sql) => sql`INSERT INTO stop_list (workspace_id, msisdn, cause)
          SELECT 1, 998950000000 + n * 199 % 40000003, 'asked' FROM generate_series(1::bigint, ${stops}) AS n ON CONFLICT DO NOTHING`
      ),
      asOwner
    )
    const times = yield* timed(
      engine,
      calls(() => `claim_block(1, ${epoch}, ${laneId}, 1000)`)
    )
    figures[`claim${stops}`] = times
    show(`a claim of 1,000 with ${stops.toLocaleString("en")} on the stop list`, times)
  }
})

const sending = Effect.fnUntraced(function* (thousands: number) {
  const sql = yield* SqlClient
  const { campaignId, laneId } = yield* draft
  yield* load(laneId, thousands)
  yield* author(sql`SELECT seal_audience(${laneId})`)
  yield* author(sql`SELECT move_campaign(${campaignId}, 'submit')`)
  yield* actAs(2, 1)(sql`SELECT decide_campaign(${campaignId}, 'approve', campaign_fingerprint(${campaignId}))`)
  yield* sql`SELECT move_campaign(${campaignId}, 'open')`
  const [taken] = yield* sql<{ epoch: number }>`SELECT take_channel(1) AS epoch`
  return { laneId, epoch: taken!.epoch }
})

NodeRuntime.runMain(bench)
