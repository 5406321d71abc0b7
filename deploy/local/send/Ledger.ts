/** The end: what became of every recipient, the first of them by name, and whether it adds up. */
import { Effect } from "effect"
import { campaignError, checkLedger, type Progress } from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import * as Screen from "../Screen.ts"

const FIRST_ROWS = 8

const OUTCOMES = ["delivered", "undelivered", "expired", "rejected", "unknown", "suppressed", "cancelled"] as const

/** Names what disagrees; nothing when audience = the seven outcomes, nothing moves, and every counter matches a recount. */
export const disagreements = Effect.fnUntraced(function* (campaignId: number, p: Progress) {
  const found = (yield* checkLedger(campaignId)).map(
    ({ expected, found, what }) => `${what}: recounted ${Screen.count(expected)}, shown ${Screen.count(found)}`
  )
  const sum = OUTCOMES.reduce((total, outcome) => total + p[outcome], 0)
  if (p.moving !== 0) found.push(`${Screen.many(p.moving, "recipient")} without an outcome yet`)
  if (sum + p.moving !== p.audience)
    found.push(`the outcomes sum up to ${Screen.count(sum)}, the audience is ${Screen.count(p.audience)}`)
  return found
})

interface LedgerRow {
  readonly msisdn: number
  readonly outcome: string
  readonly submitted_at: Date | null
  readonly message_id: string | null
  readonly tries: number | null
}

export const showLedger = Effect.fnUntraced(function* (laneId: number, p: Progress) {
  const sql = yield* SqlClient
  const rows = yield* sql<LedgerRow>`
    SELECT msisdn, outcome, submitted_at, message_id, tries FROM ledger_page(${laneId}, 0, ${FIRST_ROWS})`.pipe(
    Effect.mapError(campaignError)
  )
  const shown = [...OUTCOMES.filter((outcome) => p[outcome] > 0), ...(p.moving > 0 ? ["moving" as const] : [])]
  const width = Screen.count(p.audience).length
  shown.forEach((outcome, i) => {
    const share = ((p[outcome] / p.audience) * 100).toFixed(1).padStart(5)
    Screen.row(i === 0 ? "Ledger" : "", `${Screen.count(p[outcome]).padStart(width)}  ${share} %  ${wordOf(outcome)}`)
  })
  Screen.row("", `${Screen.count(p.audience).padStart(width)}  in all`)
  Screen.line()
  rows.forEach((row, i) => {
    const time = row.submitted_at === null ? "" : row.submitted_at.toTimeString().slice(0, 8)
    const id = row.message_id === null || row.message_id === "" ? "" : `message id ${Screen.shown(row.message_id)}`
    Screen.row(
      i === 0 ? "First rows" : "",
      `+${String(row.msisdn).padEnd(15)} ${wordOf(row.outcome)}${" ".repeat(Math.max(0, 12 - row.outcome.length))} ${time.padEnd(8)}  ${Screen.dim(id)}`
    )
  })
})

const wordOf = (outcome: string): string =>
  outcome === "delivered"
    ? Screen.green(outcome)
    : ["undelivered", "rejected", "unknown", "expired"].includes(outcome)
      ? Screen.amber(outcome)
      : outcome === "moving"
        ? "receipt still to come"
        : outcome
