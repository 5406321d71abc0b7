/** That the command signs what has grown, as the access role, and leaves checkpoints that hold an export to what it said. */
import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { generateCheckpointKey } from "#schema/audit/Checkpoint.ts"
import { folder } from "#schema/audit/testing/folder.ts"
import { ran } from "#schema/audit/testing/ran.ts"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("audit:checkpoint", (it) => {
  it.effect("prints and writes a checkpoint of each chain that has grown, once, and writes over none", () =>
    Effect.gen(function* () {
      const { accessUrl } = yield* TestDatabase
      const sql = yield* SqlClient
      const { privateKey, publicKey } = generateCheckpointKey()
      const env = { ACCESS_DATABASE_URL: Redacted.value(accessUrl), AUDIT_SIGNING_KEY: privateKey }
      const path = yield* folder
      const kept = join(path, "kept", "here")
      const sign = (...args: ReadonlyArray<string>) => ran("signCheckpoints.ts", args, env)
      const first = (yield* sampleWorkspace()).workspaceId
      const second = (yield* sampleWorkspace()).workspaceId
      const say = (workspaceId: number) => sql`SELECT audit_system(${workspaceId}, 'campaign.edit', 'campaign', 1)`
      yield* say(first)
      yield* say(second)
      const signed = sign("--out", kept)
      assert.deepStrictEqual([signed.code, signed.complained], [0, ""])
      const lines = signed.said.trim().split("\n")
      assert.deepStrictEqual(
        lines
          .map((line) => JSON.parse(line))
          .map(({ public_key, seq, workspace_id }) => [workspace_id, seq, public_key]),
        [
          [first, 1, publicKey],
          [second, 1, publicKey]
        ]
      )
      assert.deepStrictEqual(readdirSync(kept), [`workspace-${first}-row-1.json`, `workspace-${second}-row-1.json`])

      const nothing = sign("--out", kept)
      assert.deepStrictEqual([nothing.code, nothing.said], [0, ""])
      assert.match(nothing.complained, /no chain has grown since its last checkpoint/)

      yield* say(second)
      writeFileSync(join(kept, `workspace-${second}-row-2.json`), "somebody's own")
      const there = sign("--out", kept)
      assert.strictEqual(there.code, 1)
      assert.match(there.complained, /^signed and printed, but not written: .*\n$/)
      assert.include(there.complained, `workspace-${second}-row-2.json is there already, and stays as it is`)
      assert.strictEqual(JSON.parse(there.said).seq, 2, "it is signed, and printed")
    })
  )

  it.effect("says what to do without a key, and makes one", () =>
    Effect.gen(function* () {
      const { accessUrl } = yield* TestDatabase
      const env = { ACCESS_DATABASE_URL: Redacted.value(accessUrl) }
      const without = ran("signCheckpoints.ts", [], env)
      assert.deepStrictEqual([without.code, without.said], [1, ""])
      assert.match(without.complained, /^not signed: AUDIT_SIGNING_KEY is not set, .* --new-key makes one/)
      const made = ran("signCheckpoints.ts", ["--new-key"])
      assert.strictEqual(made.code, 0, made.complained)
      const [, key] = /^AUDIT_SIGNING_KEY=(\S+)$/m.exec(made.said)!
      const nothing = ran("signCheckpoints.ts", [], { ...env, AUDIT_SIGNING_KEY: key! })
      assert.strictEqual(nothing.code, 0, nothing.complained)
      const wrong = ran("signCheckpoints.ts", [], { ...env, AUDIT_SIGNING_KEY: "abc" })
      assert.match(wrong.complained, /^not signed: This is no Ed25519 private key\. .*\n$/)
    })
  )
})
