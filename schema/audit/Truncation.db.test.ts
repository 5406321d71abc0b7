/** That decisions which stay when a chain's beginning is cut off can still be checked, by the passkeys that went with it. */
import { assert, layer } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type SampleWorkspace, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { decisionChallenge } from "./SignedDecision.ts"
import { approveSigned, enrol, type Signer } from "./testing/decideSigned.ts"
import { verifyChain } from "./Verify.ts"

const prepare = Effect.gen(function* () {
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const campaign = Effect.map(
    sampleCampaign({ workspace, channels: [channel], state: "in_review" }),
    ({ campaignId }) => campaignId
  )
  /** Approves a new campaign, and gives the row's seq. */
  const approve = (signer: Signer) =>
    Effect.gen(function* () {
      yield* approveSigned(workspace, signer, yield* campaign)
      return yield* newest(workspace, "campaign.approve")
    })
  return { workspace, campaign, approve, decisions: decisionsIn(workspace) }
})

const decisionsIn = ({ workspaceId }: SampleWorkspace) =>
  Effect.map(verifyChain(workspaceId, undefined), ({ findings: { decisions, rows } }) => ({
    rows,
    signed: decisions.signed,
    uncheckable: decisions.uncheckable
  }))

const newest = ({ workspaceId }: SampleWorkspace, action: string) =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.map(
      sql<{
        seq: number
      }>`SELECT max(seq) AS seq FROM audit WHERE workspace_id = ${workspaceId} AND action = ${action}`,
      ([row]) => row!.seq
    )
  )

/** Drops the rows before `seq`, as retention does; gives the passkeys that the row about it carries. */
const cutBefore = ({ workspaceId }: SampleWorkspace, seq: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`SELECT begin_erasing()`
        yield* sql`SELECT truncate_audit(${workspaceId}, (SELECT at FROM audit WHERE workspace_id = ${workspaceId} AND seq = ${seq}))`
      })
    )
    const [row] = yield* sql<{ facts: string }>`
      SELECT facts FROM audit WHERE workspace_id = ${workspaceId} AND action = 'audit.truncate' ORDER BY seq DESC LIMIT 1`
    const { first_seq, passkeys } = JSON.parse(row!.facts)
    assert.strictEqual(first_seq, seq)
    return passkeys as ReadonlyArray<object>
  })

const introduction = ({ device, personId }: Signer) => ({
  person_id: personId,
  credential_id: device.credentialId,
  public_key: Buffer.from(device.publicKey).toString("base64url")
})

/** Done when so many connections of this database wait for a lock. */
const waiting = (n: number) =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.repeat(
      sql<{ n: number }>`SELECT count(DISTINCT l.pid) AS n FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                          WHERE NOT l.granted AND a.datname = current_database()`,
      { until: ([row]) => row!.n === n }
    )
  )

layer(TestDatabase.layer, { excludeTestServices: true })("a chain whose beginning was cut off", (it) => {
  it.effect("carries the passkeys of decisions that stay, and no other", () =>
    Effect.gen(function* () {
      const { approve, decisions, workspace } = yield* prepare
      const moderator = yield* enrol(workspace.moderatorId)
      const admin = yield* enrol(workspace.adminId)
      const gone = yield* enrol(workspace.flaggedId)
      yield* approve(moderator)
      yield* approve(gone)
      const second = yield* approve(moderator)
      yield* approve(admin)
      assert.deepStrictEqual(yield* cutBefore(workspace, second), [introduction(moderator)])
      const found = yield* decisions
      assert.deepStrictEqual([found.signed, found.uncheckable], [2, 0])

      // introduced anew, since the chain has it no more
      const later = yield* approve(moderator)
      assert.strictEqual((yield* decisions).signed, 3)
      // the row before is the introduction
      assert.deepStrictEqual(yield* cutBefore(workspace, later - 1), [])
      assert.deepStrictEqual((yield* decisions).signed, 1)
      assert.deepStrictEqual(yield* cutBefore(workspace, later), [introduction(moderator)])
      assert.deepStrictEqual(yield* decisions, { rows: 3, signed: 1, uncheckable: 0 })
    })
  )

  it.effect("carries on what an earlier cut carried, when that is cut as well", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { approve, decisions, workspace } = yield* prepare
      const { moderatorId, workspaceId } = workspace
      const moderator = yield* enrol(moderatorId)
      yield* approve(moderator)
      const second = yield* approve(moderator)
      yield* cutBefore(workspace, second)
      // one that stands on the carried introduction alone, of another submission: said by hand, since an act introduces anew
      const [decision] = yield* sql<{ facts: string; object_id: number }>`
        SELECT facts, object_id FROM audit WHERE workspace_id = ${workspaceId} AND seq = ${second}`
      const { assertion, ...decided } = { ...JSON.parse(decision!.facts), submission: 2 }
      const { campaign_id: campaignId, fingerprint } = decided
      const { response } = moderator.device.assert(
        decisionChallenge({ workspaceId, campaignId, submission: 2, fingerprint, decision: "approve" })
      )
      const { authenticatorData, clientDataJSON, signature } = response
      const signed = {
        ...assertion,
        client_data_json: clientDataJSON,
        authenticator_data: authenticatorData,
        signature
      }
      yield* actAs(
        moderatorId,
        workspaceId
      )(
        sql`SELECT audit('campaign.approve', 'campaign', ${decision!.object_id}::bigint, ${JSON.stringify({ ...decided, assertion: signed })}::text::jsonb)`
      )
      const third = yield* newest(workspace, "campaign.approve")
      assert.deepStrictEqual(yield* cutBefore(workspace, third), [introduction(moderator)])
      assert.deepStrictEqual(yield* decisions, { rows: 2, signed: 1, uncheckable: 0 })
    })
  )

  it.effect("waits for a decision under way that relies on what it cuts off", () =>
    Effect.gen(function* () {
      const { approve, campaign, decisions, workspace } = yield* prepare
      const moderator = yield* enrol(workspace.moderatorId)
      yield* approve(moderator)
      const next = yield* campaign
      const cutAt = yield* newest(workspace, "campaign.submit")
      const decided = yield* Deferred.make<void>()
      const cutting = yield* Effect.forkChild(Effect.andThen(Deferred.await(decided), cutBefore(workspace, cutAt)))
      const heldUp = yield* Effect.forkChild(
        Effect.andThen(Deferred.await(decided), Effect.raceFirst(waiting(1), Fiber.await(cutting)))
      )
      yield* approveSigned(
        workspace,
        moderator,
        next,
        Effect.andThen(Deferred.succeed(decided, undefined), Effect.orDie(Fiber.join(heldUp)))
      )
      assert.deepStrictEqual(yield* Fiber.join(cutting), [introduction(moderator)])
      const { signed, uncheckable } = yield* decisions
      assert.deepStrictEqual([signed, uncheckable], [1, 0])
    })
  )
})
