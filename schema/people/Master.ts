/** All workspaces at a glance, by super admins who act in none (Master): what waits and runs in each. Asked while acting. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

export interface Seen {
  readonly id: number
  readonly name: string
  readonly archived_at: Date | null
  /** People in it who can sign in. */
  readonly members: number
  readonly in_review: number
  readonly scheduled: number
  readonly sending: number
  readonly paused: number
}

/** By name; archived ones, or those that are not. One that asks for a second factor is not among them for who has shown none. */
export const workspaces = Effect.fn("Master.workspaces")(function* (archived: boolean) {
  const sql = yield* SqlClient
  // counted by the index of what is not archived, which holds few of these states
  return yield* sql<Seen>`
    SELECT w.id, w.name, w.archived_at,
           (SELECT count(*)::int FROM membership m JOIN person p ON p.id = m.person_id AND p.disabled_at IS NULL
             WHERE m.workspace_id = w.id AND m.left_at IS NULL) AS members,
           coalesce(c.in_review, 0) AS in_review, coalesce(c.scheduled, 0) AS scheduled, coalesce(c.sending, 0) AS sending,
           coalesce(c.paused, 0) AS paused
      FROM workspace w
      LEFT JOIN (SELECT workspace_id, count(*) FILTER (WHERE state = 'in_review')::int AS in_review,
                        count(*) FILTER (WHERE state = 'scheduled')::int AS scheduled, count(*) FILTER (WHERE state = 'sending')::int AS sending,
                        count(*) FILTER (WHERE state = 'paused')::int AS paused
                   FROM campaign WHERE archived_at IS NULL AND state = ANY ('{in_review, scheduled, sending, paused}') GROUP BY workspace_id) AS c
        ON c.workspace_id = w.id
     WHERE (w.archived_at IS NOT NULL) = ${archived} ORDER BY w.name, w.id`
}, Effect.mapError(refused))
