/**
 * What a history asks of its database, at a moment that it gives. The statements are the engine's own (Door.ts, Channels.ts, the
 * function live_campaigns), with the moment in the place of the clock.
 */
import { readFileSync } from "node:fs"
import { Effect } from "effect"
import type { Alive, Progress } from "#schema/campaign/Campaigns.ts"
import { type LiveLane, settle, take } from "#schema/channel/Channels.ts"
import { SqlClient } from "#schema/Database.ts"
import type { ClaimedBlock, Rest } from "#schema/ledger/Door.ts"
import { splitStatements } from "#schema/statements.ts"

export interface Made {
  readonly workspaces: ReadonlyArray<{ readonly id: number; readonly author: number }>
  readonly channels: ReadonlyArray<number>
  readonly campaigns: ReadonlyArray<
    | { readonly refused: string; readonly id?: undefined }
    | { readonly id: number; readonly lane: number; readonly fingerprint: string }
  >
}

export interface Seen {
  readonly id: number
  readonly state: string
  readonly figures: Progress
  readonly outcomes: Readonly<Record<string, string>>
}

/** Makes what histories need, once a database. */
export const prepare = Effect.gen(function* () {
  const sql = yield* SqlClient
  const text = readFileSync(new URL("histories.sql", import.meta.url), "utf8")
  for (const statement of splitStatements(text)) yield* sql.unsafe(statement.text)
  const [live] = yield* sql.unsafe<{ result: string; body: string }>(
    "SELECT pg_get_function_result(oid) AS result, prosrc AS body FROM pg_proc WHERE proname = 'live_campaigns'"
  )
  const body = live!.body.replaceAll("clock_timestamp()", "p_now")
  // what SQL functions convert by themselves
  const columns = live!.result.replace(/^TABLE\((.*)\)$/s, "$1").split(", ")
  yield* sql.unsafe(`CREATE FUNCTION histories.live(p_now timestamptz) RETURNS ${live!.result} LANGUAGE plpgsql STABLE
    SET search_path = public, pg_temp AS $$
    #variable_conflict use_column
    BEGIN RETURN QUERY SELECT ${columns.map((column) => column.replace(" ", "::")).join(", ")}
    FROM (${body}) AS q (${columns.map((column) => column.split(" ")[0]).join(", ")}); END $$`)
})

const one = Effect.fnUntraced(function* <A>(text: string, values: ReadonlyArray<unknown>) {
  const sql = yield* SqlClient
  const rows = yield* sql.unsafe<{ a: A }>(text, values)
  return rows[0]!.a
})

export const setUp = (plan: unknown) =>
  one<Made>("SELECT histories.set_up($1::text::jsonb) AS a", [JSON.stringify(plan)])

/** The new state, or the SQLSTATE of a refusal. person null: the system. */
export const moveAt = (campaignId: number, action: string, person: number | null, ms: number) =>
  one<string>("SELECT histories.moved($1, $2, $3, $4) AS a", [campaignId, action, person, ms])

/** Null, or the SQLSTATE of a refusal. */
export const slow = (campaignId: number, person: number, perSecond: number | null) =>
  one<string | null>("SELECT histories.slowed($1, $2, $3) AS a", [campaignId, person, perSecond])

export const feed = (campaignId: number, person: number, keys: ReadonlyArray<string>, numbers: ReadonlyArray<number>) =>
  one<string | null>("SELECT histories.fed($1, $2, $3::text[], $4::bigint[]) AS a", [campaignId, person, keys, numbers])

export const limit = (workspaceId: number, perSecond: number | null, perDay: number | null) =>
  Effect.flatMap(SqlClient, (sql) =>
    sql.unsafe("UPDATE workspace SET per_second = $2, per_day = $3 WHERE id = $1", [workspaceId, perSecond, perDay])
  )

export const contract = (channelId: number, perSecond: number | null) =>
  Effect.flatMap(SqlClient, (sql) =>
    sql.unsafe("UPDATE channel SET per_second = $2 WHERE id = $1", [channelId, perSecond])
  )

export const optOut = (workspaceId: number, number: number) =>
  Effect.flatMap(SqlClient, (sql) =>
    sql.unsafe(
      "INSERT INTO stop_list (workspace_id, msisdn, cause) VALUES ($1, $2::bigint, 'asked') ON CONFLICT DO NOTHING",
      [workspaceId, number]
    )
  )

export const liveAt = (ms: number) =>
  Effect.flatMap(SqlClient, (sql) => sql.unsafe<Alive>("SELECT * FROM histories.live(histories.at($1))", [ms]))

export const lanesAt = (channelId: number, ms: number) =>
  Effect.flatMap(SqlClient, (sql) =>
    sql.unsafe<LiveLane>("SELECT * FROM histories.lanes($1, histories.at($2))", [channelId, ms])
  )

export const claimAt = Effect.fnUntraced(function* (
  channelId: number,
  epoch: number,
  laneId: number,
  limit: number,
  ms: number
) {
  const sql = yield* SqlClient
  const rows = yield* sql.unsafe<{
    rest_ms: number | null
    block_id: number
    month: string
    first_seq: number
    recipients: number
    resend: boolean
    numbers: string
    fingerprint: string
    delay_ms: number
    spacing_ms: number
  }>(
    `SELECT block_id, to_char(month, 'YYYY-MM-DD') AS month, first_seq, recipients, resend, numbers, fingerprint, delay_ms, spacing_ms, rest_ms
       FROM claim_block_at($1, $2, $3, $4, histories.at($5))`,
    [channelId, epoch, laneId, limit, ms]
  )
  const row = rows[0]
  if (row === undefined) return undefined
  if (row.rest_ms !== null) return { restMs: row.rest_ms } satisfies Rest
  const { block_id, delay_ms, fingerprint, first_seq, month, numbers, recipients, resend, spacing_ms } = row
  const claimed = { id: block_id, month, laneId, firstSeq: first_seq, recipients, resend, numbers, fingerprint }
  return { ...claimed, delayMs: delay_ms, spacingMs: spacing_ms } satisfies ClaimedBlock
})

/** The channel is somebody else's from now on, and what its last owner left open is settled. */
export const takeAndSettle = Effect.fnUntraced(function* (channelId: number) {
  const epoch = (yield* take(channelId))!
  return { epoch, ...(yield* settle(channelId, epoch)) }
})

/** What a channel's receipts still have to say is said, and those that never come are given up. */
export const settleReceipts = (channelId: number, epoch: number) =>
  one<null>("SELECT histories.receipted($1, $2) AS a", [channelId, epoch])

/** After all: the campaigns as they ended, and what of their ledgers does not add up. */
export const see = Effect.fnUntraced(function* (campaignIds: ReadonlyArray<number>) {
  const sql = yield* SqlClient
  const wrong: Array<string> = []
  for (const id of campaignIds)
    for (const row of yield* sql.unsafe<{ what: string; expected: number; found: number }>(
      "SELECT * FROM check_ledger($1)",
      [id]
    ))
      wrong.push(`the ledger of campaign ${id} does not add up: ${row.what} is ${row.found} and not ${row.expected}`)
  const campaigns = yield* one<ReadonlyArray<Seen> | null>("SELECT histories.seen($1::int[]) AS a", [campaignIds])
  return { wrong, campaigns: campaigns ?? [] }
})
