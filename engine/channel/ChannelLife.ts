/**
 * The life of one channel under one owner: its binds, its feeder, its journal, and the order in which they begin and end.
 *
 * - *standing by*: while another engine holds the channel.
 * - *taking*: the channel's epoch moves on, which shuts out whoever had it; blocks that were left open are settled from
 *   what is on record.
 * - *serving*: binds come and go, blocks come in, outcomes go out; a change of the channel's row is followed.
 * - *draining* (the scope closes: SIGTERM, the channel is disabled): nothing more is claimed or submitted, what waits goes
 *   back to its lanes, the windows empty, the journal commits, the binds say goodbye. A clean end leaves nothing unknown.
 * - *lost*: another engine has the channel. Nothing we would write counts any more, so nothing is waited for.
 */
import { Cause, Deferred, Effect, Exit, Latch, Schema, Stream, SubscriptionRef } from "effect"
import { BlockTable } from "#engine/dispatch/BlockTable.ts"
import { EngineCeilings } from "#engine/dispatch/Ceilings.ts"
import { Feeder } from "#engine/dispatch/Feeder.ts"
import { Journal } from "#engine/dispatch/Journal.ts"
import { type MonotonicClock, monotonicClock } from "#engine/dispatch/MonotonicClock.ts"
import { Pacer } from "#engine/dispatch/Pacer.ts"
import { Inbox } from "#engine/receipt/Inbox.ts"
import { lateReceipts } from "#engine/receipt/lateReceipts.ts"
import { DressLearner } from "#engine/smpp/MessageId.ts"
import type { Session } from "#engine/smpp/Session.ts"
import { Watched } from "#engine/watching/Watched.ts"
import { ChannelLocks } from "#schema/channel/ChannelLocks.ts"
import { type Channel, settle, take } from "#schema/channel/Channels.ts"
import { ClaimError } from "#schema/ledger/Door.ts"
import { answered, binds, goodbye } from "./binds.ts"
import { type Odd, oddities } from "./oddities.ts"
import { Traffic } from "./Traffic.ts"

/** All of a drain, so that a process manager that gives 30 s before it kills sees its end. */
const DRAIN_FOR = "20 seconds"

/** How often the pace and the retries are looked at while nothing is due. */
const IDLE_LOOK = "50 millis"

/** The channel was disabled between being listed and being taken. */
export class ChannelGone extends Schema.TaggedError<ChannelGone>()("ChannelGone", { message: Schema.String }) {}

/** Serves the channel until its scope closes; fails when another engine has taken it. row: the channel's, as it changes. */
export const channelLife = (row: SubscriptionRef.SubscriptionRef<Channel>, clock: MonotonicClock = monotonicClock) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { hold } = yield* ChannelLocks
      const watched = yield* watchedOf(SubscriptionRef.getUnsafe(row))
      const { counts } = watched
      yield* hold(SubscriptionRef.getUnsafe(row).id)
      watched.standsBy = false
      const channel = SubscriptionRef.getUnsafe(row)
      const epoch = yield* takeOver(channel)

      const over = yield* Deferred.make<never, ClaimError>()
      const table = new BlockTable()
      const hungry = Latch.makeUnsafe()
      const journal = new Journal(channel.id, epoch, (block) => table.remove(block), counts)
      const pacer = new Pacer(channel.per_second ?? undefined, channel.burst ?? undefined, clock.now())
      const learner = new DressLearner(channel.message_id_dress ?? undefined)
      const run = Effect.runForkWith(yield* Effect.context<never>())
      const odd = oddities(channel.name, run, clock.now)
      // counted apart: many people who answer must not hide what is wrong with the operator
      const fromPhones = oddities(channel.name, run, clock.now)
      const inbox = new Inbox({ table, journal, learner, onOdd: odd, onMessage: fromPhones, counts })
      const traffic = new Traffic({ table, journal, pacer, inbox, hungry, onOdd: odd, counts })
      const ceilings = yield* EngineCeilings
      const feeder = new Feeder({ channel, epoch, traffic, table, pacer, hungry, clock, counts, ceilings })
      watched.serving = { traffic, journal, pacer }
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
      yield* untilOver(binds(row, deskOf(traffic, inbox, odd), traffic, clock))
      yield* Effect.addFinalizer((exit) => (isLost(exit) ? Effect.void : drain(traffic, feeder, journal, clock)))
      yield* untilOver(feeder.feed)
      yield* untilOver(feeder.watch)
      yield* untilOver(pace(traffic, inbox, clock))
      yield* untilOver(
        lateReceipts({ channel, epoch, table, learner, clock, heardForMs: () => traffic.heardForMs(clock.now()) })
      )
      // what holds at once when the row changes; the binds follow it for themselves
      const followed = ({ burst, charset, per_second }: Channel) =>
        Effect.sync(() => {
          pacer.agree(per_second ?? undefined, burst ?? undefined, clock.now())
          feeder.encodeFor(charset)
        })
      yield* untilOver(Stream.runForEach(SubscriptionRef.changes(row), followed))
      // begun last, so that it ends first: nothing is submitted while the others end
      yield* Effect.addFinalizer(() => Effect.sync(() => traffic.halt()))
      yield* Effect.logInfo(`channel ${channel.name} is served (epoch ${epoch})`)
      return yield* Deferred.await(over)
    })
  )

/** Where this life is seen from outside, until it ends. */
const watchedOf = Effect.fnUntraced(function* (channel: Channel) {
  const watched = (yield* Watched.current).channel(channel)
  watched.standsBy = true
  yield* Effect.addFinalizer(() => Effect.sync(() => watched.lifeEnds()))
  return watched
})

/** The channel is ours from now on, and what its last owner left open is settled. Gives our epoch. */
const takeOver = Effect.fnUntraced(function* (channel: Channel) {
  const epoch = yield* take(channel.id)
  if (epoch === undefined) return yield* new ChannelGone({ message: `channel ${channel.name} is disabled` })
  const settled = yield* settle(channel.id, epoch)
  if (settled.blocks > 0)
    yield* Effect.logWarning(
      `channel ${channel.name}: settled ${settled.blocks} open blocks: ${settled.unknown} unknown, ${settled.resent} to be sent again`
    )
  return epoch
})

/** Whether another engine has the channel: then there is nothing left to drain. */
const isLost = (exit: Exit.Exit<unknown, unknown>): boolean => {
  if (!Exit.isFailure(exit)) return false
  const error = Cause.squash(exit.cause)
  return error instanceof ClaimError && error.reason === "EpochOver"
}

const drain = Effect.fnUntraced(function* (traffic: Traffic, feeder: Feeder, journal: Journal, clock: MonotonicClock) {
  yield* Effect.gen(function* () {
    yield* feeder.takeAllBack
    yield* answered(traffic, clock)
    // what was answered meanwhile with "later" goes back too
    yield* feeder.takeAllBack
    yield* journal.settled
    yield* Effect.ignore(feeder.returnLostClaims)
  }).pipe(Effect.timeoutOption(DRAIN_FOR))
  yield* goodbye(traffic)
})

/** Submits what becomes due by time alone: the next token, a retry; parks receipts that waited long enough. */
const pace = (traffic: Traffic, inbox: Inbox, clock: MonotonicClock): Effect.Effect<never> =>
  Effect.forever(
    Effect.suspend(() => {
      const now = clock.now()
      traffic.fill(now)
      inbox.sweep(now)
      const wait = traffic.wait(now)
      traffic.sooner.closeUnsafe()
      return Effect.timeoutOption(
        traffic.sooner.await,
        wait === undefined ? IDLE_LOOK : Math.max(1, Math.min(wait, 50))
      )
    })
  )

const deskOf = (traffic: Traffic, inbox: Inbox, odd: Odd) => ({
  join: (session: Session, now: number) => traffic.join(session, now),
  leave: (session: Session, now: number) => traffic.leave(session, now),
  answered: traffic.answers.answered.bind(traffic.answers),
  lost: traffic.answers.lost.bind(traffic.answers),
  delivered: inbox.delivered.bind(inbox),
  turned: traffic.turned.bind(traffic),
  odd
})
