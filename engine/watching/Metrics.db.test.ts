/** Each of our metrics is wired to what it speaks of: in a run with everything that can happen, each one moves. */
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { scopedSmsc } from "#bench/smsc/Smsc.ts"
import { monotonicClock } from "#engine/dispatch/MonotonicClock.ts"
import { engine } from "#engine/Engine.ts"
import { eventually, isOver, makeCampaign, makeChannel, outcomes } from "#engine/TestCampaigns.ts"
import { TestEngine } from "#engine/TestEngine.ts"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { metricsIn, ours } from "./describeMetrics.ts"
import { Health } from "./Health.ts"
import { metricsOf } from "./Metrics.ts"
import { Watched, Watching } from "./Watched.ts"

interface Line {
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** An engine's registry, and every series that it has ever shown, with all its values. */
const watched = () => {
  const watching = new Watching()
  const health = new Health(watching)
  const registry = metricsOf(watching, health, monotonicClock.now)
  const seen = new Map<string, Set<number>>()
  const labels: Array<readonly [name: string, label: string, value: string]> = []
  const scrape = Effect.promise(async () => {
    health.look(monotonicClock.now())
    const now = new Map<string, number>()
    for (const { name, values } of (await registry.getMetricsAsJSON()) as unknown as Array<{
      name: string
      values: Array<Line>
    }>)
      for (const line of values) {
        const series = `${line.metricName ?? name} ${Object.entries(line.labels).sort().join(" ")}`
        now.set(series, line.value)
        seen.set(series, (seen.get(series) ?? new Set()).add(line.value))
        for (const [label, value] of Object.entries(line.labels)) if (label !== "le") labels.push([name, label, value])
      }
    return now
  })
  /** Of all series whose metric begins so: the sum. */
  const sum = (prefix: string) =>
    Effect.map(scrape, (now) => [...now].filter(([s]) => s.startsWith(prefix)).reduce((n, [, value]) => n + value, 0))
  return { watching, registry, seen, labels, scrape, sum, life: Effect.provideService(engine, Watched, watching) }
}

layer(TestEngine.layer, { excludeTestServices: true })("the metrics of an engine", (it) => {
  it.effect("move, each of them, and have no label but channels and closed sets", () =>
    Effect.gen(function* () {
      const { house, startLife } = yield* TestEngine
      const sql = yield* SqlClient
      const { life, labels, registry, scrape, seen, sum, watching } = watched()
      yield* scrape
      const smsc = yield* scopedSmsc({
        port: 0,
        latency: "20",
        errors: "ESME_RINVDSTADR=5%,ESME_RTHROTTLED=1%,ESME_RSYSERR=1%",
        silent: "1%",
        receiptMix: "DELIVRD=8,UNDELIV=1,EXPIRED=1",
        duplicate: "100%"
      })
      const channel = yield* makeChannel(house, smsc.port, { name: "Metered", per_second: 50, response_seconds: 2 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 600 })
      const { stop } = yield* startLife(life)
      const until = (prefix: string, isSo: (n: number) => boolean) =>
        eventually(prefix, Effect.map(sum(prefix), isSo), 60)
      yield* until("countersign_channel_claimed_recipients_total", (n) => n > 0)
      // somebody changes the campaign: the door is busy
      const busy = yield* Effect.forkChild(
        sql.withTransaction(
          Effect.andThen(
            sql`SELECT FROM campaign WHERE id = ${campaign.campaignId} FOR UPDATE`,
            until("countersign_channel_refused_claims_total", (n) => n > 0)
          )
        )
      )
      yield* Fiber.join(busy)
      yield* sql`UPDATE channel SET per_second = 2000 WHERE id = ${channel}`
      smsc.cutSockets()
      yield* until("countersign_channel_parked_receipts_total", (n) => n > 0)
      yield* eventually(
        "all is over",
        Effect.tap(isOver(campaign.campaignId), () => scrape),
        60
      )
      const ledger = yield* outcomes(campaign.laneId)
      const answered = [...ledger.values()].filter((outcome) => outcome === "delivered").length
      assert.strictEqual(yield* sum("countersign_channel_receipts_total channel,Metered state,delivered"), answered)
      const submitted = yield* sum("countersign_channel_submitted_messages_total")
      assert.strictEqual(yield* sum("countersign_channel_answers_total"), submitted)
      // what was written to a socket that was cut may not have come through
      assert.isAtLeast(submitted, smsc.counts().submits)
      assert.isAbove(smsc.counts().submits, 600)
      yield* stop
      yield* scrape

      const still = metricsIn(registry).filter(({ name }) => {
        const series = [...seen].filter(([s]) => new RegExp(`^${name}(_bucket|_sum|_count)? `).test(s))
        // a setting, or the version, moves from not being there to what it is
        return !series.some(([, values]) => values.size > 1 || [...values].some((value) => value > 0))
      })
      assert.deepStrictEqual(
        still.map(({ name }) => name),
        []
      )
      const names = new Set([...watching].map(({ name }) => name).concat("Metered"))
      for (const [name, label, value] of labels) {
        const allowed = ours.get(name)!.labels[label]!
        assert.isTrue(allowed === "channels" ? names.has(value) : allowed.includes(value), `${name} ${label}=${value}`)
      }
    })
  )

  it.effect(
    "go on counting where they were when a channel is disabled and enabled again, and show nothing of it meanwhile",
    () =>
      Effect.gen(function* () {
        const { house, startLife } = yield* TestEngine
        const sql = yield* SqlClient
        const { life, sum } = watched()
        const smsc = yield* scopedSmsc({ port: 0 })
        const channel = yield* makeChannel(house, smsc.port, { name: "Comes and goes" })
        yield* startLife(life)
        const first = yield* makeCampaign(house, { channels: [channel], numbers: 30 })
        yield* eventually("the first is over", isOver(first.campaignId))
        const submitted = sum("countersign_channel_submitted_messages_total")
        const configured = sum("countersign_channel_configured_binds")
        assert.strictEqual(yield* submitted, 30)
        yield* sql`UPDATE channel SET enabled = false WHERE id = ${channel}`
        yield* eventually(
          "it is gone",
          Effect.map(configured, (n) => n === 0)
        )
        yield* sql`UPDATE channel SET enabled = true WHERE id = ${channel}`
        const second = yield* makeCampaign(house, { channels: [channel], numbers: 12 })
        yield* eventually("the second is over", isOver(second.campaignId))
        assert.strictEqual(yield* submitted, 42)
      })
  )

  it.effect("tell when the database answered last, and that it is so is part of being ready", () =>
    Effect.gen(function* () {
      const { house, startLife } = yield* TestEngine
      const { asOwner } = yield* TestDatabase
      const sql = yield* asOwner(SqlClient)
      const { life, sum } = watched()
      const smsc = yield* scopedSmsc({ port: 0 })
      yield* makeChannel(house, smsc.port)
      yield* startLife(life)
      yield* eventually(
        "ready",
        Effect.map(sum("countersign_ready"), (n) => n === 1)
      )
      const answered = sum("countersign_database_answered_timestamp_seconds")
      const first = yield* answered
      yield* eventually(
        "asked again",
        Effect.map(answered, (n) => n > first)
      )
      const [clock] = yield* sql<{ now: number }>`SELECT extract(epoch FROM clock_timestamp())::float8 AS now`
      assert.approximately(yield* answered, clock!.now, 30)
    })
  )
})
