/**
 * What somebody with the portal's database password and their own living session still can't do, and what the engine can't,
 * each with the database's own words.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import type { Acting } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { decideAs, pressAs, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"

/** The words with which the database refuses a statement, in somebody's name or in the role's own. */
const refusal = (statement: string, as: Acting = (effect) => effect as never) =>
  Effect.gen(function* () {
    // caught inside, where the state is still known
    const told = yield* as(
      Effect.flatMap(SqlClient, (sql) =>
        sql.withTransaction(sql.unsafe(statement)).pipe(
          Effect.as("done"),
          Effect.catchTag("SqlError", (error: SqlError) => Effect.succeed(`${sqlState(error)} ${sqlMessage(error)}`))
        )
      )
    )
    return told
  })

layer(TestDatabase.layer, { excludeTestServices: true })("with one's own living session", (it) => {
  const house = Effect.gen(function* () {
    const { asPortal } = yield* TestDatabase
    const workspace = yield* sampleWorkspace({ approvals_needed: 2 })
    const channel = yield* sampleChannel(workspace)
    const reviewed = yield* sampleCampaign({ workspace, channels: [channel], state: "draft" })
    const flagged = yield* actor(workspace.flaggedId, workspace.workspaceId)
    const author = yield* actor(workspace.authorId, workspace.workspaceId)
    // the one who carries the flag has edited it
    yield* asPortal(flagged(Campaigns.edit(reviewed.campaignId, { text: "Planned maintenance tomorrow" })))
    yield* pressAs(workspace, workspace.authorId, reviewed.campaignId, "submit")
    const fingerprint = yield* Campaigns.fingerprint(reviewed.campaignId)
    return { workspace, channel, reviewed, fingerprint, author, flagged }
  })

  it.effect("nobody approves what they made, what they edited, or what has changed since", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { author, fingerprint, flagged, reviewed, workspace } = yield* house
      const approve = (hex: string) => `SELECT decide_campaign(${reviewed.campaignId}, 'approve', '\\x${hex}')`
      const moderator = yield* actor(workspace.moderatorId, workspace.workspaceId)
      assert.deepStrictEqual(
        [
          yield* asPortal(refusal(approve(fingerprint), author)),
          yield* asPortal(refusal(approve(fingerprint), flagged)),
          yield* asPortal(refusal(approve("00".repeat(32)), moderator)),
          yield* asPortal(
            refusal(
              `INSERT INTO approval (campaign_id, workspace_id, person_id, fingerprint)
               VALUES (${reviewed.campaignId}, ${workspace.workspaceId}, ${workspace.moderatorId}, '\\x${fingerprint}')`,
              author
            )
          )
        ],
        [
          "CS403 only a moderator, an admin or an author with the moderator flag may approve, reject or send back a campaign; you are an author",
          "CS403 you made, edited or submitted this campaign, so somebody else has to approve it",
          "CS409 the campaign has changed since you read it; read it again before you decide",
          "42501 permission denied for table approval"
        ]
      )
    })
  )

  it.effect("nothing starts without enough approvals, and no state is moved by hand", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { author, reviewed, workspace } = yield* house
      const id = reviewed.campaignId
      yield* decideAs(workspace, workspace.moderatorId, id)
      assert.deepStrictEqual(
        yield* Effect.forEach(
          [
            `SELECT move_campaign(${id}, 'start')`,
            `SELECT move_campaign(${id}, 'open')`,
            `SELECT move_campaign(${id}, 'approve')`,
            `UPDATE campaign SET state = 'sending' WHERE id = ${id}`,
            `UPDATE campaign SET submission = 0 WHERE id = ${id}`,
            `UPDATE workspace SET approvals_needed = 1 WHERE id = ${workspace.workspaceId}`,
            `DELETE FROM campaign_maker WHERE campaign_id = ${id}`,
            `UPDATE membership SET role = 'admin' WHERE person_id = ${workspace.authorId}`
          ],
          (statement) => asPortal(refusal(statement, author))
        ),
        [
          `CS409 campaign ${id} is in review, so it can't be started`,
          `CS409 campaign ${id} is in review, so it can't be opened`,
          "CS409 to approve is a decision on what you have read; decide_campaign takes it",
          "42501 permission denied for table campaign",
          "42501 permission denied for table campaign",
          "42501 permission denied for table workspace",
          "42501 permission denied for table campaign_maker",
          "42501 permission denied for table membership"
        ]
      )
    })
  )

  it.effect("a neighbour's campaign, numbers and past do not exist", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { author, reviewed, workspace } = yield* house
      const neighbour = yield* sampleWorkspace()
      const admin = yield* actor(neighbour.adminId, neighbour.workspaceId)
      const { campaignId: id, laneId } = reviewed
      assert.deepStrictEqual(
        yield* Effect.forEach(
          [
            `SELECT move_campaign(${id}, 'stop')`,
            `SELECT edit_campaign(${id}, '{"text": "Pay here"}')`,
            `SELECT decide_campaign(${id}, 'approve', fingerprint_of(${id}))`,
            `SELECT fingerprint_of(${id})`,
            `SELECT decision_challenge(${id}, 'approve')`,
            `SELECT add_lane(${id})`,
            `SELECT * FROM check_ledger(${id})`,
            `SELECT campaign_is_exhausted(${id})`,
            `SELECT * FROM export_ledger(${id})`,
            `SELECT load_audience(${laneId}, '{}')`,
            `SELECT seal_audience(${laneId})`,
            `SELECT choose_channels(${laneId}, '{}')`,
            `SELECT * FROM ledger_page(${laneId}, 0, 10)`,
            `SELECT reveal_number(${laneId}, 1, 'why not')`,
            `SELECT * FROM rejected_lines(${laneId}, 0, 10)`
          ],
          (statement) => asPortal(refusal(statement, admin))
        ),
        [
          ...Array<string>(9).fill(`CS404 campaign ${id} does not exist`),
          ...Array<string>(6).fill(`CS404 lane ${laneId} does not exist`)
        ]
      )
      const rows = (statement: string, as: Acting) =>
        asPortal(
          as(
            Effect.map(
              Effect.flatMap(SqlClient, (sql) => sql.unsafe(statement)),
              (found) => found.length
            )
          )
        )
      for (const statement of [
        `SELECT FROM campaign WHERE id = ${id}`,
        `SELECT FROM campaign_progress WHERE campaign_id = ${id}`,
        `SELECT FROM audit WHERE object = 'campaign' AND object_id = ${id}`
      ]) {
        assert.strictEqual(yield* rows(statement, admin), 0, statement)
        assert.isAbove(yield* rows(statement, author), 0, statement)
      }
      const search = "SELECT FROM number_history(998900000000)"
      const ownAdmin = yield* actor(workspace.adminId, workspace.workspaceId)
      assert.deepStrictEqual([yield* rows(search, admin), (yield* rows(search, ownAdmin)) > 0], [0, true])
    })
  )

  it.effect("no line of the past is changed or deleted: audit, attempts, receipts, moves, approvals", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const { author, channel, workspace } = yield* house
      const { laneId } = yield* sampleCampaign({ workspace, channels: [channel], numbers: 1 })
      const engine = new PretendEngine(channel)
      const block = (yield* engine.claim(laneId, 1))!
      yield* engine.flush([{ block, answers: [{ nth: 0, part: 1, verdict: "a" }] }])
      yield* engine.flush([{ block, receipts: [{ nth: 0, part: 1, state: 2 }] }])
      for (const table of [
        "audit",
        "audit_chain",
        "audit_checkpoint",
        "attempt",
        "receipt",
        "campaign_transition",
        "approval"
      ]) {
        const [column] = yield* sql<{ name: string }>`
          SELECT attname AS name FROM pg_attribute WHERE attrelid = ${table}::regclass AND attnum = 2`
        for (const statement of [
          `UPDATE ${table} SET ${column!.name} = ${column!.name}`,
          `DELETE FROM ${table}`,
          `TRUNCATE ${table}`,
          `INSERT INTO ${table} DEFAULT VALUES`
        ]) {
          const told = yield* asPortal(refusal(statement, author))
          assert.strictEqual(told, `42501 permission denied for table ${table}`, statement)
        }
      }
      // and by its owner's slip of the hand neither
      for (const statement of ["UPDATE audit SET facts = '{}'", "DELETE FROM audit", "TRUNCATE audit"]) {
        assert.strictEqual(yield* refusal(statement), "CS403 the audit is never changed", statement)
      }
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("the engine", (it) => {
  it.effect("reads no recipient past the door and writes no approval", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { campaignId, laneId } = yield* sampleCampaign({ workspace, channels: [channel], state: "in_review" })
      assert.deepStrictEqual(
        yield* Effect.forEach(
          [
            "SELECT msisdn FROM audience",
            "SELECT * FROM ledger",
            `SELECT * FROM ledger_page(${laneId}, 0, 10)`,
            `SELECT * FROM ledger_rows(${laneId}, 0, 10)`,
            `SELECT * FROM export_ledger(${campaignId})`,
            "SELECT msisdn FROM stop_list",
            "SELECT raw FROM rejected_line",
            `SELECT * FROM claim_block(${channel.channelId}, ${channel.epoch}, ${laneId}, 10)`,
            `INSERT INTO approval (campaign_id, workspace_id, person_id, fingerprint) VALUES (${campaignId}, 1, 2, sha256(''))`,
            `SELECT decide_campaign(${campaignId}, 'approve', sha256(''))`,
            `SELECT act('x', ${workspace.workspaceId})`,
            `SELECT act_as(${workspace.moderatorId}, ${workspace.workspaceId})`
          ],
          (statement) => asEngine(refusal(statement))
        ),
        [
          "42501 permission denied for table audience",
          "42501 permission denied for view ledger",
          "42501 permission denied for function ledger_page",
          "42501 permission denied for function ledger_rows",
          "42501 permission denied for function export_ledger",
          "42501 permission denied for table stop_list",
          "42501 permission denied for table rejected_line",
          `CS003 campaign ${campaignId} is in_review`,
          "42501 permission denied for table approval",
          "42501 permission denied for function decide_campaign",
          "42501 permission denied for function act",
          "42501 permission denied for function act_as"
        ]
      )
    })
  )
})
