/** What a workspace's admins set, and what super admins do with workspaces (rules/workspace_settings.sql, workspaces.sql). */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

export interface Settings {
  /** Changed by super admins only. */
  readonly name: string
  /** ISO 3166 alpha-2 */
  readonly country: string
  /** IANA, as Postgres knows it */
  readonly time_zone: string
  /** 1 to 3 */
  readonly approvals_needed: number
  /** Recipients, together with how many approvals such a campaign needs; both null: none is large. */
  readonly large_from_recipients: number | null
  readonly large_approvals_needed: number | null
  readonly require_second_factor: boolean
  readonly require_signed_approvals: boolean
  /** null: for ever */
  readonly keep_content_months: number | null
  /** at least 12; null: for ever */
  readonly keep_audit_months: number | null
  /** Whether strangers who are signed in may ask to join. */
  readonly open_to_requests: boolean
  /** Messages a second and a day, of all its campaigns together; null: no ceiling. */
  readonly per_second: number | null
  readonly per_day: number | null
}

/** Of the workspace acted in. */
export const settings = Effect.fn("WorkspaceSettings.settings")(function* () {
  const sql = yield* SqlClient
  const [row] = yield* sql<Settings>`
    SELECT name, country, time_zone, approvals_needed, large_from_recipients, large_approvals_needed, require_second_factor,
           require_signed_approvals, keep_content_months, keep_audit_months, open_to_requests, per_second, per_day
      FROM workspace WHERE id = acting_workspace()`
  return row!
}, Effect.mapError(refused))

/** How many messages count against today's ceiling; undefined: there is none. */
export const messagesToday = Effect.fn("WorkspaceSettings.messagesToday")(function* () {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ messages: number }>`SELECT messages FROM messages_today()`
  return row?.messages
}, Effect.mapError(refused))

/** What was kept before it was shortened, and holds until then. */
export interface Held {
  readonly until: Date
  /** null: for ever */
  readonly content_months: number | null
  readonly audit_months: number | null
}

/** Of the workspace acted in: a keeping time that was shortened less than 30 days ago (`keeps` in rules/retention.sql). */
export const held = Effect.fn("WorkspaceSettings.held")(function* () {
  const sql = yield* SqlClient
  const [row] = yield* sql<Held>`
    SELECT keeping_shortened_at + interval '30 days' AS until, keep_content_months_before AS content_months, keep_audit_months_before AS audit_months
      FROM workspace WHERE id = acting_workspace() AND keeping_shortened_at > now() - interval '30 days'`
  return row
}, Effect.mapError(refused))

/**
 * Changes what is named and nothing else. `Invalid` beyond a bound, `Conflict` for what would lock out who asks for it, or
 * leave nobody who could approve.
 */
export const change = Effect.fn("WorkspaceSettings.change")(function* (wanted: Partial<Settings>) {
  const sql = yield* SqlClient
  yield* sql`SELECT change_settings(${JSON.stringify(wanted)}::text::jsonb)`
}, Effect.mapError(refused))

/** By a super admin. What can lock people out is set later, by its admins. Gives the id. */
export const create = Effect.fn("WorkspaceSettings.create")(function* (
  wanted: Pick<Settings, "name" | "country"> & Partial<Settings>,
  adminId: number
) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ id: number }>`
    SELECT create_workspace(${JSON.stringify(wanted)}::text::jsonb, ${adminId}) AS id`
  return row!.id
}, Effect.mapError(refused))

/** Nobody acts in it until it is restored. `Conflict` while a campaign of it is in review, scheduled, being sent or paused. */
export const archive = Effect.fn("WorkspaceSettings.archive")(function* (workspaceId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT archive_workspace(${workspaceId})`
}, Effect.mapError(refused))

export const restore = Effect.fn("WorkspaceSettings.restore")(function* (workspaceId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT restore_workspace(${workspaceId})`
}, Effect.mapError(refused))
