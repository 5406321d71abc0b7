/** Months are made ahead, by whoever comes first, and dropped whole; what must stay stays. */
import { assert, layer } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { layer as at, SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import {
  byForce,
  decideAs,
  pressAs,
  sampleCampaign,
  sampleChannel,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"

const hot = ["attempt", "audience", "block", "receipt", "rejected_line"]

const partitionsOf = (month: string) =>
  Effect.flatMap(
    SqlClient,
    (sql) => sql<{ name: string }>`
    SELECT parent.relname AS name FROM pg_inherits i JOIN pg_class part ON part.oid = i.inhrelid JOIN pg_class parent ON parent.oid = i.inhparent
     WHERE part.relname = parent.relname || to_char(${month}::date, '_YYYY_MM') AND part.relkind = 'r' ORDER BY 1`
  ).pipe(Effect.map((rows) => rows.map(({ name }) => name)))

layer(TestDatabase.layer, { excludeTestServices: true })("a month", (it) => {
  it.effect("is there for this month and the next, with every index and trigger of its parent", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      yield* sql`SELECT make_month((now() + interval '3 months')::date)`
      for (const ahead of [0, 1, 3]) {
        const [{ month }] =
          (yield* sql`SELECT date_trunc('month', now() + make_interval(months => ${ahead}))::date::text AS month`) as [
            { month: string }
          ]
        assert.deepStrictEqual(yield* partitionsOf(month), hot)
        const bare = yield* sql`
          SELECT parent.relname FROM pg_inherits i JOIN pg_class part ON part.oid = i.inhrelid JOIN pg_class parent ON parent.oid = i.inhparent
           WHERE part.relname = parent.relname || to_char(${month}::date, '_YYYY_MM')
             AND ((SELECT count(*) FROM pg_index WHERE indrelid = part.oid) <> (SELECT count(*) FROM pg_index WHERE indrelid = parent.oid)
               OR (SELECT count(*) FROM pg_constraint WHERE conrelid = part.oid AND contype = 'c') <> (SELECT count(*) FROM pg_constraint WHERE conrelid = parent.oid AND contype = 'c')
               OR (SELECT count(*) FROM pg_trigger WHERE tgrelid = part.oid) <> (SELECT count(*) FROM pg_trigger WHERE tgrelid = parent.oid AND tgtype & 1 = 1))`
        assert.deepStrictEqual(bare, [])
      }
    })
  )

  it.effect("is made once by many who need it at once", () =>
    Effect.gen(function* () {
      const { asEngine, asPortal } = yield* TestDatabase
      const make = Effect.flatMap(SqlClient, (sql) => sql`SELECT make_month((now() + interval '5 months')::date)`)
      yield* Effect.all([asEngine(make), asPortal(make), asEngine(make), asPortal(make), make], {
        concurrency: "unbounded"
      })
    })
  )

  it.effect("is made while others send and load, without waiting for them", () =>
    Effect.gen(function* () {
      const { ownerUrl } = yield* TestDatabase
      const sql = yield* SqlClient
      const [reading, made] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const busy = Effect.gen(function* () {
        const other = yield* SqlClient
        yield* other.withTransaction(
          Effect.gen(function* () {
            for (const table of hot) yield* other.unsafe(`LOCK TABLE ${table} IN ROW EXCLUSIVE MODE`)
            yield* Deferred.succeed(reading, undefined)
            yield* Deferred.await(made)
          })
        )
      }).pipe(Effect.provide(at(ownerUrl, { applicationName: "test", maxConnections: 1 })))
      const fiber = yield* Effect.forkScoped(busy)
      yield* Deferred.await(reading)
      yield* sql.withTransaction(
        Effect.andThen(sql`SET LOCAL lock_timeout = '5s'`, sql`SELECT make_month((now() + interval '7 months')::date)`)
      )
      yield* Deferred.succeed(made, undefined)
      yield* Fiber.join(fiber)
    })
  )

  it.effect("comes with the first lane that needs it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const { campaignId } = yield* sampleCampaign({ workspace, channels: [], state: "draft" })
      const [lane] = yield* sql<{ id: number }>`
        INSERT INTO lane (workspace_id, campaign_id, month)
        VALUES (${workspace.workspaceId}, ${campaignId}, date_trunc('month', now() + interval '9 months')::date) RETURNING id`
      const as = actAs(workspace.authorId, workspace.workspaceId)
      yield* as(sql`SELECT load_audience(${lane!.id}, '{"{998900000099}"}')`)
      yield* as(sql`SELECT seal_audience(${lane!.id})`)
      assert.deepStrictEqual(
        yield* sql`SELECT count(*)::int AS n FROM audience WHERE lane_id = ${lane!.id} AND month > now()`,
        [{ n: 1 }]
      )
    })
  )

  it.effect("is dropped whole when all in it is finished, and leaves approvals, moves and figures", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { campaignId, laneId } = yield* sampleCampaign({
        workspace,
        channels: [channel],
        state: "draft",
        numbers: 1
      })
      // its audience is of a month of two years ago
      const old = "2024-02-01"
      yield* sql`SELECT make_partitions(${old}::date)`
      yield* byForce("audience", `UPDATE audience SET month = '${old}' WHERE lane_id = ${laneId}`)
      yield* byForce("lane", `UPDATE lane SET month = '${old}' WHERE id = ${laneId}`)
      const drop = sql`SELECT drop_month('2024-02-29')`
      const refusal = Effect.map(Effect.flip(drop), (error: SqlError) => `${sqlState(error)} ${sqlMessage(error)}`)
      const unfinished = `CS409 campaign ${campaignId} of that month is not finished; stop it before its month is dropped`
      assert.strictEqual(yield* refusal, unfinished)
      yield* pressAs(workspace, workspace.authorId, campaignId, "submit")
      yield* decideAs(workspace, workspace.moderatorId, campaignId)
      yield* Campaigns.move(campaignId, "open")
      const engine = new PretendEngine(channel)
      const block = (yield* asEngine(engine.claim(laneId, 10)))!
      yield* asEngine(engine.flush([{ block, answers: [{ nth: 0, part: 1, verdict: "a" }] }]))
      assert.strictEqual(yield* refusal, unfinished)
      yield* asEngine(Campaigns.move(campaignId, "close"))
      assert.strictEqual(yield* refusal, `CS409 campaign ${campaignId} of that month still waits for receipts`)
      yield* asEngine(engine.flush([{ block, receipts: [{ nth: 0, part: 1, state: 2 }] }]))
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      yield* drop
      yield* drop
      assert.deepStrictEqual(yield* partitionsOf(old), [])
      assert.strictEqual((yield* Campaigns.progress(campaignId)).delivered, 1)
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      const kept =
        yield* sql`SELECT (SELECT count(*)::int FROM approval WHERE campaign_id = ${campaignId}) AS approvals,
        (SELECT count(*)::int FROM campaign_transition WHERE campaign_id = ${campaignId}) AS moves`
      assert.deepStrictEqual(kept, [{ approvals: 1, moves: 4 }])
    })
  )
})
