/**
 * What becomes of each submit_sm: accepted, and its receipt is waited for; refused for good; to be tried again; or lost,
 * because no answer came. Each is a row of the journal, whichever it is. The hot path: no object a message.
 *
 * Promises: a lost answer is `unknown` or, if its approvers chose so, sent again, never silently repeated; throttling slows
 * the channel down, and what is the bind's fault mends the bind and costs the message nothing.
 */
import type { Backlog } from "#engine/dispatch/Backlog.ts"
import { Rank } from "#engine/dispatch/BlockInHand.ts"
import { type BlockTable, nthOf, partOf } from "#engine/dispatch/BlockTable.ts"
import type { Journal } from "#engine/dispatch/Journal.ts"
import type { Pacer } from "#engine/dispatch/Pacer.ts"
import type { Inbox } from "#engine/receipt/Inbox.ts"
import type { Session } from "#engine/smpp/Session.ts"
import { type StatusClass, statusClass, statusOf } from "#engine/smpp/status.ts"
import type { ChannelCounts } from "#engine/watching/ChannelCounts.ts"
import type { Odd } from "./oddities.ts"

const verdict = (s: string) => s.charCodeAt(0)
const ACCEPTED = verdict("a")
const REJECTED = verdict("r")
const TEMPORARY = verdict("t")
const UNKNOWN = verdict("u")

/** `attempt.command_status` where no answer came. */
const NO_ANSWER = -1

interface Parts {
  readonly table: BlockTable
  readonly backlog: Backlog
  readonly journal: Journal
  readonly pacer: Pacer
  readonly inbox: Inbox
  readonly onOdd: Odd
  readonly counts: ChannelCounts
}

export class Answers {
  private readonly table: BlockTable
  private readonly backlog: Backlog
  private readonly journal: Journal
  private readonly pacer: Pacer
  private readonly inbox: Inbox
  private readonly odd: Odd
  private readonly counts: ChannelCounts

  constructor(parts: Parts) {
    this.table = parts.table
    this.backlog = parts.backlog
    this.journal = parts.journal
    this.pacer = parts.pacer
    this.inbox = parts.inbox
    this.odd = parts.onOdd
    this.counts = parts.counts
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
    this.counts.answerTimes.add(now - sentAt)
    if (command_status === 0) {
      this.counts.answers.accepted++
      this.backlog.retries.settled(token)
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
    this.counts.answers[again && kind !== "ok" && kind !== "permanent" ? kind : "rejected"]++
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
    if (again) this.backlog.again(token)
  }

  /** No answer came, and none can come any more. */
  lost(session: Session, token: number, sentAt: number, now: number): void {
    const block = this.table.blockOf(token)
    const nth = nthOf(token)
    const again = block.content.onLostAnswer === "resend"
    this.counts.answers.lost++
    if (!again) this.backlog.retries.settled(token)
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
    this.backlog.retries.lost(token, now)
    this.backlog.again(token)
  }

  /** Part of a message is not tried again: it is known not to have been accepted, or its answer was lost. */
  giveUp(token: number, wasLost: boolean, now: number): void {
    const block = this.table.blockOf(token)
    this.backlog.retries.settled(token)
    block.partFailed(nthOf(token), wasLost ? Rank.unknown : Rank.rejected)
    const verdict = wasLost ? UNKNOWN : REJECTED
    this.journal.attempt(block, nthOf(token), partOf(token) + 1, 0, verdict, NO_ANSWER, "", now, now)
  }

  /** Puts a refused part back; false when it is refused for good, or has been tried often enough. */
  private comesAgain(token: number, kind: StatusClass, now: number): boolean {
    const { retries } = this.backlog
    if (kind === "temporary" && retries.later(token, now)) return true
    if (kind === "throttled") retries.atOnce(token, now)
    else if (kind === "bind") retries.uncounted(token, now)
    else {
      retries.settled(token)
      return false
    }
    return true
  }
}
