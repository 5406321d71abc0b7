/** That what is fed is sent: ahead of bulk, once a key, not to who asked to be left alone, and not while its campaign is paused. */
import { assert, layer } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { type Smsc, scopedSmsc } from "#bench/smsc/Smsc.ts"
import { eventually, type House, isOver, makeCampaign, makeChannel, outcomes } from "#engine/TestCampaigns.ts"
import { TestEngine } from "#engine/TestEngine.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { FED } from "#schema/campaign/FedHint.ts"
import { feed, feedAll, type Message } from "#schema/campaign/Triggers.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"

const inAnHour = () => new Date(Date.now() + 3_600_000)

const makeTrigger = (house: House, channel: number, columns: Readonly<Record<string, unknown>> = {}) =>
  makeCampaign(house, {
    channels: [channel],
    numbers: 0,
    columns: { mode: "trigger", ends_at: inAnHour(), ...columns }
  })

const author = (house: House) => actAs(house.authorId, house.workspaceId)

const inState = (campaignId: number, state: Campaigns.CampaignState) =>
  eventually(
    `campaign ${campaignId} is ${state}`,
    Effect.map(Campaigns.progress(campaignId), (p) => p.state === state)
  )

/** Its number, and how many submits came before it. */
const placesOf = (smsc: Smsc, number: number) =>
  Array.from(smsc.received(), (row, place) => ({ number: Number(row.destination), place })).filter(
    (row) => row.number === number
  )

const message = (key: string, number: number): Message => ({ key, number: `+${number}` })

layer(TestEngine.layer, { excludeTestServices: true })("a triggered message", (it) => {
  it.effect("goes ahead of thousands that were claimed before it", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      // one at a time is under way, and each is answered late: so places in the order of arrival tell who waited for whom
      const smsc = yield* scopedSmsc({ port: 0, latency: "200" })
      const channel = yield* makeChannel(house, smsc.port, { binds: 1, window_size: 1 })
      const bulk = yield* makeCampaign(house, { channels: [channel], numbers: 5_000 })
      const codes = yield* makeTrigger(house, channel)
      yield* start
      yield* inState(codes.campaignId, "sending")
      yield* Effect.promise(() => smsc.until(({ submits }) => submits >= 2))
      yield* eventually(
        "thousands are claimed",
        Effect.map(Campaigns.progress(bulk.campaignId), ({ unclaimed }) => unclaimed <= 2_000)
      )
      for (const n of [1, 2, 3]) {
        const number = 447_700_900_000 + n
        yield* author(house)(feed(codes.campaignId, message(`${n}`, number)))
        const fedAt = smsc.counts().submits
        yield* Effect.promise(() => smsc.until(() => placesOf(smsc, number).length > 0))
        assert.isBelow(placesOf(smsc, number)[0]!.place, fedAt + 10)
      }
      yield* author(house)(Campaigns.move(bulk.campaignId, "stop"))
    })
  )

  it.effect.each([null, 1_000])(
    "finds room in a window that bulk has filled, and waits for no answer, below a ceiling of %s",
    (perSecond) =>
      Effect.gen(function* () {
        const { house, start } = yield* TestEngine
        const sql = yield* SqlClient
        yield* sql`UPDATE workspace SET per_second = ${perSecond} WHERE id = ${house.workspaceId}`
        const smsc = yield* scopedSmsc({ port: 0, latency: "5000" })
        const channel = yield* makeChannel(house, smsc.port, { binds: 1, window_size: 20 })
        const codes = yield* makeTrigger(house, channel)
        yield* start
        yield* inState(codes.campaignId, "sending")
        const bulk = yield* makeCampaign(house, { channels: [channel], numbers: 1_000 })
        yield* Effect.promise(() => smsc.until(({ submits }) => submits >= 19))
        yield* author(house)(feed(codes.campaignId, message("a", 447_700_900_070)))
        yield* Effect.promise(() => smsc.until(({ submits }) => submits >= 20))
        assert.strictEqual(placesOf(smsc, 447_700_900_070)[0]!.place, 19)
        assert.strictEqual(smsc.counts().accepted, 0)
        yield* author(house)(Campaigns.move(bulk.campaignId, "stop"))
        yield* sql`UPDATE workspace SET per_second = NULL WHERE id = ${house.workspaceId}`
      })
  )

  it.effect("doesn't wait for another campaign's, which somebody takes long to commit", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port)
      const [slow, codes] = [yield* makeTrigger(house, channel), yield* makeTrigger(house, channel)]
      yield* start
      for (const { campaignId } of [slow, codes]) yield* inState(campaignId, "sending")
      const locked = yield* Deferred.make<void>()
      const lock = Effect.andThen(
        sql`SELECT FROM lane WHERE id = ${slow.laneId} FOR UPDATE`,
        Deferred.succeed(locked, undefined)
      )
      const feeding = yield* Effect.forkScoped(sql.withTransaction(Effect.andThen(lock, Effect.never)))
      yield* Deferred.await(locked)
      yield* sql`SELECT pg_notify(${FED}, ${`${slow.laneId} 1 ${channel}`})`
      yield* author(house)(feed(codes.campaignId, message("first", 447_700_900_071)))
      yield* Effect.promise(() => smsc.until(() => placesOf(smsc, 447_700_900_071).length > 0))
      assert.isUndefined(feeding.pollUnsafe())
      yield* Fiber.interrupt(feeding)
    })
  )

  it.effect("is sent once under its key, has its own text, and none to who is on the stop list", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port)
      const codes = yield* makeTrigger(house, channel, { text: "Your code is ((code))" })
      const stopped = 447_700_900_020
      yield* sql`INSERT INTO stop_list (workspace_id, msisdn, cause) VALUES (${house.workspaceId}, ${stopped}, 'asked')`
      yield* start
      yield* inState(codes.campaignId, "sending")
      const twice = { ...message("twice", 447_700_900_010), values: { code: "1234" } }
      const states = yield* Effect.all(
        Array.from({ length: 4 }, () => author(house)(feed(codes.campaignId, twice))),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(states.map(({ state }) => state).toSorted(), ["repeated", "repeated", "repeated", "taken"])
      const [left, alone] = yield* author(house)(
        feedAll(codes.campaignId, [
          { ...message("left", stopped), values: { code: "5" } },
          { ...message("last", 447_700_900_030), values: { code: "6" } }
        ])
      )
      assert.deepStrictEqual([left!.state, alone!.state], ["taken", "taken"])
      yield* eventually(
        "each has its outcome",
        Effect.map(Campaigns.progress(codes.campaignId), ({ audience, moving }) => audience === 3 && moving === 0)
      )
      assert.deepStrictEqual(
        yield* outcomes(codes.laneId),
        new Map([
          [447_700_900_010, "delivered"],
          [stopped, "suppressed"],
          [447_700_900_030, "delivered"]
        ])
      )
      assert.strictEqual(smsc.counts().submits, 2)
      assert.strictEqual(placesOf(smsc, 447_700_900_010).length, 1)
      assert.deepStrictEqual(yield* Campaigns.checkLedger(codes.campaignId), [])
    })
  )

  it.effect("waits while its campaign is paused, goes when it goes on, and at its end the campaign is done", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port)
      const codes = yield* makeTrigger(house, channel, { ends_at: new Date(Date.now() + 6_000) })
      const other = yield* makeTrigger(house, channel)
      yield* start
      yield* inState(codes.campaignId, "sending")
      yield* inState(other.campaignId, "sending")
      yield* author(house)(Campaigns.move(codes.campaignId, "pause"))
      for (const n of [1, 2, 3]) yield* author(house)(feed(codes.campaignId, message(`${n}`, 447_700_900_040 + n)))
      // what is fed elsewhere goes meanwhile
      yield* author(house)(feed(other.campaignId, message("a", 447_700_900_050)))
      yield* Effect.promise(() => smsc.until(() => placesOf(smsc, 447_700_900_050).length > 0))
      assert.strictEqual(smsc.counts().submits, 1)
      yield* author(house)(Campaigns.move(codes.campaignId, "resume"))
      yield* Effect.promise(() => smsc.until(({ submits }) => submits === 4))
      yield* eventually("its end has come", isOver(codes.campaignId))
      assert.deepInclude(yield* Campaigns.progress(codes.campaignId), { state: "done", delivered: 3 })
      assert.match(
        (yield* Effect.flip(author(house)(feed(codes.campaignId, message("late", 447_700_900_060))))).message,
        /is done, and takes no more messages/
      )
      assert.deepStrictEqual(yield* Campaigns.checkLedger(codes.campaignId), [])
    })
  )

  it.effect("is claimed no further ahead than bulk is, however many come at once", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 16 })
      const codes = yield* makeTrigger(house, channel)
      yield* start
      yield* inState(codes.campaignId, "sending")
      yield* author(house)(
        feedAll(
          codes.campaignId,
          Array.from({ length: 200 }, (_, i) => message(`${i}`, 447_700_901_000 + i))
        )
      )
      yield* Effect.promise(() => smsc.until(({ submits }) => submits >= 5))
      const { accepted, moving, unclaimed } = yield* Campaigns.progress(codes.campaignId)
      // an eighth of a second, twice, and what was sent since it was counted
      assert.isAtLeast(unclaimed, 200 - smsc.counts().submits - 8, JSON.stringify({ accepted, moving, unclaimed }))
      yield* author(house)(Campaigns.move(codes.campaignId, "stop"))
    })
  )
})
