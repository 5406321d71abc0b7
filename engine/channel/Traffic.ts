/**
 * The traffic of one channel: claimed blocks in, submits out over whatever binds are up, answers and receipts back into
 * the journal. The hot path: plain code over arrays, no Effect and no object a message.
 *
 * A message goes  backlog → window of a bind → answer → (receipt) → done.  On the way it may go back to the backlog
 * (throttled, temporary failure, or lost under `resend`).
 *
 * Promises: nothing is submitted beyond the pace, a window, the journal's room, while it rests, while nobody has seen for two seconds
 * what may be sent, or after `halt`; what a bind that ended had not answered is told to `answers` as lost.
 */
import { Latch } from "effect"
import { Backlog, type GoingBack } from "#engine/dispatch/Backlog.ts"
import type { BlockInHand } from "#engine/dispatch/BlockInHand.ts"
import { type BlockTable, nthOf, partOf, tokenOf } from "#engine/dispatch/BlockTable.ts"
import type { Ceiling } from "#engine/dispatch/Ceilings.ts"
import { referenceOf } from "#engine/dispatch/compose.ts"
import type { Journal } from "#engine/dispatch/Journal.ts"
import type { Pacer } from "#engine/dispatch/Pacer.ts"
import type { Inbox } from "#engine/receipt/Inbox.ts"
import type { Session } from "#engine/smpp/Session.ts"
import type { ChannelCounts } from "#engine/watching/ChannelCounts.ts"
import type { LiveLane } from "#schema/channel/Channels.ts"
import { Answers } from "./Answers.ts"
import type { Odd } from "./oddities.ts"

/** Of a window, what is left to urgent messages: a twentieth, and one at least where it is no tenth. */
const keptOf = (windowSize: number): number => (windowSize < 10 ? 0 : Math.max(1, Math.floor(windowSize / 20)))

/**
 * Of what a channel sends in an eighth of a second (its low water): slots are handed out 150 ms ahead, for a quarter of a second, so that
 * ceilings which together are no more than its contract have 0.4 s of it here, and never keep others from being claimed.
 */
const MOST_WAITING_RUNS = 4

/**
 * Likewise, of one lane's messages to be submitted again: eight seconds of the channel. What an operator fails for a while waits up to a
 * minute and is no work for the channel meanwhile, so others are claimed; but where it fails all of a lane, no more of that is.
 */
const MOST_REFUSED_RUNS = 64

/** Some looks of a feeder. Whoever can't see for longer whether something was stopped, or its window has closed, sends none of it. */
const BLIND_AFTER_MS = 2_000

export class Traffic {
  /** claimed and not yet written to a socket, or to be written again */
  private readonly backlog: Backlog
  /** what becomes of what was submitted */
  readonly answers: Answers
  /** binds that are up, and those of them that submit */
  private readonly all = new Set<Session>()
  private readonly sessions: Array<Session> = []
  /** for good; and while the binds begin anew */
  private halted = false
  private resting = false
  /** never: nobody tells, as in a test of a part */
  private lookedAt = Number.POSITIVE_INFINITY
  private readonly table: BlockTable
  private readonly journal: Journal
  private readonly pacer: Pacer
  private readonly inbox: Inbox
  private readonly hungry: Latch.Latch
  private readonly counts: ChannelCounts
  /** Something waits for a time that may be sooner than what was waited for. */
  readonly sooner = Latch.makeUnsafe()
  private lowWater = 0
  /** part of each window is left to what is urgent */
  private keepsRoom = false
  /** since when a bind that receives has been up */
  private hearsSince: number | undefined

  constructor(parts: {
    table: BlockTable
    journal: Journal
    pacer: Pacer
    inbox: Inbox
    hungry: Latch.Latch
    onOdd: Odd
    counts: ChannelCounts
  }) {
    this.table = parts.table
    this.backlog = new Backlog(parts.table)
    this.journal = parts.journal
    this.pacer = parts.pacer
    this.inbox = parts.inbox
    this.hungry = parts.hungry
    this.counts = parts.counts
    this.answers = new Answers({ ...parts, backlog: this.backlog })
  }

  /** Messages written to a socket and not answered. */
  get inFlight(): number {
    let n = 0
    for (const session of this.sessions) n += session.outstanding
    return n
  }

  /**
   * Whether a claim of a lane could be put to use now. What waits for its own time is no food for a channel that could send now, and
   * those whose recipients have such times (paced) don't wait until the others have left, as long as the channel keeps up with them.
   */
  wants({ lane_id, paced }: Pick<LiveLane, "lane_id" | "paced">, now: number): boolean {
    const { backlog, lowWater } = this
    const hasRoom = backlog.untimed + backlog.timed < MOST_WAITING_RUNS * lowWater
    if (!this.canTake || !hasRoom || backlog.refusedOf(lane_id) >= MOST_REFUSED_RUNS * lowWater) return false
    return this.runsLow || (paced && !backlog.isBehind(now))
  }

  /** Parts of a lane's messages that were submitted again since this was last asked. */
  takeResubmitted(laneId: number): number {
    return this.backlog.takeResubmitted(laneId)
  }

  /** From now on these lanes are below these ceilings, and others below none. */
  limit(ceilings: ReadonlyMap<number, ReadonlyArray<Ceiling>>): void {
    this.backlog.limit(ceilings)
  }

  /** By how many ms a lane's messages leave later than their slots. */
  lateOf(laneId: number): number {
    return this.backlog.lateOf(laneId)
  }

  /** Whether what is urgent could be. */
  get canTake(): boolean {
    return !this.still && this.sessions.length > 0 && this.journal.hasRoom
  }

  /** Something is due, and binds, pace and journal have room for it: at its next turn it is submitted. */
  couldSubmit(now: number): boolean {
    const { backlog, pacer, sessions } = this
    const room = sessions.some((s) => (backlog.hasUrgent(now) ? s.room : this.roomForBulk(s)) > 0)
    return this.canTake && !this.isBlind(now) && room && backlog.wait(now) === 0 && pacer.wait(now) === 0
  }

  /** What waits here to be submitted. */
  get waitingByKind(): Backlog["waitingByKind"] {
    return this.backlog.waitingByKind
  }

  private get still(): boolean {
    return this.halted || this.resting
  }

  /** Of what could be sent now. */
  private get runsLow(): boolean {
    return this.backlog.untimed + this.backlog.retries.sizeAtOnce < this.lowWater
  }

  /** Asks to be fed when fewer than so many messages could be sent now. */
  feedBelow(messages: number): void {
    this.lowWater = messages
    if (this.runsLow) this.hungry.openUnsafe()
  }

  /** A claimed block, to be submitted after those before it. */
  enqueue(block: BlockInHand, now: number): void {
    this.table.add(block)
    // nobody gets more than was approved: they are refused here, before the operator sees them
    for (const nth of block.personal?.tooLong ?? []) this.answers.giveUp(tokenOf(block.slot, 0, nth), false, now)
    // all of it may have been kept back by the door: then it only has to be written down
    if (!this.backlog.add(block)) this.journal.changed(block)
    // the next look is that of the pace then, and not one of an idle channel
    if (block.isPaced || block.isUrgent) this.sooner.openUnsafe()
    this.fill(now)
  }

  join(session: Session, now: number): void {
    this.all.add(session)
    if (session.canSubmit) this.sessions.push(session)
    if (session.canReceive) this.hearsSince ??= now
    this.hungry.openUnsafe()
    this.fill(now)
  }

  /** A read has been told whole: refill its window; or, if the journal is full, read no more until it has room. */
  turned(session: Session, now: number): void {
    if (this.journal.overflows) session.setReading(false)
    this.fillOne(session, now)
  }

  /** The journal has committed: go on where it held us up. */
  committed(now: number): void {
    if (!this.journal.hasRoom) return
    for (const session of this.all) session.setReading(true)
    this.fill(now)
  }

  /** Whether bulk leaves room in the windows, so that what is urgent never waits for an answer: while there may be such. */
  keepRoom(keep: boolean): void {
    this.keepsRoom = keep
  }

  /** Says goodbye on every bind. */
  unbind(): void {
    for (const session of this.all) session.unbind()
  }

  /** Binds that are up. */
  get binds(): number {
    return this.all.size
  }

  /** Messages can go out, and receipts come in. */
  get bound(): boolean {
    return this.sessions.length > 0 && this.hearsSince !== undefined
  }

  /** For how long receipts can have come, without a break. */
  heardForMs(now: number): number {
    return this.hearsSince === undefined ? 0 : now - this.hearsSince
  }

  /** A bind has ended: what it had not answered is lost. */
  leave(session: Session, now: number): void {
    this.counts.bindsEnded++
    this.all.delete(session)
    const i = this.sessions.indexOf(session)
    if (i >= 0) this.sessions.splice(i, 1)
    if (![...this.all].some((s) => s.canReceive)) this.hearsSince = undefined
    session.drainOutstanding((token, sentAt) => this.answers.lost(session, token, sentAt, now))
    this.inbox.forget(session)
    this.fill(now)
  }

  /** From now on nothing is submitted but the rest of messages that are half out. */
  halt(): void {
    this.halted = true
  }

  /** Nothing is submitted while it rests. */
  rest(resting: boolean): void {
    this.resting = resting
  }

  /**
   * Takes out what was not submitted, or was refused and waits for another try, of blocks that are wanted no more. They are
   * still the block's until they are back in their lane: then tell it by `gaveBack`.
   */
  takeBack(unwanted: (block: BlockInHand) => boolean, now: number): Array<GoingBack> {
    const giveUp = (token: number, wasLost: boolean) => this.answers.giveUp(token, wasLost, now)
    const back = this.backlog.takeBack(unwanted, giveUp, now)
    // nobody is there whom it could follow to
    if (this.sessions.length === 0) this.backlog.endUp(giveUp, Number.POSITIVE_INFINITY)
    this.fill(now)
    return back
  }

  /** Whether messages that were half out when their blocks were taken back are still being completed. */
  isEnding(now: number): boolean {
    return this.sessions.length > 0 && this.backlog.isEnding(now)
  }

  /** Likewise, of what was never submitted, everything if it is more than `most` messages. */
  takeSurplus(most: number): Array<GoingBack> {
    if (this.backlog.bulkParts <= most) return []
    return this.backlog.takeNew((block) => !block.isPaced && !block.isUrgent)
  }

  /** Likewise, of those lanes whose messages have times of their own now: what was claimed before, without any. */
  takeUntimed(lanes: ReadonlyArray<LiveLane>): Array<GoingBack> {
    const paced = new Set(lanes.filter((lane) => lane.paced).map((lane) => lane.lane_id))
    return this.backlog.takeNew((block) => !block.isPaced && paced.has(block.laneId))
  }

  /** What `takeBack` took out is back in its lane. */
  gaveBack({ block, ranges }: GoingBack): void {
    block.gaveBack(ranges)
    this.journal.changed(block)
  }

  /** Submits what pace, windows and journal allow now, on every bind. */
  fill(now: number): void {
    for (const session of this.sessions) this.fillOne(session, now)
  }

  /** ms until there may be something to submit without anything else happening; undefined when there is not. */
  wait(now: number): number | undefined {
    if (this.still || this.isBlind(now) || this.sessions.length === 0) return undefined
    const due = this.backlog.wait(now)
    return due === undefined ? undefined : Math.max(due, this.pacer.wait(now)) || undefined
  }

  /** What may be sent has just been seen: nothing of it is stopped, paused or at its end. */
  looked(now: number): void {
    const wasBlind = this.isBlind(now)
    this.lookedAt = now
    if (wasBlind) this.fill(now)
  }

  private isBlind(now: number): boolean {
    return now - this.lookedAt > BLIND_AFTER_MS
  }

  fillOne(session: Session, now: number): void {
    const { backlog } = this
    if (this.halted && !backlog.isEnding(now)) return
    if (this.resting || this.isBlind(now) || !this.journal.hasRoom) return
    const roomForBulk = this.roomForBulk(session)
    const room = backlog.hasUrgent(now) ? session.room : roomForBulk
    if (room <= 0) return
    const granted = this.pacer.take(room, now)
    let used = 0
    while (used < granted && (used < roomForBulk || backlog.hasUrgent(now))) {
      const token = this.halted ? backlog.nextEnding(now) : backlog.next(now)
      if (token < 0) break
      this.submit(session, token, now)
      used++
    }
    if (used < granted) this.pacer.giveBack(granted - used, now)
    if (used > 0) session.flush()
    if (this.runsLow) this.hungry.openUnsafe()
  }

  private roomForBulk(session: Session): number {
    return this.keepsRoom ? session.room - keptOf(session.windowSize) : session.room
  }

  private submit(session: Session, token: number, now: number): void {
    const block = this.table.blockOf(token)
    const nth = nthOf(token)
    const template = block.template(nth, partOf(token))
    const reference = referenceOf(block.laneId, block.firstSeq + nth)
    this.counts.submitted++
    session.submit(template, block.digits, block.starts[nth]!, block.starts[nth + 1]! - 1, reference, token, now)
  }
}
