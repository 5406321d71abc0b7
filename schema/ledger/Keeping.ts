/** What becomes of a ledger when its campaign is over: it is sealed, and one day erased (rules/ledger_seal.sql, retention.sql). */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"

/** Seals the next campaign whose last outcome is in; gives its id, or `undefined` when there is none. */
export const sealNext = Effect.gen(function* () {
  const sql = yield* SqlClient
  const rows = yield* sql<{ id: number | null }>`SELECT seal_next_ledger() AS id`
  return rows[0]!.id ?? undefined
})

/** Erases one thing whose time of keeping is over; gives whether there may be more. */
export const eraseOverdue = Effect.gen(function* () {
  const sql = yield* SqlClient
  const rows = yield* sql<{ more: boolean }>`SELECT erase_overdue() AS more`
  return rows[0]!.more
})
