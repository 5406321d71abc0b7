/**
 * What must hold of a campaign once it is over, whatever was killed while it ran: each sentence that doesn't is a
 * violation, in words. The ledger is compared with what the simulator received, number by number.
 */
import { Effect } from "effect"
import type { Smsc } from "#bench/smsc/Smsc.ts"
import { outcomes, type Sealed } from "#engine/TestCampaigns.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"

export interface Verdict {
  readonly unknown: number
  /** of the unknown: those the operator has */
  readonly unknownAtOperator: number
  /** numbers that the operator accepted more than once */
  readonly repeated: number
  readonly violations: ReadonlyArray<string>
}

/** The ledger's word for a message_state (SMPP 3.4, 5.2.28); the simulator delivers all. */
const DELIVERED = 2

export const verify = Effect.fn("crash.verify")(function* (
  campaign: Sealed,
  smsc: Smsc,
  onLostAnswer: "hold" | "resend"
) {
  const violations: Array<string> = []
  const hold = (so: boolean, otherwise: string) => {
    if (!so && violations.length < 20) violations.push(`campaign ${campaign.campaignId}: ${otherwise}`)
  }
  for (const { expected, found, what } of yield* Campaigns.checkLedger(campaign.campaignId))
    hold(false, `the ledger doesn't add up: ${what} is ${found} and should be ${expected}`)
  const p = yield* Campaigns.progress(campaign.campaignId)
  const ended = p.delivered + p.undelivered + p.expired + p.rejected + p.unknown + p.suppressed + p.cancelled
  hold(p.moving === 0, `${p.moving} numbers still move`)
  hold(p.audience === campaign.numbers && ended === p.audience, `${ended} outcomes for ${p.audience} numbers`)

  const accepted = new Uint8Array(campaign.numbers)
  const received = smsc.received()
  for (let row = 0; row < received.length; row++) {
    const { command_status, destination, state } = received.at(row)
    const i = Number(destination) - campaign.firstNumber
    if (i < 0 || i >= campaign.numbers || command_status !== 0) continue
    accepted[i]!++
    hold(state === DELIVERED || state === 0, `${destination} got a receipt of state ${state}`)
  }
  const ledger = yield* outcomes(campaign.laneId)
  const marked = yield* markedAsRepeated(campaign)
  let repeated = 0
  let unknownAtOperator = 0
  for (let i = 0; i < campaign.numbers; i++) {
    const number = campaign.firstNumber + i
    const outcome = ledger.get(number)
    const times = accepted[i]!
    if (outcome === "unknown") unknownAtOperator += times > 0 ? 1 : 0
    else hold(outcome === "delivered", `${number} is ${outcome}`)
    hold(times > 0 || outcome === "unknown", `${number} is ${outcome} and the operator never had it`)
    if (times < 2) continue
    repeated++
    hold(onLostAnswer === "resend", `${number} was sent ${times} times`)
    hold(marked.has(i + 1), `${number} was sent ${times} times and nothing on record says so`)
  }
  hold(
    onLostAnswer === "hold" || p.unknown === 0,
    `${p.unknown} are unknown, and what was in doubt was to be sent again`
  )
  return { unknown: p.unknown, unknownAtOperator, repeated, violations } satisfies Verdict
})

/** Seqs that were handed out again after a lost answer, or submitted a second time within their block. */
const markedAsRepeated = Effect.fnUntraced(function* (campaign: Sealed) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ seq: number }>`
    SELECT s.seq FROM block b CROSS JOIN LATERAL generate_series(b.first_seq, b.last_seq) AS s (seq)
     WHERE b.lane_id = ${campaign.laneId} AND b.resend AND NOT s.seq <@ b.returned
    UNION
    SELECT b.first_seq + t.nth FROM block b JOIN attempt a ON a.month = b.month AND a.block_id = b.id,
           unnest(a.nth, a.try) AS t (nth, try)
     WHERE b.lane_id = ${campaign.laneId} AND t.try > 1`
  return new Set(rows.map(({ seq }) => seq))
})
