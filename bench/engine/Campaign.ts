/**
 * What is sent in a benchmark: a workspace with people and a stop list, a channel to the simulator, and a campaign whose
 * audience went through `load_audience` and which a second person approved, all by the real tables and rules.
 */
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import type { Refused } from "#schema/Refused.ts"
import { numberOf } from "./numbers.ts"

export interface ChannelOptions {
  readonly port: number
  readonly binds: number
  readonly window: number
  readonly perSecond?: number
}

export interface Prepared {
  readonly campaignId: number
  readonly laneId: number
  readonly channelId: number
  readonly audience: number
  /** of the audience, on the stop list */
  readonly stopped: number
  readonly loadPerSecond: number
  /** Press this and it goes. */
  readonly approve: Effect.Effect<void, Refused, SqlClient>
}

/** Numbers that asked to be left alone; the door looks them all up at each claim. */
const STOP_LIST = 20_000

/** Each thousandth recipient is one of them. */
const STOPPED_EVERY = 1_000

const RUN = 1_000
/** Runs a statement: 20,000 numbers, about 300 kB of text. */
const RUNS = 20

const TEXT = "Planned maintenance tonight 22:00-02:00. Mail will be slow."

/** Leaves the campaign in review, one approval short. Needs the owner's SqlClient. */
export const prepare = Effect.fn("bench.prepare")(function* (messages: number, channel: ChannelOptions) {
  const sql = yield* SqlClient
  const [people] = yield* sql.unsafe<People>(PEOPLE)
  const { author, moderator, revision, workspaceId } = people!
  const { binds, perSecond, port, window } = channel
  const [made] = yield* sql.unsafe<{ id: number }>(CHANNEL, [port, binds, window, perSecond ?? null, workspaceId])
  const channelId = made!.id
  const stopped = Math.ceil(messages / STOPPED_EVERY)
  const strangers = Math.max(0, STOP_LIST - stopped)
  const list = [
    ...Array.from({ length: stopped }, (_, i) => numberOf(i * STOPPED_EVERY)),
    ...Array.from({ length: strangers }, (_, i) => numberOf(messages + i))
  ]
  yield* sql.unsafe(
    "INSERT INTO stop_list (workspace_id, msisdn, cause) SELECT $1, n, 'asked' FROM unnest($2::text::bigint[]) AS n",
    [workspaceId, `{${list.join(",")}}`]
  )
  const asAuthor = actAs(author, workspaceId)
  const { campaignId, laneId } = yield* asAuthor(
    Campaigns.create(
      {
        name: "Benchmark",
        senderRevisionId: revision,
        text: TEXT,
        segments: 1,
        onLostAnswer: "hold"
      },
      [channelId]
    )
  )
  const began = performance.now()
  for (let from = 0; from < messages; from += RUN * RUNS)
    yield* asAuthor(load(laneId, from, Math.min(messages, from + RUN * RUNS)))
  yield* asAuthor(sql`SELECT seal_audience(${laneId})`)
  const loadPerSecond = messages / ((performance.now() - began) / 1000)
  yield* sql.unsafe("ANALYZE")
  yield* asAuthor(Campaigns.move(campaignId, "submit"))
  const approve = Effect.flatMap(Campaigns.fingerprint(campaignId), (fingerprint) =>
    Effect.asVoid(actAs(moderator, workspaceId)(Campaigns.decide(campaignId, { decision: "approve", fingerprint })))
  )
  return { campaignId, laneId, channelId, audience: messages, stopped, loadPerSecond, approve } satisfies Prepared
})

const load = Effect.fnUntraced(function* (laneId: number, from: number, to: number) {
  const sql = yield* SqlClient
  const runs: Array<string> = []
  for (let first = from; first < to; first += RUN) {
    let run = `{${numberOf(first)}`
    for (let i = first + 1; i < Math.min(to, first + RUN); i++) run += `,${numberOf(i)}`
    runs.push(`"${run}}"`)
  }
  yield* sql.unsafe("SELECT load_audience($1, $2::text::text[])", [laneId, `{${runs.join(",")}}`])
})

interface People {
  readonly workspaceId: number
  readonly author: number
  readonly moderator: number
  readonly revision: number
}

const PEOPLE = `
WITH w AS (INSERT INTO workspace (name, country) VALUES ('Benchmark', 'UZ') RETURNING id),
     p AS (INSERT INTO person (email, name) VALUES ('author@bench.example', 'Author'), ('moderator@bench.example', 'Moderator') RETURNING id, name),
     a AS (SELECT id FROM p WHERE name = 'Author'), m AS (SELECT id FROM p WHERE name = 'Moderator'),
     members AS (INSERT INTO membership (workspace_id, person_id, role)
       SELECT w.id, a.id, 'author' FROM w, a UNION ALL SELECT w.id, m.id, 'moderator' FROM w, m),
     s AS (INSERT INTO sender (workspace_id, label, created_by) SELECT w.id, 'CorpIT', a.id FROM w, a RETURNING id),
     r AS (INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, status, made_by, decided_by, decided_at)
       SELECT w.id, s.id, 1, 'CorpIT', 5, 0, 'benchmark', 'approved', a.id, m.id, now() FROM w, s, a, m RETURNING id)
SELECT w.id AS "workspaceId", a.id AS author, m.id AS moderator, r.id AS revision FROM w, a, m, r`

const CHANNEL = `
WITH c AS (INSERT INTO channel (name, host, port, system_id, password, binds, window_size, per_second)
  VALUES ('Simulator', '127.0.0.1', $1, 'bench', 'bench', $2, $3, $4) RETURNING id),
     g AS (INSERT INTO channel_grant (channel_id, workspace_id) SELECT c.id, $5 FROM c)
SELECT id FROM c`
