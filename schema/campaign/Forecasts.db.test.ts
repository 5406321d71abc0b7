/** Forecasts held against the door: foreseen at the beginning, then claimed to the end on a clock that the test sets. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import {
  byForce,
  pressAs,
  sampleCampaign,
  sampleChannel,
  sampleTrigger,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import { opened } from "#schema/testing/virtualDoor.ts"
import { forecastAll } from "./Forecast.ts"
import { calendars, dailies, forecast, kept, type LaneRow, worldOf } from "./Forecasts.ts"

const at = (iso: string) => Date.parse(iso)

type Channel = Effect.Success<ReturnType<typeof sampleChannel>>

/** A claim; or, as the last of a few hundred, when each lane asks next and what it was served. */
interface Claimed {
  readonly lane_id: number
  readonly last_ms: number
  readonly n: number
  readonly next: string | null
  readonly next_served: string | null
}

/** What is foreseen of everything at a moment. */
const foreseenAt = Effect.fnUntraced(function* (now: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<LaneRow>`SELECT * FROM forecast_loads_at(NULL, to_timestamp(${now / 1000}::float8))`
  return forecastAll(worldOf(rows, yield* calendars(dailies(rows), now)))
})

/**
 * Claims for the lanes to their end, of those who may ask the one who was served least, as an engine would that is never late; gives when
 * the last of each left, and how many.
 */
const claimedAll = Effect.fnUntraced(function* (
  channel: Channel,
  lanes: ReadonlyArray<{ readonly laneId: number; readonly parts?: number }>,
  from: number
) {
  const sql = yield* SqlClient
  yield* sql.unsafe(`CREATE OR REPLACE FUNCTION pg_temp.claims(p_channel int, p_epoch bigint, p_lanes int[], p_parts int[], asked_at timestamptz[], served int[])
    RETURNS TABLE (lane_id int, last_ms float8, n int, next text, next_served text) LANGUAGE plpgsql AS $$
    DECLARE
      moment timestamptz;
      i      int;
      b      claimed_block;
    BEGIN
      FOR turn IN 1..300 LOOP
        SELECT ord, a INTO i, moment FROM unnest(asked_at, served) WITH ORDINALITY AS u (a, s, ord) ORDER BY date_trunc('milliseconds', a), s LIMIT 1;
        EXIT WHEN moment IS NULL;
        BEGIN
          SELECT * INTO b FROM claim_block_at(p_channel, p_epoch, p_lanes[i], 1000, moment);
        EXCEPTION WHEN SQLSTATE 'CS002' THEN
          asked_at[i] := NULL;
          CONTINUE;
        END;
        IF b.rest_ms IS NOT NULL THEN asked_at[i] := moment + make_interval(secs => b.rest_ms / 1000);
        ELSIF b.block_id IS NULL THEN asked_at[i] := NULL;
        ELSE
          asked_at[i] := moment + interval '1 us';
          served[i] := served[i] + b.recipients * p_parts[i];
          RETURN QUERY SELECT p_lanes[i], extract(epoch FROM moment)::float8 * 1000 + b.delay_ms + b.recipients * b.spacing_ms, b.recipients, NULL, NULL;
        END IF;
      END LOOP;
      IF moment IS NOT NULL THEN RETURN QUERY SELECT NULL::int, NULL::float8, NULL::int, asked_at::text, served::text; END IF;
    END $$`)
  const laneIds = lanes.map(({ laneId }) => laneId)
  const left = new Map(laneIds.map((id) => [id, { lastAt: from, n: 0 }]))
  let asked: string | null = `{${laneIds.map(() => new Date(from).toISOString()).join(",")}}`
  let served = `{${laneIds.map(() => 0).join(",")}}`
  while (asked !== null) {
    const rows: ReadonlyArray<Claimed> = yield* sql<Claimed>`
      SELECT * FROM pg_temp.claims(${channel.channelId}, ${channel.epoch}::bigint, ${laneIds}::int[], ${lanes.map(({ parts }) => parts ?? 1)}::int[],
                                   ${asked}::text::timestamptz[], ${served}::text::int[])`
    asked = null
    for (const { lane_id, last_ms, n, next, next_served } of rows) {
      if (next !== null) {
        asked = next
        served = next_served!
      } else left.set(lane_id, { lastAt: last_ms, n: left.get(lane_id)!.n + n })
    }
  }
  return left
})

/** Part of the time that it took by which it was foreseen wrongly. */
const error = (finishesAt: number | undefined, lastAt: number, from: number) =>
  Math.abs(lastAt - (finishesAt ?? Number.NaN)) / (lastAt - from)

layer(TestDatabase.layer, { excludeTestServices: true })("a forecast is what the door then does", (it) => {
  it.effect("with ceilings in ceilings, and what one leaves when it is through", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace({ per_second: 150 })
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T18:00:00Z")
      const made = [
        yield* opened(workspace, channel, 800, from, { per_second: 40 }),
        yield* opened(workspace, channel, 400, from),
        yield* opened(workspace, channel, 3_000, from, { segments: 2 })
      ]
      const foreseen = yield* foreseenAt(from)
      assert.deepStrictEqual(
        made.map(({ campaignId }) => foreseen.get(campaignId)!.limitedBy),
        ["ceiling", "workspace", "workspace"]
      )
      const left = yield* claimedAll(channel, [made[0]!, made[1]!, { ...made[2]!, parts: 2 }], from)
      for (const { campaignId, laneId, numbers } of made) {
        const { lastAt, n } = left.get(laneId)!
        assert.strictEqual(n, numbers.length)
        assert.isBelow(error(foreseen.get(campaignId)!.finishesAt, lastAt, from), 0.02)
      }
      yield* byForce("campaign", "UPDATE campaign SET state = 'cancelled'")
    })
  )

  it.effect("with a day's messages used up, at the workspace's midnight", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace({ per_day: 250, per_second: 10, time_zone: "Asia/Tashkent" })
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T23:00:00+05:00")
      const { campaignId, laneId } = yield* opened(workspace, channel, 700, from)
      const outlook = (yield* foreseenAt(from)).get(campaignId)!
      assert.strictEqual(outlook.limitedBy, "day")
      const { lastAt } = (yield* claimedAll(channel, [{ laneId }], from)).get(laneId)!
      assert.isBelow(Math.abs(lastAt - outlook.finishesAt!), 2_000)
      assert.isAbove(lastAt, at("2027-03-03T00:00:00+05:00"))
      yield* byForce("campaign", "UPDATE campaign SET state = 'cancelled'")
    })
  )

  it.effect("with windows over a change of the clocks: spread, and as fast as its ceiling lets it", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-26T09:00:00+01:00")
      const until = at("2027-03-29T18:00:00+02:00")
      // the night in which Berlin's clocks go forward is an hour shorter
      const window = { window_from: "22:00", window_to: "04:00", time_zone: "Europe/Berlin" }
      const spread = yield* opened(workspace, channel, 1_003, from, {
        mode: "spread",
        ends_at: new Date(until),
        ...window
      })
      const slow = yield* opened(workspace, channel, 50_000, from, { per_second: 1, ...window })
      const foreseen = yield* foreseenAt(from)
      const ofSpread = foreseen.get(spread.campaignId)!
      assert.strictEqual(ofSpread.finishesAt, at("2027-03-29T04:00:00+02:00"))
      assert.deepStrictEqual([ofSpread.limitedBy, ofSpread.leftOver], ["schedule", 0])
      const left = yield* claimedAll(channel, [spread], from)
      assert.isBelow(Math.abs(left.get(spread.laneId)!.lastAt - ofSpread.finishesAt!), 60_000)
      // 6 + 5 + 6 hours are 60,895 messages at 0.995 a second; by arithmetic and not by the door, which would take minutes
      const rest = 50_000 * 1.005 - (6 + 5) * 3_600
      assert.closeTo(foreseen.get(slow.campaignId)!.finishesAt!, at("2027-03-28T22:00:00+02:00") + rest * 1000, 1_000)
      yield* byForce("campaign", "UPDATE campaign SET state = 'cancelled'")
    })
  )

  it.effect(
    "and of a spread campaign that begins when half of its time is over believes in what the door lets it catch up",
    () =>
      Effect.gen(function* () {
        const workspace = yield* sampleWorkspace()
        const channel = yield* sampleChannel(workspace)
        const from = at("2027-03-01T18:00:00Z")
        const until = from + 10 * 60_000
        const spread = yield* opened(workspace, channel, 1_200, from, { mode: "spread", ends_at: new Date(until) })
        const late = from + 7 * 60_000
        // it had begun, and was away since
        yield* byForce("lane", `UPDATE lane SET asked_pace = 2 WHERE id = ${spread.laneId}`)
        const outlook = (yield* foreseenAt(late)).get(spread.campaignId)!
        const { n } = (yield* claimedAll(channel, [spread], late)).get(spread.laneId)!
        assert.closeTo(outlook.leftOver, 1_200 - n, 0.02 * 1_200)
        assert.isAbove(outlook.leftOver, 400)
        yield* byForce("campaign", "UPDATE campaign SET state = 'cancelled'")
      })
  )

  it.effect("and of one whose start passed while it was in review, before it has begun at all", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T18:00:00Z")
      const late = from + 15 * 60_000
      const spread = yield* opened(workspace, channel, 1_200, from, {
        mode: "spread",
        starts_at: new Date(from),
        ends_at: new Date(from + 20 * 60_000)
      })
      yield* byForce(
        "campaign",
        `UPDATE campaign SET state = 'scheduled', opened_at = NULL WHERE id = ${spread.campaignId}`
      )
      const outlook = (yield* foreseenAt(late)).get(spread.campaignId)!
      // twice one a second for the five minutes that remain
      assert.closeTo(outlook.leftOver, 600, 12)
      yield* byForce("campaign", "UPDATE campaign SET state = 'cancelled'")
    })
  )

  it.effect("that says who will be left of a spread campaign that can't be through in time", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace({ per_second: 20 })
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T18:00:00Z")
      const until = from + 5 * 60_000
      const spread = yield* opened(workspace, channel, 4_000, from, { mode: "spread", ends_at: new Date(until) })
      const other = yield* opened(workspace, channel, 3_000, from)
      const outlook = (yield* foreseenAt(from)).get(spread.campaignId)!
      assert.strictEqual(outlook.finishesAt, undefined)
      assert.strictEqual(outlook.limitedBy, "workspace")
      const { n } = (yield* claimedAll(channel, [spread, other], from)).get(spread.laneId)!
      assert.isBelow(Math.abs(4_000 - n - outlook.leftOver), 0.02 * 4_000)
      assert.isAbove(outlook.leftOver, 500)
      yield* byForce("campaign", "UPDATE campaign SET state = 'cancelled'")
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("a forecast is asked for", (it) => {
  it.effect("of a draft as if it began now, beside others on its channel; a neighbour's only by the system", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const mine = yield* sampleWorkspace()
      const theirs = yield* sampleWorkspace()
      const channel = yield* sampleChannel(mine)
      yield* sql`INSERT INTO channel_grant (channel_id, workspace_id) VALUES (${channel.channelId}, ${theirs.workspaceId})`
      yield* sql`UPDATE channel SET per_second = 100 WHERE id = ${channel.channelId}`
      const draft = yield* sampleCampaign({ workspace: mine, channels: [channel], state: "draft", numbers: 1_000 })
      const asAuthor = <A, E, R>(effect: Effect.Effect<A, E, R>) => actAs(mine.authorId, mine.workspaceId)(effect)
      const alone = (yield* asAuthor(forecast(draft.campaignId)))!
      assert.closeTo(alone.perSecond!, 99.5, 0.1)
      assert.strictEqual(alone.limitedBy, "channel")
      const other = yield* sampleCampaign({ workspace: theirs, channels: [channel], numbers: 2_000 })
      assert.deepStrictEqual((yield* asAuthor(forecast(draft.campaignId)))!.perSecond, alone.perSecond)
      const beside = (yield* forecast(draft.campaignId))!
      assert.closeTo(beside.perSecond!, 49.75, 0.1)
      assert.strictEqual(beside.limitedBy, "share")
      assert.closeTo(beside.finishesAt!.getTime() - alone.finishesAt!.getTime(), 10_050, 3_000)
      yield* pressAs(theirs, theirs.authorId, other.campaignId, "stop")
      yield* sampleCampaign({ workspace: mine, channels: [channel], numbers: 2_000 })
      assert.closeTo((yield* asAuthor(forecast(draft.campaignId)))!.perSecond!, 49.75, 0.1)
    })
  )

  it.effect("by somebody who learns nothing of a neighbour, not even that there is one", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asPortal } = yield* TestDatabase
      const mine = yield* sampleWorkspace()
      const theirs = yield* sampleWorkspace()
      const channel = yield* sampleChannel(mine)
      yield* sql`INSERT INTO channel_grant (channel_id, workspace_id) VALUES (${channel.channelId}, ${theirs.workspaceId})`
      const draft = yield* sampleCampaign({ workspace: mine, channels: [channel], state: "draft" })
      yield* sampleCampaign({ workspace: theirs, channels: [channel] })
      const author = yield* actor(mine.authorId, mine.workspaceId)
      const rows = yield* asPortal(
        author(
          Effect.flatMap(SqlClient, (portal) => portal<LaneRow>`SELECT * FROM forecast_loads(${draft.campaignId})`)
        )
      )
      assert.deepStrictEqual(
        rows.map((row) => row.campaign_id),
        [draft.campaignId]
      )
    })
  )

  it.effect(
    "of a triggered one, which has no finish but its end, and of one that waits for somebody, which has none",
    () =>
      Effect.gen(function* () {
        const workspace = yield* sampleWorkspace()
        const channel = yield* sampleChannel(workspace)
        const ends = new Date(Date.UTC(2028, 0, 1))
        const fed = yield* sampleTrigger({ workspace, channels: [channel], columns: { ends_at: ends } })
        assert.deepStrictEqual((yield* forecast(fed.campaignId))!.finishesAt, ends)
        const paused = yield* sampleCampaign({ workspace, channels: [channel], state: "paused" })
        const outlook = (yield* forecast(paused.campaignId))!
        assert.deepStrictEqual([outlook.finishesAt, outlook.limitedBy], [undefined, "person"])
        assert.deepStrictEqual(yield* kept([paused.campaignId]), [])
      })
  )
})
