/** A campaign's recipients as its page lists them, lane by lane, masked; in the order of the file. Asked while acting. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import type { Outcome } from "./NumberLife.ts"

/** Recipients on a page. */
export const PAGE = 100

export interface LedgerRow {
  readonly seq: number
  /** Masked. */
  readonly number: string
  readonly outcome: Outcome
  readonly submitted_at: Date | null
  readonly message_id: string | null
  readonly tries: number | null
}

/** Ids of a campaign's lanes, in order. */
export const lanesOf = Effect.fn("LedgerPage.lanesOf")(function* (campaignId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ id: number }>`
    SELECT id FROM lane WHERE campaign_id = ${campaignId} AND workspace_id = (SELECT acting_workspace()) ORDER BY id`
  return rows.map(({ id }) => id)
}, Effect.mapError(refused))

/** The next of a lane after that seq. */
export const ledgerPage = Effect.fn("LedgerPage.ledgerPage")(function* (laneId: number, afterSeq: number) {
  const sql = yield* SqlClient
  return yield* sql<LedgerRow>`
    SELECT seq, number, outcome, submitted_at, message_id, tries FROM ledger_page(${laneId}, ${afterSeq}, ${PAGE})`
}, Effect.mapError(refused))
