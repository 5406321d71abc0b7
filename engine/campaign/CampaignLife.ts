/**
 * The life of one live campaign: it waits for the time of its next move (nextMove.ts) and makes it. It ends, and another begins,
 * when the campaign is no longer as it was read: so every step may be left out, or done twice by two engines, and killing
 * an engine changes nothing but the time.
 */
import { Duration, Effect } from "effect"
import type { Alive } from "#schema/campaign/Campaigns.ts"
import type { DatabaseTime } from "./DatabaseTime.ts"
import type { Mover, Outcome } from "./Mover.ts"
import { nextMove } from "./nextMove.ts"

/** The database's clock may step (NTP, a machine that slept): no wait is longer than this. */
const LONGEST_WAIT_MS = 60_000

/** Until it tries again, by what became of it. What moved will be read anew, unless the hint was lost and the look failed. */
const AGAIN_MS: Record<Outcome, number> = { moved: 5_000, soon: 100, refused: 60_000 }

/** A fault of ours is said each time, and so not all the time. */
const AFTER_FAULT = "10 seconds"

export const campaignLife = (campaign: Alive, time: DatabaseTime, mover: Mover): Effect.Effect<never> =>
  Effect.gen(function* () {
    const next = nextMove(campaign, time.nowMs)
    const wait = next === undefined ? LONGEST_WAIT_MS : next.atMs - time.nowMs
    if (next === undefined || wait > 0) return yield* Effect.sleep(Duration.millis(Math.min(wait, LONGEST_WAIT_MS)))
    yield* Effect.sleep(Duration.millis(AGAIN_MS[yield* mover.move(campaign, next.action)]))
  }).pipe(
    Effect.catchDefect((fault) =>
      Effect.logError(`campaign ${campaign.id} could not be moved, by a fault of ours; trying again`, fault).pipe(
        Effect.andThen(Effect.sleep(AFTER_FAULT))
      )
    ),
    Effect.forever
  )
