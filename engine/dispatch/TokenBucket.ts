/**
 * A token bucket as a pure function of time: what a channel's contract ("200 a second, bursts of 20") allows now.
 *
 * Promises: over any stretch of time T it grants at most `burst + perSecond × T` tokens (one more where the burst is 1), and
 * a caller that comes late by less than one token's time loses nothing, so that the long-run rate is the contract's and
 * not what timers make of it. A cold bucket is full.
 */
export class TokenBucket {
  private tokens: number
  private perMs: number
  private at: number
  private readonly burst: number
  /** what it holds at most */
  private readonly most: number

  /** perSecond: tokens a second; burst: tokens that may go at once; now: ms of any monotonic clock. */
  constructor(perSecond: number, burst: number, now: number) {
    this.perMs = perSecond / 1000
    this.burst = Math.max(1, burst)
    this.most = Math.max(this.burst, 1 + FRACTION)
    this.tokens = this.burst
    this.at = now
  }

  /** Takes up to `wanted` whole tokens; gives how many it got. */
  take(wanted: number, now: number): number {
    this.refill(now)
    const granted = Math.min(wanted, Math.floor(this.tokens + EPSILON))
    this.tokens -= granted
    return granted
  }

  /** Puts back tokens that were taken and not used. */
  giveBack(tokens: number): void {
    this.tokens = Math.min(this.tokens + tokens, this.most)
  }

  /** Milliseconds until a whole token is there; 0 if one is. */
  wait(now: number): number {
    this.refill(now)
    return this.tokens + EPSILON >= 1 ? 0 : (1 - this.tokens) / this.perMs
  }

  /** Changes the rate from now on; what has been saved stays. */
  setRate(perSecond: number, now: number): void {
    this.refill(now)
    this.perMs = perSecond / 1000
  }

  private refill(now: number): void {
    // a clock that steps back gives nothing and takes nothing
    if (now > this.at) this.tokens = Math.min(this.tokens + (now - this.at) * this.perMs, this.most)
    this.at = now
  }
}

/**
 * Room for the fraction of the next token where there is room for one only, so that a late caller keeps it (it is never
 * enough for one more token). With a larger burst a caller who is late by less than a token's time finds room below it; more
 * would let 100 ms hold one message above a tenth of the contract and the burst.
 */
const FRACTION = 1 - 1e-6

/** Sums of fractions such as 10 × 0.1 fall short of the whole by about 1e-16; a token must not wait a timer for that. */
const EPSILON = 1e-9
