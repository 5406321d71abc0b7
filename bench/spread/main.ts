/**
 * A spread campaign in real time: `npm run bench:spread`. 48,000 messages over three minutes, sent by the real engine, counted where they
 * arrive.
 *
 * Holds when every ten seconds from its opening on have within 1 % of their part, everybody got one message and nobody two, and the
 * ledger adds up. Exit codes: 0; 1 when it doesn't hold, or something went wrong. In virtual time: `npm run proof:spread`.
 */
import { Effect } from "effect"
import { asked } from "#bench/asked.ts"
import { mostWithin, stretches } from "#bench/stage/arrivals.ts"
import { conclude, exactly, type Figure } from "#bench/stage/Figure.ts"
import { channelFor, play, runs, type Stage, say, sentOf, until, within } from "#bench/stage/Stage.ts"
import { eventually, isOver, makeCampaign } from "#engine/TestCampaigns.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const options = asked("A campaign spread over minutes of real time: whether every ten seconds have their part.", {
  messages: { default: 48_000, least: 1_000, most: 1_000_000, help: "recipients of the campaign" },
  minutes: { default: 3, least: 1, most: 60, help: "over which they are spread" },
  runs: { default: 1, least: 1, most: 100, help: "one after the other; figures are medians" },
  json: { default: false, help: "no lines for people before the JSON object" }
})

const BINDS = 2
const STRETCH_MS = 10_000
/** For answers, receipts and a busy machine. */
const LEEWAY_SECONDS = 30

const spread = Effect.fnUntraced(function* (stage: Stage) {
  const { messages, minutes } = options
  const workspace = yield* sampleWorkspace()
  const channel = yield* channelFor(stage, [workspace], { binds: BINDS })
  const engine = yield* stage.engine
  yield* until(stage, [engine], "the binds are up", (counts) => counts.binds === BINDS, 30)
  const columns = { mode: "spread", spread_minutes: minutes }
  const campaign = yield* makeCampaign(workspace, { channels: [channel], numbers: messages, columns })
  const most = minutes * 60 + LEEWAY_SECONDS
  yield* within([engine], "the campaign is over", eventually("over", isOver(campaign.campaignId), most), most + 1)

  const sql = yield* SqlClient
  const [row] = yield* sql<{ opened: number; state: string }>`
    SELECT extract(epoch FROM opened_at)::float8 * 1000 AS opened, state FROM campaign WHERE id = ${campaign.campaignId}`
  const opened = row!.opened - stage.databaseAheadMs
  const { all, strange, twice } = sentOf(stage.smsc, [campaign])
  const faults = yield* Campaigns.checkLedger(campaign.campaignId)
  const part = (messages * STRETCH_MS) / (minutes * 60_000)
  const counts = stretches(all, opened, STRETCH_MS, minutes * 6)
  yield* say(`in each ten seconds, where ${part.toFixed(1)} are due: ${counts.join(" ")}`)
  const off = counts.map((n) => (n / part - 1) * 100)
  return [
    {
      name: "leastPercent",
      what: "ten seconds that had the least, % from their part",
      value: Math.min(...off),
      least: -1
    },
    { name: "mostPercent", what: "ten seconds that had the most, % from their part", value: Math.max(...off), most: 1 },
    { name: "mostInASecond", what: "most in any second", value: mostWithin(all, stage.stalls, 1_000).most },
    {
      name: "lastSeconds",
      what: "last arrival, s after the opening",
      value: ((all.at(-1) ?? Number.NaN) - opened) / 1_000
    },
    exactly("received", "messages received", all.length, messages),
    exactly("twice", "messages beyond the first to a number", twice, 0),
    exactly("strange", "messages to numbers of nobody", strange, 0),
    exactly("done", "the campaign is done", row!.state === "done" ? 1 : 0, 1),
    exactly("faults", "figures of the ledger that don't add up", faults.length, 0)
  ] satisfies ReadonlyArray<Figure>
})

play(Effect.flatMap(runs(options.runs, spread), (figures) => conclude(figures, options.json)))
