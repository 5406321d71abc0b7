/**
 * Feeds a channel: claims the next run of the lane whose turn it is (Fair.ts) whenever fewer recipients wait than an eighth of a
 * second sends, and takes back what waits for a lane that is live no more. A lane that the door told to wait is asked again when its
 * time has come.
 *
 * Triggered lanes are fed beside the others: the hint that one was fed says which, so that nothing is looked up before its claim, and its
 * claim waits neither for one of bulk that is under way nor for any room but its own.
 *
 * Promises: nothing is claimed while no bind is up, while the journal or the memory is full, or beyond what is about to
 * be sent, so that a crash leaves little in doubt; a stopped campaign's waiting recipients go back within a second; and what
 * is sent has the fingerprint that the door let out.
 */
import { Effect, Latch, Result, Schedule, Semaphore, Stream } from "effect"
import { failed } from "#engine/campaign/moved.ts"
import type { Traffic } from "#engine/channel/Traffic.ts"
import { Hints } from "#engine/Hints.ts"
import type { ChannelCounts } from "#engine/watching/ChannelCounts.ts"
import { countingClaim } from "#engine/watching/countingClaim.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { type Channel, type LiveLane, liveLanes } from "#schema/channel/Channels.ts"
import { type SqlClient, type SqlError, sqlMessage } from "#schema/Database.ts"
import {
  type ClaimError,
  type ClaimedBlock,
  claim,
  giveBackLostClaims,
  isPassing,
  isRest
} from "#schema/ledger/Door.ts"
import { BlockInHand } from "./BlockInHand.ts"
import type { BlockTable } from "./BlockTable.ts"
import type { Ceilings } from "./Ceilings.ts"
import type { Content } from "./Content.ts"
import { compose } from "./compose.ts"
import { Fair } from "./Fair.ts"
import { Fed } from "./Fed.ts"
import { GivingBack } from "./GivingBack.ts"
import type { MonotonicClock } from "./MonotonicClock.ts"
import type { Pacer } from "./Pacer.ts"
import { PersonalBlock } from "./PersonalBlock.ts"

/** Product: a stop is obeyed within one second, also when its NOTIFY is lost. */
const LOOK_EVERY = "400 millis"

/**
 * Claims a second where a contract sets the pace. With as much again waiting when one is made, what a crash leaves in doubt
 * is a quarter of a second of work; and a claim may take an eighth of a second before the channel runs dry.
 */
const RUNS_A_SECOND = 8

/** Two runs wait at most; after a halving of the pace they are four, which may stay. */
export const SURPLUS_RUNS = 4

/** Messages claimed ahead where no contract says what a quarter of a second is: four full blocks. */
export const UNPACED_AHEAD = 4_000

export const MOST_A_CLAIM = 1_000

/** How often it looks whether what is full has room again. */
const FULL_LOOK_MS = 100

/** The same where somebody's next slot is near, which is handed out 100 ms ahead. */
const SLOT_LOOK_MS = 10

/** As long as nothing is to be expected: what changes opens a latch. A rest is no longer either, since the database's clock may be set. */
const LONGEST_WAIT_MS = 60_000

/** Before a triggered lane is asked again that was in somebody's hands: its next look would be too late. */
const BUSY_MS = 10

/** Messages of a claim at this pace, in messages a second. */
export const runAt = (perSecond: number): number => Math.max(1, Math.ceil(perSecond / RUNS_A_SECOND))

/** Claims of triggered lanes at once: one may wait for somebody who takes long to commit what they feed to its lane. */
const URGENT_CLAIMS = 3

/** With that of all other lanes. */
const CLAIMS = 1 + URGENT_CLAIMS

const RETRY = Schedule.spaced("500 millis")

const logged = (what: string) => (error: SqlError) => Effect.logWarning(`${what}: ${sqlMessage(error)}`)

interface Parts {
  readonly channel: Channel
  readonly epoch: number
  readonly traffic: Traffic
  readonly table: BlockTable
  readonly pacer: Pacer
  readonly hungry: Latch.Latch
  readonly clock: MonotonicClock
  readonly counts: ChannelCounts
  readonly ceilings: Ceilings
}

export class Feeder {
  private lanes: ReadonlyArray<LiveLane> = []
  /** lanes that refused or gave nothing, until they are looked at again */
  private readonly resting = new Set<number>()
  private readonly fed = new Fed()
  /** lanes whose time has not come: until when (monotonic ms), and under which ceilings that was said */
  private readonly early = new Map<number, { readonly until: number; readonly ceilings: string }>()
  private readonly shutBecause = new Map<number, ClaimError["reason"]>()
  private readonly fair = new Fair()
  private readonly contents = new Map<number, Content>()
  /** message parts a recipient, by lane */
  private readonly partsOf = new Map<number, number>()
  private readonly lanesChanged = Latch.makeUnsafe()
  private readonly urged = Latch.makeUnsafe()
  /** one each for the claims that may be under way; who finds out which were lost takes all */
  private readonly claims = Semaphore.makeUnsafe(CLAIMS)
  /** triggered lanes of which a claim is under way */
  private readonly urging = new Set<number>()
  private readonly givingBack: GivingBack
  private readonly parts: Parts
  private charset: Channel["charset"]

  constructor(parts: Parts) {
    this.parts = parts
    this.givingBack = new GivingBack(parts)
    this.charset = parts.channel.charset
  }

  /** Claims for ever. Fails when the epoch is over. */
  readonly feed: Effect.Effect<void, ClaimError, SqlClient> = Effect.suspend(() =>
    Effect.all(
      [
        Effect.forever(this.feedOnce),
        ...Array.from({ length: URGENT_CLAIMS }, () => Effect.forever(this.feedUrgentOnce))
      ],
      { concurrency: "unbounded", discard: true }
    )
  )

  /** Keeps the lanes current for ever, on every hint and by the clock. */
  readonly watch: Effect.Effect<void, never, SqlClient | Hints> = Effect.scoped(
    Effect.flatMap(Hints, ({ onFed, orEvery }) =>
      Effect.andThen(
        onFed(this.parts.channel.id, (laneId, upto) => this.wasFed(laneId, upto)),
        Stream.runForEach(orEvery(LOOK_EVERY), () =>
          Effect.ignore(Effect.tapError(this.look(), logged("looking for lanes")))
        )
      )
    )
  )

  /** A triggered lane has recipients up to this seq. One that is not known yet has just been opened: its look is under way. */
  private wasFed(laneId: number, upto: number): void {
    this.fed.heard(laneId, upto)
    this.urged.openUnsafe()
  }

  /** The channel's alphabet, from now on: what is in hand goes as it is. */
  encodeFor(charset: Channel["charset"]): void {
    if (charset === this.charset) return
    this.charset = charset
    this.contents.clear()
  }

  /** Takes everything back that was not submitted (a drain). */
  readonly takeAllBack: Effect.Effect<void, never, SqlClient> = Effect.suspend(() => this.takeBack(() => true))

  /** Returns claims of ours that we never heard the answer of; as often as it takes. */
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
  }).pipe(Effect.retry({ while: isPassing, schedule: RETRY }))

  private readonly feedOnce: Effect.Effect<void, ClaimError, SqlClient> = Effect.suspend(() => {
    const { clock, hungry, table, traffic } = this.parts
    traffic.feedBelow(Math.min(UNPACED_AHEAD, this.run))
    // many small blocks fill it sooner than it is tidied by the clock
    if (table.full) table.makeRoom()
    const ready = this.readyLanes(clock.now(), false)
    if (ready.length === 0) {
      this.lanesChanged.closeUnsafe()
      return Effect.timeoutOption(this.lanesChanged.await, this.untilReady(clock.now()))
    }
    for (const lane of ready) {
      const parts = traffic.takeResubmitted(lane.lane_id)
      if (parts > 0) this.fair.sentAgain(lane, parts)
    }
    const wanted = table.full ? [] : ready.filter((lane) => traffic.wants(lane, clock.now()))
    const lane = this.fair.next(wanted)
    if (lane !== undefined) return this.claimOf(lane)
    hungry.closeUnsafe()
    // a full table has no signal of its own; a block closes within moments. Nor has a channel that catches up
    const look = ready.some(({ paced }) => paced) ? SLOT_LOOK_MS : FULL_LOOK_MS
    return Effect.timeoutOption(hungry.await, Math.min(look, this.untilReady(clock.now())))
  })

  private readonly feedUrgentOnce: Effect.Effect<void, ClaimError, SqlClient> = Effect.suspend(() => {
    const { clock, table, traffic } = this.parts
    if (table.full) table.makeRoom()
    const ready = this.readyLanes(clock.now(), true)
    const hasRoom = this.fed.inHandWaiting < Math.min(UNPACED_AHEAD, this.run) && traffic.canTake && !table.full
    const lane = hasRoom ? this.fair.next(ready.filter((one) => !this.urging.has(one.lane_id))) : undefined
    if (lane !== undefined) {
      this.urging.add(lane.lane_id)
      return Effect.ensuring(
        this.claimOf(lane),
        Effect.sync(() => {
          this.urging.delete(lane.lane_id)
          this.urged.openUnsafe()
        })
      )
    }
    this.urged.closeUnsafe()
    const wait = this.untilReady(clock.now())
    return Effect.timeoutOption(this.urged.await, ready.length === 0 ? wait : Math.min(FULL_LOOK_MS, wait))
  })

  /** Messages of a claim. */
  private get run(): number {
    return runAt(this.parts.pacer.perSecond)
  }

  /** Recipients of a claim: their messages have as many parts as those of the lane's last block. */
  private mostOf(lane: LiveLane, content: Content): number {
    const parts = this.partsOf.get(lane.lane_id) ?? content.templates.length
    return Math.max(1, Math.min(MOST_A_CLAIM, Math.ceil(this.run / Math.max(1, parts))))
  }

  private claimOf(lane: LiveLane): Effect.Effect<void, ClaimError, SqlClient> {
    const { channel, clock, counts, epoch } = this.parts
    return Effect.gen({ self: this }, function* () {
      const content = yield* this.contentOf(lane)
      if (content === undefined) return this.rest(lane)
      const upto = this.fed.upto(lane.lane_id)
      // interrupted by a drain, it may have committed unheard: `returnLostClaims` is the drain's last act
      const claiming = claim(channel.id, epoch, lane.lane_id, this.mostOf(lane, content))
      const claimed = yield* countingClaim(counts)(claiming)
      if (claimed === undefined) {
        // it may not have seen what was fed while it was under way
        if (this.fed.upto(lane.lane_id) === upto) this.rest(lane)
      } else if (isRest(claimed))
        this.early.set(lane.lane_id, {
          until: clock.now() + Math.min(claimed.restMs, LONGEST_WAIT_MS),
          ceilings: lane.ceilings
        })
      else yield* this.takeIn(lane, claimed, content)
      // a claim counts as under way until its block is in the table, where it is not taken for lost
    }).pipe(
      this.claims.withPermits(1),
      Effect.catch((error) => this.refused(lane, error))
    )
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
        const personal = PersonalBlock.of(held, claimed, lane.urgent)
        if (Result.isSuccess(personal)) {
          const block = new BlockInHand(claimed, held, clock.now(), lane.urgent, personal.success)
          this.fair.served(lane, block.messages)
          this.partsOf.set(lane.lane_id, block.messages / block.size)
          if (lane.urgent) this.fed.took(block)
          traffic.enqueue(block, clock.now())
          return
        }
        yield* Effect.ignore(failed(lane.campaign_id, personal.failure.message))
      } else yield* Effect.logError(`campaign ${lane.campaign_id}: the door let out other content than can be read`)
      this.rest(lane)
      const block = new BlockInHand(claimed, content, clock.now())
      table.add(block)
      this.givingBack.add([{ block, ranges: block.passOverRest(), resend: false }])
      yield* this.givingBack.all
    })
  }

  private refused(lane: LiveLane, error: ClaimError): Effect.Effect<void, ClaimError, SqlClient> {
    if (error.reason === "EpochOver") return Effect.fail(error)
    this.rest(lane)
    if (error.reason === "DatabaseGone")
      return Effect.logWarning(`claiming: ${error.message}; trying again`).pipe(
        Effect.andThen(Effect.sleep("500 millis")),
        // until this is done nothing more is claimed: a block that stayed open and nobody's would hold its campaign up
        Effect.andThen(this.claims.withPermits(CLAIMS)(this.returnLostClaims))
      )
    if (lane.urgent && error.reason === "Busy") {
      this.fed.heard(lane.lane_id)
      this.early.set(lane.lane_id, { until: this.parts.clock.now() + BUSY_MS, ceilings: lane.ceilings })
    }
    // said once, and again when another reason comes
    const said = this.shutBecause.get(lane.lane_id) === error.reason
    this.shutBecause.set(lane.lane_id, error.reason)
    return said || error.reason === "NotSending" || error.reason === "Busy"
      ? Effect.void
      : Effect.logWarning(`the door stays shut: ${error.message}`)
  }

  private readyLanes(now: number, urgent: boolean): ReadonlyArray<LiveLane> {
    return this.lanes.filter(
      (lane) =>
        lane.urgent === urgent &&
        (urgent ? this.fed.upto(lane.lane_id) !== undefined : lane.unclaimed > 0 && !this.resting.has(lane.lane_id)) &&
        this.isTime(lane.lane_id, now)
    )
  }

  /** The door thinks that what it handed out has left: while it has not, the lane waits, and the door sees what remains of it. */
  private isTime(laneId: number, now: number): boolean {
    const said = this.early.get(laneId)
    return said === undefined || said.until + this.parts.traffic.lateOf(laneId) <= now
  }

  /** Until there is a hint of it, or it is looked at again. */
  private rest(lane: LiveLane): void {
    if (lane.urgent) this.fed.rest(lane.lane_id)
    else this.resting.add(lane.lane_id)
  }

  /** ms until the next lane's time comes. */
  private untilReady(now: number): number {
    let soonest = Number.POSITIVE_INFINITY
    for (const [laneId, said] of this.early) {
      const until = said.until + this.parts.traffic.lateOf(laneId)
      if (until > now && until < soonest) soonest = until
    }
    // as long as a timer can be
    return Math.min(soonest - now, LONGEST_WAIT_MS)
  }

  private look(): Effect.Effect<void, SqlError, SqlClient> {
    return Effect.gen({ self: this }, function* () {
      this.lanes = yield* liveLanes(this.parts.channel.id)
      this.resting.clear()
      const live = new Set(this.lanes.map((l) => l.lane_id))
      this.fair.keep(this.lanes)
      const { ceilings: engineCeilings, clock, traffic } = this.parts
      // what was half out then is completed below what held until now
      this.givingBack.add(traffic.takeBack((block) => !live.has(block.laneId), clock.now()))
      traffic.limit(new Map(this.lanes.map((l) => [l.lane_id, engineCeilings.of(l, clock.now())])))
      const ceilings = new Map(this.lanes.map((l) => [l.lane_id, l.ceilings]))
      // what was said under other ceilings holds no more
      for (const [id, said] of this.early) if (ceilings.get(id) !== said.ceilings) this.early.delete(id)
      for (const id of this.partsOf.keys()) if (!live.has(id)) this.partsOf.delete(id)
      for (const id of this.shutBecause.keys()) if (!live.has(id)) this.shutBecause.delete(id)
      for (const id of this.contents.keys()) if (!this.lanes.some((l) => l.campaign_id === id)) this.contents.delete(id)
      this.givingBack.add(traffic.takeUntimed(this.lanes))
      // when the pace falls, what was claimed at the old one is seconds of work, and is claimed again in smaller runs
      this.givingBack.add(traffic.takeSurplus(SURPLUS_RUNS * this.run))
      yield* this.givingBack.all
      this.fed.keep(live)
      for (const { lane_id, unclaimed, urgent } of this.lanes) if (urgent && unclaimed > 0) this.fed.heard(lane_id)
      if (this.lanes.some((l) => l.unclaimed > 0)) this.lanesChanged.openUnsafe()
      this.urged.openUnsafe()
      traffic.keepRoom(this.lanes.some((l) => l.urgent))
      traffic.looked(clock.now())
    })
  }

  private takeBack(unwanted: (block: BlockInHand) => boolean): Effect.Effect<void, never, SqlClient> {
    const { clock, traffic } = this.parts
    this.givingBack.add(traffic.takeBack(unwanted, clock.now()))
    return this.givingBack.all
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
          Effect.as(Effect.ignore(failed(lane.campaign_id, error.message)), undefined),
        SqlError: (error) => Effect.as(logged(`reading campaign ${lane.campaign_id}`)(error), undefined)
      })
    )
  }
}
