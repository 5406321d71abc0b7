/** What a report says, and when; time is a number here. Health.db.test.ts asks a real engine. */
import { assert, describe, it } from "@effect/vitest"
import { DATABASE_SILENT_MS, Health, STATEMENT_MS, STUCK_MS, UNBOUND_MS } from "./Health.ts"
import { type WatchedChannel, Watching } from "./Watched.ts"

const row = { id: 7, name: "North", per_second: null, bind_mode: "transceiver", binds: 2 } as const

/** An engine that read its rows at 0, and its channel, which serves with this traffic. */
const engineWith = (traffic?: { bound: boolean; couldSubmit: boolean }) => {
  const watching = new Watching()
  watching.readChannels([row], [])
  watching.readCampaigns([])
  const channel = watching.channel(row)
  const is = (now: { bound: boolean; couldSubmit: boolean }) => {
    const waitingByKind = { urgent: 0, retry: 0, paced: 0, bulk: 0 }
    const of = { binds: 2, bound: now.bound, inFlight: 0, waitingByKind, couldSubmit: () => now.couldSubmit }
    channel.serving = { traffic: of, journal: { waiting: 0 }, pacer: { perSecond: 100 } }
  }
  if (traffic !== undefined) is(traffic)
  const health = new Health(watching)
  // whole, so that what is added to it is exact
  const at = Math.round(watching.channelsReadAt!)
  watching.channelsReadAt = watching.campaignsReadAt = at
  return { watching, channel, health, is, at }
}

const FINE = { bound: true, couldSubmit: false }
const said = (health: Health, now: number) =>
  health.report(now).problems.map(({ problem, where }) => `${where}: ${problem}`)

/** Looks every second from one moment to the next, as the engine does; rows are read each time. */
const looked = (engine: ReturnType<typeof engineWith>, from: number, to: number, each = (_: WatchedChannel) => {}) => {
  for (let now = from; now <= to; now += 1_000) {
    each(engine.channel)
    engine.health.look(now)
    engine.watching.channelsReadAt = engine.watching.campaignsReadAt = now
  }
}

describe("Health", () => {
  it("is not ready before the database has told of channels and of campaigns, and says to see to Postgres", () => {
    const watching = new Watching()
    const report = new Health(watching).report(0)
    assert.isFalse(report.ready)
    assert.strictEqual(report.problems.length, 2)
    assert.match(report.problems[0]!.todo, /^See that Postgres runs/)
    watching.readChannels([], [])
    watching.readCampaigns([])
    assert.deepStrictEqual(new Health(watching).report(watching.channelsReadAt!), { ready: true, problems: [] })
  })

  it("is ready as long as the database answered lately, and not a moment longer", () => {
    const { at, health, watching } = engineWith(FINE)
    watching.campaignsReadAt = at
    assert.isTrue(health.report(at + DATABASE_SILENT_MS).ready)
    assert.deepStrictEqual(said(health, at + DATABASE_SILENT_MS + 1), [
      "database: it last told 10 s ago which channels there are",
      "database: it last told 10 s ago which campaigns there are"
    ])
  })

  it("bears with a channel that binds anew for a minute, and counts from when it was bound last", () => {
    const engine = engineWith({ bound: false, couldSubmit: false })
    const { at, health } = engine
    looked(engine, at, at + UNBOUND_MS)
    assert.deepStrictEqual(said(health, at + UNBOUND_MS), [])
    assert.deepStrictEqual(said(health, at + UNBOUND_MS + 1), ["North: no bind both sends and hears, for 60 s"])
    engine.is(FINE)
    looked(engine, at + 70_000, at + 71_000)
    assert.deepStrictEqual(said(health, at + 71_000), [])
    engine.is({ bound: false, couldSubmit: false })
    looked(engine, at + 72_000, at + 130_000)
    assert.deepStrictEqual(said(health, at + 130_000), [])
  })

  it("does not ask for binds of a channel that another engine has", () => {
    const engine = engineWith()
    engine.channel.standsBy = true
    looked(engine, engine.at, engine.at + 10 * UNBOUND_MS)
    assert.deepStrictEqual(said(engine.health, engine.at + 10 * UNBOUND_MS), [])
  })

  it("names a channel whose life never comes to serve", () => {
    const engine = engineWith()
    looked(engine, engine.at, engine.at + UNBOUND_MS + 1_000)
    assert.deepStrictEqual(said(engine.health, engine.at + UNBOUND_MS + 1_000), [
      "North: no bind both sends and hears, for 61 s"
    ])
  })

  it("is not ready while messages could leave and none does; one that leaves makes it ready again", () => {
    const engine = engineWith({ bound: true, couldSubmit: true })
    const { at, health } = engine
    looked(engine, at, at + 30_000, ({ counts }) => counts.submitted++)
    assert.deepStrictEqual(said(health, at + 30_000), [])
    looked(engine, at + 31_000, at + 42_000)
    assert.deepStrictEqual(said(health, at + 31_000 + STUCK_MS), [])
    assert.deepStrictEqual(said(health, at + 42_000), ["North: messages wait and could leave, and none has for 11 s"])
    engine.channel.counts.submitted++
    looked(engine, at + 43_000, at + 43_000)
    assert.deepStrictEqual(said(health, at + 43_000), [])
  })

  it("does not take waiting for a time, a window or a pace for being stuck", () => {
    const engine = engineWith(FINE)
    looked(engine, engine.at, engine.at + 10 * STUCK_MS)
    assert.deepStrictEqual(said(engine.health, engine.at + 10 * STUCK_MS), [])
  })

  it("names a flush and a claim that don't come to an end", () => {
    const engine = engineWith(FINE)
    const { at, channel, health } = engine
    channel.counts.flushingSince = at
    // a later claim beside it is none of its business
    channel.counts.claiming.add({ since: at + 5_000 })
    channel.counts.claiming.add({ since: at + 9_000 })
    looked(engine, at, at + STATEMENT_MS)
    assert.deepStrictEqual(said(health, at + STATEMENT_MS), [])
    looked(engine, at + STATEMENT_MS, at + 21_000)
    assert.deepStrictEqual(said(health, at + 21_000), [
      "North: a flush has been under way for 21 s",
      "North: a claim has been under way for 16 s"
    ])
  })

  it("passes on why a password can't be opened, and forgets it when it can", () => {
    const engine = engineWith()
    engine.watching.readChannels([], [{ id: 7, name: "North", why: "there is no key" }])
    const { problems, ready } = engine.health.report(engine.at)
    assert.isFalse(ready)
    assert.deepStrictEqual(
      problems.map(({ todo }) => todo),
      ["Put that right: there is no key."]
    )
    engine.watching.readChannels([row], [])
    engine.watching.readCampaigns([])
    assert.isTrue(engine.health.report(engine.watching.channelsReadAt!).ready)
  })

  it("asks nothing of a channel that is disabled", () => {
    const engine = engineWith()
    engine.watching.readChannels([], [])
    looked(engine, engine.at, engine.at + 10 * UNBOUND_MS)
    assert.deepStrictEqual(said(engine.health, engine.at + 10 * UNBOUND_MS), [])
  })
})
