/**
 * What a session writes, gathered: PDUs are laid into a slab one after the other and leave in one write a turn.
 *
 * Promises: octets that the socket still holds are never overwritten: a full slab is written again from its beginning
 * when the kernel has taken all of it, and else is left to the socket, and a new one begun.
 */
import type { Socket } from "node:net"

/** Octets of a slab: about 600 submits, so that a new one is made rarely and yet little stands empty. */
const SLAB = 64 * 1024

export class Outgoing {
  /** Where the next PDU goes, after `reserve`: write at `slab[at]` and set `at` to where it ends. */
  slab = Buffer.allocUnsafe(SLAB)
  at = 0
  private flushed = 0
  private readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
  }

  /** Octets that the socket has taken and not yet sent. */
  get unsent(): number {
    return this.socket.writableLength
  }

  /** Makes sure of so much room behind `at`. */
  reserve(octets: number): void {
    if (this.at + octets <= this.slab.length) return
    this.flush()
    if (this.unsent > 0 || octets > this.slab.length) this.slab = Buffer.allocUnsafe(Math.max(SLAB, octets))
    this.at = this.flushed = 0
  }

  /** Sends what has been laid down since the last flush. */
  flush(): void {
    if (this.at === this.flushed) return
    this.socket.write(this.slab.subarray(this.flushed, this.at))
    this.flushed = this.at
  }
}
