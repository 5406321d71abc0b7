/**
 * Feeds a channel: claims the next run of the lane whose turn it is (Fair.ts) whenever fewer recipients wait than an eighth of a
 * second sends, and of a triggered lane at once; and takes back what waits for a lane that is live no more. A lane that the door
 * told to wait is asked again when its time has come.
 *
 * Promises: nothing is claimed while no bind is up, while the journal or the memory is full, or beyond what is about to
 * be sent, so that a crash leaves little in doubt; a stopped campaign's waiting recipients go back within a second; and what
 * is sent has the fingerprint that the door let out.
 */
import { Effect, Latch, Result, Schedule, Stream } from "effect"
import { moved } from "#engine/campaign/moved.ts"
import type { Traffic } from "#engine/channel/Traffic.ts"
import { Hints } from "#engine/Hints.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { type Channel, type LiveLane, liveLanes } from "#schema/channel/Channels.ts"
import { type SqlClient, type SqlError, sqlMessage } from "#schema/Database.ts"
import {
  type ClaimError,
  type ClaimedBlock,
  claim,
  giveBack,
  giveBackLostClaims,
  giveBackToResend,
  isRest
} from "#schema/ledger/Door.ts"
import type { GoingBack } from "./Backlog.ts"
import { BlockInHand } from "./BlockInHand.ts"
import type { BlockTable } from "./BlockTable.ts"
import type { Content } from "./Content.ts"
import { compose } from "./compose.ts"
import { Fair } from "./Fair.ts"
import type { MonotonicClock } from "./MonotonicClock.ts"
import type { Pacer } from "./Pacer.ts"

/** Product: a stop is obeyed within one second, also when its NOTIFY is lost. */
const LOOK_EVERY = "400 millis"

/**
 * Claims a second where a contract sets the pace. With as much again waiting when one is made, what a crash leaves in doubt
 * is a quarter of a second of work; and a claim may take an eighth of a second before the channel runs dry.
 */
const RUNS_A_SECOND = 8

/** Two runs wait at most; after a halving of the pace they are four, which may stay. */
const SURPLUS_RUNS = 4

/** Recipients claimed ahead where no contract says what a quarter of a second is: four full blocks. */
const UNPACED_AHEAD = 4_000

const MOST_A_CLAIM = 1_000

/** How often it looks whether what is full has room again. */
const FULL_LOOK_MS = 100

/** As long as nothing is to be expected: what changes opens a latch. */
const LONGEST_WAIT_MS = 60_000

/** Recipients of a claim at this pace, in messages a second. */
const runAt = (perSecond: number): number => Math.max(1, Math.ceil(perSecond / RUNS_A_SECOND))

const RETRY = Schedule.spaced("500 millis")

const isGone = (error: ClaimError): boolean => error.reason === "DatabaseGone"

const logged = (what: string) => (error: SqlError) => Effect.logWarning(`${what}: ${sqlMessage(error)}`)

interface Parts {
  readonly channel: Channel
  readonly epoch: number
  readonly traffic: Traffic
  readonly table: BlockTable
  readonly pacer: Pacer
  readonly hungry: Latch.Latch
  readonly clock: MonotonicClock
}

export class Feeder {
  private lanes: ReadonlyArray<LiveLane> = []
  /** lanes that refused or gave nothing, until they are looked at again */
  private readonly resting = new Set<number>()
  /** lanes whose time has not come: until when (monotonic ms), and under which ceilings that was said */
  private readonly early = new Map<number, { readonly until: number; readonly ceilings: string }>()
  private readonly shutBecause = new Map<number, ClaimError["reason"]>()
  private readonly fair = new Fair()
  private readonly contents = new Map<number, Content>()
  private readonly lanesChanged = Latch.makeUnsafe()
  /** taken out of the traffic and not yet known to be back in their lanes; a drain goes on with what a stop began */
  private readonly goingBack: Array<GoingBack> = []
  private readonly parts: Parts
  private charset: Channel["charset"]

  constructor(parts: Parts) {
    this.parts = parts
    this.charset = parts.channel.charset
  }

  /** Claims for ever. Fails when the epoch is over. */
  readonly feed: Effect.Effect<never, ClaimError, SqlClient> = Effect.suspend(() => this.feedOnce()).pipe(
    Effect.forever
  )

  /** Keeps the lanes current for ever, on every hint and by the clock. */
  readonly watch: Effect.Effect<void, never, SqlClient | Hints> = Effect.flatMap(Hints, ({ orEvery }) =>
    Stream.runForEach(orEvery(LOOK_EVERY), () =>
      Effect.ignore(Effect.tapError(this.look(), logged("looking for lanes")))
    )
  )

  /** The channel's alphabet, from now on: what is in hand goes as it is. */
  encodeFor(charset: Channel["charset"]): void {
    if (charset === this.charset) return
    this.charset = charset
    this.contents.clear()
  }

  /** Takes everything back that was not submitted (a drain). */
  readonly takeAllBack: Effect.Effect<void, never, SqlClient> = Effect.suspend(() => this.takeBack(() => true))

  /** Returns claims of ours that we never heard the answer of. */
  readonly returnLostClaims: Effect.Effect<void, ClaimError, SqlClient> = Effect.suspend(() => {
    const { channel, epoch, table } = this.parts
    return Effect.flatMap(
      giveBackLostClaims(
        channel.id,
        epoch,
        Array.from(table, (b) => b.id)
      ),
      (n) => (n > 0 ? Effect.logWarning(`${n} claims whose answer was lost went back`) : Effect.void)
    )
  })

  private *feedOnceBody() {
    const { channel, clock, epoch, hungry, pacer, table, traffic } = this.parts
    const run = runAt(pacer.perSecond)
    traffic.feedBelow(Math.min(UNPACED_AHEAD, run))
    const ready = this.readyLanes(clock.now())
    const urgent = ready.filter((lane) => lane.urgent)
    const lane = traffic.canTake && !table.full ? this.fair.next(urgent.length > 0 ? urgent : ready) : undefined
    if (lane === undefined && ready.length === 0) {
      this.lanesChanged.closeUnsafe()
      yield* Effect.timeoutOption(this.lanesChanged.await, this.untilReady(clock.now()))
      return
    }
    if (lane === undefined || !(lane.urgent || traffic.wantsMore)) {
      hungry.closeUnsafe()
      // a full table has no signal of its own; a block finishes or is forgotten within moments
      yield* Effect.timeoutOption(hungry.await, Math.min(FULL_LOOK_MS, this.untilReady(clock.now())))
      return
    }
    const content = yield* this.contentOf(lane)
    if (content === undefined) {
      this.resting.add(lane.lane_id)
      return
    }
    // interrupted by a drain, it may have committed unheard: `returnLostClaims` is the drain's last act
    const claimed = yield* Effect.result(claim(channel.id, epoch, lane.lane_id, Math.min(MOST_A_CLAIM, run)))
    if (Result.isFailure(claimed)) return yield* this.refused(lane, claimed.failure)
    if (claimed.success === undefined) this.resting.add(lane.lane_id)
    else if (isRest(claimed.success))
      this.early.set(lane.lane_id, { until: clock.now() + claimed.success.restMs, ceilings: lane.ceilings })
    else yield* this.takeIn(lane, claimed.success, content)
  }

  /** Into the traffic, if the content that is held is what the door let these numbers out for; else back they go. */
  private takeIn(lane: LiveLane, claimed: ClaimedBlock, content: Content): Effect.Effect<void, never, SqlClient> {
    const { clock, table, traffic } = this.parts
    return Effect.gen({ self: this }, function* () {
      let held: Content | undefined = content
      if (held.fingerprint !== claimed.fingerprint) {
        this.contents.delete(lane.campaign_id)
        held = yield* this.contentOf(lane)
      }
      if (held?.fingerprint === claimed.fingerprint) {
        this.fair.served(lane, claimed.recipients * held.templates.length)
        traffic.enqueue(new BlockInHand(claimed, held, clock.now(), lane.urgent), clock.now())
        return
      }
      yield* Effect.logError(`campaign ${lane.campaign_id}: the door let out other content than can be read`)
      this.resting.add(lane.lane_id)
      const block = new BlockInHand(claimed, content, clock.now())
      table.add(block)
      this.goingBack.push({ block, ranges: block.passOverRest(), resend: false })
      yield* this.putBack
    })
  }

  private feedOnce(): Effect.Effect<void, ClaimError, SqlClient> {
    return Effect.gen({ self: this }, this.feedOnceBody)
  }

  private refused(lane: LiveLane, error: ClaimError): Effect.Effect<void, ClaimError, SqlClient> {
    if (error.reason === "EpochOver") return Effect.fail(error)
    if (error.reason === "DatabaseGone")
      return Effect.logWarning(`claiming: ${error.message}; trying again`).pipe(
        Effect.andThen(Effect.sleep("500 millis")),
        // until this is done nothing more is claimed: a block that stayed open and nobody's would hold its campaign up
        Effect.andThen(Effect.retry(this.returnLostClaims, { while: isGone, schedule: RETRY }))
      )
    this.resting.add(lane.lane_id)
    // said once, and again when another reason comes
    const said = this.shutBecause.get(lane.lane_id) === error.reason
    this.shutBecause.set(lane.lane_id, error.reason)
    return said || error.reason === "NotSending" || error.reason === "Busy"
      ? Effect.void
      : Effect.logWarning(`the door stays shut: ${error.message}`)
  }

  private readyLanes(now: number): ReadonlyArray<LiveLane> {
    return this.lanes.filter(
      (lane) =>
        lane.unclaimed > 0 && !this.resting.has(lane.lane_id) && (this.early.get(lane.lane_id)?.until ?? now) <= now
    )
  }

  /** ms until the next lane's time comes. */
  private untilReady(now: number): number {
    let soonest = Number.POSITIVE_INFINITY
    for (const { until } of this.early.values()) if (until > now && until < soonest) soonest = until
    // as long as a timer can be
    return Math.min(soonest - now, LONGEST_WAIT_MS)
  }

  private look(): Effect.Effect<void, SqlError, SqlClient> {
    return Effect.gen({ self: this }, function* () {
      this.lanes = yield* liveLanes(this.parts.channel.id)
      this.resting.clear()
      const live = new Set(this.lanes.map((l) => l.lane_id))
      this.fair.keep(this.lanes)
      const ceilings = new Map(this.lanes.map((l) => [l.lane_id, l.ceilings]))
      // what was said under other ceilings holds no more
      for (const [id, said] of this.early) if (ceilings.get(id) !== said.ceilings) this.early.delete(id)
      for (const id of this.shutBecause.keys()) if (!live.has(id)) this.shutBecause.delete(id)
      for (const id of this.contents.keys()) if (!this.lanes.some((l) => l.campaign_id === id)) this.contents.delete(id)
      yield* this.takeBack((block) => !live.has(block.laneId))
      yield* this.takeSurplus
      if (this.lanes.some((l) => l.unclaimed > 0)) this.lanesChanged.openUnsafe()
      if (this.lanes.some((l) => l.urgent && l.unclaimed > 0)) this.parts.hungry.openUnsafe()
    })
  }

  private takeBack(unwanted: (block: BlockInHand) => boolean): Effect.Effect<void, never, SqlClient> {
    const { clock, traffic } = this.parts
    this.goingBack.push(...traffic.takeBack(unwanted, clock.now()))
    return this.putBack
  }

  /** When the pace falls, what was claimed at the old one is seconds of work, and goes back to be claimed in smaller runs. */
  private readonly takeSurplus: Effect.Effect<void, never, SqlClient> = Effect.suspend(() => {
    const { clock, pacer, traffic } = this.parts
    this.goingBack.push(...traffic.takeSurplus(SURPLUS_RUNS * runAt(pacer.perSecond), clock.now()))
    return this.putBack
  })

  private get putBack(): Effect.Effect<void, never, SqlClient> {
    const { channel, epoch, traffic } = this.parts
    return Effect.gen({ self: this }, function* () {
      for (let next = this.goingBack[0]; next !== undefined; next = this.goingBack[0]) {
        const put = next.resend ? giveBackToResend : giveBack
        const isBack = yield* put(channel.id, epoch, next.block, next.ranges).pipe(
          Effect.tapError((error) => Effect.logWarning(`giving back: ${error.message}`)),
          Effect.retry({ while: isGone, schedule: RETRY }),
          Effect.as(true),
          // refused: the epoch is over, or a bug; the block stays open, and the channel's next owner settles it
          Effect.orElseSucceed(() => false)
        )
        this.goingBack.shift()
        if (isBack) traffic.gaveBack(next)
      }
    })
  }

  private contentOf(lane: LiveLane): Effect.Effect<Content | undefined, never, SqlClient> {
    const known = this.contents.get(lane.campaign_id)
    if (known !== undefined) return Effect.succeed(known)
    return Campaigns.content(lane.campaign_id).pipe(
      Effect.flatMap((campaign) => Effect.fromResult(compose(campaign, this.charset))),
      Effect.tap((content) => Effect.sync(() => this.contents.set(lane.campaign_id, content))),
      Effect.catchTags({
        ComposeError: (error) =>
          // another channel that serves it may have been first
          Effect.as(Effect.ignore(moved(lane.campaign_id, "fail", error.message)), undefined),
        SqlError: (error) => Effect.as(logged(`reading campaign ${lane.campaign_id}`)(error), undefined)
      })
    )
  }
}
