/** That the heads of grown chains are signed, once each, and that the database keeps only what is true of it. */
import { assert, layer } from "@effect/vitest"
import { Effect, Result } from "effect"
import { SqlClient, type SqlError, sqlState } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { checkpointsOf } from "./Audits.ts"
import { generateCheckpointKey, readPrivateKey, wrongSignature } from "./Checkpoint.ts"
import { signHeads } from "./Checkpoints.ts"

const { privateKey, publicKey } = generateCheckpointKey()
const key = Result.getOrThrow(readPrivateKey(privateKey))

layer(TestDatabase.layer, { excludeTestServices: true })("checkpoints", (it) => {
  it.effect("are signed of each chain that has grown, and of no other", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const sql = yield* SqlClient
      const first = yield* sampleWorkspace()
      const second = yield* sampleWorkspace()
      const stop = ({ adminId, workspaceId }: typeof first, number: number) =>
        actAs(adminId, workspaceId)(sql`SELECT add_stops(${[number]}::bigint[], 'asked')`)
      yield* stop(first, 998_900_000_001)
      yield* stop(second, 998_900_000_001)
      const signed = yield* asAccess(signHeads(key))
      assert.deepStrictEqual(
        signed.map(({ workspace_id, seq }) => [workspace_id, seq]),
        [
          [first.workspaceId, 1],
          [second.workspaceId, 1]
        ]
      )
      assert.deepStrictEqual(yield* asAccess(signHeads(key)), [])
      yield* stop(second, 998_900_000_002)
      assert.deepStrictEqual(
        (yield* asAccess(signHeads(key))).map(({ seq }) => seq),
        [2]
      )
      const kept = yield* checkpointsOf(second.workspaceId)
      assert.deepStrictEqual(
        kept.map((checkpoint) => wrongSignature(checkpoint, publicKey)),
        [undefined, undefined]
      )
    })
  )

  it.effect("are not kept of a row that is not there, and never changed", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const sql = yield* SqlClient
      const { adminId, workspaceId } = yield* sampleWorkspace()
      yield* actAs(adminId, workspaceId)(sql`SELECT add_stops('{998900000001}', 'asked')`)
      const keep = (seq: number) =>
        asAccess(
          Effect.flatMap(
            SqlClient,
            (client) =>
              client`SELECT keep_checkpoint(${workspaceId}, ${seq}, sha256(''), 1, sha256(''), sha256('') || sha256(''))`
          )
        )
      for (const seq of [1, 2]) assert.strictEqual(sqlState((yield* Effect.flip(keep(seq))) as SqlError), "CS409")
      yield* asAccess(signHeads(key))
      for (const statement of [
        "UPDATE audit_checkpoint SET seq = 9",
        "DELETE FROM audit_checkpoint",
        "TRUNCATE audit_checkpoint"
      ])
        assert.strictEqual(sqlState((yield* Effect.flip(sql.unsafe(statement))) as SqlError), "CS403")
    })
  )
})
