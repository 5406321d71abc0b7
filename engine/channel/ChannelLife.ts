/**
 * The life of one channel under one owner: its binds, its feeder, its journal, and the order in which they begin and end.
 *
 * - *standing by*: while another engine holds the channel.
 * - *taking*: the channel's epoch moves on, which shuts out whoever had it; blocks that were left open are settled from
 *   what is on record.
 * - *serving*: binds come and go, blocks come in, outcomes go out.
 * - *draining* (the scope closes: SIGTERM, the channel is disabled): nothing more is claimed or submitted, what waits goes
 *   back to its lanes, the windows empty, the journal commits, the binds say goodbye. A clean end leaves nothing unknown.
 * - *lost*: another engine has the channel. Nothing we would write counts any more, so nothing is waited for.
 */
import { Cause, Deferred, Effect, Exit, Latch, Schema } from "effect"
import { bindLife } from "#engine/bind/BindLife.ts"
import { BlockTable } from "#engine/dispatch/BlockTable.ts"
import { Feeder } from "#engine/dispatch/Feeder.ts"
import { Journal } from "#engine/dispatch/Journal.ts"
import { type MonotonicClock, monotonicClock } from "#engine/dispatch/MonotonicClock.ts"
import { Pacer } from "#engine/dispatch/Pacer.ts"
import { Inbox } from "#engine/receipt/Inbox.ts"
import { lateReceipts } from "#engine/receipt/lateReceipts.ts"
import { DressLearner } from "#engine/smpp/MessageId.ts"
import type { BindMode, Session } from "#engine/smpp/Session.ts"
import { type Channel, hold, settle, take } from "#schema/channel/Channels.ts"
import { ClaimError } from "#schema/ledger/Door.ts"
import { Traffic } from "./Traffic.ts"

/** All of a drain, so that a process manager that gives 30 s before it kills sees its end; and of that, the answers. */
const DRAIN_FOR = "20 seconds"
const ANSWERS_FOR = "12 seconds"

/** For unbind_resp; then the socket is closed anyway. */
const GOODBYE_FOR = "1 second"

/** How often a drain looks whether it is done. */
const DRAIN_LOOK = "10 millis"

/** How often the pace and the retries are looked at while nothing is due. */
const IDLE_LOOK = "50 millis"

/** The channel was disabled between being listed and being taken. */
export class ChannelGone extends Schema.TaggedError<ChannelGone>()("ChannelGone", { message: Schema.String }) {}

/** Serves the channel until its scope closes; fails when another engine has taken it. */
export const channelLife = (channel: Channel, clock: MonotonicClock = monotonicClock) =>
  Effect.scoped(
    Effect.gen(function* () {
      yield* hold(channel.id)
      const epoch = yield* take(channel.id)
      if (epoch === undefined) return yield* new ChannelGone({ message: `channel ${channel.name} is disabled` })
      const settled = yield* settle(channel.id, epoch)
      if (settled.blocks > 0)
        yield* Effect.logWarning(
          `channel ${channel.name}: settled ${settled.blocks} open blocks: ${settled.unknown} unknown, ${settled.resent} to be sent again`
        )

      const over = yield* Deferred.make<never, ClaimError>()
      const table = new BlockTable()
      const hungry = Latch.makeUnsafe()
      const journal = new Journal(channel.id, epoch, (block) => table.remove(block))
      const pacer = new Pacer(channel.per_second ?? undefined, channel.burst ?? undefined, clock.now())
      const learner = new DressLearner(channel.message_id_dress ?? undefined)
      const odd = oddities(channel, Effect.runForkWith(yield* Effect.context<never>()))
      const inbox = new Inbox({ table, journal, learner, onOdd: odd })
      const traffic = new Traffic({ table, journal, pacer, inbox, hungry, onOdd: odd })
      const feeder = new Feeder({ channel, epoch, traffic, table, pacer, hungry, clock })
      journal.tell(() => traffic.committed(clock.now()))

      // what ends last begins first: journal, binds, (drain), feeder; and none of them dies unnoticed: what fails, or is
      // broken, ends this life as a whole
      const untilOver = <A, R>(life: Effect.Effect<A, ClaimError, R>) =>
        Effect.forkScoped(
          Effect.onError(life, (cause) =>
            Cause.hasInterruptsOnly(cause) ? Effect.void : Deferred.failCause(over, cause)
          )
        )
      yield* untilOver(journal.run)
      for (const { mode, number } of bindsOf(channel)) {
        yield* untilOver(bindLife(channel, number, mode, deskOf(traffic, inbox, odd), clock))
      }
      yield* Effect.addFinalizer((exit) =>
        isLost(exit) ? Effect.sync(() => traffic.halt()) : drain(traffic, feeder, journal)
      )
      yield* untilOver(feeder.feed)
      yield* untilOver(feeder.watch)
      yield* untilOver(pace(traffic, inbox, clock))
      yield* untilOver(lateReceipts({ channel, epoch, table, learner }))
      yield* Effect.logInfo(`channel ${channel.name} is served (epoch ${epoch})`)
      return yield* Deferred.await(over)
    })
  )

/** Whether another engine has the channel: then there is nothing left to drain. */
const isLost = (exit: Exit.Exit<unknown, unknown>): boolean => {
  if (!Exit.isFailure(exit)) return false
  const error = Cause.squash(exit.cause)
  return error instanceof ClaimError && error.reason === "EpochOver"
}

const drain = Effect.fnUntraced(function* (traffic: Traffic, feeder: Feeder, journal: Journal) {
  traffic.halt()
  yield* Effect.gen(function* () {
    yield* feeder.takeAllBack
    yield* until(() => traffic.inFlight === 0).pipe(Effect.timeoutOption(ANSWERS_FOR))
    // what was answered meanwhile with "later" goes back too
    yield* feeder.takeAllBack
    yield* journal.settled
    yield* Effect.ignore(feeder.returnLostClaims)
  }).pipe(Effect.timeoutOption(DRAIN_FOR))
  traffic.unbind()
  yield* until(() => traffic.binds === 0).pipe(Effect.timeoutOption(GOODBYE_FOR))
})

const until = (done: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (done() ? Effect.void : Effect.andThen(Effect.sleep(DRAIN_LOOK), until(done))))

/** Submits what becomes due by time alone: the next token, a retry; parks receipts that waited long enough. */
const pace = (traffic: Traffic, inbox: Inbox, clock: MonotonicClock): Effect.Effect<never> =>
  Effect.forever(
    Effect.suspend(() => {
      const now = clock.now()
      traffic.fill(now)
      inbox.sweep(now)
      const wait = traffic.wait(now)
      return Effect.sleep(wait === undefined ? IDLE_LOOK : Math.max(1, Math.min(wait, 50)))
    })
  )

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

type Odd = (session: Session, what: string, bytes?: Uint8Array) => void

const deskOf = (traffic: Traffic, inbox: Inbox, odd: Odd) => ({
  join: (session: Session, now: number) => traffic.join(session, now),
  leave: (session: Session, now: number) => traffic.leave(session, now),
  answered: traffic.answered.bind(traffic),
  lost: traffic.lost.bind(traffic),
  delivered: inbox.delivered.bind(inbox),
  turned: traffic.turned.bind(traffic),
  odd
})

/** Octets of an odd PDU that go into the log. */
const MOST_LOGGED = 256

/** A broken operator must not fill the disk: so many lines a minute, and then how many more there were. */
const ODD_LINES_A_MINUTE = 20

const oddities = (channel: Channel, run: (log: Effect.Effect<void>) => unknown): Odd => {
  let minute = -1
  let lines = 0
  return (session, what, bytes) => {
    const now = Math.floor(performance.now() / 60_000)
    if (now !== minute) {
      minute = now
      lines = 0
    }
    if (++lines > ODD_LINES_A_MINUTE) return
    const hex = bytes === undefined ? "" : `: ${Buffer.from(bytes.subarray(0, MOST_LOGGED)).toString("hex")}`
    const last = lines === ODD_LINES_A_MINUTE ? " (what else is odd within this minute is not logged)" : ""
    run(Effect.logWarning(`${channel.name}, bind ${session.number}: ${what}${hex}${last}`))
  }
}
