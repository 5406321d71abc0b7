/** Acts and looks of campaigns and numbers. */
import { Effect } from "effect"
import { sealNext } from "#schema/ledger/Keeping.ts"
import { actAs } from "#schema/people/Acting.ts"
import { sampleTrigger } from "#schema/testing/sampleCampaign.ts"
import {
  type Act,
  admins,
  campaign,
  deciders,
  type Ground,
  type Look,
  onCampaign,
  one,
  revealers,
  runners,
  supers,
  writers
} from "./Act.ts"

const emptyLane = (ground: Ground) =>
  Effect.flatMap(campaign("draft")(ground), ({ campaignId }) =>
    actAs(
      ground.workspace.authorId,
      ground.workspace.workspaceId
    )(one((sql) => sql`SELECT add_lane(${campaignId}) AS id`))
  )

export const campaignActs: Record<string, Act> = {
  create_campaign: {
    call: ({ workspace }) =>
      Effect.succeed(
        `SELECT create_campaign('{"name": "x", "text": "x", "segments": 1, "sender_revision_id": ${workspace.senderRevisionId}}')`
      ),
    who: writers,
    audits: 1
  },
  edit_campaign: {
    call: onCampaign("draft", `SELECT edit_campaign($id, '{"text": "y"}')`),
    who: writers,
    audits: 1,
    foreign: "does not exist"
  },
  add_lane: { call: onCampaign("draft", "SELECT add_lane($id)"), who: writers, audits: 1, foreign: "does not exist" },
  choose_channels: {
    call: onCampaign("draft", "SELECT choose_channels($lane, '{}')"),
    who: writers,
    audits: 1,
    foreign: "does not exist"
  },
  // its numbers come in hundreds of statements: the first says that it began, sealing what was loaded
  load_audience: {
    call: (ground) => Effect.map(emptyLane(ground), (lane) => `SELECT load_audience(${lane}, '{"{998900000009}"}')`),
    who: writers,
    audits: 1,
    foreign: "does not exist"
  },
  keep_rejected_lines: {
    call: (ground) =>
      Effect.map(emptyLane(ground), (lane) => `SELECT keep_rejected_lines(${lane}, '{1}', '{"too short"}', '{12}')`),
    who: writers,
    audits: 0,
    foreign: "does not exist"
  },
  seal_audience: {
    call: (ground) =>
      Effect.gen(function* () {
        const lane = yield* emptyLane(ground)
        const author = actAs(ground.workspace.authorId, ground.workspace.workspaceId)
        yield* author(one((sql) => sql`SELECT load_audience(${lane}, '{"{998900000009}"}') AS id`))
        return `SELECT seal_audience(${lane})`
      }),
    who: writers,
    audits: 1,
    foreign: "does not exist"
  },
  note_file: {
    call: (ground) =>
      Effect.map(
        emptyLane(ground),
        (lane) =>
          `SELECT note_file(${lane}, '{"name": "a.csv", "octets": 1, "lines": 1, "duplicates": 0, "invalid": 0, "empty": 0}')`
      ),
    who: writers,
    audits: 0,
    foreign: "does not exist"
  },
  discard_audience: {
    call: onCampaign("draft", "SELECT discard_audience($id)"),
    who: writers,
    audits: 1,
    foreign: "does not exist"
  },
  note_parts: {
    call: onCampaign("draft", "SELECT note_parts($lane, 'Planned maintenance tonight', 2)"),
    who: writers,
    audits: 1,
    foreign: "does not exist"
  },
  move_campaign: {
    call: onCampaign("sending", "SELECT move_campaign($id, 'stop')"),
    who: runners,
    audits: 1,
    foreign: "does not exist"
  },
  decide_campaign: {
    call: onCampaign("in_review", "SELECT decide_campaign($id, 'approve', fingerprint_of($id))"),
    who: deciders,
    audits: 1,
    foreign: "does not exist"
  },
  // each message is on record in its own table; the audit has the first of a day
  feed_campaign: {
    call: (ground) =>
      Effect.map(
        sampleTrigger({ workspace: ground.workspace, channels: [ground.channel] }),
        ({ campaignId }) => `SELECT * FROM feed_campaign(${campaignId}, '{a}', '{998900000001}')`
      ),
    who: ["author", "admin"],
    audits: 1,
    foreign: "does not exist"
  },
  archive_campaign: {
    call: onCampaign("scheduled", "SELECT archive_campaign($id)"),
    who: runners,
    audits: 1,
    foreign: "does not exist"
  },
  restore_campaign: {
    call: (ground) =>
      Effect.tap(onCampaign("cancelled", "SELECT restore_campaign($id)")(ground), (call) => {
        const id = /\d+/.exec(call)![0]
        return actAs(
          ground.workspace.adminId,
          ground.workspace.workspaceId
        )(one((sql) => sql`SELECT archive_campaign(${Number(id)}) AS id`))
      }),
    who: runners,
    audits: 1,
    foreign: "does not exist"
  },
  slow_campaign: {
    call: onCampaign("sending", "SELECT slow_campaign($id, 10)"),
    who: runners,
    audits: 1,
    foreign: "does not exist"
  },
  delete_draft: {
    call: onCampaign("draft", "SELECT delete_draft($id)"),
    who: supers,
    audits: 1,
    foreign: "does not exist"
  },

  // numbers
  reveal_number: {
    call: onCampaign("sending", "SELECT reveal_number($lane, 1, 'she asked whether she got it')"),
    who: revealers,
    audits: 1,
    foreign: "does not exist"
  },
  export_ledger: {
    call: onCampaign("sending", "SELECT * FROM export_ledger($id)"),
    who: revealers,
    audits: 1,
    foreign: "does not exist"
  },
  number_proof: {
    call: (ground) =>
      Effect.gen(function* () {
        // stopped before anything was claimed: its ledger is complete
        const { campaignId } = yield* campaign("cancelled")(ground)
        while ((yield* sealNext) !== undefined);
        return `SELECT root FROM number_proof(${campaignId}, 998900000000, 'asked by the auditor')`
      }),
    who: revealers,
    audits: 1,
    foreign: "does not exist"
  },
  number_history: {
    call: () => Effect.succeed("SELECT * FROM number_history(998900000000)"),
    who: revealers,
    audits: 1
  },
  add_stops: {
    call: ({ n }) => Effect.succeed(`SELECT add_stops('{${998_900_000_000 + n}}', 'asked')`),
    who: admins,
    audits: 1
  },
  remove_stops: { call: () => Effect.succeed("SELECT remove_stops('{1}', 'asked again')"), who: admins, audits: 1 },
  find_stop: { call: () => Effect.succeed("SELECT * FROM find_stop(1)"), who: admins, audits: 1 }
}

export const campaignLooks: Record<string, Look> = {
  newest_stops: ({ workspace }) =>
    Effect.as(
      one(
        (sql) =>
          sql`INSERT INTO stop_list (workspace_id, msisdn, cause) VALUES (${workspace.workspaceId}, 7, 'asked') RETURNING 7 AS id`
      ),
      "SELECT * FROM newest_stops(10)"
    ),
  approvals_of: onCampaign("in_review", "SELECT * FROM approvals_of($id)"),
  campaign_is_exhausted: onCampaign("sending", "SELECT campaign_is_exhausted($id)"),
  check_ledger: onCampaign("sending", "SELECT * FROM check_ledger($id)"),
  decision_challenge: onCampaign("in_review", "SELECT decision_challenge($id, 'approve')"),
  fingerprint_of: onCampaign("sending", "SELECT fingerprint_of($id)"),
  forecast_loads: onCampaign("sending", "SELECT * FROM forecast_loads($id)"),
  placeholder_runs: onCampaign("draft", "SELECT * FROM placeholder_runs($lane, 0, 10)"),
  campaign_pace: onCampaign("sending", "SELECT * FROM campaign_pace($id, true)"),
  ledger_find: onCampaign("sending", "SELECT * FROM ledger_find($lane, 0, 10, 'waiting')"),
  ledger_page: onCampaign("sending", "SELECT * FROM ledger_page($lane, 0, 10)"),
  audience_evidence: onCampaign("in_review", "SELECT * FROM audience_evidence($id, 1000)"),
  why_not_decide: onCampaign("in_review", "SELECT * FROM why_not_decide($id)"),
  number_life: onCampaign("sending", "SELECT * FROM number_life($lane, 1)"),
  rejected_lines: onCampaign("draft", "SELECT * FROM rejected_lines($lane, 0, 10)")
}
