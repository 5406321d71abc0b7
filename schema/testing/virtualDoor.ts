/**
 * The door on a clock of its own: what an engine that is never late would be handed out, from one moment to another, without anybody
 * waiting for it. Done as the owner, who alone may say what time it is.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import {
  byForce,
  decideAs,
  pressAs,
  type SampleChannel,
  type SampleWorkspace,
  sampleCampaign
} from "./sampleCampaign.ts"

/** A campaign that was submitted and opened at a moment of the test's own, ms since 1970. columns: of the campaign. */
export const opened = Effect.fnUntraced(function* (
  workspace: SampleWorkspace,
  channel: SampleChannel,
  recipients: number,
  openedAt: number,
  columns: Readonly<Record<string, string | number | Date>> = {}
) {
  const made = yield* sampleCampaign({ workspace, channels: [channel], numbers: recipients, state: "draft", columns })
  yield* pressAs(workspace, workspace.authorId, made.campaignId, "submit")
  yield* decideAs(workspace, workspace.moderatorId, made.campaignId)
  const moment = `to_timestamp(${openedAt / 1000})`
  yield* byForce(
    "campaign",
    `UPDATE campaign SET state = 'sending', opened_at = ${moment}, submitted_at = ${moment} WHERE id = ${made.campaignId}`
  )
  return made
})

/** Messages with the millisecond in which they may leave, in order. */
export type Leaving = ReadonlyArray<{ readonly at: number; readonly laneId: number }>

/**
 * Runs in the database, which would otherwise wait for us a thousand times; a few hundred claims a transaction, since rows that one
 * transaction changes over and over are slow to find again.
 */
const CLAIMS = `
CREATE OR REPLACE FUNCTION pg_temp.claims(p_channels int[], p_epochs bigint[], p_lanes int[], asked_at timestamptz[], p_until timestamptz, p_patient boolean)
RETURNS TABLE (lane_id int, at_ms float8, next text) LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz;
  i      int;
  b      claimed_block;
BEGIN
  FOR turn IN 1..300 LOOP
    SELECT ord, a INTO i, moment FROM unnest(asked_at) WITH ORDINALITY AS u (a, ord) ORDER BY a, ord LIMIT 1;
    EXIT WHEN moment IS NULL OR moment >= p_until;
    BEGIN
      SELECT * INTO b FROM claim_block_at(p_channels[i], p_epochs[i], p_lanes[i], 1000, moment);
    EXCEPTION WHEN SQLSTATE 'CS002' THEN
      asked_at[i] := NULL;
      CONTINUE;
    END;
    IF b.rest_ms IS NOT NULL THEN
      asked_at[i] := moment + make_interval(secs => b.rest_ms / 1000);
    ELSIF b.block_id IS NULL THEN
      asked_at[i] := NULL;
    ELSE
      -- behind those who ask at the same moment
      asked_at[i] := moment + greatest(interval '1 us', CASE WHEN p_patient THEN
        make_interval(secs => (b.delay_ms + b.recipients * b.spacing_ms) / 1000) - hand_out_ahead() END);
      RETURN QUERY SELECT p_lanes[i], extract(epoch FROM moment)::float8 * 1000 + b.delay_ms + n * b.spacing_ms, NULL FROM generate_series(0, b.recipients - 1) AS n;
    END IF;
  END LOOP;
  IF moment < p_until THEN RETURN QUERY SELECT NULL::int, NULL::float8, asked_at::text; END IF;
END $$`

interface Row {
  readonly lane_id: number
  readonly at_ms: number | null
  /** of the last row, where it goes on: when which lane is asked for next */
  readonly next: string | null
}

/**
 * Claims for the lanes in turn, whoever may be the next soonest; each on the channel, or on its own of several. from, until: ms since 1970. patient: asks again when the last slot is
 * over and not at once, which of a spread campaign alone is the same in half the calls. on: told of each batch. Needs one connection.
 */
export const claims = Effect.fnUntraced(function* (
  channel: SampleChannel | ReadonlyArray<SampleChannel>,
  laneIds: ReadonlyArray<number>,
  from: number,
  until: number,
  { on = () => {}, patient = false }: { readonly patient?: boolean; readonly on?: (handedOut: number) => void } = {}
) {
  const sql = yield* SqlClient
  yield* sql.unsafe(CLAIMS)
  const channels = laneIds.map((_, nth) => ("channelId" in channel ? channel : channel[nth]!))
  const leaving: Array<Leaving[number]> = []
  let asked: string | null = `{${laneIds.map(() => new Date(from).toISOString()).join(",")}}`
  while (asked !== null) {
    const rows: ReadonlyArray<Row> = yield* sql<Row>`
      SELECT * FROM pg_temp.claims(${channels.map((one) => one.channelId)}::int[], ${channels.map((one) => one.epoch)}::bigint[], ${laneIds}::int[], ${asked}::text::timestamptz[],
                                   to_timestamp(${until / 1000}::float8), ${patient})`
    asked = null
    for (const { at_ms, lane_id, next } of rows) {
      if (at_ms === null) asked = next
      else leaving.push({ at: at_ms, laneId: lane_id })
    }
    on(leaving.length)
  }
  return leaving.toSorted((a, b) => a.at - b.at) satisfies Leaving
})
