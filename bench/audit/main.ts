/**
 * How fast the audit is verified, and in how much memory, from an export and with no database.
 *
 *   npm run bench:audit -- --events 1000000 --runs 3 --json
 *
 * Makes an export with its checkpoint, signed approvals and erased parts (exportFile.ts), and verifies it by the command itself in
 * a process of its own, from its start to its end. The last line is one JSON object; exit code 1 when a figure is not what it
 * must be, or the verifier does not find that all is well.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { asked } from "#bench/asked.ts"
import { median } from "#bench/engine/report.ts"

/** What a million events may take, and what any number of them may hold. */
const MOST_SECONDS_A_MILLION = 60
const MOST_MB = 300

const { events, json, runs } = asked("How fast the audit is verified, and in how much memory, from an export.", {
  events: { default: 1_000_000, least: 1_000, most: 100_000_000, help: "events in the export" },
  runs: { default: 3, least: 1, most: 100, help: "times it is verified; the median counts" },
  json: { default: false, help: "nothing but the last line, which is one JSON object" }
})
const say = (line: string) => json || process.stdout.write(`${line}\n`)
const inRoom = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const folder = mkdtempSync(join(tmpdir(), "countersign-audit-"))
const path = join(folder, "export.jsonl")
const checkpoint = join(folder, "checkpoint.json")

interface Run {
  readonly code: number | null
  readonly seconds: number
  readonly rssMb: number
}

const verified = (): Run => {
  const began = performance.now()
  const { output, status, stderr, stdout } = spawnSync(
    process.execPath,
    [inRoom("verifying.ts"), path, "--checkpoint", checkpoint],
    { encoding: "utf8", stdio: ["ignore", "pipe", "pipe", "pipe"] }
  )
  const run = { code: status, seconds: (performance.now() - began) / 1000, rssMb: Number(output[3]) }
  if (status !== 0) process.stderr.write(`${stdout}${stderr}`)
  say(`  ${run.seconds.toFixed(1)} s, at most ${run.rssMb.toFixed(0)} MB`)
  return run
}

try {
  // By another process: what making the file takes is not the verifier's.
  execFileSync(process.execPath, [inRoom("exportFile.ts"), path, checkpoint, `${events}`], { stdio: "inherit" })
  say(`${events.toLocaleString("en")} events, a file of ${(statSync(path).size / 1_048_576).toFixed(0)} MB`)
  const each = Array.from({ length: runs }, verified)
  const seconds = median(each.map((run) => run.seconds))
  const rssMb = Math.max(...each.map((run) => run.rssMb))
  const mostSeconds = Math.max(5, (MOST_SECONDS_A_MILLION * events) / 1_000_000)
  const wrong = [
    ...(each.every((run) => run.code === 0) ? [] : ["the verifier does not find that all is well"]),
    ...(seconds <= mostSeconds ? [] : [`${seconds.toFixed(1)} s, and ${mostSeconds.toFixed(0)} are allowed`]),
    ...(rssMb <= MOST_MB ? [] : [`${rssMb.toFixed(0)} MB, and ${MOST_MB} are allowed`])
  ]
  for (const what of wrong) process.stderr.write(`${what}\n`)
  const figures = {
    events,
    runs,
    seconds: Number(seconds.toFixed(2)),
    perSecond: Math.round(events / seconds),
    rssMb: Math.round(rssMb)
  }
  process.stdout.write(`${JSON.stringify(figures)}\n`)
  process.exitCode = wrong.length === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
