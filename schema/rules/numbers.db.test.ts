/** Numbers as people see them. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"

const run = <A extends object>(statement: string) => Effect.flatMap(SqlClient, (sql) => sql.unsafe<A>(statement))

layer(TestDatabase.layer, { excludeTestServices: true })("a number", (it) => {
  it.effect("is masked but for its country and its end, whatever its length", () =>
    Effect.gen(function* () {
      for (const [number, shown] of [
        ["998901234512", "99890•••••12"],
        ["12025550123", "12025••••23"],
        ["999999999999999", "99999••••••••99"],
        ["1234567", "123••67"],
        ["123", "00••23"],
        ["1", "00••01"]
      ] as const) {
        assert.deepStrictEqual(yield* run(`SELECT masked(${number}) AS shown`), [{ shown }])
      }
    })
  )

  it.effect("is masked on a page of the ledger, and clear to who may and says why: which is kept", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { laneId } = yield* sampleCampaign({ workspace, channels: [channel], numbers: [998_901_234_512] })
      const author = yield* actor(workspace.authorId, workspace.workspaceId)
      const moderator = yield* actor(workspace.moderatorId, workspace.workspaceId)
      const page = run<{ number: string }>(`SELECT number FROM ledger_page(${laneId}, 0, 10)`)
      assert.deepStrictEqual(yield* asPortal(author(page)), [{ number: "99890•••••12" }])
      const reveal = (why: string) => run<{ number: number }>(`SELECT reveal_number(${laneId}, 1, '${why}') AS number`)
      assert.strictEqual((yield* asPortal(Effect.flip(author(reveal("curious"))))).reason, "Forbidden")
      assert.match(
        (yield* asPortal(Effect.flip(moderator(reveal(" "))))).message,
        /^say why you need to see this number/
      )
      assert.deepStrictEqual(yield* asPortal(moderator(reveal("she called"))), [{ number: 998_901_234_512 }])
      const [said] = yield* sql<{ facts: string; personal: string }>`
        SELECT facts, personal FROM audit WHERE action = 'number.reveal' AND workspace_id = ${workspace.workspaceId}`
      assert.notInclude(said!.facts, "998901234512", "what stays for ever tells no number")
      assert.deepInclude(JSON.parse(said!.personal), { number: 998_901_234_512, reason: "she called" })
    })
  )
})
