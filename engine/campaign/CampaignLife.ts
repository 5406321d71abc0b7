/**
 * The life of one live campaign: it waits for its time, opens it, watches, closes it.
 *
 * - *scheduled*: waits until `starts_at` by the wall clock, looking again each minute because that clock may be set; then
 *   opens it. The database refuses what lacks approvals.
 * - *sending*: looks whether every recipient has an outcome of submission; then closes it.
 * - *paused*: waits to be told.
 *
 * A campaign that has ended, by whatever hand, is no longer alive, and its supervisor ends this fiber.
 */
import { Clock, Duration, Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import type { SqlClient } from "#schema/Database.ts"
import { sqlMessage } from "#schema/Database.ts"

/** The wall clock may step (a laptop that slept, NTP): no wait for a start is longer than this. */
const LONGEST_WAIT_MS = 60_000

/** How often a sending campaign is looked at. */
const LOOK_EVERY = "500 millis"

export const campaignLife = (campaign: Campaigns.Alive): Effect.Effect<void, never, SqlClient> => {
  switch (campaign.state) {
    case "scheduled":
      return open(campaign)
    case "sending":
      return close(campaign.id)
    default:
      return Effect.never
  }
}

const open = Effect.fnUntraced(function* (campaign: Campaigns.Alive) {
  while (true) {
    const wait = (campaign.starts_at_ms ?? 0) - (yield* Clock.currentTimeMillis)
    if (wait > 0) {
      yield* Effect.sleep(Duration.millis(Math.min(wait, LONGEST_WAIT_MS)))
      continue
    }
    const opened = yield* tryMove(campaign.id, "open")
    if (opened) return
    yield* Effect.sleep("5 seconds")
  }
})

const close = Effect.fnUntraced(function* (campaignId: number) {
  while (true) {
    yield* Effect.sleep(LOOK_EVERY)
    const exhausted = yield* Campaigns.isExhausted(campaignId).pipe(
      Effect.catch((error) => Effect.as(Effect.logWarning(`campaign ${campaignId}: ${sqlMessage(error)}`), false))
    )
    if (exhausted && (yield* tryMove(campaignId, "close"))) return
  }
})

/** Whether it moved. Conflict means that somebody else moved it first, which is as good as done. */
const tryMove = (campaignId: number, action: string) =>
  Campaigns.move(campaignId, action).pipe(
    Effect.tap((state) => Effect.logInfo(`campaign ${campaignId} is ${state}`)),
    Effect.as(true),
    Effect.catch((error) =>
      error.reason === "Conflict"
        ? Effect.succeed(true)
        : Effect.as(Effect.logWarning(`campaign ${campaignId} could not ${action}: ${error.message}`), false)
    )
  )
