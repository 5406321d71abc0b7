/**
 * Stop, at full speed: `npm run bench:stop`. A hundred campaigns in turn are sent by the real engine, without a contract, and stopped in
 * the middle; from the commit of the stop to the arrival of the last message.
 *
 * Counted from the moment at which its COMMIT was sent, before which nobody can know of it. Holds when 99 of 100 take less than 300 ms,
 * and in every round the ledger adds up, nobody got a message twice, and those who got one are those of whom the ledger says so. Exit
 * codes: 0; 1 when it doesn't hold, or something went wrong.
 */
import { Effect } from "effect"
import { asked } from "#bench/asked.ts"
import type { Child } from "#bench/engine/Child.ts"
import { median } from "#bench/engine/report.ts"
import { between, percentile } from "#bench/stage/arrivals.ts"
import { conclude, exactly, type Figure } from "#bench/stage/Figure.ts"
import { channelFor, nowMs, play, runs, type Stage, say, sentOf, until, within } from "#bench/stage/Stage.ts"
import { eventually, isOver, makeCampaign, type Sealed } from "#engine/TestCampaigns.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { type SampleWorkspace, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const options = asked("Campaigns stopped while they are sent at full speed: how long until nothing more leaves.", {
  rounds: { default: 100, least: 1, most: 10_000, help: "campaigns that are stopped" },
  messages: {
    default: 60_000,
    least: 10_000,
    most: 10_000_000,
    help: "recipients of each, stopped in the first third"
  },
  binds: { default: 2, least: 1, most: 32, help: "binds of the channel" },
  json: { default: false, help: "no lines for people before the JSON object" }
})

const MOST_MS = 300
const ROUND_SECONDS = 60

interface Round {
  /** from the stop to the last arrival; 0 when none came after it */
  readonly ms: number
  readonly leftAfter: number
  readonly sent: number
  /** while it was sent, until the stop */
  readonly perSecond: number
  /** messages beyond the first to a number, and to others */
  readonly wrong: number
  /** numbers of which the ledger says another thing than the simulator, and figures of it that don't add up */
  readonly differences: number
}

interface Cast {
  readonly stage: Stage
  readonly engine: Child
  readonly workspace: SampleWorkspace
  readonly channel: number
}

const round = Effect.fnUntraced(function* ({ channel, engine, stage, workspace }: Cast, nth: number) {
  const { messages, rounds } = options
  stage.smsc.reset()
  const campaign = yield* makeCampaign(workspace, { channels: [channel], numbers: messages })
  // at another moment each time, all over the first third
  const enough = Math.ceil((messages / 3) * ((nth + 1) / rounds))
  yield* until(stage, [engine], "it is sent", (counts) => counts.submits >= enough, ROUND_SECONDS)
  const stop = Campaigns.move(campaign.campaignId, "stop")
  const stoppedAt = yield* actAs(workspace.moderatorId, workspace.workspaceId)(Effect.map(stop, () => nowMs()))
  const isEnded = eventually("all of it is known", isOver(campaign.campaignId), ROUND_SECONDS)
  yield* within([engine], "all of it is known", isEnded, ROUND_SECONDS + 1)
  return yield* compared(stage, campaign, stoppedAt)
})

const compared = Effect.fnUntraced(function* (stage: Stage, campaign: Sealed, stoppedAt: number) {
  const sql = yield* SqlClient
  const { all, seen, strange, twice } = sentOf(stage.smsc, [campaign])
  const [row] = yield* sql<{ letters: string }>`
    SELECT string_agg(CASE outcome WHEN 'cancelled' THEN '-' ELSE 'x' END, '' ORDER BY seq) AS letters
      FROM ledger WHERE lane_id = ${campaign.laneId}`
  const faults = yield* Campaigns.checkLedger(campaign.campaignId)
  let differences = faults.length + Math.abs(row!.letters.length - campaign.numbers)
  seen[0]!.forEach((times, i) => {
    if (times > 0 !== (row!.letters[i] === "x")) differences++
  })
  const before = between(all, 0, stoppedAt)
  return {
    ms: Math.max(0, all.at(-1)! - stoppedAt),
    leftAfter: all.length - before,
    sent: all.length,
    perSecond: (before * 1_000) / (stoppedAt - all[0]!),
    wrong: twice + strange,
    differences
  } satisfies Round
})

const stops = Effect.fnUntraced(function* (stage: Stage) {
  const { binds, rounds } = options
  const workspace = yield* sampleWorkspace()
  const channel = yield* channelFor(stage, [workspace], { binds })
  const engine = yield* stage.engine
  yield* until(stage, [engine], "the binds are up", (counts) => counts.binds === binds, 30)
  const all: Array<Round> = []
  for (let nth = 0; nth < rounds; nth++) {
    const one = yield* round({ stage, engine, workspace, channel }, nth)
    all.push(one)
    const { differences, leftAfter, ms, perSecond, sent } = one
    yield* say(
      `${nth + 1}/${rounds}: ${ms.toFixed(0)} ms, ${leftAfter} of ${sent} left after it, at ${perSecond.toFixed(0)} a second` +
        (differences === 0 ? "" : `; ${differences} DIFFERENCES`)
    )
  }
  const sum = (pick: (one: Round) => number) => all.reduce((total, one) => total + pick(one), 0)
  const times = all.map(({ ms }) => ms)
  return [
    { name: "p50Ms", what: "stop to the last arrival, ms, median", value: percentile(times, 0.5) },
    {
      name: "p99Ms",
      what: "stop to the last arrival, ms, 99 of 100 below",
      value: percentile(times, 0.99),
      most: MOST_MS
    },
    { name: "mostMs", what: "stop to the last arrival, ms, the longest", value: Math.max(...times) },
    {
      name: "leftAfter",
      what: "messages that left after a stop, median",
      value: median(all.map((one) => one.leftAfter))
    },
    {
      name: "leftAfterMost",
      what: "messages that left after a stop, the most",
      value: Math.max(...all.map((one) => one.leftAfter))
    },
    {
      name: "perSecond",
      what: "messages a second before a stop, median",
      value: median(all.map((one) => one.perSecond))
    },
    exactly(
      "wrong",
      "messages beyond the first to a number, or to others",
      sum((one) => one.wrong),
      0
    ),
    exactly(
      "differences",
      "numbers of which ledger and simulator differ",
      sum((one) => one.differences),
      0
    )
  ] satisfies ReadonlyArray<Figure>
})

play(Effect.flatMap(runs(1, stops), (figures) => conclude(figures, options.json)))
