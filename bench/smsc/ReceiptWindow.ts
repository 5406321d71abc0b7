// The deliver_sm that wait for their deliver_sm_resp on one link, by sequence number: a ring, so that neither sending nor
// acknowledging makes an object. A sequence number whose place is still taken is passed over.

/** No row: nothing waits for this answer. */
export const noRow = -0x80000000

export class ReceiptWindow {
  private rows = new Int32Array(64).fill(noRow)
  private sequences = new Uint32Array(64)
  private sentAt = new Float64Array(64)
  private last = 0
  private readonly limit: number
  /** Sent and not acknowledged. */
  size = 0

  /** @param limit how many may wait at once */
  constructor(limit: number) {
    this.limit = limit
  }

  get full(): boolean {
    return this.size >= this.limit
  }

  /** Takes a place and returns its sequence number, 1 … 0x7FFFFFFF. */
  put(row: number, now: number): number {
    // At most half of the places are taken, so a free one is never far.
    if (this.size * 2 >= this.rows.length) this.grow()
    const mask = this.rows.length - 1
    let sequence = this.last
    do sequence = sequence === 0x7fffffff ? 1 : sequence + 1
    while (this.rows[sequence & mask] !== noRow)
    this.last = sequence
    this.set(sequence, row, now)
    this.size++
    return sequence
  }

  /** The next sequence number, for something that is not waited for here (enquire_link, unbind). */
  skip(): number {
    this.last = this.last === 0x7fffffff ? 1 : this.last + 1
    return this.last
  }

  /** The row that this answer is for, or `noRow` if none waits for it. */
  take(sequence: number): number {
    const place = sequence & (this.rows.length - 1)
    const row = this.rows[place]!
    if (row === noRow || this.sequences[place] !== sequence) return noRow
    this.rows[place] = noRow
    this.size--
    return row
  }

  /** Takes out all that were sent before `before`, oldest first. */
  takeOlder(before: number, out: (row: number) => void) {
    if (this.size === 0) return
    const mask = this.rows.length - 1
    // Ascending from the place after the last is the order in which they were sent.
    for (let i = 1; i <= this.rows.length; i++) {
      const place = (this.last + i) & mask
      const row = this.rows[place]!
      if (row === noRow || this.sentAt[place]! >= before) continue
      this.rows[place] = noRow
      this.size--
      out(row)
    }
  }

  private set(sequence: number, row: number, now: number) {
    const place = sequence & (this.rows.length - 1)
    this.rows[place] = row
    this.sequences[place] = sequence
    this.sentAt[place] = now
  }

  private grow() {
    const { rows, sequences, sentAt } = this
    const places = rows.length * 2
    this.rows = new Int32Array(places).fill(noRow)
    this.sequences = new Uint32Array(places)
    this.sentAt = new Float64Array(places)
    // Two that had different places in the smaller ring have different places in the larger one.
    for (let i = 0; i < rows.length; i++) if (rows[i] !== noRow) this.set(sequences[i]!, rows[i]!, sentAt[i]!)
  }
}
