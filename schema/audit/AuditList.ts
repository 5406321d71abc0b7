/**
 * The audit as the portal lists it: pages of 50 of one chain, newest first, with names. A chain is a workspace's; the installation's own,
 * which only Master sees, is 0. Who may view only what concerns their own campaigns sees that. Asked while acting.
 *
 * The order is the chain's; where a time is asked for, it is that of the clock, which is another only for what was said at once. So
 * either is an index's, and a page of two years ago costs what today's does.
 */
import { Effect } from "effect"
import type { Fragment } from "effect/sql/Statement"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

/** Rows on a page. */
export const PAGE = 50

/** What is wanted; everything besides the chain narrows it down. */
export interface Wanted {
  /** 0: the installation's own. */
  readonly workspaceId: number
  /** `next` of the page before. */
  readonly before?: number
  readonly personId?: number
  /** `campaign`, `sender`, `person` …, of any id unless one is given. */
  readonly object?: string
  readonly objectId?: number
  /** `campaign.approve`, `number.reveal` … */
  readonly action?: string
  readonly from?: Date
  /** And before then. */
  readonly until?: Date
}

export interface Listed {
  readonly seq: number
  readonly at: Date
  /** null: the system. */
  readonly person_id: number | null
  /** Their name now; null: the system. */
  readonly person: string | null
  /** Then, not now. */
  readonly role: string
  readonly action: string
  readonly object: string
  readonly object_id: number | null
  readonly facts: Readonly<Record<string, unknown>>
  /** null: there never was any, or its time of keeping is over. */
  readonly personal: Readonly<Record<string, unknown>> | null
}

export interface Page {
  readonly rows: ReadonlyArray<Listed>
  /** Asked for with `before`; null: this was the last. */
  readonly next: number | null
}

export const page = Effect.fn("AuditList.page")(function* (wanted: Wanted) {
  const sql = yield* SqlClient
  const order = isByTime(wanted) ? sql`a.at DESC, a.seq DESC` : sql`a.seq DESC`
  const rows = yield* sql<Listed>`
    SELECT a.seq, a.at, a.person_id, p.name AS person, a.role, a.action, a.object, a.object_id, a.facts::jsonb AS facts, a.personal::jsonb AS personal
      FROM (SELECT * FROM audit a WHERE ${sql.and(conditions(sql, wanted))} ORDER BY ${order} LIMIT ${PAGE + 1}) AS a
      LEFT JOIN person p ON p.id = a.person_id
     ORDER BY ${order}`
  const shown = rows.slice(0, PAGE)
  return { rows: shown, next: rows.length > PAGE ? shown.at(-1)!.seq : null } satisfies Page
}, Effect.mapError(refused))

const isByTime = ({ from, until }: Wanted): boolean => from !== undefined || until !== undefined

const conditions = (sql: SqlClient, wanted: Wanted): ReadonlyArray<Fragment> => {
  const { action, before, from, object, objectId, personId, until, workspaceId } = wanted
  const after = isByTime(wanted)
    ? sql`(a.at, a.seq) < ((SELECT b.at FROM audit b WHERE b.workspace_id = ${workspaceId} AND b.seq = ${before}), ${before})`
    : sql`a.seq < ${before}`
  return [
    sql`a.workspace_id = ${workspaceId}`,
    ...(before === undefined ? [] : [after]),
    ...(personId === undefined ? [] : [sql`a.person_id = ${personId}`]),
    ...(object === undefined ? [] : [sql`a.object = ${object}`]),
    ...(objectId === undefined ? [] : [sql`a.object_id = ${objectId}`]),
    ...(action === undefined ? [] : [sql`a.action = ${action}`]),
    ...(from === undefined ? [] : [sql`a.at >= ${from}`]),
    ...(until === undefined ? [] : [sql`a.at < ${until}`])
  ]
}
