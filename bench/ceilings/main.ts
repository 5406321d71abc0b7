/**
 * Three ceilings, one in the other: `npm run bench:ceilings`. A channel of 1,000 messages a second; workspace A with 500, its campaign A1
 * with 200 and A2 with none; workspace B with campaign B1 and no ceiling at all. Sent by the real engine, counted where they arrive.
 *
 * Holds when over ten seconds each goes within 1 % of its ceiling, no second, wherever it begins, has more, and, when A1 is slowed to
 * 100 and A to 300 while they are sent, a second within which no more arrive begins at most a second after the commit. Exit codes: 0; 1
 * when it doesn't hold, or something went wrong.
 */
import { Effect } from "effect"
import { asked } from "#bench/asked.ts"
import { between, keptFrom, mostWithin, stretches } from "#bench/stage/arrivals.ts"
import { conclude, exactly, type Figure } from "#bench/stage/Figure.ts"
import { channelFor, nowMs, play, runs, type Stage, say, sentOf, until } from "#bench/stage/Stage.ts"
import { makeCampaign } from "#engine/TestCampaigns.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const options = asked(
  "Ceilings of a campaign, its workspace and its channel, kept together and changed while they are sent.",
  {
    runs: { default: 1, least: 1, most: 100, help: "one after the other; figures are medians" },
    seconds: { default: 10, least: 2, most: 600, help: "over which the rates are measured" },
    json: { default: false, help: "no lines for people before the JSON object" }
  }
)

const BINDS = 2
const [OF_CHANNEL, OF_A, OF_A1] = [1_000, 500, 200]
const [SLOWED_A, SLOWED_A1] = [300, 100]
const PERCENT = 1

/** Until each has found its pace. */
const WARM_UP_MS = 3_000
/** How long a change is looked at. */
const CHANGED_MS = 4_000
const SECOND_MS = 1_000

const ceilings = Effect.fnUntraced(function* (stage: Stage) {
  const measuredMs = options.seconds * SECOND_MS
  const a = yield* sampleWorkspace({ per_second: OF_A })
  const b = yield* sampleWorkspace()
  const channel = yield* channelFor(stage, [a, b], { binds: BINDS, per_second: OF_CHANNEL })
  // as much as each could send in all that time, and a half more
  const enough = (perSecond: number) =>
    Math.ceil((perSecond * 1.5 * (WARM_UP_MS + measuredMs + 2 * CHANGED_MS)) / SECOND_MS)
  const to = { channels: [channel] }
  const campaigns = [
    yield* makeCampaign(a, { ...to, numbers: enough(OF_A1), columns: { per_second: OF_A1 } }),
    yield* makeCampaign(a, { ...to, numbers: enough(OF_A) }),
    yield* makeCampaign(b, { ...to, numbers: enough(OF_CHANNEL) })
  ]
  const [a1] = campaigns as [(typeof campaigns)[number]]
  const engine = yield* stage.engine
  yield* until(stage, [engine], "it is sent", ({ submits }) => submits > 0, 30)
  yield* Effect.sleep(WARM_UP_MS)
  const from = nowMs()
  yield* Effect.sleep(measuredMs)
  const changed = yield* actAs(
    a.moderatorId,
    a.workspaceId
  )(Effect.map(Campaigns.slow(a1.campaignId, SLOWED_A1), nowMs))
  yield* Effect.sleep(CHANGED_MS)
  const sql = yield* SqlClient
  const settings = sql`SELECT change_settings(${JSON.stringify({ per_second: SLOWED_A })}::text::jsonb)`
  const changedA = yield* actAs(a.adminId, a.workspaceId)(Effect.map(settings, nowMs))
  yield* Effect.sleep(CHANGED_MS)

  const sent = sentOf(stage.smsc, campaigns)
  const [ofA1, ofA2] = sent.arrived as [Float64Array, Float64Array]
  const ofA = Float64Array.from([...ofA1, ...ofA2]).sort()
  const seconds = Math.ceil((nowMs() - from) / SECOND_MS)
  for (const [what, arrived] of [
    ["A1", ofA1],
    ["A", ofA],
    ["all", sent.all]
  ] as const)
    yield* say(`${what}, second by second: ${stretches(arrived, from, SECOND_MS, seconds).join(" ")}`)
  const rate = (arrived: Float64Array) => (between(arrived, from, from + measuredMs) * SECOND_MS) / measuredMs
  const near = (name: string, what: string, arrived: Float64Array, ceiling: number): Figure => ({
    name,
    what: `${what} over ${options.seconds} s, a second`,
    value: rate(arrived),
    least: ceiling * (1 - PERCENT / 100),
    most: ceiling * (1 + PERCENT / 100)
  })
  const most = (name: string, what: string, arrived: Float64Array, ceiling: number): Figure => ({
    name,
    what: `${what}, most in any second`,
    value: mostWithin(arrived, stage.stalls, SECOND_MS).most,
    most: ceiling
  })
  const effective = (name: string, what: string, arrived: Float64Array, at: number, ceiling: number): Figure => ({
    name,
    what: `${what}, ms until the first second at the new pace begins`,
    value: keptFrom(arrived, at, ceiling, SECOND_MS) - at,
    most: SECOND_MS
  })
  const before = (arrived: Float64Array, until: number) => arrived.filter((at) => at < until)
  const after = (arrived: Float64Array, since: number) => arrived.filter((at) => at >= since)
  return [
    near("a1", "A1", ofA1, OF_A1),
    near("a", "A", ofA, OF_A),
    near("channel", "the channel", sent.all, OF_CHANNEL),
    most("mostOfA1", "A1", before(ofA1, changed), OF_A1),
    most("mostOfA", "A", before(ofA, changedA), OF_A),
    most("mostOfChannel", "the channel", sent.all, OF_CHANNEL),
    effective("slowedA1Ms", `A1 slowed to ${SLOWED_A1}`, ofA1, changed, SLOWED_A1),
    effective("slowedAMs", `A slowed to ${SLOWED_A}`, ofA, changedA, SLOWED_A),
    most("mostOfA1Slowed", `A1 from a second after it was slowed`, after(ofA1, changed + SECOND_MS), SLOWED_A1),
    most("mostOfASlowed", `A from a second after it was slowed`, after(ofA, changedA + SECOND_MS), SLOWED_A),
    exactly("wrong", "messages beyond the first to a number, or to others", sent.twice + sent.strange, 0)
  ] satisfies ReadonlyArray<Figure>
})

play(Effect.flatMap(runs(options.runs, ceilings), (figures) => conclude(figures, options.json)))
