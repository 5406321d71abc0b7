/**
 * Messages to submit again: what the operator throttled, at once (the pacer has slowed); what failed temporarily, after
 * the waits of a table; after the last wait the failure is final.
 *
 * A queue a wait, each in order of its due time by construction: no heap, no timer a message.
 */

/** Waits before the 2nd, 3rd … try of a temporary failure (SMPP 3.4, 5.1.3: ESME_RSYSERR and its like). */
export const RETRY_WAITS_MS: ReadonlyArray<number> = [1_000, 5_000, 15_000, 60_000]

/** What has been taken lies at a queue's beginning; under steady throttling a queue is never empty, and would only grow. */
const MOST_PASSED = 4_096

interface Waiting {
  readonly tokens: Array<number>
  readonly dueMs: Array<number>
  head: number
}

export class Retries {
  /** how often a part has failed temporarily; only those that have */
  private readonly failures = new Map<number, number>()
  /** those whose answer was lost at least once */
  private readonly lostOnce = new Set<number>()
  private readonly queues: ReadonlyArray<Waiting> = [0, ...RETRY_WAITS_MS].map(() => ({
    tokens: [],
    dueMs: [],
    head: 0
  }))
  private count = 0

  get size(): number {
    return this.count
  }

  /** Those that wait for nothing. */
  get sizeAtOnce(): number {
    const { head, tokens } = this.queues[0]!
    return tokens.length - head
  }

  /** At the front of everything: throttled. */
  atOnce(token: number, now: number): void {
    this.put(0, token, now)
  }

  /** Likewise; no answer came, and it may have reached the operator. */
  lost(token: number, now: number): void {
    this.lostOnce.add(token)
    this.put(0, token, now)
  }

  /** Whether an answer of this part was ever lost. */
  wasLost(token: number): boolean {
    return this.lostOnce.has(token)
  }

  /** After a temporary failure, the next wait of the table. False: no wait is left, the failure is final. */
  later(token: number, now: number): boolean {
    const failures = (this.failures.get(token) ?? 0) + 1
    const wait = RETRY_WAITS_MS[failures - 1]
    if (wait === undefined) return false
    this.failures.set(token, failures)
    this.put(failures, token, now + wait)
    return true
  }

  /** After the first wait, without counting: nothing was wrong with the message. */
  uncounted(token: number, now: number): void {
    this.put(1, token, now + RETRY_WAITS_MS[0]!)
  }

  /** The part has its answer for good, or is another's to send. */
  settled(token: number): void {
    if (this.failures.size > 0) this.failures.delete(token)
    if (this.lostOnce.size > 0) this.lostOnce.delete(token)
  }

  /** A token whose time has come, or -1. */
  due(now: number): number {
    if (this.count === 0) return -1
    for (const queue of this.queues) {
      if (queue.head >= queue.tokens.length || queue.dueMs[queue.head]! > now) continue
      this.count--
      const token = queue.tokens[queue.head++]!
      if (queue.head === queue.tokens.length) queue.tokens.length = queue.dueMs.length = queue.head = 0
      else if (queue.head >= MOST_PASSED) compact(queue)
      return token
    }
    return -1
  }

  /** Milliseconds until the next is due; undefined when none waits. */
  wait(now: number): number | undefined {
    let soonest: number | undefined
    for (const { dueMs, head } of this.queues) {
      const due = dueMs[head]
      if (due !== undefined && (soonest === undefined || due < soonest)) soonest = due
    }
    return soonest === undefined ? undefined : Math.max(0, soonest - now)
  }

  /** Takes everything out, for a campaign that stops or a drain. */
  takeAll(wanted: (token: number) => boolean): Array<number> {
    const taken: Array<number> = []
    for (const queue of this.queues) {
      const tokens = queue.tokens.slice(queue.head)
      const dueMs = queue.dueMs.slice(queue.head)
      queue.tokens.length = queue.dueMs.length = queue.head = 0
      tokens.forEach((token, i) => {
        if (wanted(token)) taken.push(token)
        else {
          queue.tokens.push(token)
          queue.dueMs.push(dueMs[i]!)
        }
      })
    }
    this.count -= taken.length
    return taken
  }

  private put(queue: number, token: number, dueMs: number): void {
    this.queues[queue]!.tokens.push(token)
    this.queues[queue]!.dueMs.push(dueMs)
    this.count++
  }
}

const compact = (queue: Waiting): void => {
  queue.tokens.splice(0, queue.head)
  queue.dueMs.splice(0, queue.head)
  queue.head = 0
}
