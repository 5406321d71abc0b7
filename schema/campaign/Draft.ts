/**
 * A draft as its author goes on with it: what has been written, as forms show it, and what is still missing. Asked while acting.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import type { CampaignState } from "./Campaigns.ts"

export type Mode = "on_demand" | "scheduled" | "spread" | "trigger"

/** A time that clocks of the draft's zone show as "2026-11-23 18:00". */
export interface LocalTime {
  readonly local: string
  /** It comes twice that night, when clocks are put back: the first is meant. */
  readonly twice: boolean
}

export interface Draft {
  readonly id: number
  readonly name: string
  readonly state: CampaignState
  readonly mode: Mode
  readonly sender_revision_id: number | null
  readonly text: string
  readonly segments: number
  readonly starts: LocalTime | null
  readonly ends: LocalTime | null
  readonly starts_automatically: boolean
  readonly time_zone: string
  /** "09:00" */
  readonly window_from: string | null
  readonly window_to: string | null
  readonly per_second: number | null
  readonly spread_minutes: number | null
  readonly validity_minutes: number | null
  readonly on_lost_answer: "hold" | "resend"
  readonly lanes: ReadonlyArray<{ readonly id: number; readonly recipients: number; readonly sealed: boolean }>
  /** Of its first lane. */
  readonly channels: ReadonlyArray<number>
  readonly may_edit: boolean
}

/** undefined: there is none in the workspace acted in. */
export const draft = Effect.fn("Draft")(function* (campaignId: number) {
  const sql = yield* SqlClient
  const local = (moment: "starts_at" | "ends_at") => {
    const at = sql.unsafe(`c.${moment}`)
    return sql`CASE WHEN ${at} IS NOT NULL THEN jsonb_build_object('local', to_char(${at} AT TIME ZONE c.time_zone, 'YYYY-MM-DD HH24:MI'),
                 'twice', ${at} AT TIME ZONE c.time_zone = (${at} + interval '1 hour') AT TIME ZONE c.time_zone) END`
  }
  const [row] = yield* sql<Draft>`
    SELECT c.id, c.name, c.state, c.mode, c.sender_revision_id, c.text, c.segments::int AS segments, ${local("starts_at")} AS starts,
           ${local("ends_at")} AS ends, c.starts_automatically, c.time_zone, to_char(c.window_from, 'HH24:MI') AS window_from,
           to_char(c.window_to, 'HH24:MI') AS window_to, c.per_second, c.spread_minutes, c.validity_minutes, c.on_lost_answer,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'recipients', l.recipients, 'sealed', l.audience_digest IS NOT NULL)
                                      ORDER BY l.id), '[]') FROM lane l WHERE l.campaign_id = c.id) AS lanes,
           ARRAY(SELECT s.channel_id FROM lane_channel s WHERE s.lane_id = (SELECT min(l.id) FROM lane l WHERE l.campaign_id = c.id)
                  ORDER BY 1) AS channels,
           EXISTS (SELECT FROM permission g WHERE g.action = 'campaign.edit' AND g.role = me.role) AS may_edit
      FROM campaign c
     CROSS JOIN (SELECT (acting()).*) me
     WHERE c.id = ${campaignId} AND c.workspace_id = (SELECT acting_workspace())`
  return row
}, Effect.mapError(refused))

/** A draft of a mode: what of the others' schedules it can't have is gone. */
export const withMode = Effect.fn("Draft.withMode")(function* (was: Draft, name: string, mode: Mode) {
  const sql = yield* SqlClient
  const content = { name, mode, ...(mode !== "spread" && { spread_minutes: null }) }
  yield* sql`SELECT edit_campaign(${was.id}, ${JSON.stringify(content)}::text::jsonb)`
  // one that is fed has an empty audience, and no other has
  const isEmpty = was.lanes.every(({ recipients, sealed }) => sealed && recipients === 0)
  if (mode !== "trigger" && was.mode === "trigger" && isEmpty) yield* sql`SELECT discard_audience(${was.id})`
}, Effect.mapError(refused))

/** Closes the empty audience of a draft that is to be fed. */
export const readyToBeFed = Effect.fn("Draft.readyToBeFed")(function* ({ lanes }: Draft) {
  const sql = yield* SqlClient
  for (const { id, sealed } of lanes) if (!sealed) yield* sql`SELECT seal_audience(${id})`
}, Effect.mapError(refused))
