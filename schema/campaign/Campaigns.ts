/**
 * Campaigns: made by an author, submitted, approved by somebody else, opened and closed by the engine. Every rule is in
 * the database (rules/); here are the calls.
 */
import { Effect, Schema } from "effect"
import { SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"

export type CampaignState =
  | "draft"
  | "in_review"
  | "scheduled"
  | "sending"
  | "paused"
  | "done"
  | "rejected"
  | "cancelled"
  | "expired"
  | "failed"

/** Where nothing more will be submitted. */
export const ENDED: ReadonlySet<CampaignState> = new Set(["done", "rejected", "cancelled", "expired", "failed"])

/** NOTIFY channel on which every move of a campaign is hinted. */
export const MOVES = "countersign_campaign"

/** What the database refused, in its words, which are made for people. */
export class CampaignError extends Schema.TaggedError<CampaignError>()("CampaignError", {
  reason: Schema.Literals(["NotApproved", "NotItsTime", "Forbidden", "NotFound", "Conflict", "DatabaseGone"]),
  message: Schema.String
}) {}

const REASONS = {
  CS001: "NotApproved",
  CS002: "NotItsTime",
  CS403: "Forbidden",
  CS404: "NotFound",
  CS409: "Conflict"
} as const

export const campaignError = (error: SqlError): CampaignError =>
  new CampaignError({
    reason: REASONS[sqlState(error) as keyof typeof REASONS] ?? "DatabaseGone",
    message: sqlMessage(error)
  })

/** A new campaign, all of it; it begins as a draft. */
export interface NewCampaign {
  readonly workspaceId: number
  readonly name: string
  readonly senderRevisionId: number
  readonly text: string
  /** parts a recipient gets: 1 to 255 */
  readonly segments: number
  readonly onLostAnswer: "hold" | "resend"
  readonly validityMinutes?: number
  readonly authorId: number
}

/** Makes a draft with one empty lane on the given channels. Gives both ids. */
export const create = Effect.fn("Campaigns.create")(function* (
  campaign: NewCampaign,
  channelIds: ReadonlyArray<number>
) {
  const sql = yield* SqlClient
  return yield* sql.withTransaction(
    Effect.gen(function* () {
      const [made] = yield* sql<{ id: number }>`
          INSERT INTO campaign (workspace_id, name, sender_revision_id, text, segments, on_lost_answer, validity_minutes, created_by, edited_by)
          VALUES (${campaign.workspaceId}, ${campaign.name}, ${campaign.senderRevisionId}, ${campaign.text}, ${campaign.segments},
                  ${campaign.onLostAnswer}, ${campaign.validityMinutes ?? null}, ${campaign.authorId}, ${campaign.authorId})
          RETURNING id`
      const [lane] = yield* sql<{ id: number }>`
          SELECT add_lane(${made!.id}, ${campaign.authorId}) AS id`
      yield* sql`SELECT choose_channels(${lane!.id}, ${campaign.authorId}, ${channelIds}::int[])`
      return { campaignId: made!.id, laneId: lane!.id }
    })
  )
}, Effect.mapError(campaignError))

/** Moves a campaign by an action of rules/transitions.sql. personId undefined: the system. Gives the new state. */
export const move = Effect.fn("Campaigns.move")(function* (
  campaignId: number,
  action: string,
  personId?: number,
  note?: string
) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ state: CampaignState }>`
      SELECT move_campaign(${campaignId}, ${action}, ${personId ?? null}, ${note ?? null}) AS state`
  return rows[0]!.state
}, Effect.mapError(campaignError))

/** What the campaign is now, as 64 hex digits: what an approver approves. */
export const fingerprint = Effect.fn("Campaigns.fingerprint")(function* (campaignId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<{
    fingerprint: string
  }>`SELECT encode(campaign_fingerprint(${campaignId}), 'hex') AS fingerprint`
  return rows[0]!.fingerprint
}, Effect.mapError(campaignError))

/** A person's approval of exactly that fingerprint; the last one needed makes the campaign `scheduled`. */
export const approve = Effect.fn("Campaigns.approve")(function* (
  campaignId: number,
  workspaceId: number,
  personId: number,
  approvedFingerprint: string
) {
  const sql = yield* SqlClient
  yield* sql`INSERT INTO approval (campaign_id, workspace_id, person_id, fingerprint)
               VALUES (${campaignId}, ${workspaceId}, ${personId}, decode(${approvedFingerprint}, 'hex'))`
}, Effect.mapError(campaignError))

/** A campaign's figures; audience = the seven outcomes + moving. Recipients. */
export interface Progress {
  readonly name: string
  readonly state: CampaignState
  readonly audience: number
  readonly delivered: number
  readonly undelivered: number
  readonly expired: number
  readonly rejected: number
  readonly unknown: number
  readonly suppressed: number
  readonly cancelled: number
  readonly moving: number
  readonly unclaimed: number
  /** accepted by the operator so far, whatever came of it */
  readonly accepted: number
}

export const progress = Effect.fn("Campaigns.progress")(function* (campaignId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<Progress>`
    SELECT c.name, p.state, audience, delivered, undelivered, expired, rejected, unknown, suppressed, cancelled, moving, unclaimed, accepted
      FROM campaign_progress p JOIN campaign c ON c.id = p.campaign_id WHERE p.campaign_id = ${campaignId}`
  return rows[0]!
}, Effect.mapError(campaignError))

/** Counts every recipient anew and names each figure that disagrees; nothing: the ledger adds up. */
export const checkLedger = Effect.fn("Campaigns.checkLedger")(function* (campaignId: number) {
  const sql = yield* SqlClient
  return yield* sql<{ what: string; expected: number; found: number }>`SELECT * FROM check_ledger(${campaignId})`
}, Effect.mapError(campaignError))

/** A campaign that an engine has something to do for. */
export interface Alive {
  readonly id: number
  readonly state: CampaignState
  readonly name: string
  readonly starts_at_ms: number | null
  readonly ends_at_ms: number | null
}

export const alive = Effect.gen(function* () {
  const sql = yield* SqlClient
  return yield* sql<Alive>`SELECT id, state, name, extract(epoch FROM starts_at)::float8 * 1000 AS starts_at_ms,
                                    extract(epoch FROM ends_at)::float8 * 1000 AS ends_at_ms
                             FROM campaign WHERE state IN ('scheduled', 'sending', 'paused') ORDER BY id`
})

/** Nothing left to claim, and every recipient has an outcome of submission. */
export const isExhausted = Effect.fnUntraced(function* (campaignId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ exhausted: boolean }>`SELECT campaign_is_exhausted(${campaignId}) AS exhausted`
  return rows[0]!.exhausted
})

/** What goes on the wire for every recipient of a campaign. */
export interface CampaignContent {
  readonly campaign_id: number
  readonly text: string
  readonly segments: number
  readonly on_lost_answer: "hold" | "resend"
  readonly validity_minutes: number | null
  readonly saddr: string
  readonly source_addr_ton: number
  readonly source_addr_npi: number
  readonly dest_addr_ton: number
  readonly dest_addr_npi: number
}

export const content = Effect.fnUntraced(function* (campaignId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<CampaignContent>`
    SELECT c.id AS campaign_id, c.text, c.segments, c.on_lost_answer, c.validity_minutes, r.saddr, r.source_addr_ton, r.source_addr_npi,
           r.dest_addr_ton, r.dest_addr_npi
      FROM campaign c JOIN sender_revision r ON r.id = c.sender_revision_id WHERE c.id = ${campaignId}`
  return rows[0]!
})
