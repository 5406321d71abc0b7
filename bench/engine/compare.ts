/**
 * What the simulator received against what the ledger says, number by number: each recipient that was not kept back was
 * received exactly once, under the message id and with the outcome that its ledger line shows, and its receipt was
 * acknowledged once; nobody else was sent anything.
 */
import { Effect } from "effect"
import type { PackedReceived } from "#bench/smsc/receivedBin.ts"
import { SqlClient } from "#schema/Database.ts"
import type { Prepared } from "./Campaign.ts"
import { indexOf, numberOf } from "./numbers.ts"

export interface Comparison {
  /** recipients whose outcome is not known */
  readonly unknown: number
  /** recipients that were neither kept back nor received */
  readonly missing: number
  /** submits beyond the first to a recipient */
  readonly duplicates: number
  /** everything else that disagrees, and the first few of it in words */
  readonly differences: number
  readonly examples: ReadonlyArray<string>
}

const MOST_EXAMPLES = 10
const PAGE = 1_000
/** The ledger is read by so many connections: Postgres has the machine to itself by then. */
const READERS = 2

/** The ledger's word for a message_state (SMPP 3.4, 5.2.28). */
const WORDS: { readonly [state: number]: string } = {
  2: "delivered",
  3: "expired",
  4: "undelivered",
  5: "undelivered",
  7: "unknown",
  8: "rejected"
}

const LINES = `
SELECT string_agg(msisdn::text, ',' ORDER BY seq) AS numbers, string_agg(outcome, ',' ORDER BY seq) AS outcomes,
       string_agg(coalesce(message_id, ''), ',' ORDER BY seq) AS ids
  FROM ledger_rows($1, $2, $3)`

export const compare = Effect.fn("bench.compare")(function* (campaign: Prepared, received: PackedReceived) {
  const sql = yield* SqlClient
  const rowOf = new Int32Array(campaign.audience).fill(-1)
  const found = { unknown: 0, missing: 0, duplicates: 0, differences: 0 }
  const examples: Array<string> = []
  const differs = (what: string) => {
    if (++found.differences <= MOST_EXAMPLES) examples.push(what)
  }

  for (let row = 0; row < received.rows; row++) {
    const number = received.destination[row]!
    const i = indexOf(number)
    if (i < 0 || i >= campaign.audience) differs(`${number} was sent to and is not in the audience`)
    else if (rowOf[i]! >= 0) found.duplicates++
    else rowOf[i] = row
    if (received.command_status[row] !== 0) differs(`${number} was answered ${received.command_status[row]}`)
  }

  let suppressed = 0
  const line = (i: number, number: string, outcome: string, id: string) => {
    if (number !== String(numberOf(i))) return differs(`line ${i + 1} of the ledger is ${number}, not ${numberOf(i)}`)
    const row = rowOf[i]!
    if (outcome === "suppressed") {
      suppressed++
      if (row >= 0) differs(`${number} was kept back and received`)
      return
    }
    if (outcome === "unknown") found.unknown++
    if (row < 0) {
      found.missing++
      return
    }
    const told = WORDS[received.state[row]!]
    if (told !== outcome) differs(`${number} is ${outcome} in the ledger and ${told} at the simulator`)
    if (id !== String(received.idBase + row))
      differs(`${number} has the id ${id} in the ledger and ${received.idBase + row} at the simulator`)
    if (received.receipts[row] !== 1 || received.acknowledged[row] !== 1)
      differs(`${number}: ${received.receipts[row]} receipts sent, ${received.acknowledged[row]} acknowledged`)
  }
  const pages = Array.from({ length: Math.ceil(campaign.audience / PAGE) }, (_, n) => n * PAGE)
  yield* Effect.forEach(
    pages,
    (after) =>
      Effect.map(
        sql.unsafe<{ numbers: string; outcomes: string; ids: string }>(LINES, [campaign.laneId, after, PAGE]),
        ([page]) => {
          const outcomes = page!.outcomes.split(",")
          const ids = page!.ids.split(",")
          for (const [n, number] of page!.numbers.split(",").entries()) line(after + n, number, outcomes[n]!, ids[n]!)
        }
      ),
    { concurrency: READERS, discard: true }
  )
  if (suppressed !== campaign.stopped)
    differs(`${suppressed} were kept back, and ${campaign.stopped} are on the stop list`)
  return { ...found, examples } satisfies Comparison
})
