/** The last words of `npm run send`, and its exit code: what a script may build on. */
import { Effect } from "effect"
import { checkLedger, type Progress } from "#schema/campaign/Campaigns.ts"
import { times } from "#schema/campaign/Course.ts"
import * as Screen from "../Screen.ts"

/** 0 the ledger adds up and every recipient has an outcome; 1 it doesn't, or the campaign did not end well; 3 some still wait. */
export type ExitCode = 0 | 1 | 3

/** Checks the ledger and says how it stands. afterwards: what becomes of receipts that come later. */
export const closing = Effect.fnUntraced(function* (campaignId: number, p: Progress, afterwards: string) {
  const wrong = yield* checkLedger(campaignId)
  const duration = yield* took(campaignId)
  if (p.state !== "done")
    Screen.line(`${Screen.red("✗")} The campaign is ${p.state === "cancelled" ? "stopped" : p.state}.`)
  if (wrong.length > 0) {
    Screen.line(`${Screen.red("✗")} The ledger does not add up:`)
    for (const { expected, found, what } of wrong)
      Screen.line(`  ${what}: recounted ${Screen.count(expected)}, shown ${Screen.count(found)}`)
    return 1 as ExitCode
  }
  const recipients = Screen.many(p.audience, "recipient")
  if (p.moving > 0) {
    Screen.line(`${Screen.amber("!")} The ledger adds up: ${recipients}, of which ${stillWait(p.moving)}.`)
    Screen.line(`  ${afterwards}`)
    Screen.line(Screen.dim(`  How it stands then: SELECT * FROM campaign_progress WHERE campaign_id = ${campaignId};`))
  } else {
    Screen.line(`${Screen.green("✓")} The ledger adds up: ${recipients}, each with one outcome. ${duration}`)
  }
  return (p.state !== "done" ? 1 : p.moving > 0 ? 3 : 0) as ExitCode
})

const stillWait = (n: number) => `${Screen.count(n)} still ${n === 1 ? "waits for its" : "wait for their"} receipt`

const took = Effect.fnUntraced(function* (campaignId: number) {
  const { answered, settled } = yield* times(campaignId)
  if (answered === null || settled === null) return ""
  return `All were answered after ${answered.toFixed(1)} s, the last outcome came after ${settled.toFixed(1)} s.`
})
