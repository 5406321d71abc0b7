/**
 * Virtual time: what is to happen at which moment, one after the other, and the chance by which latencies differ. The same seed gives
 * the same history.
 */
import { Effect } from "effect"
import type { SqlClient, SqlError } from "#schema/Database.ts"

/** What happens: at once, or with a word to the database. */
export type Act = () => void | Effect.Effect<void, SqlError, SqlClient>

interface Entry {
  readonly at: number
  /** of two at the same moment the one that was asked for first */
  readonly order: number
  readonly act: Act
}

export class Agenda {
  /** ms since 1970; engines take it for their monotonic clock as well */
  now: number
  acts = 0
  private asked = 0
  private readonly heap: Array<Entry> = []
  private state: number

  constructor(now: number, seed: number) {
    this.now = now
    this.state = seed >>> 0
  }

  /** From 0 up to, but never, 1. mulberry32: small, seeded, good enough to choose moments. */
  chance(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  between(least: number, most: number): number {
    return least + this.chance() * (most - least)
  }

  at(moment: number, act: Act): void {
    const entry = { at: Math.max(moment, this.now), order: ++this.asked, act }
    this.heap.push(entry)
    let i = this.heap.length - 1
    while (i > 0) {
      const above = (i - 1) >> 1
      if (!isBefore(entry, this.heap[above]!)) break
      this.heap[i] = this.heap[above]!
      i = above
    }
    this.heap[i] = entry
  }

  after(ms: number, act: Act): void {
    this.at(this.now + ms, act)
  }

  /** Lets things happen until there is nothing left to do, or it is over. */
  run(isOver: () => boolean): Effect.Effect<void, SqlError, SqlClient> {
    return Effect.gen({ self: this }, function* () {
      for (let next = this.pop(); next !== undefined; next = this.pop()) {
        this.now = next.at
        this.acts++
        const words = next.act()
        if (words !== undefined) yield* words
        if (isOver()) return
      }
    })
  }

  private pop(): Entry | undefined {
    const first = this.heap[0]
    const last = this.heap.pop()
    if (first === undefined || last === undefined || this.heap.length === 0) return first
    let i = 0
    while (true) {
      let below = 2 * i + 1
      if (below >= this.heap.length) break
      if (below + 1 < this.heap.length && isBefore(this.heap[below + 1]!, this.heap[below]!)) below++
      if (!isBefore(this.heap[below]!, last)) break
      this.heap[i] = this.heap[below]!
      i = below
    }
    this.heap[i] = last
    return first
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
