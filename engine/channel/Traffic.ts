/**
 * The traffic of one channel: claimed blocks in, submits out over whatever binds are up, answers and receipts back into
 * the journal. The hot path: plain code over arrays, no Effect and no object a message.
 *
 * A message goes  queue → window of a bind → answer → (receipt) → done.  On the way it may go back to `retries`
 * (throttled, temporary failure, or lost under `resend`).
 *
 * Promises: nothing is submitted beyond the pace, a window, the journal's room, or after `halt`; what was written to a
 * socket and not answered is `unknown` (or, if its approvers chose so, sent again), never silently repeated; a message's
 * every part is submitted before the next message's first.
 */
import type { Latch } from "effect"
import { type BlockInHand, Rank, type SeqRange } from "#engine/dispatch/BlockInHand.ts"
import { type BlockTable, nthOf, partOf, tokenOf } from "#engine/dispatch/BlockTable.ts"
import type { Journal } from "#engine/dispatch/Journal.ts"
import type { Pacer } from "#engine/dispatch/Pacer.ts"
import { Retries } from "#engine/dispatch/Retries.ts"
import type { Inbox } from "#engine/receipt/Inbox.ts"
import type { Session } from "#engine/smpp/Session.ts"
import { type StatusClass, statusClass, statusOf } from "#engine/smpp/status.ts"

const verdict = (s: string) => s.charCodeAt(0)
const ACCEPTED = verdict("a")
const REJECTED = verdict("r")
const TEMPORARY = verdict("t")
const UNKNOWN = verdict("u")

/** `attempt.command_status` where no answer came. */
const NO_ANSWER = -1

export class Traffic {
  /** recipients claimed and not yet written to a socket */
  waiting = 0
  /** claimed blocks with recipients to submit, oldest first */
  private readonly queue: Array<BlockInHand> = []
  private head = 0
  private readonly retries = new Retries()
  /** binds that are up, and those of them that submit */
  private readonly all = new Set<Session>()
  private readonly sessions: Array<Session> = []
  private halted = false
  private readonly table: BlockTable
  private readonly journal: Journal
  private readonly pacer: Pacer
  private readonly inbox: Inbox
  private readonly hungry: Latch.Latch
  private readonly odd: (session: Session, what: string) => void
  private lowWater = 0

  constructor(parts: {
    table: BlockTable
    journal: Journal
    pacer: Pacer
    inbox: Inbox
    hungry: Latch.Latch
    onOdd: (session: Session, what: string) => void
  }) {
    this.table = parts.table
    this.journal = parts.journal
    this.pacer = parts.pacer
    this.inbox = parts.inbox
    this.hungry = parts.hungry
    this.odd = parts.onOdd
  }

  /** Messages written to a socket and not answered. */
  get inFlight(): number {
    let n = 0
    for (const session of this.sessions) n += session.outstanding
    return n
  }

  /** Whether another claim could be put to use now. */
  get wantsMore(): boolean {
    return !this.halted && this.sessions.length > 0 && this.journal.hasRoom && this.waiting < this.lowWater
  }

  /** Asks to be fed when fewer than this many recipients wait. */
  feedBelow(recipients: number): void {
    this.lowWater = recipients
    if (this.waiting < recipients) this.hungry.openUnsafe()
  }

  /** A claimed block, to be submitted after those before it. */
  enqueue(block: BlockInHand, now: number): void {
    this.table.add(block)
    this.waiting += block.open
    // all of it may have been kept back by the door: then it only has to be written down
    if (block.seek()) this.queue.push(block)
    else this.journal.changed(block)
    this.fill(now)
  }

  join(session: Session, now: number): void {
    this.all.add(session)
    if (session.canSubmit) this.sessions.push(session)
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

  /** Says goodbye on every bind. */
  unbind(): void {
    for (const session of this.all) session.unbind()
  }

  /** Binds that are up. */
  get binds(): number {
    return this.all.size
  }

  /** A bind has ended: what it had not answered is lost. */
  leave(session: Session, now: number): void {
    this.all.delete(session)
    const i = this.sessions.indexOf(session)
    if (i >= 0) this.sessions.splice(i, 1)
    session.drainOutstanding((token, sentAt) => this.lost(session, token, sentAt, now))
    this.inbox.forget(session)
    this.fill(now)
  }

  /** From now on nothing is submitted. */
  halt(): void {
    this.halted = true
  }

  /**
   * Takes out what was not submitted, or was refused and waits for another try, of blocks that are wanted no more; gives
   * seqs by block. They are still the block's until they are back in their lane: then tell it by `gaveBack`.
   */
  takeBack(unwanted: (block: BlockInHand) => boolean, now: number): Map<BlockInHand, Array<SeqRange>> {
    const back = new Map<BlockInHand, Array<SeqRange>>()
    const put = (block: BlockInHand, ranges: ReadonlyArray<SeqRange>) => {
      if (ranges.length > 0) back.set(block, [...(back.get(block) ?? []), ...ranges])
    }
    const rest = this.queue.slice(this.head)
    this.queue.length = this.head = 0
    for (const block of rest) {
      if (!unwanted(block)) {
        this.queue.push(block)
        continue
      }
      if (block.nextPart > 0) this.finishRecipient(block, now)
      const ranges = block.passOverRest()
      for (const { from, to } of ranges) this.waiting -= to - from
      put(block, ranges)
    }
    for (const tokens of this.retriesByRecipient(unwanted)) {
      const block = this.table.blockOf(tokens[0]!)
      const nth = nthOf(tokens[0]!)
      const parts = block.content.templates.length
      if (tokens.length === parts) {
        this.waiting -= parts
        put(block, [{ from: block.firstSeq + nth, to: block.firstSeq + nth + 1 }])
      } else if (block.unanswered(nth) === tokens.length) {
        // its other parts have their answers: it can't go back whole, and half of it is not sent
        this.waiting -= tokens.length
        for (const token of tokens) this.refuse(block, token, now)
      }
      // parts of it are on their way: with their answers, the next look decides
      else for (const token of tokens) this.retries.uncounted(token, now)
    }
    return back
  }

  /** Takes the retries of unwanted blocks out, those of one recipient together. */
  private retriesByRecipient(unwanted: (block: BlockInHand) => boolean): Iterable<Array<number>> {
    const tokens = this.retries.takeAll((token) => unwanted(this.table.blockOf(token)))
    // without its part a token is its recipient
    return Map.groupBy(tokens, (token) => token - tokenOf(0, partOf(token), 0)).values()
  }

  /** What `takeBack` took out is back in its lane. */
  gaveBack(block: BlockInHand, ranges: ReadonlyArray<SeqRange>): void {
    block.gaveBack(ranges)
    this.journal.changed(block)
  }

  /** Submits what pace, windows and journal allow now, on every bind. */
  fill(now: number): void {
    for (const session of this.sessions) this.fillOne(session, now)
  }

  /** ms until there may be something to submit without anything else happening; undefined when there is not. */
  wait(now: number): number | undefined {
    if (this.halted || this.sessions.length === 0) return undefined
    if (this.head < this.queue.length) return this.pacer.wait(now) || undefined
    const due = this.retries.wait(now)
    return due === undefined ? undefined : Math.max(due, this.pacer.wait(now))
  }

  fillOne(session: Session, now: number): void {
    if (this.halted || !this.journal.hasRoom) return
    const room = session.room
    if (room <= 0) return
    const granted = this.pacer.take(room, now)
    let used = 0
    while (used < granted) {
      const token = this.next(now)
      if (token < 0) break
      this.submit(session, token, now)
      used++
    }
    if (used < granted) this.pacer.giveBack(granted - used)
    if (used > 0) session.flush()
    if (this.waiting < this.lowWater) this.hungry.openUnsafe()
  }

  /** An answer to a submit_sm. message_id is empty unless the operator accepted it. */
  answered(
    session: Session,
    token: number,
    command_status: number,
    message_id: string,
    sentAt: number,
    now: number
  ): void {
    const block = this.table.blockOf(token)
    const nth = nthOf(token)
    const part = partOf(token)
    if (command_status === 0) {
      this.retries.settled(token)
      block.partAccepted(nth)
      this.journal.attempt(block, nth, part + 1, session.number, ACCEPTED, 0, message_id, sentAt, now)
      this.inbox.accepted(message_id, token, now)
      return
    }
    const kind = statusClass(command_status)
    if (kind === "throttled") this.pacer.complain(now)
    if (kind === "bind" && !session.leaving) {
      this.odd(session, `ALARM the operator answers submit_sm with ${statusOf(command_status).name}: binding anew`)
      session.unbind()
    }
    const again = this.comesAgain(token, kind, now)
    if (!again) block.partFailed(nth, Rank.rejected)
    this.journal.attempt(
      block,
      nth,
      part + 1,
      session.number,
      again ? TEMPORARY : REJECTED,
      command_status,
      "",
      sentAt,
      now
    )
    if (again) this.tryAgain(block, nth)
  }

  /** No answer came, and none can come any more. */
  lost(session: Session, token: number, sentAt: number, now: number): void {
    const block = this.table.blockOf(token)
    const nth = nthOf(token)
    const again = block.content.onLostAnswer === "resend"
    if (!again) this.retries.settled(token)
    if (!again) block.partFailed(nth, Rank.unknown)
    this.journal.attempt(
      block,
      nth,
      partOf(token) + 1,
      session.number,
      again ? TEMPORARY : UNKNOWN,
      NO_ANSWER,
      "",
      sentAt,
      now
    )
    if (!again) return
    this.retries.atOnce(token, now)
    this.tryAgain(block, nth)
  }

  /** Half a message is out: its other parts follow at once, over the window if need be, or are refused if no bind is up. */
  private finishRecipient(block: BlockInHand, now: number): void {
    const session = this.sessions.find((s) => !s.hasEnded)
    for (; block.nextPart < block.content.templates.length; block.nextPart++) {
      const token = tokenOf(block.slot, block.nextPart, block.nextNth)
      if (session === undefined) this.refuse(block, token, now)
      else this.submit(session, token, now)
    }
    session?.flush()
    block.nextPart = 0
    block.nextNth++
    this.waiting--
  }

  /** Part of a message that is known not to have been accepted, and is not tried again. */
  private refuse(block: BlockInHand, token: number, now: number): void {
    this.retries.settled(token)
    block.partFailed(nthOf(token), Rank.rejected)
    this.journal.attempt(block, nthOf(token), partOf(token) + 1, 0, REJECTED, NO_ANSWER, "", now, now)
  }

  private submit(session: Session, token: number, now: number): void {
    const block = this.table.blockOf(token)
    const nth = nthOf(token)
    const template = block.content.templates[partOf(token)]!
    // the reference that joins a message's parts: the same for all of them, different from its neighbours'
    const reference = (block.firstSeq + nth) & 0xffff
    session.submit(template, block.digits, block.starts[nth]!, block.starts[nth + 1]! - 1, reference, token, now)
  }

  /** Puts a refused part back; false when it is refused for good, or has been tried often enough. */
  private comesAgain(token: number, kind: StatusClass, now: number): boolean {
    if (kind === "temporary" && this.retries.later(token, now)) return true
    if (kind === "throttled") this.retries.atOnce(token, now)
    else if (kind === "bind") this.retries.uncounted(token, now)
    else {
      this.retries.settled(token)
      return false
    }
    return true
  }

  private tryAgain(block: BlockInHand, nth: number): void {
    block.tries[nth]!++
    this.waiting++
  }

  /** The next message part to submit, or -1. */
  private next(now: number): number {
    const block = this.queue[this.head]
    if (block === undefined || block.nextPart === 0) {
      const retry = this.retries.due(now)
      if (retry >= 0) {
        this.waiting--
        return retry
      }
    }
    if (block === undefined) return -1
    const token = tokenOf(block.slot, block.nextPart, block.nextNth)
    if (++block.nextPart === block.content.templates.length) {
      block.nextPart = 0
      block.nextNth++
      this.waiting--
      if (!block.seek()) this.shift()
    }
    return token
  }

  private shift(): void {
    this.queue[this.head++] = undefined as never
    if (this.head < this.queue.length && this.head < 64) return
    this.queue.splice(0, this.head)
    this.head = 0
  }
}
