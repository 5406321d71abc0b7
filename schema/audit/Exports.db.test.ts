/** That a chain leaves the database whole, as it was at one moment, by those who may have all of it, and not without a word. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { parse } from "csv-parse/sync"
import { Deferred, Effect, Fiber } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import type { Refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type SampleWorkspace, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import { type ExportFormat, exportAs, exportByOwner, type Take } from "./Exports.ts"
import { folder } from "./testing/folder.ts"
import { verifyExport } from "./Verify.ts"

const say = ({ authorId, workspaceId }: SampleWorkspace, events: number) =>
  Effect.flatMap(SqlClient, (sql) =>
    actAs(authorId, workspaceId)(sql`SELECT audit('campaign.edit', 'campaign', i) FROM generate_series(1, ${events}) i`)
  )

/** What is taken, and verifies. */
const taken = <A, E, R>(use: (take: Take<never, never>) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const pieces: Array<string> = []
    const header = yield* use((piece) => Effect.sync(() => void pieces.push(piece)))
    return { header, pieces, text: pieces.join("") }
  })

const verified = Effect.fnUntraced(function* (text: string) {
  const path = join(yield* folder, "export.jsonl")
  writeFileSync(path, text)
  return (yield* verifyExport(path, { checkpoints: [], key: undefined })).findings
})

layer(TestDatabase.layer, { excludeTestServices: true })("an export", (it) => {
  it.effect("has every row of its workspace and no other, in pieces, and the one that says that it was made", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const workspace = yield* sampleWorkspace()
      const neighbour = yield* sampleWorkspace()
      yield* say(workspace, 4_500)
      yield* say(neighbour, 3)
      const moderator = yield* actor(workspace.moderatorId, workspace.workspaceId)
      const { header, pieces, text } = yield* taken((take) => asPortal(exportAs(moderator, "jsonl", take)))
      const { first, last, rows } = yield* verified(text)
      assert.deepStrictEqual([rows, first?.seq, last?.seq, last?.action], [4_501, 1, 4_501, "audit.export"])
      assert.deepStrictEqual([last?.person_id, last?.object_id], [workspace.moderatorId, workspace.workspaceId])
      assert.deepInclude(header, { workspace_id: workspace.workspaceId, first_seq: 1, last_seq: 4_501 })
      assert.strictEqual(pieces.length, 4, "the first line, and three batches")
      assert.notInclude(text, `"workspace_id":${neighbour.workspaceId}`)
    })
  )

  it.effect("is refused to who may see a part of it alone, and nothing is said then", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      yield* say(workspace, 1)
      const { workspaceId } = workspace
      for (const personId of [workspace.authorId, workspace.flaggedId]) {
        const as = yield* actor(personId, workspaceId)
        const attempt = taken((take) => asPortal(exportAs(as, "jsonl", take)))
        assert.strictEqual(((yield* Effect.flip(attempt)) as Refused).reason, "Forbidden")
      }
      assert.deepStrictEqual(yield* sql`SELECT seq FROM audit_chain WHERE workspace_id = ${workspaceId}`, [{ seq: 1 }])
    })
  )

  it.effect("is of one moment: what is said or erased meanwhile is not in it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      yield* say(workspace, 2_500)
      const { workspaceId } = workspace
      const meanwhile = Effect.gen(function* () {
        yield* say(workspace, 1)
        yield* sql.withTransaction(
          Effect.gen(function* () {
            yield* sql`SELECT begin_erasing()`
            yield* sql`SELECT truncate_audit(${workspaceId}, (SELECT at FROM audit WHERE workspace_id = ${workspaceId} AND seq = 2400))`
          })
        )
      })
      const reading = yield* Deferred.make<void>()
      const other = yield* Effect.forkChild(Effect.andThen(Deferred.await(reading), Effect.orDie(meanwhile)))
      const { text } = yield* taken((take) =>
        exportByOwner(workspaceId, "jsonl", (piece) =>
          Deferred.succeed(reading, undefined).pipe(Effect.andThen(Fiber.join(other)), Effect.andThen(take(piece)))
        )
      )
      const { last, rows } = yield* verified(text)
      assert.deepStrictEqual([rows, last?.seq, last?.action, last?.role], [2_501, 2_501, "audit.export", "system"])
      assert.deepStrictEqual(yield* sql`SELECT first_seq, seq FROM audit_chain WHERE workspace_id = ${workspaceId}`, [
        { first_seq: 2_400, seq: 2_503 }
      ])
    })
  )

  it.effect(
    "of a chain whose beginning was dropped begins where it does; of one that never was there has one row",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const workspace = yield* sampleWorkspace()
        const { workspaceId } = workspace
        const exported = (format: ExportFormat) => taken((take) => exportByOwner(workspaceId, format, take))
        assert.strictEqual((yield* verified((yield* exported("jsonl")).text)).rows, 1)
        yield* say(workspace, 9)
        yield* sql.withTransaction(
          Effect.gen(function* () {
            yield* sql`SELECT begin_erasing()`
            yield* sql`SELECT truncate_audit(${workspaceId}, (SELECT at FROM audit WHERE workspace_id = ${workspaceId} AND seq = 4))`
          })
        )
        const { header, text } = yield* exported("jsonl")
        assert.deepInclude(header, { first_seq: 4, last_seq: 12 })
        assert.strictEqual((yield* verified(text)).rows, 9)
      })
  )

  it.effect("as CSV says who acted, as they were called then", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const { adminId, authorId, workspaceId } = workspace
      yield* say(workspace, 1)
      yield* sql`UPDATE person SET name = 'Renamed' WHERE id = ${authorId}`
      const admin = yield* actor(adminId, workspaceId)
      const { text } = yield* taken((take) => asPortal(exportAs(admin, "csv", take)))
      const rows: ReadonlyArray<Record<string, string>> = parse(text, { columns: true })
      const people = yield* sql<{ id: number; email: string }>`SELECT id, email FROM person`
      const emailOf = (id: number) => people.find((person) => person.id === id)!.email
      assert.deepStrictEqual(
        rows.map(({ action, email, name, person_id, role }) => [action, person_id, name, email, role]),
        [
          ["campaign.edit", `${authorId}`, "Author", emailOf(authorId), "author"],
          ["audit.export", `${adminId}`, "Admin", emailOf(adminId), "admin"]
        ]
      )
    })
  )
})
