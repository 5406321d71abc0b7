/**
 * What a history is made of, as data: who sends what when, over which channels, and what happens meanwhile. Drawn by fast-check, which
 * also makes a history that fails as small as it can.
 */
import * as fc from "fast-check"

export const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Tashkent",
  "Asia/Kolkata",
  "Australia/Lord_Howe"
] as const

/** Evenings, nights before clocks change there (forward and back, by an hour and by half of one), and an ordinary morning. */
const BEGINNINGS = [
  "2027-03-27T22:30:00Z",
  "2027-10-30T22:30:00Z",
  "2027-03-14T06:00:00Z",
  "2027-11-07T04:30:00Z",
  "2027-10-02T14:30:00Z",
  "2027-02-28T18:57:00Z",
  "2027-06-15T08:00:00Z"
].map((iso) => Date.parse(iso))

export interface WorkspacePlan {
  readonly zone: string
  readonly perSecond: number | null
  readonly perDay: number | null
}

export interface ChannelPlan {
  /** which engine serves it */
  readonly engine: number
  readonly perSecond: number | null
  readonly windowSize: number
  /** of an answer, and of a receipt */
  readonly answersInMs: number
  readonly receiptsInMs: number
}

export interface CampaignPlan {
  readonly workspace: number
  readonly channels: ReadonlyArray<number>
  readonly mode: "on_demand" | "scheduled" | "spread" | "trigger"
  readonly recipients: number
  readonly segments: number
  readonly resend: boolean
  readonly startsAutomatically: boolean
  /** after the beginning; null: at once */
  readonly startsInMs: number | null
  /** after its start; null: no end, where the mode allows it */
  readonly lastsMs: number | null
  /** its end is so many minutes after it was opened (spread) */
  readonly inMinutes: boolean
  /** minutes from the beginning to its opening on the first day, and from there to its closing */
  readonly window: { readonly opensIn: number; readonly minutes: number; readonly zone: string } | null
  readonly perSecond: number | null
}

/** On campaigns, channels, workspaces and engines by their place in the plan; a place that is not there counts from the first again. */
export type Happening =
  | { readonly is: "pause" | "resume" | "stop" | "start"; readonly of: number }
  | { readonly is: "slow"; readonly of: number; readonly perSecond: number | null }
  | { readonly is: "feed"; readonly of: number; readonly numbers: number }
  | { readonly is: "opt out"; readonly of: number; readonly nth: number }
  | { readonly is: "limits"; readonly of: number; readonly perSecond: number | null; readonly perDay: number | null }
  | { readonly is: "contract"; readonly of: number; readonly perSecond: number | null }
  | {
      readonly is: "binds down" | "answers lost" | "throttled" | "failing" | "refusing"
      readonly of: number
      readonly forMs: number
    }
  | { readonly is: "crash" | "restart"; readonly of: number; readonly forMs: number }
  | { readonly is: "database away"; readonly forMs: number }

export interface Plan {
  /** of latencies, of timers' lateness, and of what the operator answers */
  readonly seed: number
  readonly beginsMs: number
  /** within which things happen */
  readonly spanMs: number
  readonly engines: number
  /** the longest that outcomes wait for their flush */
  readonly flushMs: number
  /** whether the operators' receipts go missing now and then */
  readonly losesReceipts: boolean
  /** of statements: how often the connection breaks after the commit and before its word */
  readonly unheard: number
  readonly workspaces: ReadonlyArray<WorkspacePlan>
  readonly channels: ReadonlyArray<ChannelPlan>
  readonly campaigns: ReadonlyArray<CampaignPlan>
  readonly happenings: ReadonlyArray<{ readonly atMs: number; readonly what: Happening }>
}

/** In so many of a hundred, else null. */
const maybe = <A>(one: fc.Arbitrary<A>, percent = 33): fc.Arbitrary<A | null> =>
  fc.oneof({ weight: 100 - percent, arbitrary: fc.constant(null) }, { weight: percent, arbitrary: one })
const ms = (least: number, most: number) => fc.integer({ min: least, max: most })
const place = fc.nat(2)

/** A tempo: how long a history's things take, and how many recipients that allows at a claim for each of them. */
interface Tempo {
  readonly spanMs: number
  readonly most: number
  readonly ceiling: fc.Arbitrary<number>
}

const SECOND = 1_000
const HOUR = 3_600 * SECOND
const seconds: Tempo = { spanMs: 20 * SECOND, most: 150, ceiling: fc.constantFrom(3, 5, 10, 25, 60, 60) }
const days: Tempo = { spanMs: 60 * HOUR, most: 12, ceiling: fc.constantFrom(1, 2, 5, 30) }

const workspacePlan = (tempo: Tempo): fc.Arbitrary<WorkspacePlan> =>
  fc.record({
    zone: fc.constantFrom(...ZONES),
    perSecond: maybe(tempo.ceiling),
    perDay: maybe(ms(4, 2 * tempo.most), 20)
  })

const channelPlan: fc.Arbitrary<ChannelPlan> = fc.record({
  engine: fc.nat(1),
  perSecond: maybe(fc.constantFrom(8, 20, 50, 200, 1_000), 80),
  windowSize: fc.constantFrom(2, 10, 50),
  answersInMs: fc.constantFrom(5, 40, 300),
  receiptsInMs: fc.constantFrom(20, 1_500)
})

const campaignPlan = (tempo: Tempo): fc.Arbitrary<CampaignPlan> =>
  fc.record({
    workspace: fc.nat(1),
    channels: fc.subarray([0, 1], { minLength: 1 }),
    mode: fc.constantFrom("on_demand", "scheduled", "spread", "spread", "trigger"),
    recipients: ms(1, tempo.most),
    segments: fc.constantFrom(1, 1, 1, 2, 3),
    resend: fc.boolean(),
    startsAutomatically: fc.constantFrom(true, true, true, false),
    startsInMs: maybe(ms(0, tempo.spanMs / 4), 60),
    lastsMs: maybe(ms(tempo.spanMs / 20, tempo.spanMs), 60),
    inMinutes: fc.boolean(),
    window: maybe(
      tempo === seconds
        ? fc.record({
            opensIn: fc.constantFrom(-600, -600, 0),
            minutes: fc.constantFrom(600, 601, 720),
            zone: fc.constantFrom(...ZONES)
          })
        : fc.record({ opensIn: ms(-40, 20), minutes: ms(1, 40), zone: fc.constantFrom(...ZONES) }).map((w) => ({
            opensIn: w.opensIn * 30,
            minutes: w.minutes * 30,
            zone: w.zone
          })),
      tempo === seconds ? 25 : 60
    ),
    perSecond: maybe(tempo.ceiling)
  })

const happening = (tempo: Tempo): fc.Arbitrary<Happening> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ is: fc.constantFrom("pause", "resume", "resume", "start"), of: place }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("stop"), of: place }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("slow"), of: place, perSecond: maybe(tempo.ceiling) }) },
    { weight: 3, arbitrary: fc.record({ is: fc.constant("feed"), of: place, numbers: ms(1, 5) }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("opt out"), of: place, nth: fc.nat(tempo.most) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        is: fc.constant("limits"),
        of: place,
        perSecond: maybe(tempo.ceiling),
        perDay: maybe(ms(4, 2 * tempo.most))
      })
    },
    {
      weight: 1,
      arbitrary: fc.record({ is: fc.constant("contract"), of: place, perSecond: maybe(fc.constantFrom(8, 50)) })
    },
    {
      weight: 4,
      arbitrary: fc.record({
        is: fc.constantFrom("binds down", "answers lost", "throttled", "failing", "refusing"),
        of: place,
        forMs: ms(50, 8_000)
      })
    },
    {
      weight: 2,
      arbitrary: fc.record({ is: fc.constantFrom("crash", "restart"), of: place, forMs: ms(1_100, 6_000) })
    },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("database away"), forMs: ms(20, 5_000) }) }
  ) as fc.Arbitrary<Happening>

const planOf = (tempo: Tempo): fc.Arbitrary<Plan> =>
  fc.record({
    seed: fc.nat(2 ** 31 - 1),
    beginsMs: fc.constantFrom(...BEGINNINGS),
    spanMs: fc.constant(tempo.spanMs),
    engines: fc.constantFrom(1, 2),
    flushMs: fc.constantFrom(100, 1_500, 5_000),
    losesReceipts: fc.constantFrom(false, false, false, true),
    unheard: fc.constantFrom(0, 0.004, 0.004, 0.1),
    workspaces: fc.array(workspacePlan(tempo), { minLength: 1, maxLength: 2 }),
    channels: fc.array(channelPlan, { minLength: 1, maxLength: 2 }),
    campaigns: fc.array(campaignPlan(tempo), { minLength: 1, maxLength: 3 }),
    happenings: fc.array(fc.record({ atMs: ms(0, tempo.spanMs), what: happening(tempo) }), { maxLength: 8 })
  })

export const plan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 4, arbitrary: planOf(seconds) },
  { weight: 1, arbitrary: planOf(days) }
)
