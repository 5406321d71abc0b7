/** What was fed is in the ledger as everything else; and who feeds, claims and stops at once don't get in each other's way. */
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { sealNext } from "#schema/ledger/Keeping.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { as, feed, open } from "#schema/testing/feeding.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { byForce, pressAs } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("what was fed", (it) => {
  /** One number three times, in two calls, among others; one on the stop list. */
  const fed = Effect.gen(function* () {
    const { asEngine } = yield* TestDatabase
    const sql = yield* SqlClient
    const { campaignId, channel, laneId, workspace } = yield* open()
    const often = 998_900_000_500
    const stopped = 998_900_000_007
    yield* as(workspace)(sql`SELECT add_stops(${[stopped]}::bigint[], 'asked')`)
    yield* as(workspace)(feed(campaignId, ["1", often], ["2", 998_900_000_001], ["3", often]))
    yield* as(workspace)(feed(campaignId, ["4", stopped]))
    yield* as(workspace)(feed(campaignId, ["5", often]))
    const engine = new PretendEngine(channel)
    const block = (yield* asEngine(engine.claim(laneId, 10)))!
    assert.strictEqual(block.claimed.numbers, `${often},998900000001,${often},,${often}`)
    const answered = [0, 1, 2, 4]
    yield* asEngine(engine.flush([{ block, answers: answered.map((nth) => ({ nth, part: 1, verdict: "a" })) }]))
    yield* asEngine(
      engine.flush([{ block, receipts: answered.map((nth) => ({ nth, part: 1, state: nth === 2 ? 5 : 2 })) }])
    )
    return { campaignId, laneId, often, stopped, workspace }
  })

  it.effect("has an outcome each, also of a number that was written to several times, and the ledger adds up", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { campaignId, laneId, often, stopped, workspace } = yield* fed
      assert.deepInclude(yield* Campaigns.progress(campaignId), {
        audience: 5,
        delivered: 3,
        undelivered: 1,
        suppressed: 1,
        moving: 0,
        unclaimed: 0
      })
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      const history = (number: number) => sql<{ seq: number; outcome: string }>`
        SELECT seq, outcome FROM number_history_in(${[workspace.workspaceId]}::int[], ${number}::bigint)`
      assert.deepStrictEqual(yield* history(often), [
        { seq: 5, outcome: "delivered" },
        { seq: 3, outcome: "undelivered" },
        { seq: 1, outcome: "delivered" }
      ])
      assert.deepStrictEqual(yield* history(stopped), [{ seq: 4, outcome: "suppressed" }])
      assert.deepStrictEqual(
        yield* sql`SELECT seq, msisdn, outcome FROM ledger WHERE lane_id = ${laneId} ORDER BY seq`,
        yield* sql`SELECT seq, msisdn, outcome FROM ledger_rows(${laneId}, 0, 10)`
      )
    })
  )

  it.effect("is sealed with its campaign, and erased with it", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const { campaignId, often, workspace } = yield* fed
      assert.strictEqual((yield* Effect.flip(Campaigns.move(campaignId, "close"))).reason, "NotItsTime")
      yield* byForce("campaign", `UPDATE campaign SET ends_at = clock_timestamp() WHERE id = ${campaignId}`)
      assert.strictEqual(yield* Campaigns.move(campaignId, "close"), "done")
      while ((yield* asEngine(sealNext)) !== undefined);
      const [seal] = yield* sql<{ counts: object }>`
        SELECT facts::jsonb -> 'counts' AS counts FROM audit WHERE action = 'ledger.seal' AND object_id = ${campaignId}`
      assert.deepInclude(seal!.counts, { audience: 5, delivered: 3, undelivered: 1, suppressed: 1 })
      const runs = yield* sql<{ numbers: string; letters: string }>`
        SELECT numbers::text, letters FROM ledger_runs(${campaignId})`
      assert.deepStrictEqual(runs, [
        { numbers: `{998900000001,998900000007,${often},${often},${often}}`, letters: "dsddu" }
      ])
      yield* sql`UPDATE workspace SET keep_content_months = 1 WHERE id = ${workspace.workspaceId}`
      yield* byForce("campaign", `UPDATE campaign SET closed_at = now() - interval '2 months' WHERE id = ${campaignId}`)
      while (((yield* asEngine(sql`SELECT erase_overdue() AS more`)) as [{ more: boolean }])[0].more);
      assert.deepStrictEqual(yield* sql`SELECT FROM trigger_request WHERE campaign_id = ${campaignId}`, [])
    })
  )
})

/** Until somebody waits for a lock. */
const waitsForLock = Effect.flatMap(SqlClient, (sql) =>
  Effect.repeat(
    sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                        WHERE NOT l.granted AND a.datname = current_database()`,
    { until: ([row]) => row!.n > 0 }
  )
)

layer(TestDatabase.layer, { excludeTestServices: true })("who feeds", (it) => {
  it.effect("waits for nobody who has the campaign in hand, and is told to send it again", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const { campaignId, workspace } = yield* open()
      const admin = yield* actor(workspace.adminId, workspace.workspaceId)
      yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`SELECT FROM campaign WHERE id = ${campaignId} FOR NO KEY UPDATE`
          const busy = yield* Effect.flip(asPortal(admin(feed(campaignId, ["a", 1]))))
          assert.match(
            busy.message,
            /is in somebody's hands at this moment; send the message again, under the same key/
          )
        })
      )
      assert.strictEqual((yield* asPortal(admin(feed(campaignId, ["a", 1]))))[0]!.state, "taken")
    })
  )

  it.effect("is waited for by the claim that takes it out, and cut off who says no more", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const { campaignId, channel, laneId, workspace } = yield* open()
      const engine = new PretendEngine(channel)
      const claiming = yield* as(workspace)(
        Effect.gen(function* () {
          yield* feed(campaignId, ["a", 1])
          assert.deepStrictEqual(yield* sql`SHOW idle_in_transaction_session_timeout`, [
            { idle_in_transaction_session_timeout: "1s" }
          ])
          const claiming = yield* Effect.forkScoped(asEngine(engine.claim(laneId, 2)))
          yield* asEngine(waitsForLock)
          return claiming
        })
      )
      assert.deepStrictEqual(yield* sql`SHOW idle_in_transaction_session_timeout`, [
        { idle_in_transaction_session_timeout: "0" }
      ])
      assert.strictEqual((yield* Fiber.join(claiming))!.claimed.numbers, "1")
    })
  )

  it.effect("comes wholly before a stop or wholly after it, and nobody waits in a circle", () =>
    Effect.gen(function* () {
      const { asEngine, asPortal } = yield* TestDatabase
      const { campaignId, channel, laneId, workspace } = yield* open()
      const engine = new PretendEngine(channel)
      const admin = yield* actor(workspace.adminId, workspace.workspaceId)
      const feeding = yield* Effect.forkScoped(
        Effect.forEach(
          Array.from({ length: 40 }, (_, i) => i),
          (i) => Effect.result(asPortal(admin(feed(campaignId, [`${i}`, 998_900_000_000 + i])))),
          { concurrency: 4 }
        )
      )
      const claiming = yield* Effect.forkScoped(
        Effect.forEach(Array.from({ length: 10 }), () => Effect.result(asEngine(engine.claim(laneId, 5))))
      )
      yield* Effect.repeat(Campaigns.progress(campaignId), { until: ({ audience }) => audience >= 5 })
      yield* pressAs(workspace, workspace.authorId, campaignId, "stop")
      const { audience } = yield* Campaigns.progress(campaignId)
      const ends = yield* Fiber.join(feeding)
      yield* Fiber.join(claiming)
      assert.strictEqual((yield* Campaigns.progress(campaignId)).audience, audience, "nothing was taken after the stop")
      assert.strictEqual(ends.filter((end) => end._tag === "Success").length, audience)
      for (const end of ends)
        if (end._tag === "Failure") assert.match((end.failure as Error).message, /is cancelled|in somebody's hands/)
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
    })
  )
})
