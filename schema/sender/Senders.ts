/**
 * Senders: in whose name a workspace may write. A campaign names a revision, never a sender, so that what was approved
 * can't change under it.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"

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
