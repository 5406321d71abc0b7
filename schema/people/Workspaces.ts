/**
 * Workspaces, who is in them and which channels serve them: what somebody who makes a campaign has to choose from.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import type { ChannelCharset } from "#schema/text/Encoding.ts"

export interface Workspace {
  readonly id: number
  readonly name: string
  /** ISO 3166 alpha-2: how its people write numbers without a country code. */
  readonly country: string
}

export const workspaces = Effect.gen(function* () {
  const sql = yield* SqlClient
  return yield* sql<Workspace>`SELECT id, name, country FROM workspace ORDER BY id`
})

export interface Member {
  readonly id: number
  readonly email: string
  readonly name: string
  readonly role: "author" | "moderator" | "admin"
  /** Whether their role lets them approve what others wrote; the database has the last word (rules/four_eyes.sql). */
  readonly may_approve: boolean
}

/** The people of a workspace who can sign in, those who may approve last, by name. */
export const members = Effect.fnUntraced(function* (workspaceId: number) {
  const sql = yield* SqlClient
  return yield* sql<Member>`
    SELECT p.id, p.email, p.name, m.role,
           EXISTS (SELECT FROM permission g WHERE g.action = 'campaign.decide' AND g.whose = 'any'
                                              AND (g.role = m.role OR g.role = 'flag' AND m.moderator)) AS may_approve
      FROM membership m JOIN person p ON p.id = m.person_id
     WHERE m.workspace_id = ${workspaceId} AND m.left_at IS NULL AND p.disabled_at IS NULL ORDER BY may_approve, p.name, p.id`
})

export interface GrantedChannel {
  readonly id: number
  readonly name: string
  readonly charset: ChannelCharset
}

/** The channels that may send for a workspace and are in service. */
export const channelsOf = Effect.fnUntraced(function* (workspaceId: number) {
  const sql = yield* SqlClient
  return yield* sql<GrantedChannel>`
    SELECT c.id, c.name, c.charset FROM channel_grant g JOIN channel c ON c.id = g.channel_id
     WHERE g.workspace_id = ${workspaceId} AND c.enabled ORDER BY c.id`
})
