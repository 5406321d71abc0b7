/** What a channel's operator does that is odd, for the log, with its octets; and not so much of it that it fills the disk. */
import { Effect } from "effect"
import type { Session } from "#engine/smpp/Session.ts"

/** Something odd on a bind, with the octets where there are any. */
export type Odd = (session: Session, what: string, bytes?: Uint8Array) => void

/** Octets of an odd PDU that go into the log. */
const MOST_LOGGED = 256

/** A broken operator must not fill the disk: so many lines a minute. */
const LINES_A_MINUTE = 20

/** name: the channel's. run: puts a line into the log. now: monotonic ms. */
export const oddities = (name: string, run: (log: Effect.Effect<void>) => unknown, now: () => number): Odd => {
  let minute = -1
  let lines = 0
  return (session, what, bytes) => {
    const current = Math.floor(now() / 60_000)
    if (current !== minute) {
      minute = current
      lines = 0
    }
    if (++lines > LINES_A_MINUTE) return
    const hex = bytes === undefined ? "" : `: ${Buffer.from(bytes.subarray(0, MOST_LOGGED)).toString("hex")}`
    const last = lines === LINES_A_MINUTE ? " (more of this kind within this minute is not logged)" : ""
    run(Effect.logWarning(`${name}, bind ${session.number}: ${what}${hex}${last}`))
  }
}
