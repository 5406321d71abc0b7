/**
 * `npm run proof:spread`: spread campaigns in virtual time. The door hands out every slot of a campaign on a clock that we set, and the
 * moments that it gave are counted: 48,000 over half an hour, by minutes; and 1,000,003 over nine days with a window from 09:00 to
 * 18:00 in Berlin, where the clocks go forward in the middle, by days.
 *
 * Exit codes: 0; 1 when a part is not as it should be, or the total not exact.
 */
import { Effect } from "effect"
import { asked } from "#bench/asked.ts"
import { conclude, exactly, type Figure } from "#bench/stage/Figure.ts"
import { play, runs, say } from "#bench/stage/Stage.ts"
import { makeCampaign } from "#engine/TestCampaigns.ts"
import { byForce, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { claims, type Leaving } from "#schema/testing/virtualDoor.ts"

const options = asked(
  "Spread campaigns in virtual time: whether each minute, and each day of a window, has its part.",
  {
    messages: { default: 1_000_003, least: 1_000, most: 10_000_000, help: "of the campaign over nine days" },
    json: { default: false, help: "no lines for people before the JSON object" }
  }
)

interface Plan {
  readonly name: string
  readonly what: string
  readonly messages: number
  readonly from: number
  readonly until: number
  readonly columns: Readonly<Record<string, string>>
  /** which part a moment belongs to, how many there are, and how far each may be off */
  readonly partOf: (at: number) => string
  readonly parts: number
  readonly percent: number
}

const MINUTE_MS = 60_000
const HALF_PAST = Date.parse("2027-03-01T18:00:00Z")
const BERLIN = "Europe/Berlin"
const WINDOW = { window_from: "09:00", window_to: "18:00" }

/** "2027-03-28 09:00:00" */
const inBerlin = new Intl.DateTimeFormat("sv-SE", { timeZone: BERLIN, dateStyle: "short", timeStyle: "medium" })

/** A day's part, if it is within the window. */
const dayInBerlin = (at: number): string => {
  // slots are computed in fractions of a microsecond
  const [day, time] = inBerlin.format(at + 1e-3).split(" ") as [string, string]
  return time >= WINDOW.window_from && time < WINDOW.window_to ? day : `${day} outside its window`
}

const PLANS: ReadonlyArray<Plan> = [
  {
    name: "minute",
    what: "48,000 over 30 minutes: the minute",
    messages: 48_000,
    from: HALF_PAST,
    until: HALF_PAST + 30 * MINUTE_MS,
    columns: {},
    partOf: (at) => `${Math.floor((at - HALF_PAST + 1e-3) / MINUTE_MS)}`,
    parts: 30,
    percent: 1
  },
  {
    name: "day",
    what: `${options.messages.toLocaleString("en")} over nine days: the day`,
    messages: options.messages,
    from: Date.parse("2027-03-24T09:00:00+01:00"),
    until: Date.parse("2027-04-01T18:00:00+02:00"),
    columns: { ...WINDOW, time_zone: BERLIN },
    partOf: dayInBerlin,
    parts: 9,
    percent: 0.1
  }
]

/** So many more slots, and it says how far it is. */
const TOLD_EVERY = 100_000

const proven = (plan: Plan) =>
  Effect.gen(function* () {
    const workspace = yield* sampleWorkspace()
    const channel = yield* sampleChannel(workspace)
    const columns = { mode: "spread", ends_at: new Date(plan.until), ...plan.columns }
    const campaign = yield* makeCampaign(workspace, { channels: [channel.channelId], numbers: plan.messages, columns })
    yield* byForce(
      "campaign",
      `UPDATE campaign SET state = 'sending', opened_at = to_timestamp(${plan.from / 1_000}), submitted_at = NULL WHERE id = ${campaign.campaignId}`
    )
    let told = 0
    const on = (handedOut: number) => {
      if (handedOut - told < TOLD_EVERY) return
      told = handedOut
      process.stderr.write(`${handedOut.toLocaleString("en")} of ${plan.messages.toLocaleString("en")}\n`)
    }
    const began = performance.now()
    const leaving = yield* claims(channel, [campaign.laneId], plan.from, plan.until, { patient: true, on })
    yield* say(`${plan.what}s: ${leaving.length} slots in ${((performance.now() - began) / 1_000).toFixed(0)} s`)
    return figures(plan, leaving)
  })

const figures = (plan: Plan, leaving: Leaving): ReadonlyArray<Figure> => {
  const counts = new Map<string, number>()
  for (const { at } of leaving) counts.set(plan.partOf(at), (counts.get(plan.partOf(at)) ?? 0) + 1)
  const off = [...counts.values()].map((n) => ((n * plan.parts) / plan.messages - 1) * 100)
  const { name, percent, what } = plan
  return [
    exactly(`${name}s`, `${what}s that have messages`, counts.size, plan.parts),
    { name: `${name}Least`, what: `${what} with the least, % from its part`, value: Math.min(...off), least: -percent },
    { name: `${name}Most`, what: `${what} with the most, % from its part`, value: Math.max(...off), most: percent },
    exactly(`${name}Total`, "in all", leaving.length, plan.messages)
  ]
}

play(
  Effect.flatMap(
    runs(1, () => Effect.map(Effect.forEach(PLANS, proven), (all) => all.flat())),
    (found) => conclude(found, options.json)
  )
)
