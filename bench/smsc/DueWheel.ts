// What is to happen later: answers with latency, receipts with delay. A wheel of one-millisecond slots, each a linked list in
// typed arrays: no timer and no object an item, the same small price whatever the spread of the delays. What lies further
// ahead than the wheel is long goes round again. Items of one slot come out in the order they went in.

const slots = 1 << 15
const slotMask = slots - 1
const none = -1

export class DueWheel {
  private readonly head = new Int32Array(slots).fill(none)
  private readonly tail = new Int32Array(slots).fill(none)
  private next = new Int32Array(1024)
  private row = new Int32Array(1024)
  private kind = new Uint32Array(1024)
  private argument = new Uint32Array(1024)
  private due = new Float64Array(1024)
  private used = 0
  private free = none
  /** The millisecond that was last emptied. */
  private turned = 0
  /** Items waiting. */
  size = 0

  /**
   * @param now and @param at milliseconds of one clock; what is due already comes out at the next turn
   * @param kind @param argument whatever the owner wants back, 32 bits each
   */
  add(now: number, at: number, row: number, kind: number, argument: number) {
    if (this.size === 0) this.turned = Math.floor(now) - 1
    const node = this.node()
    this.row[node] = row
    this.kind[node] = kind
    this.argument[node] = argument
    const tick = Math.max(Math.ceil(at), this.turned + 1)
    this.due[node] = tick
    this.link(node, tick)
    this.size++
  }

  /** Gives out all that is due at `now`. Items added meanwhile that are due at once come out too. */
  turn(now: number, out: (row: number, kind: number, argument: number) => void) {
    const until = Math.floor(now)
    // A clock that jumped (a frozen process) never costs more than one round.
    if (until - this.turned > slots) this.turned = until - slots
    while (this.turned < until && this.size > 0) {
      const slot = (this.turned + 1) & slotMask
      let node = this.head[slot]!
      this.head[slot] = none
      this.tail[slot] = none
      this.turned++
      while (node !== none) {
        const next = this.next[node]!
        if (this.due[node]! > until) this.link(node, this.due[node]!)
        else {
          const row = this.row[node]!
          const kind = this.kind[node]!
          const argument = this.argument[node]!
          this.next[node] = this.free
          this.free = node
          this.size--
          out(row, kind, argument)
        }
        node = next
      }
    }
  }

  /** Shows all that waits, in no order; nothing may be added or taken meanwhile. */
  each(show: (row: number, kind: number, due: number) => void) {
    for (const first of this.head)
      for (let node = first; node !== none; node = this.next[node]!)
        show(this.row[node]!, this.kind[node]!, this.due[node]!)
  }

  clear() {
    this.head.fill(none)
    this.tail.fill(none)
    this.used = 0
    this.free = none
    this.size = 0
  }

  private link(node: number, tick: number) {
    const slot = tick & slotMask
    this.next[node] = none
    const last = this.tail[slot]!
    if (last === none) this.head[slot] = node
    else this.next[last] = node
    this.tail[slot] = node
  }

  private node(): number {
    if (this.free !== none) {
      const node = this.free
      this.free = this.next[node]!
      return node
    }
    if (this.used === this.next.length) this.grow()
    return this.used++
  }

  private grow() {
    const n = this.next.length * 2
    const longer = <A extends Int32Array | Uint32Array | Float64Array>(a: A, b: A): A => {
      b.set(a)
      return b
    }
    this.next = longer(this.next, new Int32Array(n))
    this.row = longer(this.row, new Int32Array(n))
    this.kind = longer(this.kind, new Uint32Array(n))
    this.argument = longer(this.argument, new Uint32Array(n))
    this.due = longer(this.due, new Float64Array(n))
  }
}
