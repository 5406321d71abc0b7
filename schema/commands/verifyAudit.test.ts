import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { AuditRow } from "#schema/audit/AuditRow.ts"
import { generateCheckpointKey, readPrivateKey, signCheckpoint } from "#schema/audit/Checkpoint.ts"
import { exportHeader, headerLine, rowLine } from "#schema/audit/Export.ts"
import { folder } from "#schema/audit/testing/folder.ts"
import { ran } from "#schema/audit/testing/ran.ts"
import { erased, SampleChain } from "#schema/audit/testing/SampleChain.ts"
import { SoftAuthenticator } from "#schema/audit/testing/SoftAuthenticator.ts"
import { verifyExport } from "#schema/audit/Verify.ts"

/** The command as a process, with no database to fall back on. */
const command = (...args: ReadonlyArray<string>) => ran("verifyAudit.ts", args)

const history = () => {
  const chain = new SampleChain(5)
  const device = new SoftAuthenticator()
  return [
    erased(chain.say({ personal: { by: "Dana" } })),
    chain.introduce(device, 4),
    chain.decide(4, "approve", { device }),
    chain.decide(5, "approve"),
    chain.say({ action: "ledger.seal", facts: { campaign_id: 7, root: "ab".repeat(32), by_number: "cd".repeat(32) } }),
    chain.say({ action: "audit.erase", personId: null, facts: { before_at_us: 1_767_225_602_000_000 } }),
    chain.say({ personal: { by: "Ivan" } })
  ]
}

const own = generateCheckpointKey()
const about = { workspace_id: 5, workspace: "Payroll", exported_at: "2026-11-01T00:00:00Z" }
const headerOf = (rows: ReadonlyArray<AuditRow>) => exportHeader(about, rows[0], rows.at(-1)?.seq ?? 0)

const checkpointOf = ({ at_us, hash, seq }: AuditRow, workspace_id = 5) =>
  signCheckpoint({ workspace_id, seq, hash, at_us }, Result.getOrThrow(readPrivateKey(own.privateKey)))

/** In a folder that goes with the test; each takes the place of the one before of the same name. */
const files = Effect.map(folder, (path) => {
  const file = (name: string, text: string) => {
    writeFileSync(join(path, name), text)
    return join(path, name)
  }
  return {
    path,
    file,
    exported: (rows: ReadonlyArray<AuditRow>, header = headerOf(rows)) =>
      file("export.jsonl", `${[headerLine(header), ...rows.map(rowLine)].join("\n")}\n`),
    checkpoint: (row: AuditRow) => file(`${row.seq}.json`, JSON.stringify(checkpointOf(row)))
  }
})

describe("audit:verify", () => {
  it.live("says in words what it checked of an export, without a database", () =>
    Effect.gen(function* () {
      const { checkpoint, exported } = yield* files
      const rows = history()
      const args = [exported(rows), "--checkpoint", checkpoint(rows[3]!), "--checkpoint", checkpoint(rows[6]!)]
      const { code, complained, said } = command(...args, "--key", own.publicKey)
      assert.deepStrictEqual([code, complained], [0, ""])
      assert.deepStrictEqual(said.trim().split("\n"), [
        "Payroll, as the file calls it (workspace 5):",
        "  7 rows (1 to 7), from 2026-01-01 00:00:01.000000 UTC to 2026-01-01 00:00:07.000000 UTC: each follows the one before it",
        "  2 checkpoints agree, signed by the key given",
        "  1 signed decision, each by the passkey of the person who decided, made at http://localhost",
        "  1 decision that nobody signed with a passkey",
        "  1 sealed ledger",
        "  1 personal part as written, 1 erased as the chain says"
      ])
    })
  )

  it.live("says up to which row a checkpoint vouches, and that nothing does for those after it", () =>
    Effect.gen(function* () {
      const { checkpoint, exported } = yield* files
      const rows = history()
      const vouched = (...of: ReadonlyArray<number>) => {
        const given = of.flatMap((seq) => ["--checkpoint", checkpoint(rows[seq - 1]!)])
        const { code, complained, said } = command(exported(rows), ...given, "--key", own.publicKey)
        assert.deepStrictEqual([code, complained], [0, ""])
        return said.split("\n").filter((line) => line.includes("vouched"))
      }
      assert.deepStrictEqual(vouched(2, 4), [
        "  rows up to 4 are vouched for by checkpoints; rows 5 to 7 are vouched for by nothing from outside: " +
          "give a later checkpoint with --checkpoint"
      ])
      assert.match(vouched(6).join(), /rows up to 6 .*; row 7 is vouched for by nothing/)
      assert.deepStrictEqual(vouched(4, 7), [])
    })
  )

  it.live("lets nothing that a file says look like its own words", () =>
    Effect.gen(function* () {
      const { exported } = yield* files
      const rows = history()
      const workspace = "Payroll (workspace 9):\n  9 checkpoints agree\u001b[2K\r\u202e"
      const { said } = command(exported(rows, { ...headerOf(rows), workspace }))
      assert.strictEqual(
        said.split("\n")[0],
        "Payroll (workspace 9):\\u000a  9 checkpoints agree\\u001b[2K\\u000d\\u202e, as the file calls it (workspace 5):"
      )
    })
  )

  it.live("names the first bad row, and ends with 1", () =>
    Effect.gen(function* () {
      const { checkpoint, exported } = yield* files
      const rows = history()
      const changed = command(exported(rows.with(3, { ...rows[3]!, person_id: 9 })))
      assert.deepStrictEqual([changed.code, changed.said], [1, ""])
      assert.match(changed.complained, /^BAD: .*export\.jsonl: the hash of row 4 does not match .*\n$/)
      const ended = command(exported(rows.slice(0, 6)), "--checkpoint", checkpoint(rows[6]!))
      assert.deepStrictEqual([ended.code, ended.complained.includes("row 7 is missing")], [1, true])
    })
  )

  it.live("ends with 2, and a line, where there is nothing it can read", () =>
    Effect.gen(function* () {
      const { exported, file, path } = yield* files
      const unreadable = [
        [join(path, "none.jsonl")],
        [exported(history()), "--checkpoint", file("c.json", "{}")],
        ["--key", "abc"],
        []
      ]
      for (const args of unreadable) {
        const { code, complained, said } = command(...args)
        assert.deepStrictEqual([code, said], [2, ""], args.join(" "))
        assert.match(complained, /^not verified: .+\n$/)
      }
    })
  )

  it("explains itself", () => {
    const { code, said } = command("--help")
    assert.strictEqual(code, 0)
    assert.include(said, "npm run audit:verify -- export.jsonl --checkpoint c.json")
  })
})

describe("an export", () => {
  const nothing = { checkpoints: [], key: undefined }

  it.live("is held to what its first line promises", () =>
    Effect.gen(function* () {
      const { exported } = yield* files
      const rows = history()
      const whole = headerOf(rows)
      const wrong = (of: ReadonlyArray<AuditRow>, header = whole) =>
        Effect.map(Effect.flip(verifyExport(exported(of, header), nothing)), (error) =>
          error._tag === "AuditFault" ? [error.seq, error.reason] : [error.line, error.reason]
        )
      assert.deepStrictEqual(yield* wrong(rows.slice(0, 6)), [7, "end"])
      assert.deepStrictEqual(yield* wrong([]), [1, "end"])
      assert.deepStrictEqual(yield* wrong(rows.slice(1)), [2, "head"])
      assert.deepStrictEqual(yield* wrong(rows, { ...whole, first_seq: 2 }), [1, "head"])
      assert.deepStrictEqual(yield* wrong(rows, { ...whole, anchor: "11".repeat(32) }), [1, "previous"])
      assert.deepStrictEqual(yield* wrong(rows, { ...whole, workspace_id: 6 }), [1, "chain"])
    })
  )

  it.live("whose first line was written again too is held to what its rows say, and to a checkpoint", () =>
    Effect.gen(function* () {
      const { exported } = yield* files
      const rows = history()
      // without the row that says what was erased
      const cut = yield* Effect.flip(verifyExport(exported(rows.slice(0, 5)), nothing))
      assert.strictEqual(cut.reason, "erased")
      yield* verifyExport(exported(rows.slice(0, 6)), nothing)
      const checkpoints = [checkpointOf(rows[6]!)]
      const ended = yield* Effect.flip(verifyExport(exported(rows.slice(0, 6)), { checkpoints, key: undefined }))
      assert.strictEqual(ended.reason, "end")
    })
  )

  it.live("is not held to a checkpoint of another workspace", () =>
    Effect.gen(function* () {
      const { exported } = yield* files
      const rows = history()
      const checkpoints = [checkpointOf(rows[1]!, 6)]
      const { reason } = yield* Effect.flip(verifyExport(exported(rows), { checkpoints, key: undefined }))
      assert.strictEqual(reason, "not an export")
    })
  )
})
