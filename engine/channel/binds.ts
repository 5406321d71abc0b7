/**
 * The binds of one channel, as its row has them. When the row changes in what they stand on (address, credentials, their
 * number, window, times), they begin anew: nothing more is submitted, what is in the air gets its answers, they say
 * goodbye, and the new ones connect. What waits stays in hand, and no receipt loses its message.
 */
import { type Duration, Effect, Equal, Option, Stream, SubscriptionRef } from "effect"
import { type BindDesk, bindLife } from "#engine/bind/BindLife.ts"
import type { MonotonicClock } from "#engine/dispatch/MonotonicClock.ts"
import type { BindMode } from "#engine/smpp/SessionOwner.ts"
import type { Channel } from "#schema/channel/Channels.ts"
import type { Traffic } from "./Traffic.ts"

/** Within a drain: for what follows, and for the answers to what is in the air. */
const ANSWERS_FOR = "12 seconds"

/** For unbind_resp; then the socket is closed anyway. */
const GOODBYE_FOR = "1 second"

/** How often it is looked whether that is done. */
const LOOK_EVERY = "10 millis"

/** For ever; each turn is one set of binds. */
export const binds = (
  row: SubscriptionRef.SubscriptionRef<Channel>,
  desk: BindDesk,
  traffic: Traffic,
  clock: MonotonicClock
): Effect.Effect<never> =>
  Effect.gen(function* () {
    const channel = SubscriptionRef.getUnsafe(row)
    const lives = bindsOf(channel).map(({ mode, number }) => bindLife(channel, number, mode, desk, clock))
    const changed = Stream.runHead(Stream.filter(SubscriptionRef.changes(row), (now) => !isSameToBinds(now, channel)))
    const begunAnew = Effect.gen(function* () {
      yield* changed
      yield* Effect.logInfo(`channel ${channel.name} has changed: binding anew`)
      traffic.rest(true)
      // no hurry: what gets no answer is given up by its own timer
      yield* until(() => traffic.inFlight === 0)
      yield* goodbye(traffic)
    })
    yield* Effect.raceFirst(Effect.all(lives, { concurrency: "unbounded", discard: true }), begunAnew).pipe(
      Effect.ensuring(Effect.sync(() => traffic.rest(false)))
    )
  }).pipe(Effect.forever)

/** Until nothing is in the air; whether it came to that in time. */
export const answered = (traffic: Traffic, clock: MonotonicClock): Effect.Effect<boolean> =>
  within(ANSWERS_FOR, () => {
    // nobody else's turn comes any more, and messages that are half out are still to be completed
    traffic.fill(clock.now())
    return traffic.inFlight === 0 && !traffic.isEnding(clock.now())
  })

/** Unbinds, and waits until no bind is up. */
export const goodbye = (traffic: Traffic): Effect.Effect<boolean> =>
  Effect.suspend(() => {
    traffic.unbind()
    return within(GOODBYE_FOR, () => traffic.binds === 0)
  })

const within = (duration: Duration.Input, done: () => boolean): Effect.Effect<boolean> =>
  Effect.map(Effect.timeoutOption(until(done), duration), Option.isSome)

const until = (done: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (done() ? Effect.void : Effect.andThen(Effect.sleep(LOOK_EVERY), until(done))))

/** What a bind takes from its channel's row, but for the password. */
const standsOn = (c: Channel): string =>
  JSON.stringify([
    [c.name, c.host, c.port, c.tls, c.system_id, c.system_type],
    [c.bind_mode, c.binds, c.window_size, c.enquire_link_seconds, c.response_seconds]
  ])

/** The password is compared apart: JSON would show it, or leave it out. */
const isSameToBinds = (a: Channel, b: Channel): boolean =>
  standsOn(a) === standsOn(b) && Equal.equals(a.password, b.password)

interface Bind {
  /** from 1 */
  readonly number: number
  readonly mode: BindMode
}

const bindsOf = (channel: Channel): ReadonlyArray<Bind> =>
  Array.from({ length: channel.binds }, (_, i) => i + 1).flatMap(
    (number): ReadonlyArray<Bind> =>
      channel.bind_mode === "transceiver"
        ? [{ number, mode: "transceiver" }]
        : [
            { number, mode: "transmitter" },
            { number: channel.binds + number, mode: "receiver" }
          ]
  )
