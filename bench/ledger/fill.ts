/**
 * A ledger as years of sending leave it, written set by set as the owner: campaigns of past months with their audiences,
 * blocks, attempts and receipts in the shape in which the engine writes them (two flushes of attempts and three of receipts a
 * block of 1,000), but without sending anything.
 *
 * Fifty *faithful* numbers are in every campaign, at another place in each; all others recur every few campaigns.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { ATTEMPTS, OUTCOMES, RECEIPTS } from "./written.ts"

/** The faithful numbers. */
export const faithful: ReadonlyArray<number> = Array.from({ length: 50 }, (_, i) => 998_909_990_000 + i)

/** Of the moderator's session: who searches for numbers may reveal them. */
export const TOKEN = "bench"

/** One workspace with its people, an approved sender and a channel: enough for rows to refer to. All have id 1. */
export const fillPeople = Effect.gen(function* () {
  const sql = yield* SqlClient
  yield* sql`INSERT INTO workspace (name, country) VALUES ('Archive', 'UZ')`
  yield* sql`INSERT INTO person (email, name) VALUES ('author@bench.example', 'Author'), ('moderator@bench.example', 'Moderator')`
  yield* sql`INSERT INTO membership (workspace_id, person_id, role) VALUES (1, 1, 'author'), (1, 2, 'moderator')`
  yield* sql`INSERT INTO session (token_hash, person_id, opened_by, second_factor_due, expires_at)
             VALUES (sha256(${TOKEN}::bytea), 2, 'command_line', false, now() + interval '1 day')`
  yield* sql`INSERT INTO sender (workspace_id, label, created_by) VALUES (1, 'CorpIT', 1)`
  yield* sql`INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, status, made_by, decided_by)
             VALUES (1, 1, 1, 'CorpIT', 5, 0, 'known to all', 'approved', 1, 2)`
  yield* sql`INSERT INTO channel (name, host, port, system_id, password) VALUES ('Archive', '127.0.0.1', 2775, 'demo', 'demo')`
  yield* sql`INSERT INTO channel_grant (channel_id, workspace_id) VALUES (1, 1)`
})

export interface Filled {
  readonly campaignId: number
  readonly laneId: number
}

export interface Shape {
  /** whole thousands */
  readonly recipients: number
  /** how many months ago it was loaded */
  readonly monthsAgo: number
  /** of a hundred receipts, how many have come; a block is finished when all have */
  readonly receiptsPercent: number
}

/** A campaign with everything submitted; of its last tenth nothing is claimed yet when receipts are still missing. */
export const fillCampaign = Effect.fnUntraced(function* ({ monthsAgo, receiptsPercent, recipients }: Shape) {
  const sql = yield* SqlClient
  const [campaign] = yield* sql<{ id: number }>`
    INSERT INTO campaign (workspace_id, name, sender_revision_id, text, segments, created_by, edited_by)
    VALUES (1, 'Monthly notice', 1, 'Planned maintenance tonight', 1, 1, 1) RETURNING id`
  const campaignId = campaign!.id
  const [lane] = yield* sql<{ id: number; month: string }>`
    INSERT INTO lane (workspace_id, campaign_id, month)
    VALUES (1, ${campaignId}, date_trunc('month', now() - make_interval(months => ${monthsAgo}))::date) RETURNING id, month::text`
  const { id: laneId, month } = lane!
  yield* sql`INSERT INTO lane_channel (workspace_id, lane_id, channel_id) VALUES (1, ${laneId}, 1)`
  yield* sql.unsafe(AUDIENCE, [laneId, month, campaignId, recipients / 1000])
  yield* sql.unsafe(
    `UPDATE lane SET recipients = $2, next_seq = $3 + 1, audience_digest =
       (SELECT merkle_root(array_agg(digest ORDER BY first_seq)) FROM audience WHERE lane_id = $1 AND month = lane.month) WHERE id = $1`,
    [laneId, recipients, receiptsPercent === 100 ? recipients : Math.floor(recipients / 10_000) * 9_000]
  )
  yield* sql.unsafe(
    `INSERT INTO block (month, workspace_id, lane_id, channel_id, epoch, first_seq, last_seq, opened_at, closed_at, accepted)
     SELECT a.month, 1, a.lane_id, 1, 1, a.first_seq, a.last_seq, a.month + make_interval(secs => 3600 + a.first_seq / 1000),
            a.month + make_interval(secs => 3610 + a.first_seq / 1000), 1000
       FROM audience a JOIN lane l ON l.id = a.lane_id
      WHERE a.lane_id = $1 AND a.month = $2::date AND a.last_seq < l.next_seq ORDER BY a.first_seq`,
    [laneId, month]
  )
  yield* sql.unsafe(ATTEMPTS, [[laneId], month])
  yield* sql.unsafe(RECEIPTS, [[laneId], month, receiptsPercent])
  if (receiptsPercent === 100) yield* sql.unsafe(FINISH, [laneId, month])
  yield* sql.unsafe(
    `INSERT INTO progress (lane_id, channel_id, workspace_id, accepted, delivered, undelivered)
     SELECT lane_id, 1, 1, sum(accepted), sum(delivered), sum(undelivered) FROM block WHERE lane_id = $1 AND month = $2::date GROUP BY lane_id`,
    [laneId, month]
  )
  yield* sql`UPDATE campaign SET state = ${receiptsPercent === 100 ? "done" : "sending"} WHERE id = ${campaignId}`
  return { campaignId, laneId } satisfies Filled
})

/** Steps of a prime through four million numbers: no number twice in a campaign, every number in some. */
const AUDIENCE = `
  INSERT INTO audience (month, workspace_id, lane_id, first_seq, last_seq, msisdn, digest)
  SELECT $2::date, 1, $1, run * 1000 + 1, run * 1000 + 1000, r.msisdn, audience_leaf(run * 1000 + 1, r.msisdn)
    FROM generate_series(0, $4::int - 1) AS run
    CROSS JOIN LATERAL (
      SELECT array_agg(CASE WHEN run < 100 AND run % 2 = 0 AND i = (run * 37 + $3::int * 101) % 1000 THEN 998909990000 + run / 2
                            ELSE 998900000000 + ((run * 1000 + i + $3::bigint * 1299709) * 7919) % 4000037 END ORDER BY i) AS msisdn
        FROM generate_series(0, 999) AS i) AS r`

const FINISH = `
  UPDATE block b SET delivered = 950, undelivered = 50, finished_at = closed_at + interval '10 s', outcomes = f.letters,
         digest = block_digest(b.month, b.lane_id, b.first_seq, b.last_seq, f.letters)
    FROM (SELECT ${OUTCOMES} AS letters) AS f
   WHERE b.lane_id = $1 AND b.month = $2::date`
