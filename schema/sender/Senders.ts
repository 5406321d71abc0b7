/**
 * Senders: in whose name a workspace may write. A campaign names a revision, never a sender, so that what was approved
 * can't change under it. Every rule is in the database (rules/senders.sql); here are the calls, made while acting.
 */
import { Effect } from "effect"
import { ENDED } from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

/** A sender's newest approved revision. */
export interface ApprovedSender {
  readonly label: string
  readonly revision_id: number
  readonly revision: number
  /** What the recipient's phone shows. */
  readonly saddr: string
}

/** A name of letters holds at most this many characters (3GPP 23.040, 9.1.2.5). */
export const LONGEST_NAME = 11

/** The senders of a workspace that can be used, by label. */
export const approvedSenders = Effect.fnUntraced(function* (workspaceId: number) {
  const sql = yield* SqlClient
  return yield* sql<ApprovedSender>`
    SELECT DISTINCT ON (s.label) s.label, r.id AS revision_id, r.revision, r.saddr
      FROM sender s JOIN sender_revision r ON r.sender_id = s.id
     WHERE s.workspace_id = ${workspaceId} AND s.archived_at IS NULL AND r.status = 'approved'
     ORDER BY s.label, r.revision DESC`
})

export interface Sender {
  readonly id: number
  readonly workspace_id: number
  readonly label: string
  readonly created_at: Date
  readonly archived_at: Date | null
  /** Granted by the installation: nobody in the workspace changes it. */
  readonly preset: boolean
  /** The installation took it back; it is archived, and stays so. */
  readonly revoked: boolean
  /** The newest approved name; null: there is none yet. */
  readonly saddr: string | null
  /** Revisions that wait for a decision. */
  readonly pending: number
}

/** All senders of the workspace acted in (in Master: of all), those in use first, by label. */
export const senders = Effect.fn("Senders.senders")(function* () {
  const sql = yield* SqlClient
  return yield* sql<Sender>`
    SELECT s.id, s.workspace_id, s.label, s.created_at, s.archived_at, s.preset_id IS NOT NULL AS preset, s.revoked_at IS NOT NULL AS revoked,
           (SELECT r.saddr FROM sender_revision r WHERE r.sender_id = s.id AND r.status = 'approved' ORDER BY r.revision DESC LIMIT 1) AS saddr,
           (SELECT count(*)::int FROM sender_revision r WHERE r.sender_id = s.id AND r.status = 'pending') AS pending
      FROM sender s ORDER BY s.workspace_id, s.archived_at IS NOT NULL, s.label`
}, Effect.mapError(refused))

/** A new sender, by the label under which colleagues know it. Gives its id; it needs an approved revision. */
export const create = Effect.fn("Senders.create")(function* (label: string) {
  const sql = yield* SqlClient
  const [made] = yield* sql<{ id: number }>`SELECT create_sender(${label}) AS id`
  return made!.id
}, Effect.mapError(refused))

/** How many campaigns were submitted with any of its revisions and have not ended. */
export const unfinished = Effect.fn("Senders.unfinished")(function* (senderId: number) {
  const sql = yield* SqlClient
  const [found] = yield* sql<{ campaigns: number }>`
    SELECT count(*)::int AS campaigns FROM campaign c
     WHERE c.sender_revision_id = ANY (ARRAY(SELECT r.id FROM sender_revision r WHERE r.sender_id = ${senderId}))
       AND c.state <> 'draft' AND NOT c.state = ANY (${[...ENDED]}::text[])`
  return found!.campaigns
}, Effect.mapError(refused))

/** Out of the wizard; what was submitted with it goes on. */
export const archive = Effect.fn("Senders.archive")(function* (senderId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT archive_sender(${senderId})`
}, Effect.mapError(refused))

/** Back from the archive, with its names; `Conflict` when one of them is somebody else's by now. */
export const restore = Effect.fn("Senders.restore")(function* (senderId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT restore_sender(${senderId})`
}, Effect.mapError(refused))
