import { assert, layer } from "@effect/vitest"
import { Effect, Redacted, Result, Stream } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import {
  byForce,
  type SampleWorkspace,
  sampleCampaign,
  sampleChannel,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { AuditFault } from "./AuditRow.ts"
import { chainHead, chains, rowsOf } from "./Audits.ts"
import { generateCheckpointKey, readPrivateKey, signCheckpoint } from "./Checkpoint.ts"
import { approveSigned, enrol } from "./testing/decideSigned.ts"
import { ran } from "./testing/ran.ts"
import { verifyChain } from "./Verify.ts"

const verify = (workspaceId: number) => Effect.map(verifyChain(workspaceId, undefined), ({ findings }) => findings)

const refused = (workspaceId: number) =>
  Effect.map(Effect.flip(verifyChain(workspaceId, undefined)), (error) =>
    error instanceof AuditFault ? [error.seq, error.reason] : ["not verified", error.message]
  )

const say = (workspace: SampleWorkspace, facts: object, personal: object) =>
  Effect.flatMap(SqlClient, (sql) =>
    actAs(
      workspace.authorId,
      workspace.workspaceId
    )(
      sql`SELECT audit('campaign.edit', 'campaign', 1, ${JSON.stringify(facts)}::text::jsonb, ${JSON.stringify(personal)}::text::jsonb)`
    )
  )

/** A workspace in which something was said ten times. */
const spoken = Effect.gen(function* () {
  const workspace = yield* sampleWorkspace()
  for (let i = 1; i <= 10; i++) yield* say(workspace, { i, text: "Ünïcödé, “5:”\n\t☎️ \\u0041" }, { note: `№ ${i} 🙂` })
  return workspace
})

const rowsIn = (workspaceId: number) => Effect.map(Stream.runCollect(rowsOf(workspaceId)), (batches) => batches.flat())

layer(TestDatabase.layer, { excludeTestServices: true })("the audit in the database", (it) => {
  it.effect("verifies as SQL wrote it, to the byte", () =>
    Effect.gen(function* () {
      const { workspaceId } = yield* spoken
      const { decisions, first, last, personal, rows } = yield* verify(workspaceId)
      assert.deepStrictEqual([rows, first?.seq, last?.seq, personal, decisions.signed], [10, 1, 10, 10, 0])
      assert.include(yield* chains, workspaceId)
    })
  )

  it.effect("verifies a signed approval by the passkey that SQL introduced", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state: "in_review" })
      yield* approveSigned(workspace, yield* enrol(workspace.moderatorId), campaignId)
      const { decisions } = yield* verify(workspace.workspaceId)
      assert.deepStrictEqual(decisions, { signed: 1, unsigned: 0, uncheckable: 0, origins: ["https://sms.example"] })
    })
  )

  it.effect("chains what one transaction says in several workspaces, in turn, each in its own", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const first = (yield* spoken).workspaceId
      const second = (yield* sampleWorkspace()).workspaceId
      yield* sql`SELECT audit_system(CASE WHEN i % 3 = 0 THEN ${first}::int ELSE ${second}::int END, 'x.y', 'campaign', i)
                   FROM generate_series(1, 9) i`
      const said = (workspaceId: number) =>
        Effect.map(rowsIn(workspaceId), (rows) =>
          rows.filter(({ action }) => action === "x.y").map((row) => row.object_id)
        )
      assert.deepStrictEqual(yield* said(first), [3, 6, 9])
      assert.deepStrictEqual(yield* said(second), [1, 2, 4, 5, 7, 8])
      assert.strictEqual((yield* verify(first)).rows, 13)
      assert.strictEqual((yield* verify(second)).rows, 6)
    })
  )

  it.effect("finds a change of each column by hand, as its owner could make it", () =>
    Effect.gen(function* () {
      const { workspaceId } = yield* spoken
      const changes: Record<string, string> = {
        at: "at + interval '1 microsecond'",
        person_id: "NULL",
        role: "role || ' '",
        action: "'sender.decide'",
        object: "'sender'",
        object_id: "object_id + 1",
        facts: "replace(facts, ':', ' :')",
        personal: "replace(personal, '🙂', '🙃')",
        salt: "set_byte(salt, 15, get_byte(salt, 15) # 1)",
        personal_digest: "set_byte(personal_digest, 0, get_byte(personal_digest, 0) # 1)",
        previous: "set_byte(previous, 31, get_byte(previous, 31) # 128)",
        hash: "set_byte(hash, 31, get_byte(hash, 31) # 1)"
      }
      const [row] = (yield* rowsIn(workspaceId)).slice(6)
      for (const [column, change] of Object.entries(changes)) {
        const where = `WHERE workspace_id = ${workspaceId} AND seq = 7`
        yield* byForce("audit", `CREATE TEMP TABLE was AS SELECT * FROM audit ${where}`)
        yield* byForce("audit", `UPDATE audit SET ${column} = ${change} ${where}`)
        assert.strictEqual((yield* refused(workspaceId))[0], 7, column)
        yield* byForce("audit", `UPDATE audit SET ${column} = (SELECT ${column} FROM was) ${where}`)
        yield* byForce("audit", "DROP TABLE was")
      }
      assert.deepStrictEqual((yield* rowsIn(workspaceId))[6], row)
      assert.strictEqual((yield* verify(workspaceId)).rows, 10)
    })
  )

  it.effect("finds rows that were taken away, in the middle and at either end", () =>
    Effect.gen(function* () {
      const without = Effect.fnUntraced(function* (seqs: string) {
        const { workspaceId } = yield* spoken
        yield* byForce("audit", `DELETE FROM audit WHERE workspace_id = ${workspaceId} AND seq IN (${seqs})`)
        return yield* refused(workspaceId)
      })
      assert.deepStrictEqual(yield* without("5"), [6, "gap"])
      assert.deepStrictEqual(yield* without("1, 2, 3"), [4, "head"])
      assert.deepStrictEqual(yield* without("9, 10"), [9, "end"])
      assert.deepStrictEqual(yield* without("1, 2, 3, 4, 5, 6, 7, 8, 9, 10"), [1, "end"])
    })
  )

  it.effect("finds that the head says another hash than the newest row", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { workspaceId } = yield* spoken
      yield* sql`UPDATE audit_chain SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1) WHERE workspace_id = ${workspaceId}`
      assert.deepStrictEqual(yield* refused(workspaceId), [10, "end"])
    })
  )

  it.effect("verifies after retention has erased and cut off, and not after somebody did so by hand", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const byHand = yield* spoken
      yield* byForce(
        "audit",
        `UPDATE audit SET personal = NULL, salt = NULL WHERE workspace_id = ${byHand.workspaceId} AND seq = 3`
      )
      assert.deepStrictEqual(yield* refused(byHand.workspaceId), [3, "erased"])

      const workspace = yield* spoken
      const retention = (statement: string) =>
        sql.withTransaction(Effect.andThen(sql`SELECT begin_erasing()`, sql.unsafe(statement)))
      const at = (seq: number) =>
        `(SELECT at FROM audit WHERE workspace_id = ${workspace.workspaceId} AND seq = ${seq})`
      yield* retention(`SELECT erase_audit(${workspace.workspaceId}, ${at(6)})`)
      const after = yield* verify(workspace.workspaceId)
      assert.deepStrictEqual([after.rows, after.erased], [11, 5])
      yield* retention(`SELECT truncate_audit(${workspace.workspaceId}, ${at(4)})`)
      const cut = yield* verify(workspace.workspaceId)
      assert.deepStrictEqual([cut.rows, cut.first?.seq, cut.last?.seq], [9, 4, 12])
    })
  )

  it.effect("holds a chain that was written anew to the checkpoints kept in the database", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { workspaceId } = yield* spoken
      const keys = generateCheckpointKey()
      const head = yield* chainHead(workspaceId)
      const signed = signCheckpoint(
        { workspace_id: workspaceId, seq: head.seq, hash: head.hash!, at_us: "1767225600000000" },
        Result.getOrThrow(readPrivateKey(keys.privateKey))
      )
      yield* sql`INSERT INTO audit_checkpoint (workspace_id, seq, hash, at_us, public_key, signature)
                 VALUES (${workspaceId}, ${signed.seq}, decode(${signed.hash}, 'hex'), ${signed.at_us}::text::bigint,
                         decode(${signed.public_key}, 'hex'), decode(${signed.signature}, 'hex'))`
      assert.strictEqual((yield* verify(workspaceId)).checkpoints.held, 1)
      const other = yield* Effect.flip(verifyChain(workspaceId, generateCheckpointKey().publicKey))
      assert.instanceOf(other, AuditFault)

      // every hash anew, by the rules' own function, head included: nothing inside can tell
      yield* byForce("audit", `UPDATE audit SET role = 'admin' WHERE workspace_id = ${workspaceId} AND seq = 8`)
      for (const seq of [8, 9, 10]) {
        yield* byForce(
          "audit",
          `UPDATE audit a SET previous = b.hash FROM audit b WHERE a.workspace_id = ${workspaceId} AND a.seq = ${seq}
              AND b.workspace_id = a.workspace_id AND b.seq = a.seq - 1`
        )
        yield* byForce(
          "audit",
          `UPDATE audit a SET hash = audit_hash(a) WHERE workspace_id = ${workspaceId} AND seq = ${seq}`
        )
      }
      yield* sql`UPDATE audit_chain c SET hash = a.hash FROM audit a
                  WHERE c.workspace_id = ${workspaceId} AND a.workspace_id = c.workspace_id AND a.seq = c.seq`
      assert.deepStrictEqual(yield* refused(workspaceId), [10, "checkpoint"])
      yield* byForce("audit_checkpoint", `DELETE FROM audit_checkpoint WHERE workspace_id = ${workspaceId}`)
      yield* verify(workspaceId)
    })
  )

  it.effect("is verified by the command, which ends with 0, 1 or 2", () =>
    Effect.gen(function* () {
      const { ownerUrl } = yield* TestDatabase
      const command = (workspaceId: number) => {
        const env = { DATABASE_URL: Redacted.value(ownerUrl) }
        const { code, complained, said } = ran("verifyAudit.ts", ["--workspace", `${workspaceId}`], env)
        return [code, `${said}${complained}`] as const
      }
      const { workspaceId } = yield* spoken
      const [whole, found] = command(workspaceId)
      assert.strictEqual(whole, 0, found)
      assert.match(found, new RegExp(`^Sample \\d+ \\(workspace ${workspaceId}\\):\n  10 rows \\(1 to 10\\), from `))
      yield* byForce("audit", `UPDATE audit SET facts = '{}' WHERE workspace_id = ${workspaceId} AND seq = 7`)
      const [changed, complaint] = command(workspaceId)
      assert.strictEqual(changed, 1, complaint)
      assert.include(complaint, `BAD: workspace ${workspaceId}: the hash of row 7 does not match`)
      assert.strictEqual(command(99_999)[0], 2)
    })
  )

  it.effect("is not said to be missing by whose role is shown none", () =>
    Effect.gen(function* () {
      const { portalUrl } = yield* TestDatabase
      yield* spoken
      const { code, complained } = ran("verifyAudit.ts", [], { DATABASE_URL: Redacted.value(portalUrl) })
      assert.strictEqual(code, 2, complained)
      assert.match(
        complained,
        /^not verified: \S*portal\S* is shown no audit, whether there is any or not; set DATABASE_URL to the owner's/
      )
    })
  )
})
