/**
 * Attempts and receipts in the shape in which the engine writes them, two flushes of attempts and three of receipts a block: for
 * all blocks of the lanes $1 (int[]) of the month $2.
 */

export const ATTEMPTS = `
  INSERT INTO attempt (month, workspace_id, block_id, nth, part, try, bind, verdict, command_status, message_id, submitted_ms, answered_ms)
  SELECT b.month, b.workspace_id, b.id, r.* FROM block b CROSS JOIN generate_series(0, 1) AS half
   CROSS JOIN LATERAL (
      SELECT array_agg(i::smallint), array_agg(1::smallint), array_agg(1::smallint), array_agg((i % 2)::smallint), array_agg('a'::"char"),
             array_agg(0), array_agg(to_hex(b.id * 1000 + i)), array_agg(i / 100), array_agg(i / 100 + 2 + i % 7)
        FROM generate_series(half * 500, least(half * 500 + 499, b.last_seq - b.first_seq)) AS i HAVING count(*) > 0) AS r
   WHERE b.lane_id = ANY ($1::int[]) AND b.month = $2::date ORDER BY b.id, half`

/** One of twenty is undelivered; they come out of order, some seconds later. $3: of a hundred, how many have come. */
export const RECEIPTS = `
  INSERT INTO receipt (month, workspace_id, block_id, nth, part, state, error, received_ms)
  SELECT b.month, b.workspace_id, b.id, r.* FROM block b CROSS JOIN generate_series(0, 2) AS third
   CROSS JOIN LATERAL (
      SELECT array_agg(n::smallint), array_agg(1::smallint), array_agg((CASE WHEN n % 20 = 7 THEN 5 ELSE 2 END)::smallint),
             array_agg(CASE WHEN n % 20 = 7 THEN '011' ELSE '000' END), array_agg(3000 + i * 2)
        FROM generate_series(third * 334, least(third * 334 + 333, 999)) AS i, LATERAL (SELECT (i * 7) % 1000 AS n) AS o
       WHERE n <= b.last_seq - b.first_seq AND n % 100 < $3 HAVING count(*) > 0) AS r
   WHERE b.lane_id = ANY ($1::int[]) AND b.month = $2::date ORDER BY b.id, third`

/** What these receipts come to, a letter each, of a block of 1,000. */
export const OUTCOMES = `(SELECT string_agg(CASE WHEN n % 20 = 7 THEN 'u' ELSE 'd' END, '' ORDER BY n) FROM generate_series(0, 999) AS n)`
