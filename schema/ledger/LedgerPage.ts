/**
 * A campaign's recipients as its page lists them and as its file has them, lane by lane, masked; in the order of the file, all of them or
 * those of one outcome. Asked while acting.
 *
 * Promises: a page costs the same wherever it begins. Of a rare outcome it may be short or empty before the end: it looks for a third of
 * a second at most, and says from where to go on.
 */
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

export interface Lane {
  readonly id: number
  readonly recipients: number
}

export interface LedgerPage {
  readonly rows: ReadonlyArray<LedgerRow>
  /** From there the next page goes on; undefined: this was the last. */
  readonly next: number | undefined
}

/** A campaign's lanes, in order. */
export const lanesOf = Effect.fn("LedgerPage.lanesOf")(function* (campaignId: number) {
  const sql = yield* SqlClient
  return yield* sql<Lane>`
    SELECT id, recipients FROM lane WHERE campaign_id = ${campaignId} AND workspace_id = (SELECT acting_workspace()) ORDER BY id`
}, Effect.mapError(refused))

/** The next of a lane after that seq. */
export const ledgerPage = Effect.fn("LedgerPage.ledgerPage")(function* (
  { id, recipients }: Lane,
  afterSeq: number,
  { limit = PAGE, outcome }: { readonly outcome?: Outcome | undefined; readonly limit?: number } = {}
) {
  const sql = yield* SqlClient
  if (outcome === undefined) {
    const rows = yield* sql<LedgerRow>`
      SELECT seq, number, outcome, submitted_at, message_id, tries FROM ledger_page(${id}, ${afterSeq}, ${limit})`
    const next = afterSeq + limit < recipients ? afterSeq + limit : undefined
    return { rows, next } satisfies LedgerPage
  }
  const found = yield* sql<LedgerRow & { readonly number: string | null }>`
    SELECT seq, number, outcome, submitted_at, message_id, tries FROM ledger_find(${id}, ${afterSeq}, ${limit}, ${outcome})`
  const looked = found.at(-1)!.seq
  const rows = found.filter(({ number }) => number !== null)
  return { rows, next: looked < recipients ? looked : undefined } satisfies LedgerPage
}, Effect.mapError(refused))

/** A recipient of a campaign. */
export interface Place {
  readonly lane_id: number
  readonly seq: number
}

/** Where a campaign has a number: as often as it was fed it, the last first. It is a search, for who may reveal numbers, and audited. */
export const placesOf = Effect.fn("LedgerPage.placesOf")(function* (campaignId: number, number: number) {
  const sql = yield* SqlClient
  return yield* sql<Place>`
    SELECT lane_id, seq FROM number_history(${number}::bigint) WHERE campaign_id = ${campaignId} ORDER BY seq DESC LIMIT ${PAGE}`
}, Effect.mapError(refused))

export interface Exported extends Place {
  /** In the clear: E.164 digits. */
  readonly msisdn: number
  readonly outcome: Outcome
}

/** In one transaction, so many at a time. */
const BATCH = 5_000

/**
 * All of a campaign in the clear, batch by batch, for who may reveal numbers; the audit says that it was taken. Within one act: the whole
 * of it is read in one transaction, and not held.
 */
export const exportLedger = Effect.fnUntraced(function* <E, R>(
  campaignId: number,
  outcome: Outcome | undefined,
  take: (rows: ReadonlyArray<Exported>) => Effect.Effect<void, E, R>
) {
  const sql = yield* SqlClient
  const failed = Effect.mapError(refused)
  yield* sql`
    DECLARE exported NO SCROLL CURSOR FOR SELECT lane_id, seq, msisdn, outcome FROM export_ledger(${sql.literal(`${Math.trunc(campaignId)}`)})`.pipe(
    failed
  )
  while (true) {
    const rows = yield* sql<Exported>`FETCH ${sql.literal(`${BATCH}`)} FROM exported`.pipe(failed)
    if (rows.length === 0) return
    yield* take(outcome === undefined ? rows : rows.filter((row) => row.outcome === outcome))
  }
})
