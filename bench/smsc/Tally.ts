// What the simulator counts. Plain numbers, because they are counted a hundred thousand times a second.

import { statusName } from "./statuses.ts"

export interface Counts {
  /** Bound now. */
  readonly binds: number
  readonly connections: number
  readonly bindsEver: number
  readonly bindsRefused: number
  readonly submits: number
  /** Answered ESME_ROK. */
  readonly accepted: number
  /** Answers by name of command_status. */
  readonly byStatus: Readonly<Record<string, number>>
  /** Submits that were left without an answer on purpose. */
  readonly silent: number
  /** Submits whose answer is still to come. */
  readonly pending: number
  readonly receiptsSent: number
  readonly receiptsAcked: number
  /** Answered with an error that is final, or nacked. */
  readonly receiptsRefused: number
  /** Waiting for a bind that can take them. */
  readonly receiptsWaiting: number
  /** Sent and not answered yet. */
  readonly receiptsUnacked: number
  /** Receipts that were sent once more because the first time was never answered. */
  readonly receiptsAgain: number
  readonly moSent: number
  readonly moAcked: number
  readonly enquired: number
  readonly malformed: number
  readonly unknown: number
  readonly nacked: number
  /** Submits a second, over the last second that was whole. */
  readonly perSecond: number
}

export class Tally {
  bindsEver = 0
  bindsRefused = 0
  submits = 0
  accepted = 0
  silent = 0
  answered = 0
  receiptsSent = 0
  receiptsAcked = 0
  receiptsRefused = 0
  receiptsAgain = 0
  moSent = 0
  moAcked = 0
  enquired = 0
  malformed = 0
  unknown = 0
  nacked = 0
  private readonly refusals = new Map<number, number>()
  private secondFrom = 0
  private secondSubmits = 0
  private perSecond = 0

  refused(status: number) {
    this.refusals.set(status, (this.refusals.get(status) ?? 0) + 1)
  }

  /** Notes the time, so that a rate can be told. */
  at(now: number) {
    const passed = now - this.secondFrom
    if (passed < 1000) return
    this.perSecond = this.secondFrom === 0 ? 0 : Math.round(((this.submits - this.secondSubmits) * 1000) / passed)
    this.secondFrom = now
    this.secondSubmits = this.submits
  }

  counts(now: number, state: Pick<Counts, "binds" | "connections" | "receiptsWaiting" | "receiptsUnacked">): Counts {
    this.at(now)
    const byStatus: Record<string, number> = {}
    if (this.accepted > 0) byStatus.ESME_ROK = this.accepted
    for (const [status, n] of this.refusals) byStatus[statusName(status)] = n
    const { bindsEver, bindsRefused, submits, accepted, silent, receiptsSent, receiptsAcked, receiptsRefused } = this
    const { receiptsAgain, moSent, moAcked, enquired, malformed, unknown, nacked, perSecond } = this
    return {
      ...state,
      bindsEver,
      bindsRefused,
      submits,
      accepted,
      byStatus,
      silent,
      pending: submits - silent - this.answered,
      receiptsSent,
      receiptsAcked,
      receiptsRefused,
      receiptsAgain,
      moSent,
      moAcked,
      enquired,
      malformed,
      unknown,
      nacked,
      perSecond
    }
  }
}
