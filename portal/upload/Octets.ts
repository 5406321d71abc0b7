/**
 * Octets on their way from a request into a load, some megabytes at most: who brings more waits until they are taken on.
 *
 * Promises: in the order in which they came, each once; one who brings and one who takes; once it is closed nothing more is taken.
 */

/** Brought and not taken on. */
const MOST_HELD = 4 * 1024 * 1024

/** A load reads small pieces: of a large one nothing is lost, and other requests have their turn between two. */
const PIECE = 64 * 1024

export class Octets implements AsyncIterable<Uint8Array> {
  private readonly waiting: Array<Uint8Array> = []
  private held = 0
  private ended = false
  private closed = false
  private wake: () => void = () => {}

  /** Settles when there is room for more; false: nobody takes them any more. */
  async put(octets: Uint8Array): Promise<boolean> {
    if (this.closed || this.ended) return false
    for (let at = 0; at < octets.length; at += PIECE) this.waiting.push(octets.subarray(at, at + PIECE))
    this.held += octets.length
    this.wake()
    while (this.held > MOST_HELD && !this.closed) await this.changed()
    return !this.closed
  }

  /** That was all. */
  end(): void {
    this.ended = true
    this.wake()
  }

  /** Nobody takes them any more. */
  close(): void {
    this.closed = true
    this.waiting.length = 0
    this.held = 0
    this.wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (!this.closed) {
      const piece = this.waiting.shift()
      if (piece !== undefined) {
        yield piece
        this.held -= piece.length
        this.wake()
      } else if (this.ended) return
      else await this.changed()
    }
  }

  /** Whoever waits is woken at every change: it is one or the other, and both look again. */
  private changed(): Promise<void> {
    return new Promise((resolve) => {
      const others = this.wake
      this.wake = () => {
        this.wake = () => {}
        others()
        resolve()
      }
    })
  }
}
