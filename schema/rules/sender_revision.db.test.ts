/** Who may decide on a sender name's revision, and that nothing moves it after that. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient, type SqlError, sqlState } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("a sender's revision", (it) => {
  it.effect("is decided once, by a moderator who did not make it, and is never changed after that", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { adminId, authorId, moderatorId, senderId, workspaceId } = yield* sampleWorkspace()
      const [revision] = yield* sql<{ id: number }>`
        INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, made_by)
        VALUES (${workspaceId}, ${senderId}, 2, 'CorpIT2', 5, 0, 'new', ${moderatorId}) RETURNING id`
      const update = (set: string) => sql.unsafe(`UPDATE sender_revision SET ${set} WHERE id = ${revision!.id}`)
      const decide = (person: number) => update(`status = 'approved', decided_at = now(), decided_by = ${person}`)
      const state = (effect: Effect.Effect<unknown, SqlError>) => Effect.map(Effect.flip(effect), sqlState)
      assert.strictEqual(yield* state(decide(adminId)), "CS403", "nobody acts")
      const decideAs = (person: number) => actAs(person, workspaceId)(decide(person))
      assert.notStrictEqual((yield* Effect.flip(decideAs(moderatorId))).message, "", "who made it")
      assert.strictEqual((yield* Effect.flip(decideAs(authorId))).reason, "Forbidden")
      assert.strictEqual((yield* Effect.flip(actAs(adminId, workspaceId)(decide(moderatorId)))).reason, "Forbidden")
      assert.strictEqual(yield* state(update("saddr = 'Bank'")), "CS403")
      yield* decideAs(adminId)
      for (const set of ["status = 'rejected'", "saddr = 'Bank'", "dest_addr_ton = 0"]) {
        assert.strictEqual(yield* state(update(set)), "CS403")
      }
      assert.strictEqual(yield* state(sql`DELETE FROM sender_revision WHERE id = ${revision!.id}`), "CS403")
    })
  )
})
