/**
 * What a campaign's audience is at the moment, for its page: what was loaded, whether it is finished, whether it fits the text. Asked while
 * acting.
 */
import { Effect } from "effect"
import type { CampaignState } from "#schema/campaign/Campaigns.ts"
import { type Audience, audience } from "#schema/campaign/Evidence.ts"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import { placeholdersOf } from "#schema/text/Placeholders.ts"

/** What the file was, as `note_file` keeps it. Its name is gone once its time of keeping is over. */
export interface NotedFile {
  readonly name?: string
  readonly octets: number
  readonly lines: number
  readonly duplicates: number
  readonly invalid: number
  readonly empty: number
}

export interface LaneView {
  readonly id: number
  readonly recipients: number
  readonly sealed: boolean
  readonly file: NotedFile | null
  /** Keys of the columns that there are values for. */
  readonly columns: ReadonlyArray<string>
  /** Whether its messages were counted for the text as it is now. */
  readonly counted: boolean
}

interface Row {
  readonly name: string
  readonly state: CampaignState
  readonly mode: "on_demand" | "scheduled" | "spread" | "trigger"
  readonly text: string
  /** ISO 3166 alpha-2: how its people write numbers without a country code. */
  readonly country: string
  readonly may_edit: boolean
  readonly lanes: ReadonlyArray<LaneView>
}

export interface AudienceView extends Row {
  readonly audience: Audience
  /** Placeholders of the text that a loaded file has no column for. */
  readonly lacking: ReadonlyArray<string>
  /** Whether its messages have to be counted anew before it can be submitted. */
  readonly uncounted: boolean
}

/** undefined: there is none in the workspace acted in. most: numbers that may be looked at for the stop list. */
export const audienceView = Effect.fn("AudienceView")(function* (campaignId: number, most: number) {
  const sql = yield* SqlClient
  const [row] = yield* sql<Row>`
    SELECT c.name, c.state, c.mode, c.text, w.country,
           EXISTS (SELECT FROM permission g WHERE g.action = 'campaign.edit' AND g.role = me.role) AS may_edit,
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                     'id', l.id, 'recipients', l.recipients, 'sealed', l.audience_digest IS NOT NULL, 'file', l.file,
                     'columns', coalesce(l.columns, '{}'),
                     'counted', l.counted_for IS NOT DISTINCT FROM sha256(convert_to(c.text, 'UTF8'))) ORDER BY l.id), '[]')
              FROM lane l WHERE l.campaign_id = c.id) AS lanes
      FROM campaign c JOIN workspace w ON w.id = c.workspace_id CROSS JOIN (SELECT (acting()).*) me
     WHERE c.id = ${campaignId} AND c.workspace_id = (SELECT acting_workspace())`.pipe(Effect.mapError(refused))
  if (row === undefined) return undefined
  const loaded = row.lanes.filter((lane) => lane.sealed && lane.recipients > 0)
  const keys = row.mode === "trigger" ? [] : placeholdersOf(row.text)
  const lacking = keys.filter((key) => loaded.some((lane) => !lane.columns.includes(key)))
  const uncounted = keys.length > 0 && lacking.length === 0 && loaded.some((lane) => !lane.counted)
  return { ...row, lacking, uncounted, audience: yield* audience(campaignId, most) } satisfies AudienceView
})

/** A line of the file that became no recipient. */
export interface RejectedRow {
  readonly line: number
  readonly reason: string
  readonly raw: string
}

/** Rows of up to a thousand lines that are read at once. */
const ROWS_AT_ONCE = 10

/** The next of a lane's lines that were left out, in the file's order, for those who may write campaigns; none: that was all. */
export const rejectedAfter = Effect.fn("AudienceView.rejectedAfter")(function* (laneId: number, line: number) {
  const sql = yield* SqlClient
  return yield* sql<RejectedRow>`SELECT line, reason, raw FROM rejected_lines(${laneId}, ${line}, ${ROWS_AT_ONCE})`
}, Effect.mapError(refused))
