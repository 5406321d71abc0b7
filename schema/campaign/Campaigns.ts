/**
 * Campaigns: made by an author, submitted, approved by somebody else, opened and closed by the engine. Every rule is in
 * the database (rules/); here are the calls. Those of people are made while acting (people/Acting.ts).
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

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

/** The content of a campaign. A draft may lack its sender and its text. */
export interface Content {
  readonly name: string
  readonly senderRevisionId?: number
  readonly text?: string
  /** parts a recipient gets: 1 to 255 */
  readonly segments?: number
  /** what to do when the operator's answer is lost; hold unless given */
  readonly onLostAnswer?: "hold" | "resend"
  readonly validityMinutes?: number | null
  /** on_demand unless given */
  readonly mode?: "on_demand" | "scheduled" | "spread" | "trigger"
  /** null: as soon as approved, and without end */
  readonly startsAt?: Date | null
  readonly endsAt?: Date | null
  /** Instead of a moment: as a clock on the wall of `timeZone` shows it, "2026-11-23 18:00" */
  readonly startsLocal?: string
  readonly endsLocal?: string
  /** "Asia/Tashkent"; the workspace's unless given */
  readonly timeZone?: string
  /** sent between these alone, each day: "09:00" */
  readonly windowFrom?: string | null
  readonly windowTo?: string | null
  /** its ceiling: messages a second */
  readonly perSecond?: number | null
  /** of a spread campaign that has no end: over so many minutes from its start */
  readonly spreadMinutes?: number | null
  /** false: once its time has come, somebody presses Start */
  readonly startsAutomatically?: boolean
}

const columns = (content: Partial<Content>) =>
  JSON.stringify({
    name: content.name,
    sender_revision_id: content.senderRevisionId,
    text: content.text,
    segments: content.segments,
    on_lost_answer: content.onLostAnswer,
    validity_minutes: content.validityMinutes,
    mode: content.mode,
    starts_at: content.startsAt,
    ends_at: content.endsAt,
    starts_local: content.startsLocal,
    ends_local: content.endsLocal,
    time_zone: content.timeZone,
    window_from: content.windowFrom,
    window_to: content.windowTo,
    per_second: content.perSecond,
    spread_minutes: content.spreadMinutes,
    starts_automatically: content.startsAutomatically
  })

const choose = (laneId: number, channelIds: ReadonlyArray<number>) =>
  Effect.flatMap(SqlClient, (sql) => sql`SELECT choose_channels(${laneId}, ${channelIds}::int[])`)

/** Makes these the channels of a lane, and no others. */
export const chooseChannels = (laneId: number, channelIds: ReadonlyArray<number>) =>
  Effect.asVoid(Effect.mapError(choose(laneId, channelIds), refused))

/** Makes a draft in the workspace acted in, with one empty lane on the given channels. Gives both ids. */
export const create = Effect.fn("Campaigns.create")(function* (content: Content, channelIds: ReadonlyArray<number>) {
  const sql = yield* SqlClient
  const [made] = yield* sql<{ id: number }>`SELECT create_campaign(${columns(content)}::text::jsonb) AS id`
  const [lane] = yield* sql<{ id: number }>`SELECT add_lane(${made!.id}) AS id`
  yield* choose(lane!.id, channelIds)
  return { campaignId: made!.id, laneId: lane!.id }
}, Effect.mapError(refused))

/** Changes what is given of a draft's content; who does can't approve it any more. */
export const edit = Effect.fn("Campaigns.edit")(function* (campaignId: number, content: Partial<Content>) {
  const sql = yield* SqlClient
  yield* sql`SELECT edit_campaign(${campaignId}, ${columns(content)}::text::jsonb)`
}, Effect.mapError(refused))

/** Moves a campaign by an action of rules/transitions.sql, in the name of who acts, or the engine's. Gives the new state. */
export const move = Effect.fn("Campaigns.move")(function* (campaignId: number, action: string, note?: string) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ state: CampaignState }>`
      SELECT move_campaign(${campaignId}, ${action}, ${note ?? null}) AS state`
  return rows[0]!.state
}, Effect.mapError(refused))

/** What the campaign is now, as 64 hex digits: what an approver approves. */
export const fingerprint = Effect.fn("Campaigns.fingerprint")(function* (campaignId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<{
    fingerprint: string
  }>`SELECT encode(fingerprint_of(${campaignId}), 'hex') AS fingerprint`
  return rows[0]!.fingerprint
}, Effect.mapError(refused))

/** On what was read: its fingerprint. */
export interface Decision {
  readonly decision: "approve" | "reject" | "request_changes"
  /** 64 hex digits */
  readonly fingerprint: string
  /** Asked for unless it is an approval. */
  readonly note?: string
  /** The signature, where one was given: see rules/decisions.sql. */
  readonly assertionId?: number
}

/** Decides on a campaign in review; the last approval needed makes it `scheduled`. Gives the state afterwards. */
export const decide = Effect.fn("Campaigns.decide")(function* (campaignId: number, d: Decision) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ state: CampaignState }>`
      SELECT decide_campaign(${campaignId}, ${d.decision}, decode(${d.fingerprint}, 'hex'), ${d.note ?? null}, ${d.assertionId ?? null}) AS state`
  return rows[0]!.state
}, Effect.mapError(refused))

/** A campaign's figures; audience = the seven outcomes + moving. Recipients. */
export interface Progress {
  readonly id: number
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

/** Of each campaign given, in the order of their ids. */
export const progressOf = Effect.fn("Campaigns.progressOf")(function* (campaignIds: ReadonlyArray<number>) {
  const sql = yield* SqlClient
  return yield* sql<Progress>`
    SELECT c.id, c.name, p.state, audience, delivered, undelivered, expired, rejected, unknown, suppressed, cancelled, moving, unclaimed, accepted
      FROM campaign_progress p JOIN campaign c ON c.id = p.campaign_id WHERE p.campaign_id = ANY (${campaignIds}::int[]) ORDER BY c.id`
}, Effect.mapError(refused))

export const progress = (campaignId: number) => Effect.map(progressOf([campaignId]), (rows) => rows[0]!)

/** Counts every recipient anew and names each figure that disagrees; nothing: the ledger adds up. */
export const checkLedger = Effect.fn("Campaigns.checkLedger")(function* (campaignId: number) {
  const sql = yield* SqlClient
  return yield* sql<{ what: string; expected: number; found: number }>`SELECT * FROM check_ledger(${campaignId})`
}, Effect.mapError(refused))

/** A campaign that an engine has something to do for (rules/campaign_lives.sql); times in ms since 1970 by the database's clock. */
export interface Alive {
  readonly id: number
  readonly state: "scheduled" | "sending" | "paused"
  readonly name: string
  /** Null: at once. */
  readonly starts_at_ms: number | null
  /** When it is too late: to start, or to go on. Null: never. */
  readonly late_at_ms: number | null
  readonly starts_automatically: boolean
  /** It is its daily window that has paused it. */
  readonly waits_for_window: boolean
  /** When its daily window closes, or, if it waits for it, opens; null: it has none, or is paused by a person. */
  readonly window_turns_ms: number | null
  /** Whether something is left to claim; null before it has begun. */
  readonly has_unclaimed: boolean | null
  /** Nothing is, and every recipient has an outcome of submission; null before it has begun. */
  readonly exhausted: boolean | null
  /** A trigger campaign: it is never through before its end. */
  readonly is_fed: boolean
  /** When this was read. */
  readonly now_ms: number
}

export const alive = Effect.gen(function* () {
  const sql = yield* SqlClient
  return yield* sql<Alive>`SELECT * FROM live_campaigns()`
})

/** What became of one of several moves: its new state, or why it was refused ("55P03": it is in somebody's hands right now). */
export interface Moved {
  readonly campaign_id: number
  readonly state: CampaignState | null
  readonly refused_with: string | null
  readonly refusal: string | null
}

/**
 * Moves up to so many by the same action in one transaction, for the engine; those that are refused stay as they are. Of those that
 * somebody else has in hand, and of those beyond the most, nothing is said.
 */
export const moveAll = Effect.fn("Campaigns.moveAll")(function* (
  campaignIds: ReadonlyArray<number>,
  action: string,
  most: number
) {
  const sql = yield* SqlClient
  return yield* sql<Moved>`SELECT * FROM move_campaigns(${campaignIds}::int[], ${action}, ${most})`
})

/** Slows a campaign to so many messages a second from now on; null: as fast as was approved again. Never faster than that. */
export const slow = Effect.fn("Campaigns.slow")(function* (campaignId: number, perSecond: number | null) {
  const sql = yield* SqlClient
  yield* sql`SELECT FROM slow_campaign(${campaignId}, ${perSecond})`
}, Effect.mapError(refused))

/** What goes on the wire for every recipient of a campaign. */
export interface CampaignContent {
  readonly campaign_id: number
  /** of all of it, as it was read: 64 hex digits */
  readonly fingerprint: string
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
    SELECT c.id AS campaign_id, encode(fingerprint_of(c.id), 'hex') AS fingerprint, c.text, c.segments, c.on_lost_answer, c.validity_minutes, r.saddr, r.source_addr_ton, r.source_addr_npi,
           r.dest_addr_ton, r.dest_addr_npi
      FROM campaign c JOIN sender_revision r ON r.id = c.sender_revision_id WHERE c.id = ${campaignId}`
  return rows[0]!
})
