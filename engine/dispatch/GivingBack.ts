/**
 * What a channel has taken out of its traffic, on its way back to its lanes: one block after the other, each until the database has it.
 *
 * Promises: a drain goes on with what a stop began; and what the database refuses stays its channel's, to be settled by the next owner.
 */
import { Effect, Schedule, Semaphore } from "effect"
import type { Traffic } from "#engine/channel/Traffic.ts"
import type { SqlClient } from "#schema/Database.ts"
import { giveBack, giveBackToResend, isPassing } from "#schema/ledger/Door.ts"
import type { GoingBack } from "./Backlog.ts"

const RETRY = Schedule.spaced("500 millis")

interface Parts {
  readonly channel: { readonly id: number }
  readonly epoch: number
  readonly traffic: Traffic
}

export class GivingBack {
  private readonly waiting: Array<GoingBack> = []
  /** one at a time puts them back, first things first */
  private readonly turn = Semaphore.makeUnsafe(1)
  private readonly parts: Parts

  constructor(parts: Parts) {
    this.parts = parts
  }

  add(what: ReadonlyArray<GoingBack>): void {
    this.waiting.push(...what)
  }

  /** Until nothing waits any more. */
  get all(): Effect.Effect<void, never, SqlClient> {
    const { channel, epoch, traffic } = this.parts
    return Effect.gen({ self: this }, function* () {
      for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
        const put = next.resend ? giveBackToResend : giveBack
        const isBack = yield* put(channel.id, epoch, next.block, next.ranges).pipe(
          Effect.tapError((error) => Effect.logWarning(`giving back: ${error.message}`)),
          Effect.retry({ while: isPassing, schedule: RETRY }),
          Effect.as(true),
          // refused: the epoch is over, or a bug
          Effect.orElseSucceed(() => false)
        )
        this.waiting.shift()
        if (isBack) traffic.gaveBack(next)
      }
    }).pipe(this.turn.withPermits(1))
  }
}
