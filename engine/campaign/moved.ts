/** A move of a campaign by the engine's hand, and its line in the log. */
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import type { SqlClient } from "#schema/Database.ts"
import type { Refused } from "#schema/Refused.ts"

/**
 * Moves it (rules/transitions.sql) and says so: `campaign 5 "Payroll" is done: 1000 numbers, 990 accepted by the operator,
 * …`. The hint of a move ends the life that made it: so it can't be interrupted between the move and its line.
 */
export const moved = (campaignId: number, action: string, note?: string): Effect.Effect<void, Refused, SqlClient> =>
  Effect.uninterruptible(
    Effect.gen(function* () {
      const state = yield* Campaigns.move(campaignId, action, note)
      // the figures may fail to come; the move is told nevertheless
      const figures = yield* Effect.orElseSucceed(Campaigns.progress(campaignId), () => undefined)
      const who = figures === undefined ? `campaign ${campaignId}` : `campaign ${campaignId} "${figures.name}"`
      const told = [figures === undefined ? "" : tell(figures), note ?? ""].filter((part) => part !== "")
      yield* (state === "failed" ? Effect.logError : Effect.logInfo)([`${who} is ${state}`, ...told].join(": "))
    })
  )

/** What is none is not told. */
const tell = (p: Campaigns.Progress): string =>
  [
    `${p.audience} numbers`,
    ...[
      [p.accepted, "accepted by the operator"] as const,
      [p.undelivered, "undelivered"] as const,
      [p.rejected, "rejected"] as const,
      [p.unknown, "unknown"] as const,
      [p.suppressed, "suppressed"] as const,
      [p.expired, "expired"] as const,
      [p.cancelled, "cancelled"] as const
    ].flatMap(([n, what]) => (n > 0 ? [`${n} ${what}`] : []))
  ].join(", ")
