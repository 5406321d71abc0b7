/**
 * How fast an audience is loaded through the real path, in how much memory, into how much disk.
 *
 *   npm run bench:load -- --numbers 10000000 --json
 *
 * Makes a file of distinct numbers, loads it as the portal's role into a database of its own (a throw-away server with
 * the settings of `npm start`, every commit durable; or a new database on the server of DATABASE_URL), and checks that
 * what was stored is what was in the file. Postgres is another process; the memory is this one's, which also reads,
 * normalises and deduplicates. The last line is one JSON object; exit code 1 when a figure is not what it must be.
 */
import { execFileSync } from "node:child_process"
import { rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { NodeRuntime } from "@effect/platform-node"
import { Clock, Effect, Redacted } from "effect"
import { asked } from "#bench/asked.ts"
import { ownDatabase } from "#bench/ownDatabase.ts"
import { load } from "#schema/audience/Audiences.ts"
import { layer, SqlClient } from "#schema/Database.ts"
import { portalUrl } from "#schema/LoginRole.ts"
import { act } from "#schema/people/Acting.ts"
import { makeNormaliser } from "#schema/text/Msisdn.ts"
import { MOST_NUMBERS, numberAt } from "./numbersFile.ts"

/** What the loading process may take, and how fast it must be on two cores (numbers a second). */
const MOST_MB = 400
const LEAST_PER_SECOND = 150_000

const { json, numbers: total } = asked(
  "How fast an audience is loaded through the real path, in how much memory, into how much disk.",
  {
    numbers: { default: 10_000_000, least: 1, most: MOST_NUMBERS, help: "numbers in the file, all different" },
    json: { default: false, help: "nothing but the last line, which is one JSON object" }
  }
)
const say = (line: string) => json || process.stdout.write(`${line}\n`)

/** Of the throw-away server: those of a small one that is kept. */
const sizes = { shared_buffers: "256MB", max_wal_size: "2GB" }

const audienceFile = Effect.acquireRelease(
  Effect.sync(() => {
    const path = join(tmpdir(), `countersign-load-${process.pid}.txt`)
    // By another process: what making the file takes is not the loading's.
    execFileSync(process.execPath, [fileURLToPath(new URL("numbersFile.ts", import.meta.url)), path, `${total}`], {
      stdio: "inherit"
    })
    return path
  }),
  (path) => Effect.sync(() => rmSync(path, { force: true }))
)

/** A workspace with one empty lane and the person who fills it. */
/** Of the one session here. */
const TOKEN = "bench"

const emptyLane = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ laneId: number; personId: number; workspaceId: number }>`
    WITH w AS (INSERT INTO workspace (name, country) VALUES ('Load', 'UZ') RETURNING id),
         p AS (INSERT INTO person (email, name) VALUES ('load@demo.example', 'Load') RETURNING id),
         m AS (INSERT INTO membership (workspace_id, person_id, role) SELECT w.id, p.id, 'author' FROM w, p),
         s AS (INSERT INTO sender (workspace_id, label, created_by) SELECT w.id, 'Load', p.id FROM w, p RETURNING id),
         r AS (INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, made_by)
               SELECT w.id, s.id, 1, 'Load', 5, 0, 'benchmark', p.id FROM w, s, p RETURNING id),
         c AS (INSERT INTO campaign (workspace_id, name, sender_revision_id, text, segments, created_by, edited_by)
               SELECT w.id, 'Load', r.id, 'x', 1, p.id, p.id FROM w, r, p RETURNING id)
    INSERT INTO lane (workspace_id, campaign_id) SELECT w.id, c.id FROM w, c RETURNING id AS "laneId", (SELECT id FROM p) AS "personId", (SELECT id FROM w) AS "workspaceId"`
  yield* sql`INSERT INTO session (token_hash, person_id, opened_by, second_factor_due, expires_at)
             VALUES (sha256(${TOKEN}::bytea), ${row!.personId}, 'command_line', false, now() + interval '1 day')`
  return { laneId: row!.laneId, as: act(Redacted.make(TOKEN), row!.workspaceId) }
})

/** Stored numbers, how many of them are distinct runs, and bytes of table and index. */
const stored = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ numbers: number; sum: string; runs: number; table: number; indexes: number }>`
    SELECT (SELECT sum(cardinality(msisdn)) FROM audience)::bigint AS numbers, (SELECT count(*) FROM audience) AS runs,
           (SELECT sum(n)::text FROM audience, unnest(msisdn) AS n) AS sum,
           sum(pg_table_size(relid))::bigint AS table, sum(pg_indexes_size(relid))::bigint AS indexes
      FROM pg_partition_tree('audience') WHERE isleaf`
  return row!
})

/** The sum of the file's numbers: exact, as text, to compare with Postgres'. */
const sumOf = (count: number): string => {
  let sum = 0n
  // A thousand numbers of 12 digits stay below 2^53.
  for (let from = 0; from < count; from += 1000) {
    let part = 0
    for (let i = from; i < Math.min(count, from + 1000); i++) part += numberAt(i)
    sum += BigInt(part)
  }
  return sum.toString()
}

const rssMb = () => process.memoryUsage.rss() / 1_048_576

const bench = Effect.scoped(
  Effect.gen(function* () {
    const owner = yield* ownDatabase("load", sizes)
    const asOwner = layer(owner, { applicationName: "countersign bench", maxConnections: 1 })
    const portal = layer(yield* portalUrl(owner), { applicationName: "countersign bench", maxConnections: 1 })
    const lane = yield* Effect.provide(emptyLane, asOwner)
    const path = yield* audienceFile
    const megabytes = statSync(path).size / 1_048_576
    say(`${total.toLocaleString("en")} numbers, a file of ${megabytes.toFixed(0)} MB`)

    let peak = rssMb()
    let told = 0
    const begun = yield* Clock.currentTimeMillis
    const loaded = yield* load(path, {
      ...lane,
      fileName: "numbers.txt",
      format: "txt",
      normaliser: makeNormaliser("UZ"),
      onBatch: ({ counts }) => {
        peak = Math.max(peak, rssMb())
        if (counts.valid - told < total / 10) return
        told = counts.valid
        say(`  ${counts.valid.toLocaleString("en").padStart(11)} read, ${rssMb().toFixed(0)} MB`)
      }
    }).pipe(Effect.provide(portal))
    const seconds = ((yield* Clock.currentTimeMillis) - begun) / 1000
    peak = Math.max(peak, rssMb(), process.resourceUsage().maxRSS / 1024)

    const found = yield* Effect.provide(stored, asOwner)
    const perSecond = Math.round(total / seconds)
    const wrong = [
      ...(found.numbers === total && loaded.counts.valid === total
        ? []
        : [`${found.numbers} of ${total} numbers are stored`]),
      ...(found.sum === sumOf(total) ? [] : ["the stored numbers are not those of the file"]),
      ...(found.runs === Math.ceil(total / 1000) ? [] : [`${found.runs} runs instead of ${Math.ceil(total / 1000)}`]),
      ...(peak <= MOST_MB ? [] : [`${peak.toFixed(0)} MB, and ${MOST_MB} are allowed`]),
      ...(perSecond >= LEAST_PER_SECOND ? [] : [`${perSecond} a second, and ${LEAST_PER_SECOND} are asked for`])
    ]
    say(`${perSecond.toLocaleString("en")} a second (${seconds.toFixed(1)} s), at most ${peak.toFixed(0)} MB`)
    for (const what of wrong) process.stderr.write(`${what}\n`)
    const figures = {
      numbers: total,
      seconds: Number(seconds.toFixed(2)),
      perSecond,
      rssMb: Math.round(peak),
      tableBytesPerNumber: Number((found.table / total).toFixed(2)),
      indexBytesPerNumber: Number((found.indexes / total).toFixed(2)),
      digest: loaded.digest
    }
    process.stdout.write(`${JSON.stringify(figures)}\n`)
    process.exitCode = wrong.length === 0 ? 0 : 1
  })
)

NodeRuntime.runMain(bench)
