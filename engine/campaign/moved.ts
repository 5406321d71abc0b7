/** How a move of a campaign is told, and a single one by the engine's hand. */
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import type { SqlClient } from "#schema/Database.ts"
import type { Refused } from "#schema/Refused.ts"

/** Ends a campaign that can't be sent, and says why. Said in full even if who asks is interrupted: the hint of a move ends lives. */
export const failed = (campaignId: number, why: string): Effect.Effect<void, Refused, SqlClient> =>
  Effect.uninterruptible(
    Effect.gen(function* () {
      const state = yield* Campaigns.move(campaignId, "fail", why)
      const figures = yield* Effect.orElseSucceed(Campaigns.progress(campaignId), () => undefined)
      yield* Effect.logError(`${tell(campaignId, state, figures)}: ${why}`)
    })
  )

/** `campaign 5 "Payroll" is done: 1000 numbers, 990 accepted by the operator, …`; what is none is not told. */
export const tell = (campaignId: number, state: string, figures: Campaigns.Progress | undefined): string => {
  if (figures === undefined) return `campaign ${campaignId} is ${state}`
  const counts = [
    [figures.accepted, "accepted by the operator"],
    [figures.undelivered, "undelivered"],
    [figures.rejected, "rejected"],
    [figures.unknown, "unknown"],
    [figures.suppressed, "suppressed"],
    [figures.expired, "expired"],
    [figures.cancelled, "cancelled"]
  ] as const
  const told = counts.flatMap(([n, what]) => (n > 0 ? [`${n} ${what}`] : []))
  return `campaign ${campaignId} "${figures.name}" is ${state}: ${[`${figures.audience} numbers`, ...told].join(", ")}`
}
