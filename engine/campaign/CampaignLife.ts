/**
 * The life of one live campaign: it waits for its time, opens it, watches, closes it. Each move of ours is one line in the
 * log, with the campaign's name and figures.
 *
 * - *scheduled*: waits until `starts_at` by the wall clock, looking again each minute because that clock may be set; then
 *   opens it, unless it waits for somebody to press Start. The database refuses what lacks approvals. One whose time, with
 *   its grace, or whose `ends_at` has passed expires instead.
 * - *sending*: looks whether every recipient has an outcome of submission; then closes it. At `ends_at` it expires: the
 *   door has shut by itself, what was not submitted is taken back as after a stop, and the rest of its numbers is `expired`.
 * - *paused*: waits to be told, until `ends_at`.
 *
 * A campaign that has ended, by whatever hand, is no longer alive, and its supervisor ends this fiber.
 */
import { Clock, Duration, Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import type { SqlClient } from "#schema/Database.ts"
import { sqlMessage } from "#schema/Database.ts"
import { moved } from "./moved.ts"

/** The wall clock may step (a laptop that slept, NTP): no wait for a start is longer than this. */
const LONGEST_WAIT_MS = 60_000

/** How often a sending campaign is looked at. */
const LOOK_EVERY = "500 millis"

export const campaignLife = (campaign: Campaigns.Alive): Effect.Effect<void, never, SqlClient> => {
  switch (campaign.state) {
    case "scheduled":
      return open(campaign)
    case "sending":
      return close(campaign)
    default:
      return wait(campaign)
  }
}

const open = Effect.fnUntraced(function* (campaign: Campaigns.Alive) {
  while (true) {
    const now = yield* Clock.currentTimeMillis
    const wait = (campaign.starts_at_ms ?? 0) - now
    if (wait > 0) {
      yield* Effect.sleep(Duration.millis(Math.min(wait, LONGEST_WAIT_MS)))
      continue
    }
    const late = isLate(campaign, now)
    if ((late || campaign.starts_automatically) && (yield* tryMove(campaign, late ? "expire" : "open"))) return
    yield* Effect.sleep("5 seconds")
  }
})

const close = Effect.fnUntraced(function* (campaign: Campaigns.Alive) {
  while (true) {
    yield* Effect.sleep(LOOK_EVERY)
    const exhausted = yield* Campaigns.isExhausted(campaign.id).pipe(
      Effect.catch((error) => Effect.as(Effect.logWarning(`campaign ${campaign.id}: ${sqlMessage(error)}`), undefined))
    )
    if (exhausted && (yield* tryMove(campaign, "close"))) return
    if (exhausted === false && (yield* expired(campaign))) return
  }
})

const wait = Effect.fnUntraced(function* (campaign: Campaigns.Alive) {
  while (!(yield* expired(campaign))) yield* Effect.sleep(LOOK_EVERY)
})

/** Whether its end has passed and it was moved. */
const expired = Effect.fnUntraced(function* (campaign: Campaigns.Alive) {
  return isLate(campaign, yield* Clock.currentTimeMillis) && (yield* tryMove(campaign, "expire"))
})

const isLate = (campaign: Campaigns.Alive, now: number): boolean =>
  now >= (campaign.late_at_ms ?? Number.POSITIVE_INFINITY)

/** Whether it moved. Conflict means that somebody else moved it first, which is as good as done. */
const tryMove = (campaign: Campaigns.Alive, action: string) =>
  moved(campaign.id, action).pipe(
    Effect.as(true),
    Effect.catch((error) =>
      error.reason === "Conflict"
        ? Effect.succeed(true)
        : Effect.as(
            Effect.logWarning(`campaign ${campaign.id} "${campaign.name}" could not ${action}: ${error.message}`),
            false
          )
    )
  )
