/** From a finished campaign to somebody who checks a number with two files and no database: export, proof, verification. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { folder } from "#schema/audit/testing/folder.ts"
import { ran } from "#schema/audit/testing/ran.ts"
import { sealedLedger } from "#schema/audit/testing/sealedLedger.ts"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("audit:prove", (it) => {
  it.effect("gives what audit:verify finds, with an export alone, to prove that a number was there or not", () =>
    Effect.gen(function* () {
      const { ownerUrl } = yield* TestDatabase
      const env = { DATABASE_URL: Redacted.value(ownerUrl) }
      const { campaignId, delivered, workspace } = yield* sealedLedger
      const other = yield* sealedLedger
      const path = yield* folder
      const file = (name: string) => join(path, name)
      const prove = (campaign: number, number: number | string, ...more: ReadonlyArray<string>) =>
        ran("proveNumber.ts", ["--campaign", `${campaign}`, "--number", `${number}`, ...more], env)

      const made = prove(campaignId, delivered, "--out", file("in.json"))
      assert.deepStrictEqual([made.code, made.complained], [0, ""])
      assert.include(made.said, ` says: ${delivered} was in the ledger of campaign ${campaignId}: delivered.\n`)
      assert.include(made.said, `npm run audit:verify -- audit.jsonl --proof ${file("in.json")}\n`)
      writeFileSync(file("out.json"), prove(campaignId, `+${delivered + 1}`).said)
      prove(other.campaignId, delivered, "--out", file("foreign.json"))
      writeFileSync(file("tampered.json"), readFileSync(file("in.json"), "utf8").replaceAll('"d"', '"u"'))
      const chain = file("chain.jsonl")
      assert.strictEqual(
        ran("exportAudit.ts", ["--workspace", `${workspace.workspaceId}`, "--out", chain], env).code,
        0
      )

      const proofs = (...names: ReadonlyArray<string>) => names.flatMap((name) => ["--proof", file(name)])
      const good = ran("verifyAudit.ts", [chain, ...proofs("in.json", "out.json")])
      assert.deepStrictEqual([good.code, good.complained], [0, ""])
      assert.deepStrictEqual(good.said.trim().split("\n").slice(-2), [
        `${delivered} was in the ledger of campaign ${campaignId}: delivered`,
        `${delivered + 1} was not in the ledger of campaign ${campaignId}`
      ])

      const bad = ran("verifyAudit.ts", [chain, ...proofs("tampered.json", "in.json", "foreign.json")])
      assert.strictEqual(bad.code, 1)
      assert.include(bad.said, `${delivered} was in the ledger of campaign ${campaignId}: delivered\n`)
      assert.deepStrictEqual(bad.complained.trim().split("\n"), [
        `BAD: ${file("tampered.json")}: it proves nothing: a run does not lead to the root: it is not of this ledger.`,
        `BAD: ${file("foreign.json")}: it proves nothing: it is of workspace ${other.workspace.workspaceId}, and the export of workspace ${workspace.workspaceId}.`
      ])

      writeFileSync(file("none.json"), "{}")
      const unreadable = ran("verifyAudit.ts", [chain, ...proofs("none.json")])
      assert.deepStrictEqual([unreadable.code, unreadable.said], [2, ""])
      assert.match(unreadable.complained, /^not verified: .*none\.json: This is no proof about a number\. .+\n$/)
    })
  )

  it.effect("says in a line why there is no proof", () =>
    Effect.gen(function* () {
      const { ownerUrl } = yield* TestDatabase
      const sql = yield* SqlClient
      yield* sql`UPDATE campaign SET erased_at = clock_timestamp() WHERE ledger_sealed_at IS NOT NULL`
      const { campaignId } = yield* sealedLedger
      const complaint = (...args: ReadonlyArray<string>) => {
        const { code, complained, said } = ran("proveNumber.ts", args, { DATABASE_URL: Redacted.value(ownerUrl) })
        assert.deepStrictEqual([code, said], [1, ""], complained)
        return complained
      }
      assert.strictEqual(
        complaint("--campaign", "99999", "--number", "998900000001"),
        `not proved: campaign 99999 does not exist; those with a sealed ledger: ${campaignId}\n`
      )
      assert.strictEqual(complaint("--campaign", "7"), "not proved: --number is a phone number, as +998901234567\n")
      assert.match(
        complaint("--campaign", `${campaignId}`, "--number", "12 34"),
        /^not proved: “12 34”: This has too few digits/
      )
    })
  )

  it.effect("reads a number as it is dialled where the campaign was made, and says how", () =>
    Effect.gen(function* () {
      const { ownerUrl } = yield* TestDatabase
      const { campaignId, delivered } = yield* sealedLedger
      const dialled = `${delivered}`.replace(/^998/, "")
      const env = { DATABASE_URL: Redacted.value(ownerUrl) }
      const { complained, said } = ran("proveNumber.ts", ["--campaign", `${campaignId}`, "--number", dialled], env)
      const understood = `${dialled} is +${delivered} in UZ, where campaign ${campaignId} was made.\n`
      const says = `It says: ${delivered} was in the ledger of campaign ${campaignId}: delivered.\n`
      assert.strictEqual(complained, understood + says)
      assert.strictEqual(JSON.parse(said).number, delivered)
    })
  )
})
