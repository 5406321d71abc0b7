/**
 * What somebody reads before they decide on a campaign: who asks and why, the message, as whom, to whom, when and how fast, what is
 * different from this sender's last campaign, and the fingerprint that all of it is approved by. The wizard's last step shows the same
 * of a draft. Asked while acting; the database says what of it is whose to see (rules/evidence.sql).
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import type { ChannelCharset } from "#schema/text/Encoding.ts"
import type { CampaignState } from "./Campaigns.ts"
import { type Approval, type CampaignView, view } from "./CampaignView.ts"
import { type Forecast, forecast } from "./Forecasts.ts"

/** Numbers that are looked at without being asked for: some 15 ms. */
export const AT_ONCE = 20_000
/** And when the page has been shown, or somebody asks: some three seconds. */
export const AT_MOST = 5_000_000

/** Another campaign that wrote to some of the same numbers. */
export interface Overlapping {
  readonly id: number
  readonly name: string
  readonly numbers: number
}

export interface Audience {
  /** What is on record of it; of a campaign that is fed, so far. */
  readonly recipients: number
  /** Masked. */
  readonly first: ReadonlyArray<string>
  readonly last: ReadonlyArray<string>
  /** By placeholder, values of the first recipients. */
  readonly examples: Readonly<Record<string, ReadonlyArray<string>>>
  /** Lines of the file that became no recipients, by reason (audience/AudienceBatch.ts). */
  readonly rejected: Readonly<Record<string, number>>
  /** How many numbers there are to be looked at for what follows; where they are too many, it is null. */
  readonly compared: number
  /** On the workspace's stop list now: nothing will be sent to them. */
  readonly stopped: number | null
  /** Written to by other campaigns in the last 7 days. */
  readonly overlap: number | null
  /** The five with most of them. */
  readonly overlapWith: ReadonlyArray<Overlapping>
}

/** What this sender sent last. */
export interface LastCampaign {
  readonly id: number
  readonly name: string
  readonly text: string
  readonly saddr: string
  readonly revision: number
  readonly segments: number
  readonly recipients: number
  readonly opened_at: Date
}

interface Row {
  readonly name: string
  readonly state: CampaignState
  readonly mode: "on_demand" | "scheduled" | "spread" | "trigger"
  /** Who put it before others, when and with which words; null: nobody yet. */
  readonly submitted_by: string | null
  readonly submitted_at: Date | null
  readonly why: string | null
  /** Everybody who wrote any part of it, by name. */
  readonly makers: ReadonlyArray<string>
  readonly sender_id: number
  readonly sender: string
  readonly revision: number
  /** What the name is for, in the words of who proposed it. */
  readonly sender_reason: string
  /** Other workspaces that may send under it. */
  readonly others: number
  readonly charset: ChannelCharset
  readonly starts_at: Date | null
  readonly ends_at: Date | null
  readonly starts_automatically: boolean
  readonly time_zone: string
  /** "09:00" */
  readonly window_from: string | null
  readonly window_to: string | null
  readonly per_second: number | null
  readonly spread_minutes: number | null
  readonly validity_minutes: number | null
  readonly on_lost_answer: "hold" | "resend"
  /** 64 hex digits; null: its audience is not complete. */
  readonly fingerprint: string | null
  /** The workspace takes approvals that are signed with a passkey, and no others. */
  readonly signature_needed: boolean
}

export interface Evidence extends Row, Omit<CampaignView, "buttons" | "archived_at" | "saddr"> {
  readonly saddr: string
  readonly audience: Audience
  readonly forecast: Forecast | undefined
  readonly last: LastCampaign | undefined
}

export type { Approval }

/** undefined: there is none in the workspace acted in, or it has no sender yet. most: numbers that may be looked at for the overlap. */
export const evidence = Effect.fn("Evidence.evidence")(function* (campaignId: number, most: number = AT_ONCE) {
  const seen = yield* view(campaignId)
  if (seen === undefined || seen.saddr === null) return undefined
  const row = yield* rowOf(campaignId)
  return {
    ...seen,
    ...row,
    saddr: seen.saddr,
    audience: yield* audience(campaignId, most),
    forecast: yield* forecast(campaignId),
    last: yield* lastOf(row.sender_id, campaignId)
  } satisfies Evidence
})

const rowOf = Effect.fnUntraced(function* (campaignId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<Row>`
    SELECT c.name, c.state, c.mode, p.name AS submitted_by, t.moved_at AS submitted_at, t.note AS why,
           ARRAY(SELECT q.name FROM campaign_maker m JOIN person q ON q.id = m.person_id WHERE m.campaign_id = c.id ORDER BY q.name) AS makers,
           s.id AS sender_id, s.label AS sender, r.revision, r.reason AS sender_reason, others_who_may_use(r.id) AS others,
           CASE WHEN EXISTS (SELECT FROM lane l JOIN lane_channel x ON x.lane_id = l.id JOIN channel n ON n.id = x.channel_id
                              WHERE l.campaign_id = c.id AND n.charset <> 'latin1') THEN 'gsm7'
                WHEN EXISTS (SELECT FROM lane l JOIN lane_channel x ON x.lane_id = l.id WHERE l.campaign_id = c.id) THEN 'latin1'
                ELSE 'gsm7' END AS charset,
           c.starts_at, c.ends_at, c.starts_automatically, c.time_zone, to_char(c.window_from, 'HH24:MI') AS window_from,
           to_char(c.window_to, 'HH24:MI') AS window_to, c.per_second, c.spread_minutes, c.validity_minutes, c.on_lost_answer,
           encode(fingerprint_of(c.id), 'hex') AS fingerprint, w.require_signed_approvals AS signature_needed
      FROM campaign c
      JOIN workspace w ON w.id = c.workspace_id
      JOIN sender_revision r ON r.id = c.sender_revision_id
      JOIN sender s ON s.id = r.sender_id
      LEFT JOIN LATERAL (SELECT * FROM campaign_transition m WHERE m.campaign_id = c.id AND m.action = 'submit' ORDER BY m.id DESC LIMIT 1) t ON true
      LEFT JOIN person p ON p.id = t.person_id
     WHERE c.id = ${campaignId}`
  return rows[0]!
}, Effect.mapError(refused))

interface AudienceRow {
  readonly recipients: number
  readonly first_numbers: ReadonlyArray<string>
  readonly last_numbers: ReadonlyArray<string>
  readonly examples: Audience["examples"] | null
  readonly rejected: Audience["rejected"]
  readonly compared: number
  readonly stopped: number | null
  readonly overlap: number | null
  readonly overlap_with: ReadonlyArray<Overlapping> | null
}

/** Whom it is for, counted now. most: numbers that may be looked at. */
export const audience = Effect.fnUntraced(function* (campaignId: number, most: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<AudienceRow>`
    SELECT recipients, first_numbers, last_numbers, examples, rejected, compared::float8 AS compared, stopped, overlap, overlap_with
      FROM audience_evidence(${campaignId}, ${most})`
  const { examples, first_numbers, last_numbers, overlap_with, ...row } = rows[0]!
  return {
    ...row,
    first: first_numbers,
    last: last_numbers,
    examples: examples ?? {},
    overlapWith: overlap_with ?? []
  } satisfies Audience
}, Effect.mapError(refused))

/** The last that was begun, by any revision of the sender. */
const lastOf = Effect.fnUntraced(function* (senderId: number, campaignId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<LastCampaign>`
    SELECT c.id, c.name, c.text, r.saddr, r.revision, c.segments::int AS segments, c.opened_at,
           (SELECT coalesce(sum(l.recipients), 0)::int FROM lane l WHERE l.campaign_id = c.id) AS recipients
      FROM sender_revision r
     CROSS JOIN LATERAL (SELECT * FROM campaign c WHERE c.workspace_id = r.workspace_id AND c.sender_revision_id = r.id AND c.opened_at IS NOT NULL
                            AND c.id < ${campaignId} ORDER BY c.id DESC LIMIT 1) AS c
     WHERE r.sender_id = ${senderId} ORDER BY c.id DESC LIMIT 1`
  return rows[0]
}, Effect.mapError(refused))

/** What deciding would be refused with; null: it would not. To approve asks for more than to reject or to request changes. */
export interface WhyNot {
  readonly approving: string | null
  readonly refusing: string | null
}

export const whyNot = Effect.fn("Evidence.whyNot")(function* (campaignId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<WhyNot>`SELECT approving, refusing FROM why_not_decide(${campaignId})`
  return rows[0]!
}, Effect.mapError(refused))
