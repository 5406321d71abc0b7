/** What stands for a campaign's ledger once it is final. Asked while acting. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

/** As rules/ledger_seal.sql put it into the chain. */
export interface Seal {
  /** Of the audit row. */
  readonly seq: number
  readonly at: Date
  /** Merkle roots, 64 hex digits: over its blocks, and over its numbers in order. */
  readonly root: string
  readonly by_number: string
  readonly blocks: number
}

/** undefined: it is not sealed, or the audit is not theirs to see. */
export const sealOf = Effect.fn("Seal.sealOf")(function* (campaignId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<Seal>`
    SELECT seq, at, facts::jsonb ->> 'root' AS root, facts::jsonb ->> 'by_number' AS by_number, (facts::jsonb ->> 'blocks')::int AS blocks
      FROM audit
     WHERE workspace_id = (SELECT acting_workspace()) AND object = 'campaign' AND object_id = ${campaignId} AND action = 'ledger.seal'
     ORDER BY seq DESC LIMIT 1`
  return rows[0]
}, Effect.mapError(refused))
