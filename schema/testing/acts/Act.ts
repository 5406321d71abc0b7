/** What an act is, for the list of them, and what most of them are about. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { type SampleChannel, type SampleWorkspace, sampleCampaign } from "#schema/testing/sampleCampaign.ts"

/** Where an act is tried. */
export interface Ground {
  readonly workspace: SampleWorkspace
  readonly channel: SampleChannel
  /** A super admin, who has entered the workspace or looks from none. */
  readonly superAdminId: number
  /** Distinct in each try. */
  readonly n: number
}

/** The column of the product's matrix that a role stands in. */
export type Role = "author" | "flag" | "moderator" | "admin" | "super_admin"

export interface Act {
  /** Prepares what it is about, and gives the call. */
  readonly call: (ground: Ground) => Effect.Effect<string, unknown, SqlClient>
  /** Who may, beyond the super admin who has entered; "self": anybody about themselves, in no workspace; "installation": a super admin in none. */
  readonly who: ReadonlyArray<Role> | "self" | "installation"
  /** Rows of the audit that it leaves; in the chain of its workspace, or of the installation. */
  readonly audits: number
  /** What a neighbour who may do all of it at home comes to, for acts about an object. */
  readonly foreign?: "does not exist"
}

/** A call that only looks. */
export type Look = Act["call"]

export const campaign =
  (state: Parameters<typeof sampleCampaign>[0]["state"] & string, columns: Record<string, string> = {}) =>
  (ground: Ground) =>
    sampleCampaign({ workspace: ground.workspace, channels: [ground.channel], state, numbers: 2, columns })

/** A call about a campaign in that state; $id and $lane stand for it. */
export const onCampaign =
  (state: Parameters<typeof campaign>[0], call: string, columns?: Record<string, string>): Act["call"] =>
  (ground) =>
    Effect.map(campaign(state, columns)(ground), ({ campaignId, laneId }) =>
      call.replaceAll("$id", `${campaignId}`).replaceAll("$lane", `${laneId}`)
    )

/** The id that a statement gives. */
export const one = (statement: (sql: SqlClient) => Effect.Effect<ReadonlyArray<object>, unknown>) =>
  Effect.flatMap(SqlClient, (sql) => Effect.map(statement(sql), (rows) => (rows[0] as { id: number }).id))
/** An author their own, which who carries the flag here did not write. */
export const runners = ["author", "moderator", "admin"] as const
export const writers = ["author", "flag", "admin"] as const
export const deciders = ["flag", "moderator", "admin"] as const
export const revealers = ["moderator", "admin"] as const
export const admins = ["admin"] as const
export const supers = [] as const
