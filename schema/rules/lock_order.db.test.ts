/** That transactions which lock several rows never wait for each other in a circle (the order: record.sql). */
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Result } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { giveBack, giveBackLostClaims } from "#schema/ledger/Door.ts"
import { type Acting, act } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { inReview, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
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
  it.effect(
    "comes of claims whose answer was lost, which go back by many lanes, beside a claim of another channel",
    () =>
      Effect.gen(function* () {
        const { asEngine } = yield* TestDatabase
        const sql = yield* SqlClient
        // both have the workspace's day too
        const workspace = yield* sampleWorkspace({ per_day: 100_000 })
        const one = yield* sampleChannel(workspace)
        const two = yield* sampleChannel(workspace)
        const first = yield* sampleCampaign({ workspace, channels: [one] })
        const second = yield* sampleCampaign({ workspace, channels: [one, two] })
        const engine = new PretendEngine(one)
        for (const { laneId } of [first, second]) yield* asEngine(engine.claim(laneId, 2))
        const [claiming, returning] = yield* sql.withTransaction(
          Effect.gen(function* () {
            yield* sql`SELECT FROM lane WHERE id = ${second.laneId} FOR NO KEY UPDATE`
            const claiming = yield* Effect.forkScoped(asEngine(new PretendEngine(two).claim(second.laneId, 2)))
            yield* asEngine(waiting(1))
            const returning = yield* Effect.forkScoped(asEngine(giveBackLostClaims(one.channelId, one.epoch, [])))
            yield* asEngine(waiting(2))
            return [claiming, returning] as const
          })
        )
        assert.isDefined(yield* Fiber.join(claiming))
        assert.strictEqual(yield* Fiber.join(returning), 2)
      })
  )

  it.effect("comes of a decision beside archiving the workspace: both have the workspace first", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const { campaignId, workspace } = yield* inReview()
      const { id } = yield* somebody(true)
      const token = yield* tokenOf(id)
      const moderator = yield* actor(workspace.moderatorId, workspace.workspaceId)
      const decision = { decision: "approve", fingerprint: yield* Campaigns.fingerprint(campaignId) } as const
      const [archiving, deciding] = yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`SELECT FROM workspace WHERE id = ${workspace.workspaceId} FOR NO KEY UPDATE`
          const archive = Effect.flatMap(SqlClient, (mine) => mine`SELECT archive_workspace(${workspace.workspaceId})`)
          const archiving = yield* Effect.forkScoped(Effect.result(asPortal(act(token, null)(archive))))
          yield* asPortal(waiting(1))
          const deciding = yield* Effect.forkScoped(
            Effect.result(asPortal(moderator(Campaigns.decide(campaignId, decision))))
          )
          yield* asPortal(waiting(2))
          return [archiving, deciding] as const
        })
      )
      const archived = yield* Fiber.join(archiving)
      const decided = yield* Fiber.join(deciding)
      assert.isTrue(Result.isFailure(archived) && archived.failure.message.includes("1 campaign in review"))
      assert.isTrue(Result.isSuccess(decided))
    })
  )

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
