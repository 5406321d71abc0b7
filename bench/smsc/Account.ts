// One customer of the operator: a system_id with its binds, its contract rate, and the receipts that wait until one of its
// binds can take them.

import type { Link } from "./Link.ts"
import { RowQueue } from "./RowQueue.ts"

export class Account {
  readonly systemId: string
  /** Bound and not yet closed. */
  readonly links: Array<Link> = []
  /** Receipts that no bind could take, oldest first. */
  readonly waiting = new RowQueue()
  private tokens = 0
  private filledAt = 0
  private turn = 0

  constructor(systemId: string) {
    this.systemId = systemId
  }

  /**
   * Whether one more submit is within the rate: a token bucket, full at first.
   * @param rate submits a second
   * @param burst at least 1
   * @param now milliseconds
   */
  admits(rate: number, burst: number, now: number): boolean {
    this.tokens = Math.min(burst, this.filledAt === 0 ? burst : this.tokens + ((now - this.filledAt) * rate) / 1000)
    this.filledAt = now
    if (this.tokens < 1) return false
    this.tokens--
    return true
  }

  /** The next bind, in turn, that can take a receipt now; never `except`. */
  receiver(except?: Link): Link | undefined {
    const n = this.links.length
    for (let i = 1; i <= n; i++) {
      const at = (this.turn + i) % n
      const link = this.links[at]!
      if (link === except || !link.takesReceipt) continue
      this.turn = at
      return link
    }
    return undefined
  }

  leave(link: Link) {
    const at = this.links.indexOf(link)
    if (at >= 0) this.links.splice(at, 1)
  }
}
