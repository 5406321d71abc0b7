/**
 * Receipts that found no message in memory are matched by the database, in bulk (rules/late_receipts.sql); receipts that
 * never come end as `unknown`. A block that the database is about to change is forgotten here first: one writer at a time.
 *
 * While nobody listened, the operator kept the receipts: so after a start, or after the operator was away, none is given up
 * before there was time to hear them.
 */
import { Duration, Effect } from "effect"
import type { BlockTable } from "#engine/dispatch/BlockTable.ts"
import type { MonotonicClock } from "#engine/dispatch/MonotonicClock.ts"
import type { DressLearner } from "#engine/smpp/MessageId.ts"
import { type Channel, endOverdue, findLate, matchParked, rememberDress } from "#schema/channel/Channels.ts"
import { type SqlClient, sqlMessage } from "#schema/Database.ts"
import { type ClaimError, isPassing } from "#schema/ledger/Door.ts"

/** Between two looks; and a look that took long is followed by a pause ten times as long, so that it costs a tenth. */
const LOOK_EVERY_MS = 1_000

/** However long a look took. */
const LONGEST_REST_MS = 60_000

/** How often receipts that found nothing for too long are thrown away, whether or not a block is overdue. */
const TIDY_EVERY_MS = 5_000

/** Operators bring what they kept within minutes of a bind. A channel that waits less for receipts waits less here too. */
const HEAR_FOR_MS = 10 * 60_000

interface Parts {
  readonly channel: Channel
  readonly epoch: number
  readonly table: BlockTable
  readonly learner: DressLearner
  /** for how long a bind that receives has been up, in ms */
  readonly heardForMs: () => number
  readonly clock: MonotonicClock
}

export const lateReceipts = ({
  channel,
  clock,
  epoch,
  heardForMs,
  learner,
  table
}: Parts): Effect.Effect<never, ClaimError, SqlClient> => {
  let tidiedAt = Number.NEGATIVE_INFINITY
  const hearForMs = Math.min(HEAR_FOR_MS, channel.receipt_wait_ms)
  const began = clock.now()
  // an operator that is gone for good brings nothing more: then this life's own waiting counts
  const hadTime = () => heardForMs() >= hearForMs || clock.now() - began >= channel.receipt_wait_ms + hearForMs
  let remembered = channel.message_id_dress ?? undefined

  /** Of these blocks, those that memory does not hold, or no longer holds now. */
  const letGo = (ids: ReadonlyArray<number>): ReadonlyArray<number> => {
    const wanted = new Set(ids)
    const here = Array.from(table).filter((block) => wanted.has(block.id))
    const going = here.filter((block) => block.onRecord)
    table.forget(going)
    for (const block of here) if (!going.includes(block)) wanted.delete(block.id)
    return [...wanted]
  }

  const look = Effect.gen(function* () {
    table.makeRoom()
    if (learner.verdict !== undefined && learner.verdict !== remembered) {
      yield* rememberDress(channel.id, learner.verdict)
      remembered = learner.verdict
    }
    const { overdue, parked } = yield* findLate(channel.id)
    const matched = letGo(parked)
    if (matched.length > 0) yield* matchParked(channel.id, epoch, matched)
    const ended = hadTime() ? letGo(overdue) : []
    const now = clock.now()
    if (ended.length === 0 && now - tidiedAt < TIDY_EVERY_MS) return
    yield* endOverdue(channel.id, epoch, ended)
    tidiedAt = now
  })

  return Effect.gen(function* () {
    const began = clock.now()
    yield* look.pipe(
      Effect.catchTag("SqlError", (error) =>
        Effect.logWarning(`late receipts of ${channel.name}: ${sqlMessage(error)}`)
      ),
      Effect.catchIf(isPassing, (error) => Effect.logWarning(`late receipts of ${channel.name}: ${error.message}`))
    )
    const rest = Math.max(LOOK_EVERY_MS, (clock.now() - began) * 10)
    yield* Effect.sleep(Duration.millis(Math.min(rest, LONGEST_REST_MS)))
  }).pipe(Effect.forever)
}
