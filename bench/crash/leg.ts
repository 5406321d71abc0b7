/**
 * One leg of the proof: campaigns run one after another, and something is killed at random moments while they do, so many
 * times; then the last campaign runs to its end. Each campaign is verified when it is over.
 */
import { Effect, Schedule } from "effect"
import { scopedSmsc } from "#bench/smsc/Smsc.ts"
import { eventually, type House, isOver, makeCampaign, makeChannel, type Sealed } from "#engine/TestCampaigns.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { startEngine } from "./EngineProcess.ts"
import type { MortalPostgres } from "./MortalPostgres.ts"
import { type Verdict, verify } from "./verify.ts"

export type Victim = "engine" | "postgres" | "sockets"

export interface Leg {
  readonly victim: Victim
  readonly times: number
  /** messages a second by contract; undefined: as fast as it goes */
  readonly perSecond: number | undefined
  readonly onLostAnswer: "hold" | "resend"
  /** a campaign's numbers; see `NUMBERS` */
  readonly numbers?: number
}

export interface LegReport {
  readonly victim: Victim
  readonly pace: number | "full speed"
  readonly onLostAnswer: "hold" | "resend"
  readonly kills: number
  readonly campaigns: number
  readonly messages: number
  /** by a kill: claimed and without a recorded answer; and what of it became unknown */
  readonly inDoubtMax: number
  readonly unknownMax: number
  readonly inDoubt: number
  readonly unknown: number
  readonly unknownAtOperator: number
  readonly repeated: number
  /** most that may be in doubt at one moment, see `most` */
  readonly bound: number
  readonly violations: ReadonlyArray<string>
}

interface World {
  readonly house: House
  readonly postgres: MortalPostgres
  readonly engineUrl: string
  /** uniform in [0, 1) */
  readonly random: () => number
  readonly say: (line: string) => void
}

const BINDS = 2
const WINDOW = 100

/** Numbers a campaign: some seconds of work at full speed; at a pace, what a handful of kills need. */
const NUMBERS = { full: 60_000, paced: 5_000 }

/** A kill comes within so many milliseconds of a running campaign… */
const WITHIN_MS = 500
/** …and one in so many comes while the engine is still starting and settling. */
const ONE_IN_STARTING = 7
const STARTING_MS = 1_200

/**
 * A quarter of a second of work and the windows. Without a contract it is what the feeder claims ahead (four full blocks
 * and the claim on top of them), and the answers that the next flush would have carried.
 */
const most = (perSecond: number | undefined): number =>
  BINDS * WINDOW + (perSecond === undefined ? 4_000 + 1_000 + 6_000 : Math.ceil(perSecond / 4))

/** Whatever Postgres says while it is killed, we ask again. */
const stubborn = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.retry(effect, { times: 600, schedule: Schedule.spaced("100 millis") })

export const runLeg = Effect.fn("crash.leg")(function* (world: World, leg: Leg) {
  const { house, postgres, random, say } = world
  const smsc = yield* scopedSmsc({ port: 0, latency: "1..10", receiptDelay: "5..200" })
  const channel = yield* makeChannel(house, smsc.port, {
    binds: BINDS,
    window_size: WINDOW,
    ...(leg.perSecond === undefined ? {} : { per_second: leg.perSecond })
  })
  const wanted = {
    channels: [channel],
    numbers: leg.numbers ?? (leg.perSecond === undefined ? NUMBERS.full : NUMBERS.paced),
    onLostAnswer: leg.onLostAnswer
  }
  const bound = most(leg.perSecond)
  const violations: Array<string> = []
  const verdicts: Array<Verdict> = []
  const doubts: Array<number> = []
  const unknowns: Array<number> = []
  let kills = 0
  let engine = yield* startEngine(world.engineUrl)
  let campaign = yield* makeCampaign(house, wanted)

  /** Waits for the campaign's end, and looks at every number of it. */
  const finish = Effect.gen(function* () {
    yield* stubborn(eventually("the campaign is over", isOver(campaign.campaignId), 120)).pipe(
      Effect.tapCause(() => Effect.sync(() => say(engine.lines.join("\n"))))
    )
    const verdict = yield* verify(campaign, smsc, leg.onLostAnswer)
    verdicts.push(verdict)
    violations.push(...verdict.violations)
  })

  /** Returns once the campaign has sent something since now; a campaign that is done is followed by the next. */
  const runs = Effect.gen(function* () {
    const before = smsc.counts().submits
    while (true) {
      if (smsc.counts().submits > before) return
      if (yield* stubborn(isSubmitted(campaign))) {
        yield* finish
        campaign = yield* makeCampaign(house, wanted)
      }
      yield* Effect.sleep("5 millis")
    }
  })

  /** Kills the engine, counts what that puts in doubt of the blocks claimed later than `after`, and starts the next one. */
  const endAndStart = Effect.fnUntraced(function* (after: number) {
    yield* engine.end("SIGKILL")
    yield* eventually("its connections are gone", noEngineAtPostgres)
    const doubt = yield* inDoubt(channel, after)
    if (doubt.recipients > bound) {
      violations.push(`kill ${kills}: ${doubt.recipients} were in doubt, and ${bound} may be`)
    }
    engine = yield* startEngine(world.engineUrl)
    return doubt
  })

  const kill = {
    engine: Effect.gen(function* () {
      const before = (yield* Campaigns.progress(campaign.campaignId)).unknown
      const first = yield* endAndStart(NO_EPOCH)
      let doubt = first
      if (random() * ONE_IN_STARTING < 1) {
        yield* Effect.sleep(random() * STARTING_MS)
        kills++
        const second = yield* endAndStart(first.epoch)
        doubt = { epoch: second.epoch, recipients: first.recipients + second.recipients }
      }
      yield* eventually(
        "what was in doubt is settled",
        Effect.map(inDoubtOf(channel, NO_EPOCH, doubt.epoch), (n) => n === 0),
        60
      )
      const unknown = (yield* Campaigns.progress(campaign.campaignId)).unknown - before
      return { inDoubt: doubt.recipients, unknown }
    }),
    postgres: Effect.gen(function* () {
      const before = verdicts.length
      const unknownBefore = (yield* stubborn(Campaigns.progress(campaign.campaignId))).unknown
      yield* postgres.kill
      yield* Effect.sleep(random() * WITHIN_MS * 2)
      yield* postgres.startAgain
      const progress = yield* stubborn(Campaigns.progress(campaign.campaignId))
      // an engine that lives through it remembers everything, so nothing may be in doubt
      return { inDoubt: 0, unknown: before === verdicts.length ? progress.unknown - unknownBefore : 0 }
    }),
    sockets: Effect.gen(function* () {
      const before = (yield* Campaigns.progress(campaign.campaignId)).unknown
      smsc.cutSockets()
      yield* eventually(
        "the binds are back",
        Effect.sync(() => smsc.counts().binds === BINDS),
        60
      )
      const unknown = (yield* Campaigns.progress(campaign.campaignId)).unknown - before
      return { inDoubt: BINDS * WINDOW, unknown }
    })
  }[leg.victim]

  while (kills < leg.times) {
    yield* runs
    yield* Effect.sleep(random() * WITHIN_MS)
    kills++
    const { inDoubt, unknown } = yield* kill
    doubts.push(inDoubt)
    unknowns.push(unknown)
    if (unknown > inDoubt) violations.push(`kill ${kills}: ${unknown} became unknown, and ${inDoubt} were in doubt`)
    say(`${leg.victim} ${kills}/${leg.times}: ${inDoubt} in doubt, ${unknown} unknown, ${smsc.counts().submits} sent`)
  }
  yield* finish
  yield* engine.end("SIGTERM")
  yield* Effect.flatMap(SqlClient, (sql) => stubborn(sql`UPDATE channel SET enabled = false WHERE id = ${channel}`))
  const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((a, b) => a + b, 0)
  const unknown = sum(verdicts.map((v) => v.unknown))
  // what a kill did may show only after the engine has tried again: in the end nothing is unknown that was not in doubt
  if (unknown > sum(doubts)) violations.push(`${unknown} are unknown in the end, and ${sum(doubts)} were ever in doubt`)
  return {
    victim: leg.victim,
    pace: leg.perSecond ?? "full speed",
    onLostAnswer: leg.onLostAnswer,
    kills,
    campaigns: verdicts.length,
    messages: verdicts.length * wanted.numbers,
    inDoubtMax: Math.max(0, ...doubts),
    unknownMax: Math.max(0, ...unknowns),
    inDoubt: sum(doubts),
    unknown,
    unknownAtOperator: sum(verdicts.map((v) => v.unknownAtOperator)),
    repeated: sum(verdicts.map((v) => v.repeated)),
    bound,
    violations
  } satisfies LegReport
}, Effect.scoped)

const isSubmitted = (campaign: Sealed) =>
  Effect.map(Campaigns.progress(campaign.campaignId), ({ state }) => Campaigns.ENDED.has(state))

/** No statement of the dead engine is under way any more. */
const noEngineAtPostgres = Effect.gen(function* () {
  const sql = yield* SqlClient
  const rows = yield* sql`
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'countersign engine'`
  return rows.length === 0
})

/**
 * Recipients without a recorded answer, of the blocks that were claimed later than in epoch `after`; and the epoch they
 * were claimed in at the latest. A second kill soon after the first counts what is its own, and not again what the engine
 * between them had no time to settle.
 */
const inDoubt = Effect.fnUntraced(function* (channelId: number, after: number) {
  const sql = yield* SqlClient
  const [{ epoch }] = (yield* sql<{ epoch: number }>`SELECT epoch FROM channel WHERE id = ${channelId}`) as [
    { epoch: number }
  ]
  return { epoch, recipients: yield* inDoubtOf(channelId, after, epoch) }
})

/** Epochs count from 1, so all are later than this. */
const NO_EPOCH = 0

const inDoubtOf = Effect.fnUntraced(function* (channelId: number, after: number, upTo: number) {
  const sql = yield* SqlClient
  const [{ n }] = (yield* sql<{ n: number }>`
    SELECT count(*)::int AS n FROM block b, block_recipients(b.month, b.id) r
     WHERE b.channel_id = ${channelId} AND b.closed_at IS NULL AND b.epoch > ${after} AND b.epoch <= ${upTo}
       AND r.outcome = 'w'`) as [{ n: number }]
  return n
})
