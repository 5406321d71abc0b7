/**
 * A channel's pace: its contract rate, lowered while the operator says ESME_RTHROTTLED or ESME_RMSGQFUL and raised again
 * while it doesn't (additive increase, multiplicative decrease, never above the contract).
 *
 * Without a contract rate nothing is paced until the operator throttles; then the pace starts from what was going out.
 *
 * Promises: no second, wherever it is taken to begin, has more than the contract. Only where the contract allows a burst of its own
 * may that come on top.
 */
import { SECOND_MS, SlidingSecond } from "./SlidingSecond.ts"
import { TokenBucket } from "./TokenBucket.ts"

/** Halved at most this often, so that the answers to one window of submits count as one complaint. */
const ONE_COMPLAINT_MS = 500

/** Of the contract (or of the pace at the first complaint), regained each second without complaint: back within 20 s. */
const REGAIN_PER_SECOND = 0.05

/** Never below this, so that there is something to hear an answer to. */
const SLOWEST_PER_SECOND = 1

/** Without a configured burst: 20 ms of the contract, which is what Node's timers are late by on a busy machine. */
export const defaultBurst = (perSecond: number): number => Math.max(1, Math.ceil(perSecond / 50))

export class Pacer {
  private bucket: TokenBucket | undefined
  private current: number
  private ceiling: number
  private contract: number | undefined
  private burst: number | undefined
  private readonly second: SlidingSecond
  private complainedAt = Number.NEGATIVE_INFINITY
  private raisedAt = 0
  /** what went out in the second that runs, and at what rate in the one before */
  private sent = 0
  private sentSince: number
  private lately = 0

  /** perSecond undefined: no contract. burst undefined: see `defaultBurst`. now: monotonic ms. */
  constructor(perSecond: number | undefined, burst: number | undefined, now: number) {
    this.contract = perSecond
    this.burst = burst
    this.current = perSecond ?? Number.POSITIVE_INFINITY
    this.ceiling = this.current
    this.sentSince = now
    this.second = new SlidingSecond(now)
    if (perSecond !== undefined) this.bucket = this.bucketFor(perSecond, now)
  }

  /** The contract has changed: from now on this one holds, without a burst to begin with and without old complaints. */
  agree(perSecond: number | undefined, burst: number | undefined, now: number): void {
    if (perSecond === this.contract && burst === this.burst) return
    this.contract = perSecond
    this.burst = burst
    this.current = this.ceiling = perSecond ?? Number.POSITIVE_INFINITY
    this.bucket = perSecond === undefined ? undefined : this.bucketFor(perSecond, now)
    this.bucket?.take(Number.MAX_SAFE_INTEGER, now)
  }

  /** Messages a second it goes at now; infinite when nothing paces it. */
  get perSecond(): number {
    return this.current
  }

  take(wanted: number, now: number): number {
    this.raise(now)
    const granted = this.bucket === undefined ? wanted : this.bucket.take(Math.min(wanted, this.room(now)), now)
    // also while a burst is allowed: the contract may lose it
    if (this.contract !== undefined) this.second.add(granted, now)
    if (now - this.sentSince >= 1000) {
      this.lately = (this.sent * 1000) / (now - this.sentSince)
      this.sent = 0
      this.sentSince = now
    }
    this.sent += granted
    return granted
  }

  /** So many of those that `take` has just granted were not needed. */
  giveBack(tokens: number, now: number): void {
    this.sent -= tokens
    this.bucket?.giveBack(tokens)
    if (this.contract !== undefined) this.second.add(-tokens, now)
  }

  /** Milliseconds until the next message may go. */
  wait(now: number): number {
    if (this.bucket === undefined) return 0
    const wait = this.bucket.wait(now)
    return this.strict === undefined ? wait : Math.max(wait, this.second.wait(this.strict, now))
  }

  /** The operator throttled one message. */
  complain(now: number): void {
    if (now - this.complainedAt < ONE_COMPLAINT_MS) return
    this.complainedAt = now
    this.raisedAt = now
    if (this.bucket === undefined) {
      const running = (this.sent * 1000) / Math.max(100, now - this.sentSince)
      const observed = Math.max(SLOWEST_PER_SECOND, this.lately, running)
      this.ceiling = observed
      this.current = observed / 2
      this.bucket = this.bucketFor(this.current, now)
      this.bucket.take(Number.MAX_SAFE_INTEGER, now)
    } else {
      this.current = Math.max(SLOWEST_PER_SECOND, this.current / 2)
      this.bucket.setRate(this.evenly(this.current), now)
    }
  }

  /** The contract, if no second may have more of it. */
  private get strict(): number | undefined {
    return this.burst === undefined ? this.contract : undefined
  }

  private room(now: number): number {
    return this.strict === undefined ? Number.POSITIVE_INFINITY : this.second.room(this.strict, now)
  }

  private bucketFor(perSecond: number, now: number): TokenBucket {
    return new TokenBucket(this.evenly(perSecond), this.burst ?? defaultBurst(perSecond), now)
  }

  /** A little slower where a contract is strict, so that it is reached by an even pace and not by running into it every second. */
  private evenly(perSecond: number): number {
    return this.strict === undefined ? perSecond : (perSecond * 1000) / SECOND_MS
  }

  private raise(now: number): void {
    if (this.current >= this.ceiling || now - this.raisedAt < 1000) return
    const seconds = Math.floor((now - this.raisedAt) / 1000)
    this.raisedAt += seconds * 1000
    this.current = Math.min(this.ceiling, this.current + this.ceiling * REGAIN_PER_SECOND * seconds)
    if (this.current >= this.ceiling && this.contract === undefined) {
      // back at what was asked too much without a contract to stop at: go on unpaced, the operator will say
      this.bucket = undefined
      this.current = this.ceiling = Number.POSITIVE_INFINITY
      this.sent = 0
      this.sentSince = now
    } else this.bucket?.setRate(this.evenly(this.current), now)
  }
}
