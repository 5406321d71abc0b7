/** That every single thing an approver sees is in what they sign, and stays as it was when they did. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import {
  byForce,
  inReview,
  pressAs,
  type SampleWorkspace,
  sampleCampaign,
  sampleChannel,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"

const told = (error: SqlError) => `${sqlState(error)} ${sqlMessage(error)}`

layer(TestDatabase.layer, { excludeTestServices: true })("what is approved", (it) => {
  /** Each column that an approver sees: its change makes another fingerprint. The others, with the reason. */
  const decided: Record<string, Record<string, string | { readonly not: string }>> = {
    campaign: {
      id: { not: "a key; changed by nobody" },
      workspace_id: { not: "a key; changed by nobody" },
      name: "'Other'",
      state: { not: "moves after the approval" },
      mode: "'scheduled'",
      time_zone: "'Asia/Tashkent'",
      window_from: { not: "goes with window_to" },
      window_to: { not: "goes with window_from" },
      per_second: "7",
      spread_minutes: "30",
      slowed_to: { not: "never more than was approved" },
      waits_for_window: { not: "says who paused it" },
      window_turns_at: { not: "computed from its window" },
      sender_revision_id: "(SELECT max(id) FROM sender_revision)",
      text: "'Other'",
      segments: "2",
      on_lost_answer: "'resend'",
      validity_minutes: "5",
      starts_at: "now()",
      ends_at: "now() + interval '1 day'",
      created_by: { not: "who made it is in campaign_maker" },
      created_at: { not: "not content" },
      edited_by: { not: "who edited it is in campaign_maker" },
      edited_at: { not: "not content" },
      submission: { not: "an approval carries it" },
      submitted_at: { not: "an approval carries its submission" },
      opened_at: { not: "happens later" },
      closed_at: { not: "happens later" },
      failure: { not: "happens later" },
      starts_automatically: "false",
      archived_at: { not: "happens later" },
      erased_at: { not: "happens later" },
      ledger_sealed_at: { not: "happens later" },
      seal_failed_at: { not: "happens later" },
      approvals_asked: { not: "the workspace's word, not the author's" }
    },
    sender_revision: {
      id: { not: "a key; hashed" },
      workspace_id: { not: "a key; changed by nobody" },
      sender_id: { not: "a key; changed by nobody" },
      revision: { not: "counts; the id is hashed" },
      saddr: "'Other'",
      source_addr_ton: "1",
      source_addr_npi: "1",
      dest_addr_ton: "2",
      dest_addr_npi: "2",
      reason: { not: "what its own approver read" },
      status: "'rejected'",
      made_by: { not: "not content" },
      made_at: { not: "not content" },
      decided_by: { not: "not content" },
      decided_at: { not: "not content" },
      note: { not: "what its own approver said" }
    },
    lane: {
      id: { not: "a key; changed by nobody" },
      workspace_id: { not: "a key; changed by nobody" },
      campaign_id: { not: "a key; changed by nobody" },
      month: { not: "where its rows are kept" },
      recipients: "11",
      audience_digest: "sha256('')",
      next_seq: { not: "moves while it is sent" },
      returned: { not: "moves while it is sent" },
      resend: { not: "moves while it is sent" },
      paced_until: { not: "moves while it is sent" },
      asked_pace: { not: "computed from its schedule" },
      suppressed: { not: "moves while it is sent" },
      columns: { not: "the keys of the values, which the audience's digest covers" },
      most_parts: { not: "the most of them is the campaign's segments" },
      counted_for: { not: "of which text they were counted: asked at the submission" },
      file: { not: "where its numbers came from; which they are is in the audience's digest" }
    },
    lane_channel: {
      lane_id: { not: "a key" },
      channel_id: "(SELECT max(id) FROM channel)",
      workspace_id: { not: "its lane's" }
    }
  }

  it.effect("is in the fingerprint, column by column; a new column is decided upon here", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { campaignId, laneId, workspace } = yield* inReview()
      yield* sampleChannel(workspace)
      yield* sql`INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, made_by)
                 VALUES (${workspace.workspaceId}, ${workspace.senderId}, 2, 'Corp again', 5, 0, 'same again', ${workspace.authorId})`
      const row = {
        campaign: `id = ${campaignId}`,
        sender_revision: `id = ${workspace.senderRevisionId}`,
        lane: `id = ${laneId}`,
        lane_channel: `lane_id = ${laneId}`
      }
      const before = yield* Campaigns.fingerprint(campaignId)
      const seen = new Set([before])
      for (const [table, columns] of Object.entries(decided)) {
        const found = yield* sql<{ name: string }>`
          SELECT attname AS name FROM pg_attribute WHERE attrelid = ${table}::regclass AND attnum > 0 AND NOT attisdropped`
        assert.sameMembers(
          Object.keys(columns),
          found.map(({ name }) => name),
          table
        )
        for (const [column, value] of Object.entries(columns)) {
          if (typeof value === "object") continue
          const changed = Effect.gen(function* () {
            yield* byForce(table, `UPDATE ${table} SET ${column} = ${value} WHERE ${row[table as keyof typeof row]}`)
            const fingerprint = yield* Campaigns.fingerprint(campaignId)
            return yield* Effect.fail({ fingerprint })
          })
          // taken back again
          const outcome = yield* Effect.flip(sql.withTransaction(changed))
          assert.isTrue("fingerprint" in outcome, `${table}.${column}`)
          if (!("fingerprint" in outcome)) continue
          assert.isFalse(seen.has(outcome.fingerprint), `${table}.${column}`)
          seen.add(outcome.fingerprint)
        }
      }
      assert.strictEqual(yield* Campaigns.fingerprint(campaignId), before)
    })
  )

  it.effect("is fixed from the submission on: content, lanes, channels and audience", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asPortal } = yield* TestDatabase
      for (const state of ["in_review", "scheduled", "sending"] as const) {
        const { campaignId, laneId, workspace } = yield* inReview({}, { state })
        const as = yield* actor(workspace.authorId, workspace.workspaceId)
        const other = yield* sampleChannel(workspace)
        const draft = yield* sampleCampaign({ workspace, channels: [other], state: "draft" })
        const edit = sql.unsafe(
          `UPDATE campaign SET text = 'Other', edited_by = ${workspace.authorId} WHERE id = ${campaignId}`
        )
        assert.match(told(yield* Effect.flip(edit)), /^CS409/, `${state}: even by the owner`)
        for (const statement of [
          `SELECT edit_campaign(${campaignId}, '{"text": "Other"}')`,
          `SELECT add_lane(${campaignId})`,
          `SELECT choose_channels(${laneId}, '{${other.channelId}}')`,
          `SELECT load_audience(${laneId}, '{"{998900000099}"}')`
        ]) {
          const error = yield* Effect.flip(
            asPortal(as(Effect.flatMap(SqlClient, (portal) => portal.unsafe(statement))))
          )
          assert.strictEqual(error.reason, "Conflict", `${state}: ${statement}`)
        }
        for (const statement of [
          `INSERT INTO lane (workspace_id, campaign_id) VALUES (${workspace.workspaceId}, ${campaignId})`,
          `INSERT INTO lane_channel (workspace_id, lane_id, channel_id) VALUES (${workspace.workspaceId}, ${laneId}, ${other.channelId})`
        ]) {
          assert.match(told(yield* Effect.flip(sql.unsafe(statement))), /^CS409/, `${state}: ${statement}`)
        }
        for (const statement of [
          `UPDATE lane SET recipients = 3 WHERE id = ${laneId}`,
          `UPDATE lane SET campaign_id = ${draft.campaignId} WHERE id = ${laneId}`,
          `UPDATE audience SET msisdn = '{1}' WHERE lane_id = ${laneId}`,
          `DELETE FROM audience WHERE lane_id = ${laneId}`,
          "TRUNCATE audience"
        ]) {
          assert.match(told(yield* Effect.flip(sql.unsafe(statement))), /^CS403/, statement)
        }
      }
    })
  )

  it.effect("has no sender, lane or approval of another workspace, and no numbers that are none", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const mine = yield* inReview({}, { state: "draft" })
      const foreign = yield* sampleWorkspace()
      const { authorId, workspaceId } = mine.workspace
      const as = yield* actor(authorId, workspaceId)
      const refusal = (statement: string) =>
        asPortal(Effect.flip(as(Effect.flatMap(SqlClient, (portal) => portal.unsafe(statement)))))
      for (const content of [
        { name: "x", text: "x", segments: 1, senderRevisionId: foreign.senderRevisionId },
        { name: "x", text: "x", segments: 1, senderRevisionId: 0 }
      ]) {
        const error = yield* asPortal(Effect.flip(as(Campaigns.create(content, []))))
        assert.strictEqual(error.message, `sender revision ${content.senderRevisionId} does not exist`)
      }
      const strange = sql`INSERT INTO lane (workspace_id, campaign_id) VALUES (${foreign.workspaceId}, ${mine.campaignId})`
      assert.strictEqual(sqlState(yield* Effect.flip(strange)), "23503")
      const [lane] = yield* sql<{ id: number }>`
        INSERT INTO lane (workspace_id, campaign_id) VALUES (${workspaceId}, ${mine.campaignId}) RETURNING id`
      for (const run of [
        "{NULL}",
        "{998900000001,NULL}",
        "{0}",
        "{-5}",
        "{1234567890123456}",
        "[5:6]={1,2}",
        "{{1,2},{3,4}}",
        "{}"
      ]) {
        assert.strictEqual(
          (yield* refusal(`SELECT load_audience(${lane!.id}, ARRAY['${run}'])`)).reason,
          "Invalid",
          run
        )
      }
    })
  )

  it.effect("is submitted only with an audience, a channel that its workspace has, and an approved sender", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const submit = ({ campaignId, workspace }: { campaignId: number; workspace: SampleWorkspace }) =>
        Effect.map(Effect.flip(pressAs(workspace, workspace.authorId, campaignId, "submit")), (error) => error.message)
      const mute = yield* inReview({}, { state: "draft", channels: [] })
      assert.strictEqual(
        yield* submit(mute),
        `campaign ${mute.campaignId} has no channel yet; choose one before you submit`
      )
      const strange = yield* inReview({}, { state: "draft" })
      yield* sql`DELETE FROM channel_grant WHERE channel_id = ${strange.channel.channelId}`
      assert.match(yield* submit(strange), /is not granted to the workspace/)
      const pending = yield* inReview({}, { state: "draft" })
      yield* byForce(
        "sender_revision",
        `UPDATE sender_revision SET status = 'pending', decided_by = NULL WHERE id = ${pending.workspace.senderRevisionId}`
      )
      assert.match(yield* submit(pending), /^revision 1 of sender “Corp\d+” is pending/)
      const open = yield* inReview({}, { state: "draft" })
      yield* sql`INSERT INTO lane (workspace_id, campaign_id) VALUES (${open.workspace.workspaceId}, ${open.campaignId})`
      assert.match(yield* submit(open), /has no complete audience yet/)
    })
  )
})
