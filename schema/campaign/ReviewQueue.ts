/**
 * What waits for a decision in a workspace, or, in Master, in all of them: who made it, since when it waits, which approvals stand, and
 * why who looks may not decide on it. The longest waiting first. Asked while acting.
 *
 * The queue is as long as people let it get, not as the archive: all of it is put in order, and only the page is looked at closely.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

/** Campaigns on a page. */
export const PAGE = 50

/**
 * maker: you made or edited it. already_approved: yours stands. role: not for who you are here. master: all workspaces are
 * only looked at; enter one. The database has the last word (rules/decisions.sql).
 */
export type WhyNot = "maker" | "already_approved" | "role" | "master"

export interface Waiting {
  readonly id: number
  /** Its place in the queue: the row of `campaign_transition` by which it was submitted. */
  readonly place: number
  readonly workspace_id: number
  readonly workspace: string
  readonly name: string
  readonly author_id: number
  readonly author: string
  /** Everybody who made or edited any part of it, by name. */
  readonly makers: ReadonlyArray<string>
  readonly recipients: number
  readonly starts_at: Date | null
  readonly submitted_at: Date
  /** Whole seconds since then. */
  readonly age_seconds: number
  readonly approvals_standing: number
  readonly approvals_needed: number
  /** The workspace takes approvals that are signed with a passkey, and no others. */
  readonly signature_needed: boolean
  /** null: you may decide. */
  readonly why_not: WhyNot | null
}

export interface Page {
  readonly campaigns: ReadonlyArray<Waiting>
  /** Asked for as `after`; null: this was the last. */
  readonly next: number | null
}

/** How many wait. */
export const count = Effect.fn("ReviewQueue.count")(function* (workspaceId: number | null) {
  const sql = yield* SqlClient
  const own = workspaceId === null ? sql`true` : sql`c.workspace_id = ${workspaceId}`
  const rows = yield* sql<{ waiting: number }>`
    SELECT count(*)::int AS waiting FROM campaign c WHERE ${own} AND c.state = 'in_review' AND c.archived_at IS NULL`
  return rows[0]!.waiting
}, Effect.mapError(refused))

/** workspaceId null: of all of them, in Master. after: `next` of the page before. */
export const page = Effect.fn("ReviewQueue.page")(function* (workspaceId: number | null, after = 0) {
  const sql = yield* SqlClient
  const own = workspaceId === null ? sql`true` : sql`c.workspace_id = ${workspaceId}`
  const rows = yield* sql<Waiting>`
    WITH me AS MATERIALIZED (
      SELECT a.*, EXISTS (SELECT FROM permission g WHERE g.action = 'campaign.decide'
                             AND (g.role = a.role OR g.role = 'flag' AND a.flagged)) AS may_decide
        FROM acting() AS a
    ), waiting AS (
      SELECT c.id, c.workspace_id, c.name, c.created_by, c.starts_at, c.submission, t.id AS place, t.moved_at AS submitted_at
        FROM campaign c
       CROSS JOIN LATERAL (SELECT t.id, t.moved_at FROM campaign_transition t WHERE t.campaign_id = c.id AND t.action = 'submit'
                            ORDER BY t.id DESC LIMIT 1) AS t
       WHERE ${own} AND c.state = 'in_review' AND c.archived_at IS NULL AND t.id > ${after}
       ORDER BY t.id LIMIT ${PAGE + 1}
    )
    SELECT c.id, c.place, c.workspace_id, w.name AS workspace, c.name, c.created_by AS author_id, p.name AS author, m.makers, l.recipients,
           c.starts_at, c.submitted_at, floor(extract(epoch FROM clock_timestamp() - c.submitted_at))::int AS age_seconds,
           n.standing AS approvals_standing, n.needed AS approvals_needed, w.require_signed_approvals AS signature_needed,
           CASE WHEN me.workspace_id IS NULL THEN 'master' WHEN NOT me.may_decide THEN 'role' WHEN m.mine THEN 'maker'
                WHEN a.mine THEN 'already_approved' END AS why_not
      FROM waiting c
     CROSS JOIN me
      JOIN workspace w ON w.id = c.workspace_id
      JOIN person p ON p.id = c.created_by
     CROSS JOIN LATERAL (SELECT array_agg(q.name ORDER BY q.name) AS makers, bool_or(q.id = me.person_id) AS mine
                           FROM campaign_maker k JOIN person q ON q.id = k.person_id WHERE k.campaign_id = c.id) AS m
     CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM approval a WHERE a.campaign_id = c.id AND a.person_id = me.person_id
                                           AND a.submission = c.submission) AS mine) AS a
     CROSS JOIN LATERAL (SELECT coalesce(sum(l.recipients), 0)::int AS recipients FROM lane l WHERE l.campaign_id = c.id) AS l
     CROSS JOIN LATERAL approvals_of(c.id) AS n
     ORDER BY c.place`
  const campaigns = rows.slice(0, PAGE)
  return { campaigns, next: rows.length > PAGE ? campaigns.at(-1)!.place : null } satisfies Page
}, Effect.mapError(refused))
