import { readFileSync } from "node:fs"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { verifyChain } from "#schema/audit/Verify.ts"
import { checkLedger } from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { splitStatements } from "#schema/statements.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { makeHistory } from "./history.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("the demo's month", (it) => {
  it.effect("is made once, adds up number by number, verifies, and is over but for what is under way", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const demo = readFileSync(new URL("../demo.sql", import.meta.url), "utf8")
      for (const { text } of splitStatements(demo)) yield* sql.unsafe(text).unprepared
      const made = yield* makeHistory()
      assert.isAbove(made, 40)
      assert.strictEqual(yield* makeHistory(), 0, "not again")

      const states = yield* sql<{
        state: string
        n: number
      }>`SELECT state, count(*)::int AS n FROM campaign GROUP BY state`
      const all = [
        "draft",
        "in_review",
        "scheduled",
        "sending",
        "paused",
        "done",
        "rejected",
        "cancelled",
        "expired",
        "failed"
      ]
      assert.sameMembers(
        states.map(({ state }) => state),
        all
      )
      const campaigns = yield* sql<{ id: number; workspace_id: number }>`SELECT id, workspace_id FROM campaign`
      assert.lengthOf(campaigns, made)
      for (const { id } of campaigns) assert.deepStrictEqual(yield* checkLedger(id), [], `campaign ${id}`)
      const [total] = yield* sql<{ recipients: number; moving: number }>`
        SELECT sum(audience)::int AS recipients, sum(moving) FILTER (WHERE state = 'done')::int AS moving FROM campaign_progress`
      assert.isAbove(total!.recipients, 3_000)
      assert.strictEqual(total!.moving, 0)

      for (const workspaceId of new Set(campaigns.map((one) => one.workspace_id)))
        assert.isAbove((yield* verifyChain(workspaceId, undefined)).findings.rows, 20)
      const [late] = yield* sql<{ n: number }>`
        SELECT (SELECT count(*) FROM audit WHERE at > now())::int + (SELECT count(*) FROM campaign_transition WHERE moved_at > now())::int
             + (SELECT count(*) FROM campaign WHERE greatest(created_at, submitted_at, opened_at, closed_at) > now())::int AS n`
      assert.strictEqual(late!.n, 0, "nothing was done tomorrow")
      const backwards = yield* sql`
        SELECT seq FROM (SELECT seq, at, lag(at) OVER (PARTITION BY workspace_id ORDER BY seq) AS before FROM audit WHERE workspace_id > 0) AS a
         WHERE at < before`
      assert.deepStrictEqual(backwards, [], "a department's audit tells what happened in its order")
      const [first] = yield* sql<{
        days: number
      }>`SELECT extract(day FROM now() - min(at))::int AS days FROM audit WHERE workspace_id > 0`
      assert.isAtLeast(first!.days, 27)
    })
  )

  it.effect("is not put into an installation in which somebody is already", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      yield* sql`INSERT INTO person (email, name) VALUES ('real@sms.example', 'Somebody')`
      assert.strictEqual(yield* makeHistory(), 0)
    })
  )
})
