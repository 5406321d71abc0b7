/** Campaigns out of sight and back (rules/archive.sql). Asked while acting. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

/** Out of the lists; an unfinished one is stopped first. */
export const archive = Effect.fn("Archive.archive")(function* (campaignId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT archive_campaign(${campaignId})`
}, Effect.mapError(refused))

/** Back as it is; it is never started again. */
export const restore = Effect.fn("Archive.restore")(function* (campaignId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT restore_campaign(${campaignId})`
}, Effect.mapError(refused))
