/** The lane that a draft's file is loaded into, and how a draft is rid of what was loaded (rules/audience.sql). Asked while acting. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { Refused, refused } from "#schema/Refused.ts"

/** Takes all of a draft's audience away, finished or not; gives the id of the empty lane that it then has. */
export const discard = Effect.fn("AudienceLane.discard")(function* (campaignId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ id: number }>`SELECT discard_audience(${campaignId}) AS id`
  return rows[0]!.id
}, Effect.mapError(refused))

/** An empty lane of a draft to load a file into; what was half loaded before is discarded, and what is finished isn't. */
export const laneForFile = Effect.fn("AudienceLane.laneForFile")(function* (campaignId: number) {
  const sql = yield* SqlClient
  const finished = yield* sql`
    SELECT FROM lane l WHERE l.campaign_id = ${campaignId} AND l.workspace_id = (SELECT acting_workspace())
                         AND l.audience_digest IS NOT NULL AND l.recipients > 0 LIMIT 1`.pipe(Effect.mapError(refused))
  if (finished.length > 0)
    return yield* new Refused({
      reason: "Conflict",
      message: "this campaign has its numbers already; take them away before you give it another file"
    })
  return yield* discard(campaignId)
})
