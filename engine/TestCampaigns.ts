/**
 * What tests and proofs of the dispatcher stand on: a workspace with two people, channels that lead to a simulator, and
 * campaigns that were loaded, sealed, submitted and approved as the rules ask. Everything here is done as the owner.
 */
import { Clock, Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"

export interface House {
  readonly workspaceId: number
  readonly authorId: number
  readonly moderatorId: number
  readonly senderRevisionId: number
}

/** A workspace, one who writes, one who approves, and the sender CorpIT. */
export const makeHouse = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [house] = yield* sql<House>`
    WITH w AS (INSERT INTO workspace (name, country) VALUES ('Dispatch', 'UZ') RETURNING id),
    a AS (INSERT INTO person (email, name) VALUES ('author@test.example', 'Author') RETURNING id),
    m AS (INSERT INTO person (email, name) VALUES ('moderator@test.example', 'Moderator') RETURNING id),
    s AS (INSERT INTO sender (workspace_id, label, created_by) SELECT w.id, 'CorpIT', a.id FROM w, a RETURNING id),
    r AS (INSERT INTO sender_revision
            (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, status, made_by, decided_by, decided_at)
          SELECT w.id, s.id, 1, 'CorpIT', 5, 0, 'Known to all staff', 'approved', a.id, m.id, now() FROM w, s, a, m RETURNING id),
    members AS (INSERT INTO membership (workspace_id, person_id, role)
          SELECT w.id, a.id, 'author' FROM w, a UNION ALL SELECT w.id, m.id, 'moderator' FROM w, m)
    SELECT w.id AS "workspaceId", a.id AS "authorId", m.id AS "moderatorId", r.id AS "senderRevisionId" FROM w, a, m, r`
  return house!
})

let channels = 0

/** A channel to the operator on that port of this machine; columns of `channel` by name over two binds of window 100. */
export const makeChannel = Effect.fnUntraced(function* (
  house: House,
  port: number,
  columns: Readonly<Record<string, string | number | boolean>> = {}
) {
  const sql = yield* SqlClient
  const row = {
    name: `Operator ${++channels}`,
    host: "127.0.0.1",
    port,
    system_id: "proof",
    password: "secret",
    binds: 2,
    window_size: 100,
    ...columns
  }
  const [made] = yield* sql<{ id: number }>`INSERT INTO channel ${sql.insert(row)} RETURNING id`
  yield* sql`INSERT INTO channel_grant (channel_id, workspace_id) VALUES (${made!.id}, ${house.workspaceId})`
  return made!.id
})

export interface Wanted {
  readonly channels: ReadonlyArray<number>
  /** how many numbers; all of them different, also from those of other campaigns */
  readonly numbers: number
  readonly text?: string
  readonly segments?: number
  readonly onLostAnswer?: "hold" | "resend"
  /** without it: as soon as it is approved */
  readonly startsInSeconds?: number
  /** without it: it has no end */
  readonly endsInSeconds?: number
  /** other columns of its content: a window, a ceiling, … */
  readonly columns?: Readonly<Record<string, unknown>>
}

export interface Sealed {
  readonly campaignId: number
  readonly laneId: number
  /** recipient seq has the number firstNumber + seq - 1 */
  readonly firstNumber: number
  readonly numbers: number
}

const RUN = 1_000
let nextNumber = 998_900_000_000

/** A campaign with its second signature: an engine opens it when it sees it. */
export const makeCampaign = Effect.fnUntraced(function* (house: House, wanted: Wanted) {
  const sql = yield* SqlClient
  const firstNumber = nextNumber
  nextNumber += wanted.numbers
  const author = actAs(house.authorId, house.workspaceId)
  const made = yield* author(
    Campaigns.create(
      {
        name: `Campaign from ${firstNumber}`,
        senderRevisionId: house.senderRevisionId,
        text: wanted.text ?? "Planned maintenance tonight",
        segments: wanted.segments ?? 1,
        onLostAnswer: wanted.onLostAnswer ?? "hold"
      },
      wanted.channels
    )
  )
  if (wanted.startsInSeconds !== undefined)
    yield* sql`UPDATE campaign SET starts_at = now() + ${wanted.startsInSeconds} * interval '1 second' WHERE id = ${made.campaignId}`
  if (wanted.endsInSeconds !== undefined)
    yield* sql`UPDATE campaign SET ends_at = now() + ${wanted.endsInSeconds} * interval '1 second' WHERE id = ${made.campaignId}`
  if (wanted.columns !== undefined)
    yield* sql`UPDATE campaign SET ${sql.update(wanted.columns)} WHERE id = ${made.campaignId}`
  for (let from = 0; from < wanted.numbers; from += RUN) {
    const run = Array.from({ length: Math.min(RUN, wanted.numbers - from) }, (_, i) => firstNumber + from + i)
    yield* author(sql`SELECT load_audience(${made.laneId}, ${[`{${run.join(",")}}`]}::text[])`)
  }
  yield* author(sql`SELECT seal_audience(${made.laneId})`)
  yield* author(Campaigns.move(made.campaignId, "submit"))
  const fingerprint = yield* Campaigns.fingerprint(made.campaignId)
  yield* actAs(
    house.moderatorId,
    house.workspaceId
  )(Campaigns.decide(made.campaignId, { decision: "approve", fingerprint }))
  return { ...made, firstNumber, numbers: wanted.numbers } satisfies Sealed
})

/** Outcome of each number as the ledger tells it, in product's words. */
export const outcomes = Effect.fnUntraced(function* (laneId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ msisdn: number; outcome: string }>`
    SELECT msisdn, outcome FROM ledger WHERE lane_id = ${laneId}`
  return new Map(rows.map((row) => [row.msisdn, row.outcome]))
})

/** How many numbers have which outcome. */
export const tally = (of: ReadonlyMap<number, string>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const outcome of of.values()) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

/** The campaign is over and every recipient of it has a final outcome. */
export const isOver = (campaignId: number) =>
  Effect.map(Campaigns.progress(campaignId), ({ moving, state }) => moving === 0 && Campaigns.ENDED.has(state))

/** Asks the database every few milliseconds until it is so; a defect when it isn't within `seconds`. */
export const eventually = <E, R>(
  what: string,
  isSo: Effect.Effect<boolean, E, R>,
  seconds = 20
): Effect.Effect<void, E, R> =>
  Effect.gen(function* () {
    const began = yield* Clock.currentTimeMillis
    while (!(yield* isSo)) {
      if ((yield* Clock.currentTimeMillis) - began > seconds * 1000)
        return yield* Effect.die(new Error(`${what}: not within ${seconds} s`))
      yield* Effect.sleep("20 millis")
    }
  })
