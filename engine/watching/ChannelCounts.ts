/**
 * What is counted of one channel since the engine started, through all lives of the channel. The hot path adds to plain numbers
 * here; metrics and health read them when they are asked.
 */
import type { ClaimError } from "#schema/ledger/Door.ts"
import { Durations } from "./Durations.ts"

/** What became of a submit_sm: `rejected` is for good, `lost` had no answer; the others are submitted again. */
export interface AnswerCounts {
  accepted: number
  rejected: number
  throttled: number
  temporary: number
  bind: number
  lost: number
}

export class ChannelCounts {
  /** message parts written to a socket */
  submitted = 0
  readonly answers: AnswerCounts = { accepted: 0, rejected: 0, throttled: 0, temporary: 0, bind: 0, lost: 0 }
  readonly answerTimes = new Durations()
  /** receipts that found their message, by SMPP's message_state */
  readonly receipts: Array<number> = new Array(16).fill(0)
  receiptsParked = 0
  bindsEnded = 0
  readonly flushTimes = new Durations()
  rowsCommitted = 0
  /** monotonic ms at which the flush under way began; undefined while there is none */
  flushingSince: number | undefined
  /** claims under way: one for bulk, one for what is urgent */
  readonly claiming = new Set<{ readonly since: number }>()
  readonly claimTimes = new Durations()
  recipientsClaimed = 0

  /** When the claim began that has been under way longest. */
  get claimingSince(): number | undefined {
    let since: number | undefined
    for (const claim of this.claiming) since = Math.min(claim.since, since ?? claim.since)
    return since
  }

  readonly refusals = new Map<ClaimError["reason"], number>()

  /** The door stayed shut. */
  refused({ reason }: ClaimError): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1)
  }
}
