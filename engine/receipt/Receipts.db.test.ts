import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { scopedSmsc } from "#bench/smsc/Smsc.ts"
import { eventually, isOver, makeCampaign, makeChannel, outcomes, type Sealed, tally } from "#engine/TestCampaigns.ts"
import { TestEngine } from "#engine/TestEngine.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"

const parked = (channelId: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const [row] = yield* sql<{ n: number }>`
      SELECT coalesce(sum(cardinality(message_key)), 0)::int AS n FROM parked_receipt WHERE channel_id = ${channelId}`
    return row!.n
  })

const dressOf = (channelId: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const [row] = yield* sql<{
      dress: string | null
    }>`SELECT message_id_dress AS dress FROM channel WHERE id = ${channelId}`
    return row!.dress
  })

const allDelivered = Effect.fnUntraced(function* (campaign: Sealed) {
  yield* eventually("the campaign is over", isOver(campaign.campaignId))
  assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: campaign.numbers })
  assert.deepStrictEqual(yield* Campaigns.checkLedger(campaign.campaignId), [])
})

const accepted = (campaign: Sealed) =>
  eventually(
    "every number is accepted",
    Effect.map(Campaigns.progress(campaign.campaignId), (p) => p.accepted === campaign.numbers)
  )

layer(TestEngine.layer, { excludeTestServices: true })("receipts", (it) => {
  it.effect("are acknowledged only after the commit that holds them", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0, receiptDelay: "700" })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 50 })
      yield* start
      yield* accepted(campaign)
      assert.strictEqual(smsc.counts().receiptsSent, 0)
      yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`SELECT FROM channel WHERE id = ${channel} FOR UPDATE`
          yield* Effect.promise(() => smsc.until(({ receiptsSent }) => receiptsSent === 50))
          const flushWaits = Effect.map(
            sql`SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))`,
            (rows) => rows.length > 0
          )
          yield* eventually("the flush waits for us", flushWaits)
          assert.strictEqual(smsc.counts().receiptsAcked, 0)
        })
      )
      yield* Effect.promise(() => smsc.until(({ receiptsAcked }) => receiptsAcked === 50))
      yield* allDelivered(campaign)
    })
  )

  it.effect("find their message when they come before its answer, on another bind, or twice", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, latency: "5..30", early: 0.5, stray: 0.5, duplicate: 0.1 })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 4_000 })
      yield* start
      yield* allDelivered(campaign)
      yield* Effect.promise(() => smsc.until((c) => c.receiptsAcked === c.receiptsSent && c.receiptsWaiting === 0))
      assert.isAbove(smsc.counts().receiptsSent, 4_000)
    })
  )

  it.effect("find their message in whatever dress the operator puts its id, and the dress is remembered", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const asDecimal = yield* scopedSmsc({ port: 0, id: "HEX", idWidth: 16, receiptId: "decimal", idBase: 1_000_000 })
      const asHex = yield* scopedSmsc({
        port: 0,
        id: "decimal",
        receiptId: "hex",
        receiptIdWidth: 12,
        idBase: 1_000_000
      })
      const first = yield* makeChannel(house, asDecimal.port)
      const second = yield* makeChannel(house, asHex.port)
      const sent = [
        yield* makeCampaign(house, { channels: [first], numbers: 2_000 }),
        yield* makeCampaign(house, { channels: [second], numbers: 2_000 })
      ]
      yield* start
      for (const campaign of sent) yield* allDelivered(campaign)
      yield* eventually(
        "the first is remembered",
        Effect.map(dressOf(first), (dress) => dress === "hexToDecimal")
      )
      yield* eventually(
        "the second is remembered",
        Effect.map(dressOf(second), (dress) => dress === "decimalToHex")
      )
    })
  )

  it.effect("that came before anything was known of the dress find their message later", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({
        port: 0,
        id: "hex",
        receiptId: "decimal",
        idBase: 0xabc000,
        latency: "20",
        early: 0.3
      })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 200 })
      yield* start
      yield* allDelivered(campaign)
    })
  )

  it.effect("that come after a restart are acknowledged, parked, and matched in bulk, in the remembered dress", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({
        port: 0,
        receiptDelay: "1500",
        id: "hex",
        receiptId: "decimal",
        idBase: 0xabcdef
      })
      const channel = yield* makeChannel(house, smsc.port, { message_id_dress: "hexToDecimal" })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 3_000 })
      const { stop } = yield* start
      yield* accepted(campaign)
      yield* stop
      yield* start
      yield* Effect.promise(() => smsc.until(({ receiptsAcked }) => receiptsAcked === 3_000))
      assert.strictEqual((yield* Campaigns.progress(campaign.campaignId)).delivered, 0)
      yield* allDelivered(campaign)
      yield* eventually(
        "nothing is parked",
        Effect.map(parked(channel), (n) => n === 0)
      )
      const unfinished = yield* sql`SELECT FROM block WHERE lane_id = ${campaign.laneId} AND finished_at IS NULL`
      assert.strictEqual(unfinished.length, 0)
    })
  )

  it.effect("that come late find their message though they write its number without the country", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0, receipts: false })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 20 })
      const { stop } = yield* start
      yield* accepted(campaign)
      yield* stop
      // what the inbox parks of a receipt, but from the number as it is dialled at home
      yield* sql`
        INSERT INTO parked_receipt (channel_id, message_key, msisdn, state, error)
        SELECT ${channel}, array_agg(lower(ltrim(message_id, '0'))), array_agg(msisdn % 1000000000), array_agg(2::smallint), array_agg('000'::text)
          FROM ledger_rows(${campaign.laneId}, 0, 20)`
      yield* start
      yield* allDelivered(campaign)
    })
  )

  it.effect("that the operator kept while nobody listened, for longer than they are waited for, are heard first", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0, receiptDelay: "1000" })
      const channel = yield* makeChannel(house, smsc.port, { receipt_wait: "1 hour" })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 200 })
      const { stop } = yield* start
      yield* accepted(campaign)
      yield* stop
      yield* sql`UPDATE block SET closed_at = closed_at - interval '2 hours' WHERE lane_id = ${campaign.laneId}`
      yield* start
      yield* allDelivered(campaign)
    })
  )

  it.effect("that never come leave their number unknown when the channel's patience is over", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, receipts: false })
      const channel = yield* makeChannel(house, smsc.port, { receipt_wait: "1 second" })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 300 })
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { unknown: 300 })
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaign.campaignId), [])
    })
  )

  it.effect("of messages that were never answered are acknowledged and kept for a while, and change nothing", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, silent: 1, silentReceipts: true })
      const channel = yield* makeChannel(house, smsc.port, {
        response_seconds: 1,
        receipt_wait: "3 seconds",
        message_id_dress: "same"
      })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 40 })
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      yield* Effect.promise(() => smsc.until(({ receiptsAcked }) => receiptsAcked === 40))
      yield* eventually(
        "they are parked",
        Effect.map(parked(channel), (n) => n === 40)
      )
      yield* eventually(
        "and go in the end",
        Effect.map(parked(channel), (n) => n === 0)
      )
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { unknown: 40 })
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaign.campaignId), [])
    })
  )
})
