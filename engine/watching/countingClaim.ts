/** Counts what becomes of one claim at the door, and how long it took. */
import { Effect } from "effect"
import { monotonicClock } from "#engine/dispatch/MonotonicClock.ts"
import { type ClaimError, type ClaimedBlock, isRest, type Rest } from "#schema/ledger/Door.ts"
import type { ChannelCounts } from "./ChannelCounts.ts"

type Claimed = ClaimedBlock | Rest | undefined

export const countingClaim =
  (counts: ChannelCounts) =>
  <A extends Claimed, R>(claim: Effect.Effect<A, ClaimError, R>): Effect.Effect<A, ClaimError, R> =>
    Effect.suspend(() => {
      const claiming = { since: monotonicClock.now() }
      counts.claiming.add(claiming)
      return claim.pipe(
        Effect.tap((claimed) =>
          Effect.sync(() => {
            if (claimed !== undefined && !isRest(claimed)) counts.recipientsClaimed += claimed.recipients
          })
        ),
        Effect.tapError((error) => Effect.sync(() => counts.refused(error))),
        Effect.ensuring(
          Effect.sync(() => {
            counts.claiming.delete(claiming)
            counts.claimTimes.add(monotonicClock.now() - claiming.since)
          })
        )
      )
    })
