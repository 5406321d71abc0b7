/** That what the database makes proves what it says, under the row that sealed the ledger, and nothing under any other. */
import { assert, layer } from "@effect/vitest"
import { Effect, Result } from "effect"
import { SqlClient, SqlError, sqlMessage } from "#schema/Database.ts"
import { sealNext } from "#schema/ledger/Keeping.ts"
import { actAs } from "#schema/people/Acting.ts"
import type { Refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import {
  byForce,
  pressAs,
  sampleCampaign,
  sampleChannel,
  sampleTrigger,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import { type LedgerProof, ProofError, provenWords, readProof } from "./LedgerProof.ts"
import { proveAs, proveByOwner } from "./NumberProofs.ts"
import { sealedLedger } from "./testing/sealedLedger.ts"
import { verifyChain } from "./Verify.ts"

/** What a proof comes to under the workspace's chain, after it was written and read. */
const wordsUnder = (workspaceId: number) =>
  Effect.map(verifyChain(workspaceId, undefined), ({ findings: { seals } }) => (proof: LedgerProof) => {
    const read = Result.getOrThrow(readProof(JSON.stringify(proof)))
    return Result.merge(provenWords(read, { workspaceId, seals }))
  })

const refusal = <A, E, R>(prove: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(prove), (error) =>
    error instanceof ProofError ? error.reason : error instanceof SqlError ? sqlMessage(error) : `${error}`
  )

const lastWords = (workspaceId: number) =>
  Effect.flatMap(
    SqlClient,
    (sql) => sql<{ action: string; person_id: number | null; personal: string }>`
      SELECT action, person_id, personal FROM audit WHERE workspace_id = ${workspaceId} ORDER BY seq DESC LIMIT 1`
  )

layer(TestDatabase.layer, { excludeTestServices: true })("a proof about a number", (it) => {
  it.effect("says of any number whether it was there, and with which outcome", () =>
    Effect.gen(function* () {
      const { campaignId, cancelled, delivered, sealed, workspace } = yield* sealedLedger
      assert.isTrue(sealed)
      const words = yield* wordsUnder(workspace.workspaceId)
      const ledger = `the ledger of campaign ${campaignId}`
      for (const [number, said] of [
        [delivered, `${delivered} was in ${ledger}: delivered`],
        [cancelled, `${cancelled} was in ${ledger}: cancelled`],
        // within a run, between two, before the first and after the last
        [delivered + 1, `${delivered + 1} was not in ${ledger}`],
        [998_900_000_000 + 7 * 63 + 1, `${998_900_000_000 + 7 * 63 + 1} was not in ${ledger}`],
        [1, `1 was not in ${ledger}`],
        [999_999_999_999, `999999999999 was not in ${ledger}`]
      ] as const)
        assert.strictEqual(words(yield* proveByOwner(campaignId, number)), said)
    })
  )

  it.effect("says of a number that a trigger campaign has written to often how often, however its messages lie", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { campaignId } = yield* sampleTrigger({ workspace, channels: [channel] })
      // by number: 40 once each, one 70 times, 18 once each, so that it fills up one run, all of the next, and begins none
      const often = 998_900_000_100
      const numbers = [...Array(40).keys()].map((i) => often - 40 + i)
      const fed = [...numbers, ...Array<number>(70).fill(often), ...[...Array(18).keys()].map((i) => often + 1 + i)]
      yield* actAs(
        workspace.adminId,
        workspace.workspaceId
      )(sql`SELECT * FROM feed_campaign(${campaignId}, ${fed.map((_, i) => `${i}`)}::text[], ${fed}::bigint[])`)
      yield* pressAs(workspace, workspace.authorId, campaignId, "stop")
      while ((yield* asEngine(sealNext)) !== undefined);
      const words = yield* wordsUnder(workspace.workspaceId)
      const ledger = `the ledger of campaign ${campaignId}`
      const proof = yield* proveByOwner(campaignId, often)
      assert.strictEqual(words(proof), `${often} was in ${ledger} 70 times: ${Array(70).fill("cancelled").join(", ")}`)
      const [first] = proof.runs
      assert.strictEqual(
        words({ ...proof, runs: [first!] }),
        `${often} was in ${ledger} at least 24 times: ${Array(24).fill("cancelled").join(", ")}`
      )
      for (const once of [often - 40, often - 1, often + 1, often + 18])
        assert.strictEqual(words(yield* proveByOwner(campaignId, once)), `${once} was in ${ledger}: cancelled`)
      assert.strictEqual(words(yield* proveByOwner(campaignId, often + 19)), `${often + 19} was not in ${ledger}`)
    })
  )

  it.effect("is made for who may reveal numbers, and for the owner, and the audit says about which", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { campaignId, delivered, workspace } = yield* sealedLedger
      const { authorId, moderatorId, workspaceId } = workspace
      const moderator = yield* actor(moderatorId, workspaceId)
      const proof = yield* asPortal(moderator(proveAs(campaignId, delivered, "asked by the auditor")))
      assert.strictEqual(
        (yield* wordsUnder(workspaceId))(proof),
        `${delivered} was in the ledger of campaign ${campaignId}: delivered`
      )
      const [said] = yield* lastWords(workspaceId)
      assert.deepInclude(said, { action: "number.prove", person_id: moderatorId })
      assert.deepInclude(JSON.parse(said!.personal), { number: delivered })

      assert.deepStrictEqual(yield* proveByOwner(campaignId, delivered), proof)
      const [told] = yield* lastWords(workspaceId)
      assert.deepInclude(told, { action: "number.prove", person_id: null, personal: `{"number": ${delivered}}` })

      const author = yield* actor(authorId, workspaceId)
      const refused = yield* Effect.flip(asPortal(author(proveAs(campaignId, delivered, "asked by the auditor"))))
      assert.strictEqual((refused as Refused).reason, "Forbidden")
    })
  )

  it.effect("proves nothing when anything in it was changed, or under another campaign or workspace", () =>
    Effect.gen(function* () {
      const { campaignId, cancelled, delivered, workspace } = yield* sealedLedger
      const other = yield* sealedLedger
      const words = yield* wordsUnder(workspace.workspaceId)
      const proof = yield* proveByOwner(campaignId, delivered)
      const [run] = proof.runs
      const flipped = (digest: string) => (digest.startsWith("0") ? "1" : "0") + digest.slice(1)
      const changed: ReadonlyArray<readonly [Partial<LedgerProof>, RegExp]> = [
        [{ number: cancelled }, /the runs shown are not those around the number/],
        [{ number: 999_999_999_999 }, /the runs shown are not those around the number/],
        [{ by_number: flipped(proof.by_number) }, /its root is not the one that row \d+ sealed/],
        [{ sealed: { ...proof.sealed, seq: proof.sealed.seq - 1 } }, /it names another row than row \d+ of the export/],
        [{ sealed: { ...proof.sealed, hash: flipped(proof.sealed.hash) } }, /it names another row/],
        [{ campaign_id: 99_999 }, /no row of the export seals the ledger of campaign 99999/],
        [{ workspace_id: other.workspace.workspaceId }, /it is of workspace \d+, and the export of workspace \d+/],
        [{ runs: [] }, /no run is shown/],
        [{ runs: [{ ...run!, path: run!.path.map(flipped) }] }, /does not lead to the root/],
        [{ runs: [{ ...run!, entries: run!.entries.map(([n]) => [n, "u"]) }] }, /does not lead to the root/]
      ]
      for (const [change, why] of changed) assert.match(words({ ...proof, ...change }), why)
      const foreign = yield* proveByOwner(other.campaignId, delivered)
      assert.match(words(foreign), /^it is of workspace/)
      // the same ledger under another name
      assert.notMatch(
        words({ ...foreign, workspace_id: workspace.workspaceId, campaign_id: campaignId }),
        /was (not )?in/
      )
    })
  )

  it.effect("is not made of a ledger that is not sealed, was erased or changed, or whose seal was dropped", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { campaignId, delivered, laneId, workspace } = yield* sealedLedger
      const prove = refusal(proveByOwner(campaignId, delivered))
      const open = yield* sampleCampaign({ workspace, channels: [], state: "draft" })
      assert.match(yield* refusal(proveByOwner(open.campaignId, delivered)), /is not sealed yet: it is draft$/)
      const stopped = yield* sampleCampaign({ workspace, channels: [], state: "draft" })
      yield* pressAs(workspace, workspace.authorId, stopped.campaignId, "stop")
      assert.strictEqual(
        yield* refusal(proveByOwner(stopped.campaignId, delivered)),
        `campaign ${stopped.campaignId} never began: it sent nothing, and has no ledger`
      )
      assert.strictEqual(yield* refusal(proveByOwner(99_999, delivered)), "no campaign")

      const before = yield* lastWords(workspace.workspaceId)
      yield* byForce("block", `UPDATE block SET outcomes = 'u' || substr(outcomes, 2) WHERE lane_id = ${laneId}`)
      assert.strictEqual(yield* prove, "not as sealed")
      yield* byForce("block", `UPDATE block SET outcomes = 'd' || substr(outcomes, 2) WHERE lane_id = ${laneId}`)
      yield* byForce(
        "audit",
        `UPDATE audit SET action = 'x.y' WHERE action = 'ledger.seal' AND object_id = ${campaignId}`
      )
      assert.strictEqual(yield* prove, "seal dropped")
      yield* sql`UPDATE campaign SET erased_at = now() WHERE id = ${campaignId}`
      assert.match(yield* prove, /were erased, so nothing can be proved/)
      assert.deepStrictEqual(yield* lastWords(workspace.workspaceId), before, "nothing was proved, nothing said")
    })
  )
})
