/**
 * Campaigns as the portal lists them: pages of 50, newest first or by day, with what a list shows of each; and how many there are in each state,
 * for its tabs. Of one workspace, or of all that the identity sees, which only Master does. Asked while acting.
 *
 * Promises: a page walks an index in its own order from where the page before ended, so that the hundredth costs what the first does.
 * Where filters are rare it walks at most the campaigns of the workspace, never another's. Row-level security alone would do for what
 * is seen, but not for the order: `workspace_id` is said besides, so that the rest of the index is sorted.
 */
import { Effect } from "effect"
import type { Fragment } from "effect/sql/Statement"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import type { CampaignState } from "./Campaigns.ts"
import { insensitive } from "./insensitive.ts"

/** Campaigns on a page. */
export const PAGE = 50

/** What is wanted; everything besides the workspace narrows it down. */
export interface Wanted {
  /** null: all of them, in Master. */
  readonly workspaceId: number | null
  /** day: by when they were or will be sent (or were made), the latest first; else the newest first. */
  readonly by?: "day"
  /** `next` of the page before. */
  readonly before?: number
  /** These and no others. */
  readonly ids?: ReadonlyArray<number>
  readonly states?: ReadonlyArray<CampaignState>
  readonly mode?: string
  /** With any of its revisions. */
  readonly senderId?: number
  readonly authorId?: number
  /** Sent (or, if not yet, to be sent; or made) from then on. */
  readonly from?: Date
  /** And before then. */
  readonly until?: Date
  /** true: those alone whose time has come and that wait for somebody to press Start. */
  readonly waitingForStart?: boolean
  /** true: the archived ones; else those that are not. */
  readonly archived?: boolean
  /** Somewhere in the name, in capitals or not. */
  readonly named?: string
}

export interface Listed {
  readonly id: number
  readonly workspace_id: number
  readonly workspace: string
  readonly name: string
  readonly state: CampaignState
  readonly mode: string
  readonly author_id: number
  readonly author: string
  /** null, as the two that follow: a draft that has none yet */
  readonly sender_id: number | null
  readonly sender: string | null
  /** What phones show. */
  readonly saddr: string | null
  readonly created_at: Date
  readonly starts_at: Date | null
  readonly opened_at: Date | null
  readonly closed_at: Date | null
  readonly archived_at: Date | null
  /** Recipients: audience = delivered + failed + moving + those that nothing was or will be sent to. */
  readonly audience: number
  readonly delivered: number
  /** Undelivered, expired, rejected or unknown. */
  readonly failed: number
  readonly moving: number
}

export interface Page {
  readonly campaigns: ReadonlyArray<Listed>
  /** Asked for with `before`; null: this was the last. */
  readonly next: number | null
}

export const page = Effect.fn("CampaignList.page")(function* (wanted: Wanted) {
  const sql = yield* SqlClient
  const order = wanted.by === "day" ? sql`${sql.literal(WHEN)} DESC, c.id DESC` : sql`c.id DESC`
  const rows = yield* sql<Listed>`
    SELECT c.id, c.workspace_id, w.name AS workspace, c.name, c.state, c.mode, c.created_by AS author_id, p.name AS author,
           s.id AS sender_id, s.label AS sender, r.saddr, c.created_at, c.starts_at, c.opened_at, c.closed_at, c.archived_at,
           f.audience, f.delivered, f.undelivered + f.expired + f.rejected + f.unknown AS failed, f.moving
      FROM (SELECT * FROM campaign c WHERE ${sql.and(conditions(sql, wanted))} ORDER BY ${order} LIMIT ${PAGE + 1}) AS c
      JOIN workspace w ON w.id = c.workspace_id
      JOIN person p ON p.id = c.created_by
      LEFT JOIN sender_revision r ON r.id = c.sender_revision_id
      LEFT JOIN sender s ON s.id = r.sender_id
      JOIN campaign_progress f ON f.campaign_id = c.id
     ORDER BY ${order}`
  const campaigns = rows.slice(0, PAGE)
  return { campaigns, next: rows.length > PAGE ? campaigns.at(-1)!.id : null } satisfies Page
}, Effect.mapError(refused))

/** As the index campaign_by_day has it. */
const WHEN =
  "CASE WHEN c.opened_at IS NOT NULL THEN c.opened_at WHEN c.starts_at IS NOT NULL THEN c.starts_at ELSE c.created_at END"

/** What comes after a campaign in a list by day: its day is a bound of its own, so that an index is entered there. */
const afterInDays = (sql: SqlClient, before: number): Fragment => {
  const [when, itsWhen] = [sql.literal(WHEN), sql.literal(WHEN.replaceAll("c.", "b."))]
  const last = sql`SELECT ${itsWhen} FROM campaign b WHERE b.id = ${before}`
  return sql`${when} <= (${last}) AND (${when} < (${last}) OR c.id < ${before})`
}

/** Each filter that is given, and no other: the plan is made for what is asked. */
const conditions = (sql: SqlClient, wanted: Wanted): ReadonlyArray<Fragment> => {
  const { archived, authorId, before, by, from, ids, mode, named, senderId, states, until } = wanted
  const { waitingForStart, workspaceId } = wanted
  const when = sql.literal(WHEN)
  return [
    archived === true ? sql`c.archived_at IS NOT NULL` : sql`c.archived_at IS NULL`,
    ...(workspaceId === null ? [] : [sql`c.workspace_id = ${workspaceId}`]),
    ...(before === undefined ? [] : [by === "day" ? afterInDays(sql, before) : sql`c.id < ${before}`]),
    ...(ids === undefined ? [] : [sql`c.id = ANY (${ids}::int[])`]),
    ...(states === undefined ? [] : [sql`c.state = ANY (${states}::text[])`]),
    ...(mode === undefined ? [] : [sql`c.mode = ${mode}`]),
    ...(senderId === undefined
      ? []
      : [sql`c.sender_revision_id = ANY (ARRAY(SELECT r.id FROM sender_revision r WHERE r.sender_id = ${senderId}))`]),
    ...(authorId === undefined ? [] : [sql`c.created_by = ${authorId}`]),
    ...(from === undefined ? [] : [sql`${when} >= ${from}`]),
    ...(until === undefined ? [] : [sql`${when} < ${until}`]),
    ...(waitingForStart !== true
      ? []
      : [sql`c.state = 'scheduled' AND NOT c.starts_automatically AND coalesce(c.starts_at <= now(), true)`]),
    // a function and not an operator: of that one the planner thinks that it finds some, and stops at 50
    ...(named === undefined || named.trim() === "" ? [] : [sql`regexp_like(c.name, ${insensitive(named.trim())})`])
  ]
}

/** How many campaigns are in each state, archived ones apart. A state in which there is none is missing. */
export interface Counts {
  readonly states: Readonly<Partial<Record<CampaignState, number>>>
  readonly archived: number
}

/** For the tabs above a list. workspaceId null: of all of them, in Master. */
export const counts = Effect.fn("CampaignList.counts")(function* (workspaceId: number | null) {
  const sql = yield* SqlClient
  const own = workspaceId === null ? sql`true` : sql`c.workspace_id = ${workspaceId}`
  const rows = yield* sql<{ state: CampaignState | null; campaigns: number }>`
    SELECT c.state, count(*)::int AS campaigns FROM campaign c WHERE ${own} AND c.archived_at IS NULL GROUP BY c.state
    UNION ALL
    SELECT NULL, count(*)::int FROM campaign c WHERE ${own} AND c.archived_at IS NOT NULL`
  return {
    states: Object.fromEntries(rows.flatMap((row) => (row.state === null ? [] : [[row.state, row.campaigns]]))),
    archived: rows.find((row) => row.state === null)!.campaigns
  } satisfies Counts
}, Effect.mapError(refused))
