/**
 * What the operator sends us on a channel's binds: receipts find their message and go into the journal; early ones wait a
 * moment for their answer; those that find nothing are parked for the database. Each is acknowledged after the commit.
 *
 * Promises: no receipt is acknowledged before it is committed, none is dropped, and what waits here is bounded.
 */
import { Result } from "effect"
import type { Odd } from "#engine/channel/oddities.ts"
import { Rank } from "#engine/dispatch/BlockInHand.ts"
import { type BlockTable, nthOf, partOf } from "#engine/dispatch/BlockTable.ts"
import type { Journal } from "#engine/dispatch/Journal.ts"
import { commandId, responseId } from "#engine/smpp/command.ts"
import { type Dress, type DressLearner, dresses, isEvidence, key } from "#engine/smpp/MessageId.ts"
import { decode } from "#engine/smpp/Pdu.ts"
import { messageState, type Receipt, ReceiptReader } from "#engine/smpp/receipt.ts"
import type { Session } from "#engine/smpp/Session.ts"
import { status } from "#engine/smpp/status.ts"
import type { ChannelCounts } from "#engine/watching/ChannelCounts.ts"

/** An answer that is later than this after its receipt finds the receipt parked, and the database matches them. */
const EARLY_MS = 2_000

/** Early receipts kept in memory at once; a flood beyond is parked at once. */
const MOST_EARLY = 10_000

/** Operators write the number in a receipt as they like; its last seven digits are the same in every writing. */
const NUMBER_TAIL = 10_000_000

/** What a final state means for the part; states that are missing here say that the final one is still to come. */
const RANKS: { readonly [state: number]: number } = {
  [messageState.delivered]: Rank.delivered,
  [messageState.expired]: Rank.expired,
  [messageState.deleted]: Rank.undelivered,
  [messageState.undeliverable]: Rank.undelivered,
  [messageState.unknown]: Rank.unknown,
  [messageState.rejected]: Rank.rejected
}

interface Early {
  readonly session: Session
  readonly acknowledgement: number
  readonly receipt: Receipt
  readonly at: number
}

export class Inbox {
  private readonly early = new Map<string, Early>()
  private readonly reader = new ReceiptReader()
  private readonly table: BlockTable
  private readonly journal: Journal
  private readonly learner: DressLearner
  private readonly onOdd: Odd
  private readonly onMessage: Odd
  private readonly counts: ChannelCounts

  constructor(parts: {
    table: BlockTable
    journal: Journal
    learner: DressLearner
    onOdd: Odd
    /** told of each message from a phone */
    onMessage: Odd
    counts: ChannelCounts
  }) {
    this.table = parts.table
    this.journal = parts.journal
    this.learner = parts.learner
    this.onOdd = parts.onOdd
    this.onMessage = parts.onMessage
    this.counts = parts.counts
  }

  /** A message was accepted under this id: from now on its receipts find it, and one that came before it does now. */
  accepted(message_id: string, token: number, now: number): void {
    // accepted without a name: no receipt can ever be told to be its own
    if (message_id === "") return
    const answered = key(message_id, "same")
    this.table.learn(answered, token)
    if (this.early.size === 0) return
    const early = this.early.get(answered)
    if (early === undefined) return
    this.early.delete(answered)
    this.apply(token, answered, early.receipt, now)
    this.journal.acknowledge(early.session, early.acknowledgement)
  }

  /** A deliver_sm or data_sm lies in buffer[start..end). */
  delivered(session: Session, buffer: Buffer, start: number, end: number, now: number): void {
    const { reader } = this
    const kind = reader.read(buffer, start, end)
    if (kind === "malformed") return this.malformed(session, buffer, start, end)
    const acknowledgement = acknowledgementOf(buffer, start)
    if (kind === "message") {
      // nothing here keeps it yet, so that the operator must: a temporary error has it sent again later
      this.onMessage(
        session,
        "a message from a phone, left with the operator",
        Buffer.from(buffer.subarray(start, end))
      )
      const command_id = responseId(buffer.readUInt32BE(start + 4))
      return session.refuse(command_id, status.ESME_RX_T_APPN, buffer.readUInt32BE(start + 12))
    }
    const found = this.find(reader)
    if (found !== undefined) {
      this.apply(found.token, found.key, reader, now)
      return this.journal.acknowledge(session, acknowledgement)
    }
    const receipt = reader.copy()
    const answered = key(receipt.message_id, this.learner.verdict ?? "same")
    if (this.early.size < MOST_EARLY && !this.early.has(answered))
      this.early.set(answered, { session, acknowledgement, receipt, at: now })
    else this.park({ session, acknowledgement, receipt, at: now })
  }

  /** Parks what has waited long enough for its answer. */
  sweep(now: number): void {
    for (const [answered, early] of this.early) {
      if (now - early.at < EARLY_MS) break
      this.early.delete(answered)
      this.park(early)
    }
  }

  /** A bind has ended: what it sent and we did not acknowledge, the operator will send again. */
  forget(session: Session): void {
    for (const [answered, early] of this.early) if (early.session === session) this.early.delete(answered)
  }

  /** The message a receipt speaks of. Until the operator's dress of ids is settled, every reading is evidence. */
  private find(receipt: ReceiptReader): { token: number; key: string } | undefined {
    const { message_id, number } = receipt
    const settled = this.learner.verdict
    if (settled !== undefined) {
      const answered = key(message_id, settled)
      const token = this.table.tokenFor(answered)
      if (token !== undefined) return { token, key: answered }
    }
    if (!isEvidence(message_id)) {
      const answered = key(message_id, "same")
      const token = this.table.tokenFor(answered)
      return token === undefined ? undefined : { token, key: answered }
    }
    let hit: { token: number; key: string } | undefined
    for (const dress of dresses) {
      const answered = key(message_id, dress)
      const token = this.table.tokenFor(answered)
      if (token === undefined) continue
      const confirmed = this.wentTo(token, number)
      this.learn(dress, confirmed)
      if (confirmed) hit = { token, key: answered }
      else if (number < 0) hit ??= { token, key: answered }
    }
    return hit
  }

  private learn(dress: Dress, confirmed: boolean): void {
    this.learner.learn(dress, confirmed)
  }

  private wentTo(token: number, number: number): boolean {
    return number >= 0 && this.table.blockOf(token).msisdn(nthOf(token)) % NUMBER_TAIL === number % NUMBER_TAIL
  }

  private apply(token: number, answered: string, receipt: Receipt, now: number): void {
    const block = this.table.blockOf(token)
    const nth = nthOf(token)
    const rank = receipt.intermediate ? undefined : RANKS[receipt.state]
    const state = rank === undefined ? messageState.enroute : receipt.state
    this.counts.receipts[state]!++
    if (rank !== undefined) {
      this.table.unlearn(answered)
      block.partReceipted(nth, rank)
    }
    this.journal.receipt(block, nth, partOf(token) + 1, state, receipt.error, now, receipt.odd)
  }

  private park(early: Early): void {
    const { error, intermediate, number, state } = early.receipt
    const final = !intermediate && RANKS[state] !== undefined
    this.counts.receiptsParked++
    for (const answered of this.keysOf(early.receipt))
      this.journal.park(answered, Math.max(0, number), final ? state : messageState.enroute, error)
    this.journal.acknowledge(early.session, early.acknowledgement)
  }

  /** Before the operator's dress is known, a receipt is kept under every reading of its id: its number tells which is right. */
  private keysOf({ message_id, number }: Receipt): Iterable<string> {
    const settled = this.learner.verdict
    if (settled === undefined && number >= 0) return new Set(dresses.map((dress) => key(message_id, dress)))
    return [key(message_id, settled ?? "same")]
  }

  private malformed(session: Session, buffer: Buffer, start: number, end: number): void {
    const bytes = Buffer.from(buffer.subarray(start, end))
    const pdu = decode(bytes)
    if (Result.isSuccess(pdu)) {
      // the careful reader understood it: then it is no receipt that we can use, and no fault of the operator's
      this.onOdd(session, "a deliver_sm that holds nothing we understand", bytes)
      return this.journal.acknowledge(session, acknowledgementOf(buffer, start))
    }
    const { answer, message } = pdu.failure
    this.onOdd(session, message, bytes)
    if (answer !== undefined) session.refuse(answer.command_id, answer.command_status, answer.sequence_number)
  }
}

/** The request's sequence_number; negative for a data_sm, which has a response of its own. */
const acknowledgementOf = (buffer: Buffer, start: number): number => {
  const sequence_number = buffer.readUInt32BE(start + 12)
  return buffer.readUInt32BE(start + 4) === commandId.data_sm ? -sequence_number : sequence_number
}
