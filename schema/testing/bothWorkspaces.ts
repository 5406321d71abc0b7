/**
 * Two workspaces that live the same life, so that every table holds rows of both: what isolation is tried on. A new table
 * gets its rows here.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { PretendEngine } from "./PretendEngine.ts"
import {
  type SampleWorkspace,
  sampleCampaign,
  sampleChannel,
  sampleTrigger,
  sampleWorkspace
} from "./sampleCampaign.ts"
import { tokenOf } from "./session.ts"

/** What a workspace has that people did not write: a campaign with attempts and receipts, lines left out, stops, checkpoints. */
const lived = Effect.fnUntraced(function* (superAdminId: number) {
  const sql = yield* SqlClient
  const workspace = yield* sampleWorkspace()
  const { adminId, authorId, workspaceId } = workspace
  const channel = yield* sampleChannel(workspace)
  const draft = yield* sampleCampaign({ workspace, channels: [channel], state: "draft", numbers: 3 })
  yield* sql`INSERT INTO rejected_line (month, workspace_id, lane_id, line, reason, raw)
             SELECT month, workspace_id, id, '{1}', '{"too short"}', '{12}' FROM lane WHERE id = ${draft.laneId}`
  const { laneId } = yield* sampleCampaign({ workspace, channels: [channel], numbers: 3 })
  const engine = new PretendEngine(channel)
  const block = (yield* engine.claim(laneId, 3))!
  yield* engine.flush([{ block, answers: block.parts.map((_, nth) => ({ nth, part: 1, verdict: "a" as const })) }])
  yield* engine.flush([{ block, receipts: [{ nth: 0, part: 1, state: 2 }] }])
  yield* actAs(adminId, workspaceId)(sql`SELECT add_stops('{998900000007}', 'asked')`)
  const fed = yield* sampleTrigger({ workspace, channels: [channel] })
  yield* actAs(adminId, workspaceId)(sql`SELECT * FROM feed_campaign(${fed.campaignId}, '{a}', '{998900000008}')`)
  const preset = `Preset ${workspaceId}`
  yield* actAs(
    superAdminId,
    null
  )(sql`SELECT grant_preset(create_preset(${preset}, ${preset}, 'for all'), ${workspaceId})`)
  yield* sql`INSERT INTO audit_checkpoint (workspace_id, seq, hash, at_us, public_key, signature)
             SELECT workspace_id, seq, hash, 1, hash, hash || hash FROM audit_chain WHERE workspace_id = ${workspaceId}`
  yield* sql`INSERT INTO invitation (workspace_id, email, role, token_hash, invited_by, expires_at)
             VALUES (${workspaceId}, 'invited@sample.example', 'author', sha256(${workspaceId}::text::bytea), ${adminId}, now() + interval '7 days')`
  yield* sql`INSERT INTO join_request (workspace_id, person_id, note) VALUES (${workspaceId}, ${workspace.outsiderId}, 'for the test')`
  yield* sql`INSERT INTO campaign_forecast (campaign_id, workspace_id, made_at, limited_by) VALUES (${fed.campaignId}, ${workspaceId}, now(), 'schedule')`
  yield* sql`INSERT INTO channel_speed (channel_id, per_second, measured_at) VALUES (${channel.channelId}, 1, now())`
  yield* sql`INSERT INTO pace (workspace_id, campaign_id) VALUES (${workspaceId}, 0)`
  yield* tokenOf(authorId)
  yield* tokenOf(superAdminId)
  yield* sql`INSERT INTO workspace_entry (session_id, workspace_id) SELECT max(id), ${workspaceId} FROM session WHERE person_id = ${superAdminId}`
  return workspace
})

export interface BothWorkspaces {
  readonly mine: SampleWorkspace
  readonly theirs: SampleWorkspace
  /** member of neither */
  readonly superAdminId: number
}

export const bothWorkspaces = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [superAdmin] = yield* sql<{ id: number }>`
    INSERT INTO person (email, name, super_admin) VALUES ('super@sample.example', 'Super', true) RETURNING id`
  const mine = yield* lived(superAdmin!.id)
  const theirs = yield* lived(superAdmin!.id)
  return { mine, theirs, superAdminId: superAdmin!.id } satisfies BothWorkspaces
})
