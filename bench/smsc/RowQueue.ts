// First in, first out, of row numbers: a ring of 32-bit integers that doubles when it is full.

export class RowQueue {
  private ring = new Int32Array(256)
  private first = 0
  length = 0

  push(row: number) {
    if (this.length === this.ring.length) this.grow()
    this.ring[(this.first + this.length++) & (this.ring.length - 1)] = row
  }

  /** The oldest; call it only while there is one. */
  shift(): number {
    const row = this.ring[this.first]!
    this.first = (this.first + 1) & (this.ring.length - 1)
    this.length--
    return row
  }

  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.length; i++) yield this.ring[(this.first + i) & (this.ring.length - 1)]!
  }

  clear() {
    this.first = 0
    this.length = 0
  }

  private grow() {
    const longer = new Int32Array(this.ring.length * 2)
    for (let i = 0; i < this.length; i++) longer[i] = this.ring[(this.first + i) & (this.ring.length - 1)]!
    this.ring = longer
    this.first = 0
  }
}
