/** That what is over its time of keeping goes, and that what stays can still be verified. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient, type SqlError, sqlMessage } from "#schema/Database.ts"
import { eraseOverdue, sealNext } from "#schema/ledger/Keeping.ts"
import { actAs } from "#schema/people/Acting.ts"
import { change } from "#schema/people/WorkspaceSettings.ts"
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

/** A campaign of 30 numbers made in a person's name, sent, ended and sealed, in a workspace that keeps content for a month. */
const ended = Effect.fnUntraced(function* (keep: Readonly<Record<string, number>>) {
  const { asEngine } = yield* TestDatabase
  const sql = yield* SqlClient
  const workspace = yield* sampleWorkspace(keep)
  const channel = yield* sampleChannel(workspace)
  const campaign = yield* sampleCampaign({ workspace, channels: [channel], numbers: 30, state: "draft" })
  const author = actAs(workspace.authorId, workspace.workspaceId)
  yield* author(Campaigns.edit(campaign.campaignId, { text: "Your code is 1234" }))
  yield* pressAs(workspace, workspace.authorId, campaign.campaignId, "submit")
  yield* decideAs(workspace, workspace.moderatorId, campaign.campaignId)
  yield* asEngine(Campaigns.move(campaign.campaignId, "open"))
  const engine = new PretendEngine(channel)
  const block = (yield* asEngine(engine.claim(campaign.laneId, 30)))!
  yield* asEngine(engine.flush([{ block, answers: block.parts.map((_, nth) => ({ nth, part: 1, verdict: "r" })) }]))
  yield* asEngine(Campaigns.move(campaign.campaignId, "close"))
  yield* asEngine(sealNext)
  const admin = actAs(workspace.adminId, workspace.workspaceId)
  yield* admin(sql`SELECT add_stops('{998900000007}', 'asked')`)
  // what shows numbers to people says so in the audit, and goes with them
  yield* admin(sql`SELECT reveal_number(${campaign.laneId}, 7, 'she asked')`)
  yield* admin(sql`SELECT FROM number_history(998900000007)`)
  return { workspace, ...campaign }
})

/** As if it had all happened so long ago. */
const aged = (workspaceId: number, months: number) =>
  Effect.gen(function* () {
    yield* byForce(
      "campaign",
      `UPDATE campaign SET closed_at = closed_at - interval '${months} months' WHERE workspace_id = ${workspaceId}`
    )
    yield* byForce(
      "audit",
      `UPDATE audit SET at = at - interval '${months} months' WHERE workspace_id = ${workspaceId}`
    )
    // the chain as it would have been written then
    const sql = yield* SqlClient
    const rows = yield* sql<{ seq: number }>`SELECT seq FROM audit WHERE workspace_id = ${workspaceId} ORDER BY seq`
    for (const { seq } of rows) {
      yield* byForce(
        "audit",
        `UPDATE audit a SET previous = coalesce((SELECT p.hash FROM audit p WHERE p.workspace_id = a.workspace_id AND p.seq = a.seq - 1), a.previous)
          WHERE workspace_id = ${workspaceId} AND seq = ${seq}`
      )
      yield* byForce(
        "audit",
        `UPDATE audit a SET hash = audit_hash(a) WHERE workspace_id = ${workspaceId} AND seq = ${seq}`
      )
    }
    yield* sql`UPDATE audit_chain c SET hash = (SELECT a.hash FROM audit a WHERE a.workspace_id = c.workspace_id AND a.seq = c.seq) WHERE workspace_id = ${workspaceId}`
  })

/** Rows whose hash or link is not what it should be, counted in the database. */
const broken = (workspaceId: number) =>
  Effect.flatMap(
    SqlClient,
    (sql) => sql`
      SELECT a.seq FROM audit a JOIN audit_chain c USING (workspace_id)
       WHERE a.workspace_id = ${workspaceId}
         AND (a.hash <> audit_hash(a) OR a.personal IS NOT NULL AND a.personal_digest <> sha256(a.salt || convert_to(a.personal, 'UTF8'))
              OR a.previous <> coalesce((SELECT p.hash FROM audit p WHERE p.workspace_id = a.workspace_id AND p.seq = a.seq - 1), c.anchor))`
  )

const eraseAll = Effect.gen(function* () {
  const { asEngine } = yield* TestDatabase
  while (yield* asEngine(eraseOverdue));
})

layer(TestDatabase.layer, { excludeTestServices: true })("retention", (it) => {
  it.effect("leaves everything that is not over its time, or whose workspace keeps it for ever", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const forever = yield* ended({})
      const young = yield* ended({ keep_content_months: 2 })
      yield* aged(forever.workspace.workspaceId, 100)
      yield* aged(young.workspace.workspaceId, 1)
      yield* eraseAll
      for (const { campaignId, laneId } of [forever, young]) {
        assert.deepStrictEqual(yield* sql`SELECT text FROM campaign WHERE id = ${campaignId}`, [
          { text: "Your code is 1234" }
        ])
        assert.deepStrictEqual(
          yield* sql`SELECT sum(cardinality(msisdn))::int AS n FROM audience WHERE lane_id = ${laneId}`,
          [{ n: 30 }]
        )
      }
    })
  )

  it.effect("takes numbers and words, and leaves counts, outcomes, roots, approvals and a chain that verifies", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { campaignId, laneId, workspace } = yield* ended({ keep_content_months: 1 })
      const { workspaceId } = workspace
      yield* aged(workspaceId, 2)
      const figures = sql`SELECT audience, rejected, moving FROM campaign_progress WHERE campaign_id = ${campaignId}`
      const block = sql`SELECT outcomes, encode(digest, 'hex') AS digest FROM block WHERE lane_id = ${laneId}`
      const before = yield* Effect.all([figures, block])
      yield* eraseAll
      assert.deepStrictEqual(yield* Effect.all([figures, block]), before)
      assert.deepStrictEqual(
        yield* sql`SELECT name, text FROM campaign WHERE id = ${campaignId} AND erased_at IS NOT NULL`,
        [{ name: "(erased)", text: "(erased)" }]
      )
      for (const table of ["audience", "attempt", "receipt", "rejected_line"])
        assert.deepStrictEqual(yield* sql.unsafe(`SELECT FROM ${table} WHERE workspace_id = ${workspaceId}`), [], table)
      const said = yield* sql<{ action: string; personal: string | null }>`
        SELECT action, personal FROM audit WHERE workspace_id = ${workspaceId} ORDER BY seq`
      assert.notMatch(JSON.stringify(said), /1234|998900000007/)
      assert.include(said.find(({ action }) => action === "campaign.approve")!.personal, "Moderator")
      assert.deepStrictEqual(
        said.slice(-2).map(({ action }) => action),
        ["campaign.erase", "audit.erase"]
      )
      assert.deepStrictEqual(yield* broken(workspaceId), [])
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
    })
  )

  it.effect("takes what never was sent as well: rejected, stopped in review, too late, with what was said of it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace({ keep_content_months: 1 })
      const { moderatorId, workspaceId } = workspace
      const channel = yield* sampleChannel(workspace)
      const wanted = { workspace, channels: [channel], state: "in_review" } as const
      const rejected = yield* sampleCampaign(wanted)
      const fingerprint = yield* Campaigns.fingerprint(rejected.campaignId)
      const note = "call +998901234501 first"
      yield* actAs(
        moderatorId,
        workspaceId
      )(Campaigns.decide(rejected.campaignId, { decision: "reject", fingerprint, note }))
      const stopped = yield* sampleCampaign(wanted)
      yield* pressAs(workspace, moderatorId, stopped.campaignId, "stop", note)
      const living = yield* sampleCampaign(wanted)
      yield* aged(workspaceId, 2)
      yield* eraseAll
      for (const { campaignId, laneId } of [rejected, stopped]) {
        assert.deepStrictEqual(yield* sql`SELECT text FROM campaign WHERE id = ${campaignId}`, [{ text: "(erased)" }])
        assert.deepStrictEqual(yield* sql`SELECT FROM audience WHERE lane_id = ${laneId}`, [])
      }
      assert.strictEqual((yield* sql`SELECT FROM audience WHERE lane_id = ${living.laneId}`).length, 1)
      const said = yield* sql`SELECT personal FROM audit WHERE workspace_id = ${workspaceId}`
      assert.notMatch(JSON.stringify(said), /998901234501/)
      assert.deepStrictEqual(yield* broken(workspaceId), [])
    })
  )

  it.effect("waits thirty days where a time was shortened, and not where it was made longer", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { campaignId, workspace } = yield* ended({})
      const { adminId, workspaceId } = workspace
      const text = Effect.map(
        Effect.andThen(eraseAll, sql<{ text: string }>`SELECT text FROM campaign WHERE id = ${campaignId}`),
        ([row]) => row!.text
      )
      yield* aged(workspaceId, 5)
      const keep = (months: number) => actAs(adminId, workspaceId)(change({ keep_content_months: months }))
      yield* keep(1)
      assert.strictEqual(yield* text, "Your code is 1234")
      // shortened again, and lengthened, it is still what was kept before the first that counts
      yield* keep(3)
      yield* keep(2)
      assert.strictEqual(yield* text, "Your code is 1234")
      yield* sql`UPDATE workspace SET keeping_shortened_at = now() - interval '31 days' WHERE id = ${workspaceId}`
      assert.strictEqual(yield* text, "(erased)")
    })
  )

  it.effect("keeps for ever at once where that is set, also while a shorter time was waiting", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { adminId, workspaceId } = yield* sampleWorkspace({ keep_content_months: 24, keep_audit_months: 36 })
      const keep = (content: number | null, audit: number | null) =>
        actAs(adminId, workspaceId)(change({ keep_content_months: content, keep_audit_months: audit }))
      const kept = sql`SELECT k.* FROM workspace w CROSS JOIN LATERAL keeps(w) AS k WHERE w.id = ${workspaceId}`
      yield* keep(12, 12)
      assert.deepStrictEqual(yield* kept, [{ content_months: 24, audit_months: 36 }])
      yield* keep(null, null)
      assert.deepStrictEqual(yield* kept, [{ content_months: null, audit_months: null }])
    })
  )

  it.effect("lets nobody change anything but what it takes, also while it erases", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { workspace } = yield* ended({})
      const within = (statement: string) =>
        Effect.flip(sql.withTransaction(Effect.andThen(sql`SELECT begin_erasing()`, sql.unsafe(statement))))
      for (const change of ["facts = '{}'", "personal = NULL, salt = NULL, action = 'x'", "personal = '{}'"])
        assert.match(
          `${sqlMessage((yield* within(`UPDATE audit SET ${change} WHERE workspace_id = ${workspace.workspaceId}`)) as SqlError)}`,
          /the audit is never changed/,
          change
        )
    })
  )

  it.effect("cuts off the beginning of an audit that is over its time, and the rest verifies from there", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { workspace } = yield* ended({ keep_audit_months: 12 })
      const { adminId, workspaceId } = workspace
      yield* aged(workspaceId, 13)
      const [{ seq: old }] = (yield* sql`SELECT seq FROM audit_chain WHERE workspace_id = ${workspaceId}`) as [
        { seq: number }
      ]
      yield* actAs(adminId, workspaceId)(sql`SELECT add_stops('{998900000008}', 'asked')`)
      yield* eraseAll
      const rows = yield* sql`SELECT seq, action FROM audit WHERE workspace_id = ${workspaceId} ORDER BY seq`
      assert.deepStrictEqual(rows, [
        { seq: old + 1, action: "stop_list.add" },
        { seq: old + 2, action: "audit.truncate" }
      ])
      assert.deepStrictEqual(yield* sql`SELECT first_seq, seq FROM audit_chain WHERE workspace_id = ${workspaceId}`, [
        { first_seq: old + 1, seq: old + 2 }
      ])
      assert.deepStrictEqual(yield* broken(workspaceId), [])
    })
  )
})
