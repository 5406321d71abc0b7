import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, SubscriptionRef } from "effect"
import { type Smsc, scopedSmsc } from "#bench/smsc/Smsc.ts"
import { engine } from "#engine/Engine.ts"
import { eventually, isOver, makeCampaign, makeChannel, outcomes, type Sealed, tally } from "#engine/TestCampaigns.ts"
import { says, TestEngine } from "#engine/TestEngine.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import * as Channels from "#schema/channel/Channels.ts"
import * as Database from "#schema/Database.ts"
import { SqlClient } from "#schema/Database.ts"
import { ClaimError } from "#schema/ledger/Door.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { channelLife } from "./ChannelLife.ts"

const submitted = (smsc: Smsc, atLeast: number) => Effect.promise(() => smsc.until(({ submits }) => submits >= atLeast))

const sentOnce = (smsc: Smsc) => {
  const numbers = Array.from(smsc.received(), (row) => row.destination)
  assert.strictEqual(new Set(numbers).size, numbers.length)
}

const addsUp = Effect.fnUntraced(function* (campaign: Sealed) {
  assert.deepStrictEqual(yield* Campaigns.checkLedger(campaign.campaignId), [])
})

layer(TestEngine.layer, { excludeTestServices: true })("a channel's life", (it) => {
  it.effect("drained at full speed leaves nothing unknown, and the next life goes on where it was", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, latency: "2..20" })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 30_000 })
      for (let life = 1; life <= 3; life++) {
        const { log, stop } = yield* start
        yield* submitted(smsc, life * 5_000)
        yield* stop
        assert.isFalse(log.some((line) => line.includes("settled")))
        const figures = yield* Campaigns.progress(campaign.campaignId)
        assert.strictEqual(figures.accepted, smsc.counts().submits)
        assert.strictEqual(figures.unclaimed, 30_000 - smsc.counts().submits)
        assert.strictEqual(figures.unknown, 0)
        assert.strictEqual(smsc.counts().binds, 0)
      }
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 30_000 })
      assert.strictEqual(smsc.counts().submits, 30_000)
      yield* addsUp(campaign)
    })
  )

  it.effect("takes a message of several parts back whole when none of them was accepted", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, errors: "ESME_RTHROTTLED=100%" })
      const channel = yield* makeChannel(house, smsc.port)
      const text = "ж".repeat(150)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 100, text, segments: 3 })
      const { stop } = yield* start
      yield* submitted(smsc, 30)
      yield* stop
      const drained = yield* Campaigns.progress(campaign.campaignId)
      assert.deepStrictEqual([drained.rejected, drained.unknown, drained.unclaimed], [0, 0, 100])
      smsc.control({ errors: "" })
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 100 })
      yield* addsUp(campaign)
    })
  )

  it.effect("waits for its windows when it drains, and takes back what was refused for the moment", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, latency: "600", errors: "ESME_RSYSERR=50%" })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 400 })
      const { stop } = yield* start
      yield* submitted(smsc, 200)
      yield* stop
      const { accepted, submits } = smsc.counts()
      assert.strictEqual(submits, 200)
      const figures = yield* Campaigns.progress(campaign.campaignId)
      assert.strictEqual(figures.accepted, accepted)
      assert.strictEqual(figures.unclaimed, 400 - accepted)
      smsc.control({ errors: "", latency: "0" })
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 400 })
      yield* addsUp(campaign)
    })
  )

  it.effect(
    "gives up waiting for an operator that doesn't answer: what was in the air is unknown, all else goes back",
    () =>
      Effect.gen(function* () {
        const { house, start } = yield* TestEngine
        const smsc = yield* scopedSmsc({ port: 0, silent: 1 })
        const channel = yield* makeChannel(house, smsc.port, { response_seconds: 1 })
        const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 1_000 })
        const { stop } = yield* start
        yield* submitted(smsc, 200)
        yield* stop
        const figures = yield* Campaigns.progress(campaign.campaignId)
        assert.strictEqual(figures.unknown, smsc.counts().submits)
        assert.strictEqual(figures.unclaimed, 1_000 - smsc.counts().submits)
      })
  )

  it.effect("gives back marked, where its approvers chose to send again, what the operator never answered", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0, silent: 1 })
      const channel = yield* makeChannel(house, smsc.port, { response_seconds: 1, window_size: 25 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 200, onLostAnswer: "resend" })
      const { stop } = yield* start
      yield* submitted(smsc, 50)
      yield* stop
      const lost = new Set(Array.from(smsc.received(), (row) => row.destination)).size
      const lane = sql`SELECT multirange_size(resend) AS lost, recipients - next_seq + 1 + multirange_size(returned) AS new
                         FROM lane WHERE id = ${campaign.laneId}`
      assert.deepStrictEqual(yield* lane, [{ lost, new: 200 - lost }])
      smsc.control({ silent: 0 })
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 200 })
      const [marked] = yield* sql`
        SELECT sum(last_seq - first_seq + 1)::int AS n FROM block WHERE lane_id = ${campaign.laneId} AND resend`
      assert.deepStrictEqual(marked, { n: lost })
      yield* addsUp(campaign)
    })
  )

  it.effect("ends when another engine has taken the channel: it can't claim nor write, and nothing is sent twice", () =>
    Effect.gen(function* () {
      const { house, start, startLife } = yield* TestEngine
      const { asEngine } = yield* TestDatabase
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 10_000 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 20_000 })
      yield* Campaigns.move(campaign.campaignId, "open")
      const [settings] = (yield* Channels.enabled).channels.filter(({ id }) => id === channel)
      const old = yield* startLife(channelLife(yield* SubscriptionRef.make(settings!)))
      yield* submitted(smsc, 3_000)
      const epoch = yield* asEngine(Channels.take(channel))
      const settled = yield* asEngine(Channels.settle(channel, epoch!))
      const end = yield* Effect.flip(old.ended)
      assert.instanceOf(end, ClaimError)
      assert.strictEqual((end as ClaimError).reason, "EpochOver")
      const { submits } = smsc.counts()
      assert.isBelow(submits, 20_000)
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      sentOnce(smsc)
      const ledger = yield* outcomes(campaign.laneId)
      assert.strictEqual(tally(ledger).delivered! + settled.unknown, 20_000)
      assert.strictEqual(tally(ledger).unknown ?? 0, settled.unknown)
      // half a second of the contract, the windows, and what a flush had not yet carried
      assert.isAtMost(settled.unknown, 5_000 + 200 + 2_000)
      yield* addsUp(campaign)
    })
  )

  it.effect("stands by while another engine has the channel, and takes over when that one ends", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 5_000 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 12_000 })
      const first = yield* start
      yield* submitted(smsc, 1)
      yield* start
      yield* submitted(smsc, 4_000)
      const [{ epoch }] = (yield* sql<{ epoch: number }>`SELECT epoch FROM channel WHERE id = ${channel}`) as [
        { epoch: number }
      ]
      assert.strictEqual(epoch, 1)
      assert.strictEqual(smsc.counts().bindsEver, 2)
      yield* first.stop
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 12_000 })
      sentOnce(smsc)
      yield* addsUp(campaign)
    })
  )

  it.effect("keeps its channel when Postgres cuts every connection, though another engine stands by", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 1_000 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 9_000 })
      const held = Effect.map(
        sql`SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = ${channel}`,
        (locks) => locks.length === 1
      )
      yield* start
      yield* submitted(smsc, 1)
      yield* start
      yield* submitted(smsc, 1_500)
      yield* sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                  WHERE datname = current_database() AND pid <> pg_backend_pid()`
      for (const cutAt of [3_000, 4_500, 6_000, 7_500]) {
        yield* submitted(smsc, cutAt)
        yield* eventually("the channel is held", held)
        yield* sql`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = ${channel}`
      }
      yield* eventually("the campaign is over", isOver(campaign.campaignId), 30)
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 9_000 })
      const owner = yield* sql`SELECT epoch FROM channel WHERE id = ${channel}`
      assert.deepStrictEqual(owner, [{ epoch: 1 }])
      yield* eventually("the channel is held again", held)
      sentOnce(smsc)
    })
  )

  it.effect("ends, also while it has nothing to do, when another engine has taken the channel", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const { asEngine } = yield* TestDatabase
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port)
      const { log } = yield* start
      yield* Effect.promise(() => smsc.until(({ binds }) => binds === 2))
      yield* asEngine(Channels.take(channel))
      yield* eventually(
        "its binds are down",
        Effect.sync(() => smsc.counts().binds === 0)
      )
      yield* says(log, /epoch 1 is over/)
    })
  )

  it.effect("submits nothing more once it is stopped, also while a claim of its own gets no answer", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 400 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 5_000 })
      const { stop } = yield* start
      yield* submitted(smsc, 100)
      const { atStop, late, stopping } = yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`SELECT FROM lane WHERE id = ${campaign.laneId} FOR UPDATE`
          yield* eventually(
            "a claim waits for the lane",
            Effect.map(
              sql`SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))`,
              (rows) => rows.length > 0
            )
          )
          const atStop = smsc.counts().submits
          const stopping = yield* Effect.forkScoped(stop)
          yield* Effect.timeoutOption(Fiber.join(stopping), "1 second")
          return { atStop, late: smsc.counts().submits - atStop, stopping }
        })
      )
      yield* Fiber.join(stopping)
      // what the turn that was under way wrote
      assert.isAtMost(late, 10)
      const { accepted, unclaimed, unknown } = yield* Campaigns.progress(campaign.campaignId)
      assert.deepStrictEqual(
        { accepted, unclaimed, unknown },
        { accepted: atStop + late, unclaimed: 5_000 - atStop - late, unknown: 0 }
      )
    })
  )

  it.effect("has no more in hand than its pace allows, within moments of being slowed down", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0, latency: "100" })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 20_000 })
      yield* start
      yield* submitted(smsc, 1_000)
      yield* sql`UPDATE channel SET per_second = 10 WHERE id = ${channel}`
      yield* eventually(
        "the rest is back in its lane",
        Effect.map(
          Campaigns.progress(campaign.campaignId),
          ({ accepted, unclaimed }) => 20_000 - accepted - unclaimed <= 8
        )
      )
      yield* sql`UPDATE channel SET per_second = NULL WHERE id = ${channel}`
      yield* eventually("the campaign is over", isOver(campaign.campaignId), 30)
      sentOnce(smsc)
    })
  )

  it.effect("needs no connections of its own: more channels than connections are served", () =>
    Effect.gen(function* () {
      const { house, startLife } = yield* TestEngine
      const { engineUrl } = yield* TestDatabase
      const smsc = yield* scopedSmsc({ port: 0 })
      const channels = yield* Effect.forEach([1, 2, 3, 4, 5, 6], () => makeChannel(house, smsc.port, { binds: 1 }))
      const campaigns = yield* Effect.forEach(channels, (channel) =>
        makeCampaign(house, { channels: [channel], numbers: 100 })
      )
      const pool = Database.layer(engineUrl, { applicationName: "a small engine", maxConnections: 4 })
      yield* startLife(Effect.provide(engine, pool))
      for (const campaign of campaigns) yield* eventually("each campaign is over", isOver(campaign.campaignId))
      assert.strictEqual(smsc.counts().binds, 6)
    })
  )

  it.effect("binds with a corrected password at once, and loses nothing when its window changes at full speed", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0, latency: "2..10", receiptDelay: "300" })
      const wrong = { binds: 2, per_second: 4_000, system_id: "proof" }
      const channel = yield* makeChannel(house, smsc.port, { ...wrong, password: "secret", port: 1 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 20_000 })
      const { log } = yield* start
      yield* says(log, /127\.0\.0\.1:1\b/)
      yield* sql`UPDATE channel SET port = ${smsc.port} WHERE id = ${channel}`
      yield* submitted(smsc, 4_000)
      yield* sql`UPDATE channel SET binds = 3, window_size = 20 WHERE id = ${channel}`
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 20_000 })
      assert.strictEqual(smsc.counts().binds, 3)
      assert.deepStrictEqual(yield* sql`SELECT epoch FROM channel WHERE id = ${channel}`, [{ epoch: 1 }])
      sentOnce(smsc)
    })
  )

  it.effect("goes at a new pace as soon as its row says so", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      // at its first pace it would take ten minutes
      const channel = yield* makeChannel(house, smsc.port, { per_second: 10 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 6_000 })
      yield* start
      yield* submitted(smsc, 3)
      yield* sql`UPDATE channel SET per_second = 5000 WHERE id = ${channel}`
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.strictEqual(smsc.counts().bindsEver, 2)
    })
  )

  it.effect("that drains for long keeps no other channel waiting", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const mute = yield* scopedSmsc({ port: 0, silent: 1 })
      const smsc = yield* scopedSmsc({ port: 0 })
      const slow = yield* makeChannel(house, mute.port, { response_seconds: 8 })
      yield* makeCampaign(house, { channels: [slow], numbers: 100 })
      yield* start
      yield* submitted(mute, 100)
      yield* sql`UPDATE channel SET enabled = false WHERE id = ${slow}`
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 100 })
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.strictEqual(mute.counts().binds, 2)
    })
  )
})
