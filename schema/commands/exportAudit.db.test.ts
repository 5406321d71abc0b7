/** That the command writes an export that verifies, where it was told to and nowhere else. */
import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { folder } from "#schema/audit/testing/folder.ts"
import { ran } from "#schema/audit/testing/ran.ts"
import { verifyExport } from "#schema/audit/Verify.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const prepare = Effect.fnUntraced(function* (name: string) {
  const { ownerUrl } = yield* TestDatabase
  const sql = yield* SqlClient
  const { authorId, workspaceId } = yield* sampleWorkspace({ name })
  yield* actAs(authorId, workspaceId)(sql`SELECT audit('campaign.edit', 'campaign', i) FROM generate_series(1, 3) i`)
  const command = (...args: ReadonlyArray<string>) =>
    ran("exportAudit.ts", args, { DATABASE_URL: Redacted.value(ownerUrl) })
  const rows = (path: string) =>
    Effect.map(verifyExport(path, { checkpoints: [], key: undefined }), ({ findings }) => findings.rows)
  return { workspaceId, command, rows, path: yield* folder }
})

layer(TestDatabase.layer, { excludeTestServices: true })("audit:export", (it) => {
  it.effect("writes a workspace's audit, given by its name or number, for its owner's eyes", () =>
    Effect.gen(function* () {
      const { command, path, rows, workspaceId } = yield* prepare("Payroll & Co")
      const out = join(path, "a.jsonl")
      const { code, complained, said } = command("--workspace", "Payroll & Co", "--out", out)
      assert.deepStrictEqual([code, complained, said], [0, "", `${out} has rows 1 to 4 of workspace ${workspaceId}\n`])
      assert.strictEqual(yield* rows(out), 4)
      assert.strictEqual(statSync(out).mode & 0o777, 0o600)

      const again = command("--workspace", `${workspaceId}`, "--out", out)
      assert.deepStrictEqual([again.code, again.said], [1, ""])
      assert.strictEqual(
        again.complained,
        `not exported: ${out} is there already, and stays as it is; give another --out, or --force\n`
      )
      assert.strictEqual(yield* rows(out), 4)
      const forced = command("--workspace", `${workspaceId}`, "--out", out, "--force")
      assert.deepStrictEqual([forced.code, yield* rows(out)], [0, 5], forced.complained)

      const printed = command("--workspace", `${workspaceId}`, "--csv")
      assert.match(printed.said, /^workspace_id,seq,at,person_id,name,email,role,/)
      assert.strictEqual(printed.said.trim().split("\r\n").length, 7)
      assert.deepStrictEqual(readdirSync(path), ["a.jsonl"])
    })
  )

  it.effect("writes nothing, and says why in a line, when it is not told what it can do", () =>
    Effect.gen(function* () {
      const { command, path, workspaceId } = yield* prepare("Sales")
      const out = join(path, "a.jsonl")
      for (const [args, why] of [
        [["--workspace", "Nobody", "--out", out], /has no workspace Nobody; it has .*\(Sales\)/],
        [[], /say whose audit with --workspace/],
        [["--workspace", `${workspaceId}`, "--nonsense"], /Unknown option '--nonsense'; --help lists the options/],
        [["--workspace", `${workspaceId}`, "--out", join(path, "none", "a.jsonl")], /can't be written/]
      ] as const) {
        const { code, complained, said } = command(...args)
        assert.deepStrictEqual([code, said], [1, ""], complained)
        assert.match(complained, /^not exported: .+\n$/)
        assert.match(complained, why)
      }
      assert.deepStrictEqual(readdirSync(path), [])
      const [{ seq }] = (yield* Effect.flatMap(
        SqlClient,
        (sql) => sql`SELECT seq FROM audit_chain WHERE workspace_id = ${workspaceId}`
      )) as [{ seq: number }]
      assert.strictEqual(seq, 3, "what was not exported is not said to be")
      assert.include(command("--help").said, "--workspace NAME|ID")
    })
  )
})
