/**
 * Audiences, blocks, attempts and receipts of `big_campaign`, a month at a time ($1). Of most campaigns only the blocks are written, with
 * what became of them, and no attempts and receipts: no list reads those, and they would be half of all time and space. So
 * `check_ledger` finds nothing wrong with the $2 of a hundred that have them, and misses them at the others.
 */
import { faithful } from "#bench/ledger/fill.ts"
import { OUTCOMES } from "#bench/ledger/written.ts"

/**
 * Steps of a prime through four million numbers: none twice in a campaign, and every one a few times in all. One of the faithful is
 * in every campaign of more than a hundred.
 */
export const AUDIENCE = `
  INSERT INTO audience (month, workspace_id, lane_id, first_seq, last_seq, msisdn, digest)
  SELECT c.month, c.workspace_id, c.lane_id, run * 1000 + 1, run * 1000 + cardinality(r.msisdn), r.msisdn, audience_leaf(run * 1000 + 1, r.msisdn)
    FROM big_campaign c
   CROSS JOIN LATERAL generate_series(0, (c.recipients - 1) / 1000) AS run
   CROSS JOIN LATERAL (
      SELECT array_agg(CASE WHEN run = 0 AND c.recipients > 100 AND i = (c.n * 37) % 100 THEN ${faithful[0]} + c.n % ${faithful.length}
                            ELSE 998900000000 + ((c.before_all + run * 1000 + i) * 7919) % 4000037 END ORDER BY i) AS msisdn
        FROM generate_series(0, least(999, c.recipients - run * 1000 - 1)) AS i) AS r
   WHERE c.month = $1::date ORDER BY c.n, run`

/** All that went out, with everything that came of it; the rest of what is still being sent waits to be claimed. */
export const BLOCKS = `
  INSERT INTO block (month, workspace_id, lane_id, channel_id, epoch, first_seq, last_seq, opened_at, closed_at, accepted, finished_at,
                     outcomes, digest, delivered, undelivered)
  SELECT c.month, c.workspace_id, c.lane_id, c.channel_id, 1, a.first_seq, a.last_seq, t.opened_at, t.opened_at + interval '10 s', m.size,
         t.opened_at + interval '20 s', left(o.letters, m.size),
         block_digest(c.month, c.lane_id, a.first_seq, a.last_seq, left(o.letters, m.size)), m.size - m.undelivered, m.undelivered
    FROM big_campaign c
    JOIN audience a ON a.month = c.month AND a.lane_id = c.lane_id
   CROSS JOIN LATERAL (SELECT a.last_seq - a.first_seq + 1 AS size, (a.last_seq - a.first_seq + 13) / 20 AS undelivered) AS m
   CROSS JOIN LATERAL (SELECT c.created_at + interval '4 hours' + a.first_seq / 1000 * interval '1 s' AS opened_at) AS t
   CROSS JOIN (SELECT ${OUTCOMES} AS letters) AS o
   WHERE c.month = $1::date AND a.month = $1::date AND a.last_seq <= least(c.sent_runs * 1000, c.recipients) ORDER BY t.opened_at`

/** Lanes whose attempts and receipts are written too. */
export const WRITTEN = `
  SELECT coalesce(array_agg(lane_id), '{}') AS lanes FROM big_campaign WHERE month = $1::date AND sent_runs > 0 AND n % 100 < $2`

export const PROGRESS = `
  INSERT INTO progress (lane_id, channel_id, workspace_id, accepted, delivered, undelivered)
  SELECT b.lane_id, b.channel_id, b.workspace_id, sum(b.accepted), sum(b.delivered), sum(b.undelivered)
    FROM block b JOIN big_campaign c ON c.lane_id = b.lane_id AND c.month = b.month GROUP BY b.lane_id, b.channel_id, b.workspace_id`
