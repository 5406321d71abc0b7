// The operator's deliver_sm: receipts and messages from phones. Chooses the bind, keeps to its window, takes back what a dead
// bind or a temporary refusal leaves undone and sends it again. A row number is a receipt; a negative one is a letter: a
// deliver_sm that is written already, a message from a phone or a receipt that an earlier run owed.

import { status } from "#engine/smpp/status.ts"
import type { Account } from "./Account.ts"
import { writeUint32 } from "./digits.ts"
import { draw, salt } from "./draw.ts"
import type { Link } from "./Link.ts"
import { MessageIdDress } from "./MessageIdDress.ts"
import type { Operator } from "./Operator.ts"
import { OptionsError, type Settings } from "./Options.ts"
import type { OwedPdu } from "./Owed.ts"
import { noRow } from "./ReceiptWindow.ts"
import { longestReceipt, ReceiptWriter } from "./ReceiptWriter.ts"
import { flag } from "./Received.ts"
import { DELIVRD } from "./states.ts"

/** Answers to a deliver_sm after which an operator tries again: ESME_RMSGQFUL, ESME_RTHROTTLED, ESME_RX_T_APPN. */
const temporary: ReadonlySet<number> = new Set([status.ESME_RMSGQFUL, status.ESME_RTHROTTLED, status.ESME_RX_T_APPN])
const retryMs = 1000

interface Letter {
  readonly account: Account
  readonly receipt: boolean
  readonly pdu: Buffer
}

export class Receipts {
  private readonly operator: Operator
  private readonly letters: Array<Letter | undefined> = []
  private writer!: ReceiptWriter
  private settings!: Settings

  constructor(operator: Operator) {
    this.operator = operator
  }

  apply(settings: Settings) {
    this.settings = settings
    const { id, idWidth, receiptId, receiptIdWidth, seed, receiptTlvs } = settings
    const form = receiptId === "same" ? id : receiptId
    const width = receiptId === "same" && receiptIdWidth === 0 ? idWidth : receiptIdWidth
    this.writer = new ReceiptWriter(this.operator.senders, new MessageIdDress(form, width, seed), receiptTlvs)
  }

  /** Decides this row's receipt, and sends it now or when its delay is over; `atOnce` knows no delay. */
  decide(link: Link, row: number, atOnce: boolean) {
    const { settings, operator } = this
    if (!settings.receipts) return
    const chunk = operator.received.chunk(row)
    const i = operator.received.index(row)
    const flags = chunk.flags[i]!
    if (!settings.receiptsUnasked && (flags & (flag.receiptAlways | flag.receiptOnFailure)) === 0) return
    const { stateByNumber } = operator.script
    const scripted = stateByNumber.size > 0 ? stateByNumber.get(chunk.destination[i]!) : undefined
    const state = scripted ?? settings.receiptMix.pick(draw(settings.seed, row, salt.state), DELIVRD)
    if (state === DELIVRD && !settings.receiptsUnasked && (flags & flag.receiptOnFailure) !== 0) return
    chunk.state[i] = state
    const twice = settings.duplicate > 0 && draw(settings.seed, row, salt.duplicate) < settings.duplicate
    if (atOnce || settings.receiptDelay.zero) {
      this.send(link, row)
      if (twice) this.send(link, row)
      return
    }
    const delay = settings.receiptDelay.at(draw(settings.seed, row, salt.delay))
    operator.later(delay, row, link)
    if (twice) operator.later(delay, row, link)
  }

  /** Sends a receipt on the bind that its submit came from, or on another, or lets it wait. */
  send(link: Link, row: number) {
    const { settings } = this
    const account = link.account!
    if (settings.stray > 0 && draw(settings.seed, row, salt.stray) < settings.stray) {
      const other = account.receiver(link)
      if (other !== undefined) return other.receipt(row)
    }
    if (account.waiting.length === 0) {
      const taker = link.takesReceipt ? link : account.receiver()
      if (taker !== undefined) return taker.receipt(row)
    }
    account.waiting.push(row)
  }

  /** Sends what waits, as far as the binds take it. */
  pump() {
    for (const account of this.operator.accounts.values()) {
      while (account.waiting.length > 0) {
        const taker = account.receiver()
        if (taker === undefined) break
        taker.receipt(account.waiting.shift())
      }
    }
  }

  /** Writes the PDU of this row and returns where it ends. */
  write(out: Buffer, at: number, sequence: number, row: number): number {
    const { operator } = this
    if (row < 0) {
      const { pdu, receipt } = this.letters[-1 - row]!
      out.set(pdu, at)
      writeUint32(out, at + 12, sequence)
      if (receipt) operator.tally.receiptsSent++
      else operator.tally.moSent++
      return at + pdu.length
    }
    const chunk = operator.received.chunk(row)
    const i = operator.received.index(row)
    operator.tally.receiptsSent++
    chunk.receipts[i] = Math.min(255, chunk.receipts[i]! + 1)
    return this.writeReceipt(out, at, sequence, row)
  }

  private writeReceipt(out: Buffer, at: number, sequence: number, row: number): number {
    const { operator } = this
    const chunk = operator.received.chunk(row)
    const i = operator.received.index(row)
    return this.writer.write(
      out,
      at,
      sequence,
      row,
      operator.idBase + row,
      chunk.destination[i]!,
      chunk.digits[i]!,
      chunk.sender[i]!,
      chunk.state[i]!,
      chunk.arrived[i]!,
      operator.now
    )
  }

  /** A deliver_sm_resp. */
  acknowledged(link: Link, sequence: number, command_status: number) {
    const { operator } = this
    const row = link.unacknowledged.take(sequence)
    if (row === noRow) operator.tally.unknown++
    else if (command_status === 0) {
      if (row < 0) {
        if (this.letters[-1 - row]!.receipt) operator.tally.receiptsAcked++
        else operator.tally.moAcked++
        this.letters[-1 - row] = undefined
        return
      }
      operator.tally.receiptsAcked++
      const chunk = operator.received.chunk(row)
      const i = operator.received.index(row)
      chunk.acknowledged[i] = Math.min(255, chunk.acknowledged[i]! + 1)
    } else if (temporary.has(command_status)) {
      operator.tally.receiptsAgain++
      operator.later(retryMs, row, link)
    } else operator.tally.receiptsRefused++
  }

  /** What this link still owes an answer to waits for the next bind of the account. */
  takeBack(link: Link, sentBefore: number) {
    link.unacknowledged.takeOlder(sentBefore, (row) => {
      this.operator.tally.receiptsAgain++
      link.account!.waiting.push(row)
    })
  }

  /** A message from a phone, as a whole deliver_sm; for the account named, or else the first that is bound. */
  fromPhone(systemId: string | undefined, pdu: Buffer) {
    const { accounts } = this.operator
    const bound = [...accounts.values()].find((account) => account.links.some((link) => link.receives))
    const account = systemId === undefined ? bound : accounts.get(systemId)
    if (account === undefined) throw new OptionsError("nobody is bound who could take a message")
    this.letter(this.post({ account, receipt: false, pdu }))
    this.operator.touch()
  }

  /** Keeps a letter, and gives the row by which it is known. */
  post(letter: Letter): number {
    return -this.letters.push(letter)
  }

  /** A letter's time has come. */
  letter(row: number) {
    this.letters[-1 - row]!.account.waiting.push(row)
  }

  /** A row's deliver_sm as it would be sent now. */
  owed(row: number, account: Account | undefined): Omit<OwedPdu, "dueAt"> {
    const letter = row < 0 ? this.letters[-1 - row] : undefined
    if (letter !== undefined) return { systemId: letter.account.systemId, receipt: letter.receipt, pdu: letter.pdu }
    const pdu = Buffer.alloc(longestReceipt)
    return { systemId: account!.systemId, receipt: true, pdu: pdu.subarray(0, this.writeReceipt(pdu, 0, 0, row)) }
  }

  clear() {
    for (const account of this.operator.accounts.values()) account.waiting.clear()
    this.letters.length = 0
  }
}
