/**
 * The life of one bind: connect, bind, serve, enquire, unbind; and again.
 *
 * - *connecting*: TCP, TLS and bind_* within session_init. Refused credentials raise an alarm and wait minutes, so that a
 *   wrong password does not lock the account; everything else waits half a second, then twice as long each time.
 * - *serving*: the session is with the channel's traffic. A silent link is enquired; one that doesn't answer is cut; a
 *   submit that gets no answer within `response_seconds` is lost.
 * - *over*: whatever was not answered is told to the traffic as lost, and the life begins again.
 */
import { Effect, Schema } from "effect"
import type { MonotonicClock } from "#engine/dispatch/MonotonicClock.ts"
import { Session } from "#engine/smpp/Session.ts"
import type { BindMode, EndReason, SessionOwner } from "#engine/smpp/SessionOwner.ts"
import { type TimerLimits, usualLimits } from "#engine/smpp/timers.ts"
import type { Channel } from "#schema/channel/Channels.ts"
import { BindError, connect } from "./connect.ts"
import { keepAlive } from "./keepAlive.ts"

/** The first wait after a death; the longest; and the life after which the wait is the first again. */
const REBIRTH = { firstMs: 500, capMs: 30_000, resetAfterMs: 60_000 }

/** Operators lock accounts after a handful of wrong passwords within minutes. */
const WRONG_CREDENTIALS_MS = 5 * 60_000

/** How often a session's clocks are looked at; the answers' deadline is late by at most this. */
const LOOK_EVERY = "250 millis"

class SessionOver extends Schema.TaggedError<SessionOver>()("SessionOver", { message: Schema.String }) {}

/** Whom the channel's binds tell. Its functions are handed on one by one, and need no `this`. */
export interface BindDesk extends Omit<SessionOwner, "ended"> {
  join(session: Session, now: number): void
  leave(session: Session, now: number): void
}

/** Lives for ever; ends with its scope, closing its socket. number: which bind of the channel, from 1. */
export const bindLife = (channel: Channel, number: number, mode: BindMode, desk: BindDesk, clock: MonotonicClock) =>
  keepAlive(serve(channel, number, mode, desk, clock), {
    ...REBIRTH,
    atLeastMs: (error) =>
      error instanceof BindError && error.reason === "WrongCredentials" ? WRONG_CREDENTIALS_MS : 0,
    onDeath: (error, waitMs) => {
      const who = `bind ${number} of ${channel.name}`
      if (error === undefined) return Effect.logInfo(`${who} has unbound`)
      const message = `${who}: ${error.message}; again in ${(waitMs / 1000).toFixed(1)} s`
      return error instanceof BindError && error.reason === "WrongCredentials"
        ? Effect.logError(`ALARM ${message}. Correct the channel's system_id and password`)
        : Effect.logWarning(message)
    }
  })

const limitsOf = (channel: Channel): TimerLimits => ({
  ...usualLimits,
  enquire_link: channel.enquire_link_seconds * 1000,
  response: channel.response_seconds * 1000
})

const serve = Effect.fnUntraced(function* (
  channel: Channel,
  number: number,
  mode: BindMode,
  desk: BindDesk,
  clock: MonotonicClock
) {
  const socket = yield* connect(channel, mode)
  const ended = Promise.withResolvers<EndReason>()
  const session = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const s = new Session({
        socket,
        // the desk's own functions: a wrapper around each would cost a call a message
        owner: { ...desk, ended: (_, reason) => ended.resolve(reason) },
        number,
        mode,
        windowSize: channel.window_size,
        sequence: 1,
        limits: limitsOf(channel),
        now: clock.now
      })
      desk.join(s, clock.now())
      return s
    }),
    (s) =>
      Effect.sync(() => {
        s.end({ _tag: "Closed", message: "this bind ended" })
        desk.leave(s, clock.now())
      })
  )
  yield* Effect.logInfo(`bind ${number} of ${channel.name} is up (${mode})`)
  const reason = yield* Effect.raceFirst(
    Effect.promise(() => ended.promise),
    watch(session, clock)
  )
  if (reason._tag !== "Unbound") return yield* new SessionOver({ message: reason.message })
})

/** Looks after the session's timers, for ever: its end comes by `ended`. */
const watch = (session: Session, clock: MonotonicClock): Effect.Effect<never> =>
  Effect.forever(
    Effect.andThen(
      Effect.sleep(LOOK_EVERY),
      Effect.sync(() => session.look(clock.now()))
    )
  )
