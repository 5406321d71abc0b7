/** What became of every recipient, in figures, and of the first of them by name. */
import { Effect } from "effect"
import type { Progress } from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import * as Screen from "../Screen.ts"

const FIRST_ROWS = 8

const OUTCOMES = ["delivered", "undelivered", "expired", "rejected", "unknown", "suppressed", "cancelled"] as const

interface LedgerRow {
  /** Masked: who reveals one says why, and that is not here. */
  readonly number: string
  readonly outcome: string
  readonly submitted_at: Date | null
  readonly message_id: string | null
  readonly tries: number | null
}

/** Every outcome that there is, and all of them together. */
export const figures = (p: Progress): void => {
  const shown = [...OUTCOMES.filter((outcome) => p[outcome] > 0), ...(p.moving > 0 ? ["moving" as const] : [])]
  const width = Screen.count(p.audience).length
  shown.forEach((outcome, i) => {
    const share = ((p[outcome] / Math.max(1, p.audience)) * 100).toFixed(1).padStart(5)
    Screen.row(i === 0 ? "Ledger" : "", `${Screen.count(p[outcome]).padStart(width)}  ${share} %  ${wordOf(outcome)}`)
  })
  Screen.row("", `${Screen.count(p.audience).padStart(width)}  in all`)
}

/** zone: whose clocks its times are shown by. */
export const showLedger = Effect.fnUntraced(function* (laneId: number, p: Progress, zone: string) {
  const sql = yield* SqlClient
  const rows = yield* sql<LedgerRow>`
    SELECT number, outcome, submitted_at, message_id, tries FROM ledger_page(${laneId}, 0, ${FIRST_ROWS})`.pipe(
    Effect.mapError(refused)
  )
  figures(p)
  Screen.line()
  rows.forEach((row, i) => {
    const time = row.submitted_at === null ? "" : row.submitted_at.toLocaleTimeString("sv-SE", { timeZone: zone })
    const id = row.message_id === null || row.message_id === "" ? "" : `message id ${Screen.shown(row.message_id)}`
    Screen.row(
      i === 0 ? "First rows" : "",
      `+${row.number.padEnd(15)} ${wordOf(row.outcome)}${" ".repeat(Math.max(0, 12 - row.outcome.length))} ${time.padEnd(8)}  ${Screen.dim(id)}`
    )
  })
  if (rows.some((row) => row.submitted_at !== null)) Screen.row("", Screen.dim(`times of ${zone}`))
})

const wordOf = (outcome: string): string =>
  outcome === "delivered"
    ? Screen.green(outcome)
    : ["undelivered", "rejected", "unknown", "expired"].includes(outcome)
      ? Screen.amber(outcome)
      : outcome === "moving"
        ? "receipt still to come"
        : outcome
