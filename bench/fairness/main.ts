/**
 * Ten campaigns of two workspaces on one channel of 1,000 messages a second: `npm run bench:fairness`. They have from 100 to 1,000,000
 * recipients; nine begin at the same moment, and one of 100 comes in the middle. Sent by the real engine, counted where they arrive.
 *
 * Holds when in every ten seconds, beginning wherever, each workspace has its half within 5 %, and the campaigns of 100 are done within a
 * second of their fair share of time: what is live is served equally, first between workspaces, then between campaigns. Exit codes: 0; 1
 * when it doesn't hold, or something went wrong.
 */
import { Effect } from "effect"
import { asked } from "#bench/asked.ts"
import { between } from "#bench/stage/arrivals.ts"
import { conclude, exactly, type Figure } from "#bench/stage/Figure.ts"
import { channelFor, nowMs, play, runs, type Stage, say, sentOf, until } from "#bench/stage/Stage.ts"
import { makeCampaign } from "#engine/TestCampaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { type Claimant, fairEnd } from "./fairShare.ts"

const options = asked(
  "Campaigns of very different sizes on one channel: whether each workspace and campaign has its share.",
  {
    runs: { default: 1, least: 1, most: 100, help: "one after the other; figures are medians" },
    seconds: { default: 60, least: 20, most: 600, help: "for which they are sent" },
    scale: { default: 1, least: 1, most: 1_000, help: "the campaigns above 10,000 are so many times smaller" },
    json: { default: false, help: "no lines for people before the JSON object" }
  }
)

const BINDS = 2
const PER_SECOND = 1_000
const SMALL = 100
const SIZES = { a: [1_000_000, 200_000, 50_000, 5_000, SMALL], b: [500_000, 100_000, 20_000, 2_000] }
const STRETCH_MS = 10_000
const STEP_MS = 250
const PERCENT = 5
/** Between a campaign's fair end and its real one. */
const MOST_LATER_SECONDS = 1

const scaled = (size: number) => (size > 10_000 ? Math.ceil(size / options.scale) : size)

const fairness = Effect.fnUntraced(function* (stage: Stage) {
  const a = yield* sampleWorkspace()
  const b = yield* sampleWorkspace()
  const channel = yield* channelFor(stage, [a, b], { binds: BINDS, per_second: PER_SECOND })
  const to = { channels: [channel] }
  yield* say("loading their audiences …")
  const ofA = yield* Effect.forEach(SIZES.a, (size) => makeCampaign(a, { ...to, numbers: scaled(size) }))
  const ofB = yield* Effect.forEach(SIZES.b, (size) => makeCampaign(b, { ...to, numbers: scaled(size) }))
  // all of them wait for an engine, so they begin together
  const engine = yield* stage.engine
  yield* until(stage, [engine], "it is sent", ({ submits }) => submits > 0, 60)
  const halfMs = (options.seconds * 1_000) / 2
  yield* Effect.sleep(halfMs)
  const late = yield* makeCampaign(b, { ...to, numbers: SMALL })
  const lateAt = yield* approvedAt(stage, late.campaignId)
  yield* Effect.sleep(halfMs)

  const campaigns = [...ofA, ...ofB, late]
  const sent = sentOf(stage.smsc, campaigns)
  const began = sent.all[0]!
  const ended = nowMs()
  const claimants = campaigns.map(
    ({ numbers }, nth): Claimant => ({
      workspace: nth < ofA.length ? "a" : "b",
      messages: numbers,
      from: nth === campaigns.length - 1 ? (lateAt - began) / 1_000 : 0
    })
  )
  const small = (name: string, what: string, nth: number): ReadonlyArray<Figure> => {
    const { from } = claimants[nth]!
    const fair = fairEnd(claimants, nth, PER_SECOND) - from
    const real = sent.arrived[nth]!.length < SMALL ? Number.NaN : (sent.arrived[nth]!.at(-1)! - began) / 1_000 - from
    return [
      { name: `${name}Fair`, what: `the campaign of 100 ${what}: its fair time, s`, value: fair },
      { name, what: `the campaign of 100 ${what}: its time, s`, value: real, most: fair + MOST_LATER_SECONDS }
    ]
  }
  const arrivedOfA = Float64Array.from(sent.arrived.slice(0, ofA.length).flatMap((of) => [...of])).sort()
  const off: Array<number> = []
  for (let at = began; at + STRETCH_MS <= ended; at += STEP_MS) {
    const all = between(sent.all, at, at + STRETCH_MS)
    off.push(((2 * between(arrivedOfA, at, at + STRETCH_MS)) / all - 1) * 100)
  }
  return [
    {
      name: "leastPercent",
      what: "the first's part of ten seconds, % from half of them, least",
      value: Math.min(...off),
      least: -PERCENT
    },
    {
      name: "mostPercent",
      what: "the first's part of ten seconds, % from half of them, most",
      value: Math.max(...off),
      most: PERCENT
    },
    ...small("atOnce", "that begins with the others", SIZES.a.length - 1),
    ...small("late", "that comes in the middle", campaigns.length - 1),
    { name: "perSecond", what: "messages a second, of all", value: (sent.all.length * 1_000) / (ended - began) },
    exactly("wrong", "messages beyond the first to a number, or to others", sent.twice + sent.strange, 0)
  ] satisfies ReadonlyArray<Figure>
})

/** By our clock. */
const approvedAt = Effect.fnUntraced(function* (stage: Stage, campaignId: number) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ ms: number }>`
    SELECT extract(epoch FROM max(moved_at))::float8 * 1000 AS ms FROM campaign_transition WHERE campaign_id = ${campaignId} AND action = 'approve'`
  return row!.ms - stage.databaseAheadMs
})

play(Effect.flatMap(runs(options.runs, fairness), (figures) => conclude(figures, options.json)))
