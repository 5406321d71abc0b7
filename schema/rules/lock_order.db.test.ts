/** That transactions which lock several rows never wait for each other in a circle (the order: record.sql). */
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Result } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { giveBack } from "#schema/ledger/Door.ts"
import { type Acting, act } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor, tokenOf } from "#schema/testing/session.ts"
import { somebody } from "#schema/testing/signedIn.ts"

/** Done when so many connections of this database wait for a lock. Asked outside of a transaction, which would see it once. */
const waiting = (n: number) =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.repeat(
      sql<{ n: number }>`SELECT count(DISTINCT l.pid) AS n FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                          WHERE NOT l.granted AND a.datname = current_database()`,
      { until: ([row]) => row!.n === n }
    )
  )

layer(TestDatabase.layer, { excludeTestServices: true })("no deadlock", (it) => {
  it.effect("comes of a lane's first flush, which has the blocks, beside a return, which has the lane", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { campaignId, laneId } = yield* sampleCampaign({ workspace, channels: [channel] })
      const engine = new PretendEngine(channel)
      const first = (yield* asEngine(engine.claim(laneId, 5)))!
      const second = (yield* asEngine(engine.claim(laneId, 5)))!
      const answers = [{ nth: 0, part: 1, verdict: "a" as const }]
      const [flushing, returning] = yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`SELECT FROM block WHERE id = ${second.claimed.id} FOR UPDATE`
          const flushing = yield* Effect.forkScoped(
            asEngine(engine.flush([first, second].map((block) => ({ block, answers }))))
          )
          yield* asEngine(waiting(1))
          const back = giveBack(channel.channelId, channel.epoch, first.claimed, [{ from: 3, to: 5 }])
          const returning = yield* Effect.forkScoped(asEngine(back))
          yield* asEngine(waiting(2))
          return [flushing, returning] as const
        })
      )
      yield* Fiber.join(flushing)
      yield* Fiber.join(returning)
      assert.deepStrictEqual(yield* sql`SELECT returned::text FROM lane WHERE id = ${laneId}`, [
        { returned: "{[3,5)}" }
      ])
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
    })
  )

  it.effect("comes of deleting a draft beside loading its audience: both have its lanes first", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const { campaignId } = yield* sampleCampaign({ workspace, channels: [], state: "draft" })
      const [open] = yield* sql<{ id: number }>`
        INSERT INTO lane (workspace_id, campaign_id) VALUES (${workspace.workspaceId}, ${campaignId}) RETURNING id`
      // a super admin acts where they entered
      const { id } = yield* somebody(true)
      const token = yield* tokenOf(id)
      yield* asPortal(
        act(token, null)(Effect.flatMap(SqlClient, (mine) => mine`SELECT enter_workspace(${workspace.workspaceId})`))
      )
      const author = yield* actor(workspace.authorId, workspace.workspaceId)
      const [deleting, loading] = yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`SELECT FROM lane WHERE id = ${open!.id} FOR UPDATE`
          const begun = (statement: string, as: Acting) =>
            Effect.forkScoped(Effect.result(asPortal(as(Effect.flatMap(SqlClient, (mine) => mine.unsafe(statement))))))
          const loading = yield* begun(`SELECT load_audience(${open!.id}, '{"{998900000099}"}')`, author)
          yield* asPortal(waiting(1))
          const deleting = yield* begun(`SELECT delete_draft(${campaignId})`, act(token, workspace.workspaceId))
          yield* asPortal(waiting(2))
          return [deleting, loading] as const
        })
      )
      const ends = [yield* Fiber.join(deleting), yield* Fiber.join(loading)].map((end) =>
        Result.isSuccess(end) ? "done" : end.failure.message
      )
      assert.notMatch(ends.join("; "), /deadlock/)
      assert.include(ends, "done")
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("the door", (it) => {
  it.effect("waits for nobody who has a campaign in hand, and nobody who only looks at one has it in hand", () =>
    Effect.gen(function* () {
      const { asEngine, asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const [held, other] = [
        yield* sampleCampaign({ workspace, channels: [channel] }),
        yield* sampleCampaign({ workspace, channels: [channel] })
      ]
      const engine = new PretendEngine(channel)
      yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`SELECT FROM campaign WHERE id = ${held.campaignId} FOR NO KEY UPDATE`
          assert.strictEqual((yield* Effect.flip(asEngine(engine.claim(held.laneId, 2)))).reason, "Busy")
          assert.isDefined(yield* asEngine(engine.claim(other.laneId, 2)))
        })
      )
      const admin = yield* actor(workspace.adminId, workspace.workspaceId)
      yield* asPortal(
        admin(
          Effect.gen(function* () {
            const mine = yield* SqlClient
            yield* mine`SELECT * FROM export_ledger(${held.campaignId})`
            assert.isDefined(yield* asEngine(engine.claim(held.laneId, 2)))
          })
        )
      )
    })
  )
})
