/**
 * One channel's life in virtual time. What decides is the engine's own: Traffic with its Backlog, Paced, Retries, Answers, BlockInHand,
 * BlockTable, Pacer and Fair, the Journal's pages, and the door and the ledger in the database. Modelled here, as thinply as could be,
 * is what Effect does around them: when Feeder claims and looks for lanes, when Journal flushes, when timers fire (late), how a bind
 * comes back, how a drain goes, and how a crash loses all of it.
 */
import { type Effect, Latch } from "effect"
import { Traffic } from "#engine/channel/Traffic.ts"
import type { GoingBack } from "#engine/dispatch/Backlog.ts"
import { BlockInHand } from "#engine/dispatch/BlockInHand.ts"
import { BlockTable, nthOf, partOf } from "#engine/dispatch/BlockTable.ts"
import { Fair } from "#engine/dispatch/Fair.ts"
import { MOST_A_CLAIM, runAt, SURPLUS_RUNS, UNPACED_AHEAD } from "#engine/dispatch/Feeder.ts"
import { Journal } from "#engine/dispatch/Journal.ts"
import { Pacer } from "#engine/dispatch/Pacer.ts"
import { Inbox } from "#engine/receipt/Inbox.ts"
import { DressLearner, key } from "#engine/smpp/MessageId.ts"
import { messageState } from "#engine/smpp/receipt.ts"
import type { Session } from "#engine/smpp/Session.ts"
import { ChannelCounts } from "#engine/watching/ChannelCounts.ts"
import type { LiveLane } from "#schema/channel/Channels.ts"
import type { SqlClient } from "#schema/Database.ts"
import { giveBackLostClaims, isRest } from "#schema/ledger/Door.ts"
import { record } from "#schema/ledger/Outcomes.ts"
import { claimAt, lanesAt, takeAndSettle } from "./database.ts"
import { GivingBack } from "./GivingBack.ts"
import type { Bind, Ear, Left, Operator, Receipt } from "./Operator.ts"
import { AGAIN_MS, Timers } from "./Timers.ts"
import type { Answered, World } from "./World.ts"

/** As in engine/dispatch/Feeder.ts. */
const LOOK_EVERY_MS = 400

/** As in engine/channel/ChannelLife.ts. */
const IDLE_LOOK_MS = 50
const DRAIN_FOR_MS = 20_000

export class Shell implements Ear {
  /** false: it was killed, has drained, or has lost its channel */
  alive = true
  epoch = 0
  private serving = false
  private draining = false
  private claiming = false
  private looking = false
  private flushing = false
  private lanes: ReadonlyArray<LiveLane> = []
  private readonly resting = new Set<number>()
  private readonly early = new Map<number, { readonly until: number; readonly ceilings: string }>()
  private readonly givingBack: GivingBack
  private readonly fair = new Fair()
  private readonly table = new BlockTable()
  private bind: Bind | undefined
  private journal!: Journal
  private inbox!: Inbox
  private pacer!: Pacer
  private traffic!: Traffic
  private readonly timers: Timers
  private readonly world: World
  private readonly operator: Operator
  readonly channel: number

  constructor(world: World, channel: number) {
    this.world = world
    this.timers = new Timers(world, () => this.alive)
    this.channel = channel
    this.operator = world.operators[channel]!
    this.givingBack = new GivingBack(world, this)
    this.takeOver()
  }

  get id(): number {
    return this.world.made.channels[this.channel]!
  }

  private get now(): number {
    return this.world.agenda.now
  }

  ask<A, E>(what: (ms: number) => Effect.Effect<A, E, SqlClient>, then: (answer: Answered<A>) => void): void {
    if (!this.alive) return
    this.world.ask(
      () => this.alive,
      what,
      (answer) => {
        if (answer.is === "refused" && answer.reason === "EpochOver") return this.die()
        then(answer)
        this.after()
      }
    )
  }

  private takeOver(): void {
    this.ask(
      () => takeAndSettle(this.id),
      (answer) => {
        if (answer.is !== "done") return this.world.agenda.after(1_000, () => this.takeOver())
        const { epoch, resent, unknown } = answer.value
        this.world.count("settled as unknown", unknown)
        this.world.count("settled to be resent", resent)
        if (resent + unknown > 0) this.world.changed()
        this.begin(epoch)
      }
    )
  }

  private begin(epoch: number): void {
    const { now, table } = this
    this.epoch = epoch
    this.pacer = new Pacer(this.world.contractOf(this.channel) ?? undefined, undefined, now)
    this.journal = new Journal(this.id, epoch, (block) => table.remove(block))
    const onOdd = () => {}
    const { journal, pacer } = this
    const counts = new ChannelCounts()
    this.inbox = new Inbox({ table, journal, learner: new DressLearner("same"), onOdd, onMessage: onOdd, counts })
    this.traffic = new Traffic({ table, journal, pacer, inbox: this.inbox, hungry: Latch.makeUnsafe(), onOdd, counts })
    journal.tell(() => this.traffic.committed(this.now))
    this.serving = true
    this.world.agenda.after(this.world.agenda.between(5, 100), () => this.connect())
    this.lookSoon(0)
  }

  private connect(): void {
    if (!this.alive || this.draining) return
    const { agenda } = this.world
    if (this.operator.is("binds down"))
      return agenda.at(this.operator.upAgainAt + agenda.between(5, 500), () => this.connect())
    this.bind = this.operator.connect(this)
    this.traffic.join(this.bind as unknown as Session, this.now)
    this.after()
  }

  // what the operator is sent, and says

  from(token: number): Pick<Left, "block" | "nth" | "part" | "isRest"> {
    const block = this.table.blockOf(token)
    const [nth, part] = [nthOf(token), partOf(token)]
    return { block: block.id, nth, part, isRest: part > 0 && block.isGoingBack }
  }

  answered(session: Session, token: number, status: number, message_id: string, sentAt: number): void {
    if (!this.alive) return
    this.traffic.answers.answered(session, token, status, message_id, sentAt, this.now)
    this.traffic.turned(session, this.now)
    this.after()
  }

  lost(session: Session, token: number, sentAt: number): void {
    if (!this.alive) return
    this.world.count("answers lost")
    this.traffic.answers.lost(session, token, sentAt, this.now)
    this.traffic.turned(session, this.now)
    this.after()
  }

  receipt(session: Session, sequence_number: number, { delivered, message_id, number }: Receipt): void {
    const answered = key(message_id, "same")
    const token = this.table.tokenFor(answered)
    const state = delivered ? messageState.delivered : messageState.undeliverable
    if (token === undefined) this.journal.park(answered, Number(number), state, "")
    else {
      const receipt = { message_id, state, error: "", intermediate: false, number: Number(number), odd: undefined }
      this.inbox["apply"](token, answered, receipt as never, this.now)
    }
    this.journal.acknowledge(session, sequence_number)
    this.after()
  }

  ended(session: Session): void {
    if (!this.alive) return
    this.bind = undefined
    this.traffic.leave(session, this.now)
    this.after()
    this.world.agenda.after(this.world.agenda.between(5, 200), () => this.connect())
  }

  // what the engine does by itself

  /** After whatever happened: claims, sets the timers, and lets the journal wait for its flush. */
  private after(): void {
    if (!this.alive || !this.serving) return
    this.feed()
    this.arm()
    // it looks all the time; with nothing to be taken back, nothing comes of it
    const backlog = this.traffic["backlog"]
    if (backlog.retries.size > 0 || !backlog["endings"].isEmpty) this.lookSoon(LOOK_EVERY_MS)
    if (this.journal["rows"] > 0 && !this.flushing && !this.timers.isSet("flush"))
      this.timers.set("flush", this.draining ? 1 : this.world.plan.flushMs, () => this.flush())
  }

  private arm(): void {
    const wait = this.traffic.wait(this.now)
    if (wait === undefined && (this.bind === undefined || this.traffic["backlog"].isEmpty)) return
    this.timers.set("wake", wait === undefined ? IDLE_LOOK_MS : Math.max(1, wait), () => {
      // the engine's last look was a moment ago
      this.limit()
      this.traffic.fill(this.now)
      this.after()
    })
  }

  private feed(): void {
    if (this.claiming || this.draining) return
    const { now, table, traffic } = this
    const run = runAt(this.pacer.perSecond)
    traffic.feedBelow(Math.min(UNPACED_AHEAD, run))
    for (const lane of this.lanes) {
      const parts = traffic.takeResubmitted(lane.lane_id)
      if (parts > 0) this.fair.sentAgain(lane, parts)
    }
    const ready = this.lanes.filter(
      (lane) => lane.unclaimed > 0 && !this.resting.has(lane.lane_id) && this.askAgainAt(lane.lane_id) <= now
    )
    const urgent = ready.filter((lane) => lane.urgent)
    const wanted = urgent.length > 0 ? urgent : ready.filter((lane) => traffic.wants(lane, now))
    const lane = traffic.canTake && !table.full ? this.fair.next(wanted) : undefined
    const next = Math.min(
      ...this.lanes
        .map(({ lane_id }) => this.askAgainAt(lane_id))
        .map((at) => (at > now ? at : Number.POSITIVE_INFINITY))
    )
    if (next < Number.POSITIVE_INFINITY) this.timers.set("feed", next - now, () => this.after())
    if (lane === undefined) return
    this.claiming = true
    const { segments } = this.world.plan.campaigns[this.world.campaignOf(lane.lane_id)]!
    this.claim(lane, Math.max(1, Math.min(MOST_A_CLAIM, Math.ceil(run / segments))))
  }

  private askAgainAt(laneId: number): number {
    const said = this.early.get(laneId)
    return said === undefined ? Number.NEGATIVE_INFINITY : said.until + this.traffic.lateOf(laneId)
  }

  private claim(lane: LiveLane, limit: number): void {
    let asked = 0
    this.ask(
      (ms) => {
        asked = ms
        return claimAt(this.id, this.epoch, lane.lane_id, limit, ms)
      },
      (answer) => {
        if (answer.is === "gone") return this.world.agenda.after(AGAIN_MS, () => this.returnLostClaims())
        this.claiming = false
        if (this.draining) return
        if (answer.is === "refused") {
          this.world.count(`claims refused: ${answer.reason}`)
          this.rest(lane.lane_id)
        } else if (answer.value === undefined) this.rest(lane.lane_id)
        else if (isRest(answer.value)) {
          this.world.count("claims told to wait")
          this.early.set(lane.lane_id, { until: this.now + answer.value.restMs, ceilings: lane.ceilings })
        } else {
          const content = this.world.contentOf(lane.lane_id, answer.value.fingerprint)
          const block = new BlockInHand(answer.value, content, this.now, lane.urgent, undefined)
          this.world.claimed(this.channel, asked, answer.value)
          this.fair.served(lane, block.messages)
          this.traffic.enqueue(block, this.now)
        }
      }
    )
  }

  /** Until this is done nothing more is claimed. */
  private returnLostClaims(): void {
    this.givingBack.lostClaims(this.known, () => {
      this.claiming = false
    })
  }

  private get known(): ReadonlyArray<number> {
    return Array.from(this.table, (block) => block.id)
  }

  private rest(laneId: number): void {
    this.resting.add(laneId)
    this.lookSoon(LOOK_EVERY_MS)
  }

  /** Looks for lanes within so many ms. */
  lookSoon(withinMs: number): void {
    if (this.alive && this.serving && !this.draining)
      this.timers.set("look", withinMs * this.world.agenda.chance(), () => this.look())
  }

  private look(): void {
    if (this.looking || this.draining) return
    this.looking = true
    this.ask(
      (ms) => lanesAt(this.id, ms),
      (answer) => {
        this.looking = false
        if (answer.is !== "done") return this.lookSoon(LOOK_EVERY_MS)
        if (this.draining) return
        this.lanes = answer.value
        this.resting.clear()
        const live = new Set(this.lanes.map((l) => l.lane_id))
        this.fair.keep(this.lanes)
        this.takeBack((block) => !live.has(block.laneId))
        this.limit()
        const ceilings = new Map(this.lanes.map((l) => [l.lane_id, l.ceilings]))
        for (const [id, said] of this.early) if (ceilings.get(id) !== said.ceilings) this.early.delete(id)
        this.givingBack.add(this.traffic.takeUntimed(this.lanes))
        this.givingBack.add(this.traffic.takeSurplus(SURPLUS_RUNS * runAt(this.pacer.perSecond)))
        this.givingBack.next()
      }
    )
  }

  private limit(): void {
    const together = this.world.keptTogether(this.channel)
    this.traffic.limit(new Map(this.lanes.map((lane) => [lane.lane_id, together.of(lane, this.now)])))
  }

  private takeBack(unwanted: (block: BlockInHand) => boolean): void {
    this.givingBack.add(this.traffic.takeBack(unwanted, this.now))
  }

  gaveBack(what: GoingBack): void {
    this.traffic.gaveBack(what)
  }

  private flush(): void {
    this.flushing = true
    const page = this.journal["take"]()
    const say = (): void =>
      this.ask(
        () => record(page.params),
        (answer) => {
          if (answer.is === "gone") return this.world.agenda.after(AGAIN_MS, say)
          if (answer.is === "refused") throw new Error(`a flush was refused: ${answer.message}`)
          this.flushing = false
          this.world.count("flushes")
          this.journal["committed"](page)
          if (page.blocks.some((block) => block.closed)) this.world.mayBeThrough()
        }
      )
    say()
  }

  /** The channel's row has changed, and the engine has seen it. */
  agree(perSecond: number | null): void {
    if (!this.alive || !this.serving) return
    this.pacer.agree(perSecond ?? undefined, undefined, this.now)
    this.after()
  }

  // how it ends

  /** All it has in hand is lost. */
  die(): void {
    this.alive = false
    this.bind?.cut()
  }

  /** Ends in order: what waits goes back, what was submitted is waited for, all is written down. */
  drain(): void {
    if (!this.alive || !this.serving) return this.die()
    this.draining = true
    const until = this.now + DRAIN_FOR_MS
    this.traffic.halt()
    this.takeBack(() => true)
    const bye = (): void => {
      if (!this.alive) return
      if (this.now > until) return this.die()
      this.traffic.fill(this.now)
      const busy =
        this.flushing || this.traffic.isEnding(this.now) || !this.givingBack.isDone || this.journal["rows"] > 0
      if (busy || this.traffic.inFlight > 0) {
        this.givingBack.next()
        this.after()
        return this.world.agenda.after(20, bye)
      }
      this.takeBack(() => true)
      if (!this.givingBack.isDone) return bye()
      this.ask(
        () => giveBackLostClaims(this.id, this.epoch, this.known),
        (answer) => {
          if (answer.is === "done") this.world.count("drained")
          this.die()
          this.world.changed()
        }
      )
    }
    bye()
  }
}
