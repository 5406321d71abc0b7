/**
 * An export of the audit as a busy department has it after years: what people did, with names and notes, half of them erased; a
 * signed approval and a sealed ledger now and then; and the checkpoint of its last row beside it.
 *
 *   node bench/audit/exportFile.ts export.jsonl checkpoint.json 1000000
 */
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs"
import { Result } from "effect"
import type { AuditRow } from "#schema/audit/AuditRow.ts"
import { BEFORE_ALL } from "#schema/audit/AuditRow.ts"
import { generateCheckpointKey, readPrivateKey, signCheckpoint } from "#schema/audit/Checkpoint.ts"
import { EXPORT_FORMAT, headerLine, rowLine } from "#schema/audit/Export.ts"
import { BEGIN_US, erased, SampleChain } from "#schema/audit/testing/SampleChain.ts"
import { SoftAuthenticator } from "#schema/audit/testing/SoftAuthenticator.ts"

/** Rows that are written at once, and of which one is a signed approval, one a sealed ledger. */
const CHUNK = 2_000

const editing = (i: number) => ({
  action: "campaign.edit",
  objectId: i % 5_000,
  facts: {
    campaign_id: i % 5_000,
    before: { text_segments: 2, starts_at: "2026-03-01T06:00:00+00:00", mode: "exact", on_lost_answer: "unknown" },
    after: { text_segments: 3, starts_at: "2026-03-01T07:00:00+00:00", mode: "exact", on_lost_answer: "unknown" }
  },
  personal: {
    by: { name: "Dana Karimova", email: "dana@corp.example" },
    after: { text: `Dear colleagues, the salary of month ${i % 12} arrives on the fifth. Спасибо за вашу работу!` },
    request: { agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", address: "10.20.30.40" }
  }
})

/** Writes `count` events (at least 3) to `path`, and the checkpoint of the last to `checkpointPath`. */
export const writeExportFile = (path: string, checkpointPath: string, count: number): void => {
  const chain = new SampleChain(1)
  const device = new SoftAuthenticator()
  const half = Math.floor(count / 2)
  const row = (i: number): AuditRow => {
    if (i === 0) return chain.introduce(device, 4)
    if (i === count - 1)
      return chain.say({
        action: "audit.erase",
        personId: null,
        role: "system",
        facts: { before_at_us: BEGIN_US + half * 1_000_000 }
      })
    if (i % CHUNK === 1) return chain.decide(4, "approve", { device }, i)
    if (i % CHUNK === 2)
      return chain.say({
        action: "ledger.seal",
        personId: null,
        facts: { campaign_id: i, root: "cd".repeat(32), by_number: "ef".repeat(32), blocks: 20 }
      })
    const said = chain.say(editing(i))
    return said.seq < half ? erased(said) : said
  }
  const file = openSync(path, "w")
  const about = {
    format: EXPORT_FORMAT,
    workspace_id: 1,
    workspace: "Payroll",
    exported_at: "2026-11-01T00:00:00Z"
  } as const
  writeSync(file, `${headerLine({ ...about, first_seq: 1, last_seq: count, anchor: BEFORE_ALL })}\n`)
  let last: AuditRow | undefined
  for (let from = 0; from < count; from += CHUNK) {
    const rows = Array.from({ length: Math.min(CHUNK, count - from) }, (_, i) => row(from + i))
    last = rows.at(-1)
    writeSync(file, `${rows.map(rowLine).join("\n")}\n`)
  }
  closeSync(file)
  const { hash, seq, workspace_id } = last!
  const key = Result.getOrThrow(readPrivateKey(generateCheckpointKey().privateKey))
  writeFileSync(checkpointPath, JSON.stringify(signCheckpoint({ workspace_id, seq, hash, at_us: last!.at_us }, key)))
}

if (import.meta.main) writeExportFile(process.argv[2]!, process.argv[3]!, Number(process.argv[4]))
