/**
 * Every timer of an SMPP connection (3.4, 7.2) as arithmetic: what has happened so far, and the time, give what is to be
 * done. Nothing here waits; the caller asks when it is told to ask again, and whenever something happened.
 *
 * The connection goes through three states, told apart by the times that are set.
 *
 * CONNECTED: the socket is open, the bind isn't answered. **session_init** runs from the connect; when it is over the
 * connection is closed. A bind that was sent has its **response** time besides.
 *
 * BOUND: `boundAt` is set. Nothing came for **enquire_link**: we ask whether somebody is there. If nothing comes within
 * the **response** time of the question, not even something else, nobody is, and the connection is closed; whatever
 * arrives is a sign of life, because an operator under load answers questions late. Requests that wait longer than the
 * **response** time for their answer are given up: their outcome is unknown, the connection stays. **inactivity** runs
 * from the last PDU, either way, that wasn't an enquire_link or its answer; when it is over the connection is closed.
 * It is for those who pay for connections: normally it is off (`Infinity`).
 *
 * UNBINDING: `unbindSentAt` is set. Only the **response** time runs; when it is over the connection is closed anyway.
 *
 * Times are milliseconds of a monotonic clock (`performance.now()`), so that setting the clock of the machine closes
 * nothing. A time that didn't happen is `undefined`.
 */

/** Milliseconds; `Infinity` turns a timer off. */
export interface TimerLimits {
  readonly session_init: number
  readonly enquire_link: number
  readonly inactivity: number
  readonly response: number
}

/** Used where a channel says nothing: values that operators commonly ask for. */
export const usualLimits: TimerLimits = {
  session_init: 10_000,
  enquire_link: 30_000,
  inactivity: Number.POSITIVE_INFINITY,
  response: 30_000
}

/** What has happened. The caller keeps one and changes it; a stamp a chunk is exact enough, it needs none a message. */
export interface LinkTimes {
  connectedAt: number
  bindSentAt: number | undefined
  boundAt: number | undefined
  /** Anything at all came. */
  receivedAt: number
  /** The last PDU that wasn't an enquire_link or its answer, in either direction. */
  transactionAt: number
  enquiredAt: number | undefined
  /** When the request that waits longest for its answer was sent. */
  oldestRequestAt: number | undefined
  unbindSentAt: number | undefined
}

export type CloseReason =
  | "session_init"
  | "bind_unanswered"
  | "enquire_link_unanswered"
  | "inactivity"
  | "unbind_unanswered"

export type Due =
  /** Nothing until then; `Infinity`: until something happens. */
  | { readonly do: "wait"; readonly until: number }
  | { readonly do: "enquire_link" }
  /** Give up the requests that were sent at this time or before. */
  | { readonly do: "give_up"; readonly sentUntil: number }
  | { readonly do: "close"; readonly reason: CloseReason }

export const connected = (now: number): LinkTimes => ({
  connectedAt: now,
  bindSentAt: undefined,
  boundAt: undefined,
  receivedAt: now,
  transactionAt: now,
  enquiredAt: undefined,
  oldestRequestAt: undefined,
  unbindSentAt: undefined
})

/** What is to be done at `now`. The same question at the same time has the same answer, until what it said was done. */
export const due = (times: LinkTimes, limits: TimerLimits, now: number): Due => {
  if (times.unbindSentAt !== undefined) return closeAt(times.unbindSentAt + limits.response, "unbind_unanswered", now)
  if (times.boundAt === undefined) return beforeBind(times, limits, now)

  const inactiveAt = times.transactionAt + limits.inactivity
  if (now >= inactiveAt) return { do: "close", reason: "inactivity" }

  const { enquiredAt, oldestRequestAt } = times
  const asked = enquiredAt !== undefined && times.receivedAt < enquiredAt
  const linkAt = asked ? enquiredAt + limits.response : times.receivedAt + limits.enquire_link
  if (asked && now >= linkAt) return { do: "close", reason: "enquire_link_unanswered" }

  const overdueAt = (oldestRequestAt ?? Number.POSITIVE_INFINITY) + limits.response
  if (now >= overdueAt) return { do: "give_up", sentUntil: now - limits.response }
  if (now >= linkAt) return { do: "enquire_link" }
  return { do: "wait", until: Math.min(inactiveAt, linkAt, overdueAt) }
}

const beforeBind = (times: LinkTimes, limits: TimerLimits, now: number): Due => {
  const initAt = times.connectedAt + limits.session_init
  const answerAt = (times.bindSentAt ?? Number.POSITIVE_INFINITY) + limits.response
  return initAt <= answerAt ? closeAt(initAt, "session_init", now) : closeAt(answerAt, "bind_unanswered", now)
}

const closeAt = (at: number, reason: CloseReason, now: number): Due =>
  now >= at ? { do: "close", reason } : { do: "wait", until: at }
