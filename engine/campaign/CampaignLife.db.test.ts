import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { scopedSmsc } from "#bench/smsc/Smsc.ts"
import { eventually, isOver, makeCampaign, makeChannel, outcomes, tally } from "#engine/TestCampaigns.ts"
import { says, TestEngine } from "#engine/TestEngine.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { byForce } from "#schema/testing/sampleCampaign.ts"

const isSending = (campaignId: number) => Effect.map(Campaigns.progress(campaignId), ({ state }) => state === "sending")

const settled = (campaignId: number) => Effect.map(Campaigns.progress(campaignId), ({ moving }) => moving === 0)

layer(TestEngine.layer, { excludeTestServices: true })("a campaign's life", (it) => {
  it.effect("opens when its time has come, is sent, and closes", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 10, startsInSeconds: 1.5 })
      const [before] = yield* sql<{ at: number }>`
        SELECT extract(epoch FROM starts_at)::float8 * 1000 AS at FROM campaign WHERE id = ${campaign.campaignId}`
      const { log } = yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      const arrived = Array.from(smsc.received(), (row) => row.arrived)
      assert.strictEqual(arrived.length, 10)
      assert.isAtLeast(Math.min(...arrived), before!.at)
      const moves = yield* sql<{ action: string }>`
        SELECT action FROM campaign_transition WHERE campaign_id = ${campaign.campaignId} ORDER BY id`
      assert.deepStrictEqual(
        moves.map((move) => move.action),
        ["submit", "approve", "open", "close"]
      )
      const named = `campaign ${campaign.campaignId} "Campaign from ${campaign.firstNumber}"`
      yield* says(log, /is done/)
      const lines = log.filter((line) => line.includes(named))
      assert.deepStrictEqual(lines, [
        `Info ${named} is sending: 10 numbers`,
        `Info ${named} is done: 10 numbers, 10 accepted by the operator`
      ])
    })
  )

  it.effect("expires, and submits nothing, when its end has passed before it was opened", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 10 })
      // as if nobody had looked for so long
      yield* byForce("campaign", `UPDATE campaign SET ends_at = now() WHERE id = ${campaign.campaignId}`)
      const { log } = yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      const [{ state }] = (yield* sql<{ state: string }>`
        SELECT state FROM campaign WHERE id = ${campaign.campaignId}`) as [{ state: string }]
      assert.strictEqual(state, "expired")
      yield* says(log, /campaign \d+ ".*" is expired: 10 numbers/)
      assert.strictEqual(smsc.counts().submits, 0)
    })
  )

  it.effect("stops within a second at full speed: what had left keeps its outcome, all else is cancelled", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, latency: "5..20" })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 50_000 })
      yield* start
      yield* Effect.promise(() => smsc.until(({ submits }) => submits >= 5_000))
      yield* actAs(house.authorId, house.workspaceId)(Campaigns.move(campaign.campaignId, "stop"))
      const stoppedAt = performance.timeOrigin + performance.now()
      yield* eventually("nothing moves any more", settled(campaign.campaignId))
      const { accepted, submits } = smsc.counts()
      assert.strictEqual(submits, accepted)
      assert.isBelow(submits, 50_000)
      const lastArrived = Array.from(smsc.received(), (row) => row.arrived).reduce((a, b) => Math.max(a, b))
      assert.isBelow(lastArrived, stoppedAt + 1000)
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), {
        delivered: submits,
        cancelled: 50_000 - submits
      })
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaign.campaignId), [])
    })
  )

  it.effect("submits nothing after its end: what had left keeps its outcome, the rest is expired", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0, latency: "5..20" })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 500 })
      const wanted = { channels: [channel], numbers: 5_000, endsInSeconds: 5 }
      const [sent, paused] = [yield* makeCampaign(house, wanted), yield* makeCampaign(house, wanted)]
      const { log } = yield* start
      yield* eventually("the second is sending", isSending(paused.campaignId))
      yield* actAs(house.authorId, house.workspaceId)(Campaigns.move(paused.campaignId, "pause"))
      for (const campaign of [sent, paused]) {
        yield* eventually("the campaign is over", isOver(campaign.campaignId))
        const { accepted, expired, state } = yield* Campaigns.progress(campaign.campaignId)
        assert.strictEqual(state, "expired")
        assert.isAbove(expired, 0)
        assert.strictEqual(accepted + expired, 5_000)
        const delivered = accepted > 0 ? { delivered: accepted } : {}
        assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { expired, ...delivered })
        assert.deepStrictEqual(yield* Campaigns.checkLedger(campaign.campaignId), [])
        yield* says(log, new RegExp(`campaign ${campaign.campaignId} ".*" is expired: 5000 numbers`))
      }
      const [{ end }] = (yield* sql<{ end: number }>`
        SELECT extract(epoch FROM max(ends_at))::float8 * 1000 AS end FROM campaign
         WHERE id IN (${sent.campaignId}, ${paused.campaignId})`) as [{ end: number }]
      const lastArrived = Array.from(smsc.received(), (row) => row.arrived).reduce((a, b) => Math.max(a, b))
      assert.isBelow(lastArrived, end + 1000)
    })
  )

  it.effect("rests while its daily window is closed, wakes when it opens, and sends nothing before", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port)
      // by the clock of the day, which a window may end before it begins on: from two seconds hence, for an hour
      const [{ opens, window_from, window_to }] = (yield* sql`
        SELECT extract(epoch FROM t)::float8 * 1000 AS opens, t::time::text AS window_from, (t + interval '1 hour')::time::text AS window_to
          FROM (SELECT date_trunc('second', now() AT TIME ZONE 'UTC') + interval '3 seconds' AS t) AS soon`) as [
        { opens: number; window_from: string; window_to: string }
      ]
      const window = { time_zone: "UTC", window_from, window_to }
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 10, columns: window })
      const { log } = yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      const arrived = Array.from(smsc.received(), (row) => row.arrived)
      assert.strictEqual(arrived.length, 10)
      assert.isAtLeast(Math.min(...arrived), opens)
      const moves = yield* sql<{ action: string }>`
        SELECT action FROM campaign_transition WHERE campaign_id = ${campaign.campaignId} ORDER BY id`
      assert.deepStrictEqual(
        moves.map((move) => move.action),
        ["submit", "approve", "open", "rest", "wake", "close"]
      )
      yield* says(log, /is paused: 10 numbers/)
    })
  )

  it.effect("opens many that are due at the same second, each once, though two engines see them", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port)
      const starts_at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 4_000)
      const ids: Array<number> = []
      for (let n = 0; n < 60; n++)
        ids.push(
          (yield* makeCampaign(house, { channels: [channel], numbers: 2, columns: { mode: "scheduled", starts_at } }))
            .campaignId
        )
      yield* start
      yield* start
      yield* eventually(
        "all of them are over",
        Effect.map(Effect.forEach(ids, isOver), (over) => over.every((is) => is))
      )
      const opened = yield* sql<{ campaign_id: number; moved_at: Date }>`
        SELECT campaign_id, moved_at FROM campaign_transition
         WHERE action = 'open' AND campaign_id = ANY (${ids}::int[]) ORDER BY campaign_id`
      assert.deepStrictEqual(
        opened.map((move) => move.campaign_id),
        ids
      )
      assert.strictEqual(smsc.counts().submits, 120)
    })
  )

  it.effect("sends nothing while it can't be seen whether it was stopped, and goes on when it can", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 500 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 6_000 })
      yield* start
      yield* Effect.promise(() => smsc.until(({ submits }) => submits >= 100))
      // claims go on: they are made by a function of the owner
      yield* sql`REVOKE SELECT ON campaign FROM countersign_engine`
      let seen = { submits: 0, at: performance.now() }
      const isStill = Effect.sync(() => {
        const { submits } = smsc.counts()
        if (submits !== seen.submits) seen = { submits, at: performance.now() }
        return performance.now() - seen.at > 700
      })
      yield* eventually("nothing leaves any more", isStill)
      assert.isBelow(seen.submits, 6_000)
      yield* sql`GRANT SELECT ON campaign TO countersign_engine`
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.strictEqual(smsc.counts().submits, 6_000)
    })
  )

  it.effect("takes messages back that wait for another try when it is stopped", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, errors: "ESME_RSYSERR=1" })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 500 })
      yield* start
      yield* Effect.promise(() => smsc.until(({ byStatus }) => (byStatus.ESME_RSYSERR ?? 0) >= 500))
      yield* actAs(house.authorId, house.workspaceId)(Campaigns.move(campaign.campaignId, "stop"))
      yield* eventually("nothing moves any more", settled(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { cancelled: 500 })
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaign.campaignId), [])
    })
  )

  it.effect("pauses and goes on, as often as it is pressed, and sends to each number once", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, latency: "1..10" })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 30_000 })
      yield* start
      for (let round = 1; round <= 3; round++) {
        const already = smsc.counts().submits
        yield* Effect.promise(() => smsc.until(({ submits }) => submits >= already + 2_000))
        yield* actAs(house.authorId, house.workspaceId)(Campaigns.move(campaign.campaignId, "pause"))
        const pausedAt = performance.timeOrigin + performance.now()
        const standsStill = Effect.map(
          Campaigns.progress(campaign.campaignId),
          ({ accepted, unclaimed }) => accepted + unclaimed === campaign.numbers
        )
        yield* eventually("all in hand has gone back or out", standsStill)
        const lastArrived = Array.from(smsc.received(), (row) => row.arrived).reduce((a, b) => Math.max(a, b))
        assert.isBelow(lastArrived, pausedAt + 1000)
        assert.isBelow(smsc.counts().submits, 30_000)
        yield* actAs(house.authorId, house.workspaceId)(Campaigns.move(campaign.campaignId, "resume"))
      }
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.strictEqual(smsc.counts().submits, 30_000)
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 30_000 })
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaign.campaignId), [])
    })
  )

  it.effect("is held at the door, with a line in the log, as soon as its approvals don't count any more", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 2_000 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 5_000 })
      const { log } = yield* start
      yield* Effect.promise(() => smsc.until(({ submits }) => submits >= 500))
      yield* sql`UPDATE workspace SET approvals_needed = 2 WHERE id = ${house.workspaceId}`
      yield* says(log, /door stays shut: .* needs 2 approvals/)
      const inHand = Effect.map(
        Campaigns.progress(campaign.campaignId),
        ({ moving, unclaimed }) => moving === unclaimed
      )
      yield* eventually("what was claimed before is out", inHand)
      const { submits } = smsc.counts()
      assert.isBelow(submits, 5_000)
      assert.strictEqual(submits, 5_000 - (yield* Campaigns.progress(campaign.campaignId)).unclaimed)
      yield* sql`UPDATE workspace SET approvals_needed = 1 WHERE id = ${house.workspaceId}`
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.strictEqual(smsc.counts().submits, 5_000)
    })
  )

  it.effect("fails, with the reason on record, when its text has other parts on this channel than were approved", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 10, segments: 2 })
      const { log } = yield* start
      yield* eventually("the campaign has ended", isOver(campaign.campaignId))
      const rows = yield* sql<{ state: string; failure: string }>`
        SELECT state, failure FROM campaign WHERE id = ${campaign.campaignId}`
      assert.strictEqual(rows[0]!.state, "failed")
      assert.match(rows[0]!.failure, /1 parts on this channel, and 2 were approved/)
      yield* says(log, /^Error campaign .* is failed: 10 numbers.*2 were approved/)
      assert.strictEqual(smsc.counts().submits, 0)
    })
  )
})
