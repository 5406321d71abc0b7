/**
 * A new draft with the content of another campaign: text, sender, channels, mode and limits. Whom it was sent to is not copied, and a
 * moment that is over is left out. Asked while acting.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { Refused, refused } from "#schema/Refused.ts"
import { type Content, create } from "./Campaigns.ts"

/** name: of the new one. Gives its id; refuses as making a draft does, and with `NotFound` what the workspace acted in has none of. */
export const duplicate = Effect.fn("Duplicate.duplicate")(function* (
  campaignId: number,
  name: (old: string) => string
) {
  const sql = yield* SqlClient
  const rows = yield* sql<Content & { channels: ReadonlyArray<number> }>`
    SELECT c.name, c.sender_revision_id AS "senderRevisionId", c.text, c.segments::int AS segments, c.mode, c.on_lost_answer AS "onLostAnswer",
           c.validity_minutes AS "validityMinutes", c.time_zone AS "timeZone", to_char(c.window_from, 'HH24:MI') AS "windowFrom",
           to_char(c.window_to, 'HH24:MI') AS "windowTo", c.per_second AS "perSecond", c.spread_minutes AS "spreadMinutes",
           c.starts_automatically AS "startsAutomatically", CASE WHEN c.starts_at > now() THEN c.starts_at END AS "startsAt",
           CASE WHEN c.ends_at > now() AND coalesce(c.starts_at > now(), true) THEN c.ends_at END AS "endsAt",
           ARRAY(SELECT DISTINCT x.channel_id FROM lane l JOIN lane_channel x ON x.lane_id = l.id
                   JOIN channel_grant g ON g.channel_id = x.channel_id AND g.workspace_id = c.workspace_id
                  WHERE l.campaign_id = c.id ORDER BY x.channel_id) AS channels
      FROM campaign c WHERE c.id = ${campaignId} AND c.workspace_id = (SELECT acting_workspace())`.pipe(
    Effect.mapError(refused)
  )
  const [row] = rows
  if (row === undefined) return yield* new Refused({ reason: "NotFound", message: "there is no such campaign" })
  const { channels, ...content } = row
  const { campaignId: made } = yield* create({ ...content, name: name(content.name) }, channels)
  return made
})
