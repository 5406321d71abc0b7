import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { startEngine } from "#bench/crash/EngineProcess.ts"
import type { Leg } from "#bench/crash/leg.ts"
import { prove } from "#bench/crash/proof.ts"
import { scopedSmsc } from "#bench/smsc/Smsc.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { eventually, isOver, makeCampaign, makeChannel, makeHouse, outcomes, tally } from "./TestCampaigns.ts"

/** A short run of `npm run proof:crash`: at least one of everything. */
const plan: ReadonlyArray<Leg> = [
  { victim: "engine", times: 3, perSecond: undefined, onLostAnswer: "hold", numbers: 25_000 },
  { victim: "engine", times: 1, perSecond: 2_000, onLostAnswer: "resend", numbers: 3_000 },
  { victim: "postgres", times: 1, perSecond: 5_000, onLostAnswer: "hold", numbers: 8_000 },
  { victim: "sockets", times: 2, perSecond: undefined, onLostAnswer: "hold", numbers: 15_000 }
]

describe("whatever is killed", () => {
  it.live(
    "nothing is lost, nothing is sent twice, and every number is accounted for",
    () =>
      Effect.gen(function* () {
        const legs = yield* prove(plan, 7, () => {})
        assert.deepStrictEqual(
          legs.flatMap((leg) => leg.violations),
          []
        )
        for (const leg of legs) assert.isAbove(leg.kills, 0)
      }),
    90_000
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("SIGTERM", (it) => {
  it.effect(
    "in the middle of a campaign at full speed leaves nothing unknown, and the next start goes on from there",
    () =>
      Effect.gen(function* () {
        const { engineUrl } = yield* TestDatabase
        const sql = yield* SqlClient
        const smsc = yield* scopedSmsc({ port: 0, latency: "2..10" })
        const house = yield* makeHouse
        const channel = yield* makeChannel(house, smsc.port)
        const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 30_000 })
        const first = yield* startEngine(Redacted.value(engineUrl))
        yield* Effect.promise(() => smsc.until(({ submits }) => submits >= 5_000))
        yield* first.end("SIGTERM")
        assert.strictEqual(first.exitCode, 130)
        const { submits } = smsc.counts()
        assert.isBelow(submits, 30_000)
        const figures = yield* Campaigns.progress(campaign.campaignId)
        assert.deepInclude(figures, { state: "sending", unknown: 0, accepted: submits, unclaimed: 30_000 - submits })
        const open = yield* sql`SELECT FROM block WHERE lane_id = ${campaign.laneId} AND closed_at IS NULL`
        assert.strictEqual(open.length, 0)
        yield* startEngine(Redacted.value(engineUrl))
        yield* eventually("the campaign is over", isOver(campaign.campaignId))
        assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 30_000 })
        assert.strictEqual(smsc.counts().submits, 30_000)
        assert.deepStrictEqual(yield* Campaigns.checkLedger(campaign.campaignId), [])
      })
  )
})
