/** The stop list as people see it: masked, by who manages the workspace alone, each look for a number in the audit. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actionsOf, signedIn, told } from "#schema/testing/signedIn.ts"
import * as StopList from "./StopList.ts"

const NUMBER = 998_901_234_512

layer(TestDatabase.layer, { excludeTestServices: true })("the stop list for people", (it) => {
  it.effect("shows its newest masked, with how many there are, and says of one that is named whether it is there", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { adminId, workspaceId } = yield* sampleWorkspace()
      const admin = yield* signedIn(adminId, workspaceId)
      assert.deepStrictEqual(yield* admin(StopList.newest()), { stops: [], total: 0 })
      yield* sql`INSERT INTO stop_list (workspace_id, msisdn, cause, stopped_at)
                 SELECT ${workspaceId}, n, 'older', now() - interval '1 day' FROM generate_series(1, ${StopList.MOST}) AS n`
      assert.strictEqual(yield* admin(StopList.add([NUMBER, 2], "asked by mail\0")), 1)
      const { stops, total } = yield* admin(StopList.newest())
      assert.deepStrictEqual([stops.length, total], [StopList.MOST, StopList.MOST + 1])
      assert.deepInclude(stops[0], { number: "99890•••••12", cause: "asked by mail" })
      assert.deepInclude(yield* admin(StopList.find(NUMBER)), { cause: "asked by mail" })
      assert.isUndefined(yield* admin(StopList.find(NUMBER + 1)))
      assert.strictEqual(yield* admin(StopList.remove([NUMBER], "asked again")), 1)
      assert.isUndefined(yield* admin(StopList.find(NUMBER)))
      const searches = ["number.search", "number.search"]
      assert.deepStrictEqual(yield* actionsOf(workspaceId), [
        ...["stop_list.add", ...searches, "stop_list.remove", "number.search"]
      ])
    })
  )

  it.effect("is nobody else's to see, and a neighbour's is another one", () =>
    Effect.gen(function* () {
      const { adminId, moderatorId, workspaceId } = yield* sampleWorkspace()
      const neighbour = yield* sampleWorkspace()
      yield* (yield* signedIn(adminId, workspaceId))(StopList.add([NUMBER], "asked"))
      const moderator = yield* signedIn(moderatorId, workspaceId)
      for (const look of [StopList.newest(), StopList.find(NUMBER)])
        assert.match(yield* told<unknown, SqlClient>(moderator(look as never)), /^Forbidden: only an admin may manage/)
      const other = yield* signedIn(neighbour.adminId, neighbour.workspaceId)
      assert.deepStrictEqual(yield* other(StopList.newest()), { stops: [], total: 0 })
      assert.isUndefined(yield* other(StopList.find(NUMBER)))
    })
  )
})
