/** What the objects of audit rows are called now, for a page of them. Asked while acting. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

/** By object and id, as `campaign 12`; what is gone, or not theirs to see, is missing. */
export type Names = ReadonlyMap<string, string>

export const keyOf = (object: string, id: number): string => `${object} ${id}`

export const names = Effect.fn("AuditNames.names")(function* (
  of: ReadonlyArray<{ readonly object: string; readonly object_id: number | null }>
) {
  const sql = yield* SqlClient
  const ids = (object: string) => [
    ...new Set(of.flatMap((one) => (one.object === object && one.object_id !== null ? [one.object_id] : [])))
  ]
  const rows = yield* sql<{ object: string; id: number; name: string }>`
    SELECT 'campaign' AS object, c.id, c.name FROM campaign c WHERE c.id = ANY (${ids("campaign")}::int[])
    UNION ALL SELECT 'sender', s.id, s.label FROM sender s WHERE s.id = ANY (${ids("sender")}::int[])
    UNION ALL SELECT 'person', p.id, p.name FROM person p WHERE p.id = ANY (${ids("person")}::int[])
    UNION ALL SELECT 'channel', n.id, n.name FROM channel n WHERE n.id = ANY (${ids("channel")}::int[])`
  return new Map(rows.map(({ id, name, object }) => [keyOf(object, id), name])) satisfies Names
}, Effect.mapError(refused))
