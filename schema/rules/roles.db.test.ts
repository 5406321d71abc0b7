/**
 * The login roles, tried out. What each reads and writes of each table is in isolation.md, what it calls in catalogue.md:
 * both are committed, and fail when something new can be reached.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { layer as at, SqlClient, type SqlError, sqlState } from "#schema/Database.ts"
import { engineUrl } from "#schema/LoginRole.ts"
import { migrate } from "#schema/Migrations.ts"
import { emptyDatabase, TestDatabase } from "#schema/TestDatabase.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"

const roles = ["countersign_engine", "countersign_portal", "countersign_access"] as const
const ours = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"

layer(TestDatabase.layer, { excludeTestServices: true })("the login roles", (it) => {
  it.effect("reach no partition and no sequence by itself", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      for (const role of roles) {
        const found = yield* sql.unsafe(
          `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE ${ours} AND (c.relkind = 'S' AND has_sequence_privilege('${role}', c.oid, 'USAGE, SELECT, UPDATE')
                  OR c.relispartition AND c.relkind IN ('r', 'p')
                     AND (has_table_privilege('${role}', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                          OR has_any_column_privilege('${role}', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')))`
        )
        assert.deepStrictEqual(found, [], role)
      }
    })
  )

  it.effect("call only what a rule grants to them by name; what runs as the owner has its own search path", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const found = yield* sql.unsafe(
        `SELECT p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
          WHERE ${ours} AND (has_function_privilege('public', p.oid, 'EXECUTE')
                OR p.prosecdef AND NOT coalesce('search_path=public, pg_temp' = ANY (p.proconfig), false))`
      )
      assert.deepStrictEqual(found, [])
      const twice = yield* sql.unsafe(
        `SELECT p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${ours} GROUP BY 1 HAVING count(*) > 1`
      )
      assert.deepStrictEqual(twice, [], "no second function hides behind a name")
    })
  )

  it.effect("call functions whose bodies hold, though rules are applied without looking into them", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const found = yield* sql.unsafe<{ text: string }>(
        `SELECT pg_get_functiondef(p.oid) AS text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${ours}`
      )
      for (const { text } of found) yield* sql.unsafe(text)
    })
  )

  it.effect("own nothing, make nothing, and are members of nothing", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      for (const role of roles) {
        const [may] = yield* sql`
          SELECT has_schema_privilege(${role}, 'public', 'CREATE') AS creates,
                 (SELECT count(*)::int FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid WHERE r.rolname = ${role} AND d.deptype = 'o') AS owns,
                 (SELECT count(*)::int FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = ${role}) AS member_of`
        assert.deepStrictEqual(may, { creates: false, owns: 0, member_of: 0 })
      }
    })
  )

  it.effect("have no temporary tables to put in the way of what runs as the owner", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase
      yield* migrate(url)
      const asEngine = at(yield* engineUrl(url), { applicationName: "test", maxConnections: 1 })
      const make = Effect.flatMap(SqlClient, (sql) => sql`CREATE TEMP TABLE parked_match (id int)`)
      assert.strictEqual(sqlState(yield* Effect.flip(Effect.provide(make, asEngine))), "42501")
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("the engine's role", (it) => {
  const state = (statement: string) =>
    Effect.flatMap(SqlClient, (sql) => sql.unsafe(statement)).pipe(
      Effect.as("allowed"),
      Effect.catchTag("SqlError", (error: SqlError) => Effect.succeed(sqlState(error)))
    )

  it.effect("reads no number by any table, view or function that exists", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const number = 998_900_123_456
      const { campaignId, laneId } = yield* sampleCampaign({ workspace, channels: [channel], numbers: [number] })
      yield* sql`INSERT INTO parked_receipt (channel_id, message_key, msisdn, state, error) VALUES (${channel.channelId}, '{k}', ${[number]}::bigint[], '{2}', '{""}')`
      yield* sql`INSERT INTO stop_list (workspace_id, msisdn, cause) VALUES (${workspace.workspaceId}, ${number}, 'asked')`
      yield* sql`INSERT INTO rejected_line SELECT month, workspace_id, id, '{1}', '{"too short"}', ${[`${number}`]}::text[] FROM lane WHERE id = ${laneId}`
      const readable = yield* sql.unsafe<{ name: string }>(
        `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1`
      )
      const shown: Array<string> = []
      for (const { name } of readable) {
        const rows = yield* asEngine(
          Effect.flatMap(SqlClient, (engine) =>
            engine.unsafe<{ n: number }>(
              `SELECT count(*) AS n FROM ${name} AS t WHERE t::text LIKE '%${number}%' AND t::text NOT LIKE '%NOT LIKE%'`
            )
          )
        ).pipe(Effect.catchTag("SqlError", () => Effect.succeed([])))
        if ((rows[0]?.n ?? 0) > 0) shown.push(name)
      }
      assert.deepStrictEqual(shown, [])
      for (const call of [
        `ledger_page(${laneId}, 0, 10)`,
        `ledger_rows(${laneId}, 0, 10)`,
        `export_ledger(${campaignId})`,
        `reveal_number(${laneId}, 1, 'why')`,
        `number_history(${number})`,
        `check_ledger(${campaignId})`,
        `block_recipients(current_date, 1)`,
        "recipients_of('{}', '{}')",
        `parked_matches(${channel.channelId})`
      ]) {
        assert.strictEqual(yield* asEngine(state(`SELECT * FROM ${call}`)), "42501", call)
      }
      // the door itself shows none that is on the stop list
      const [claimed] = yield* asEngine(
        Effect.flatMap(
          SqlClient,
          (engine) =>
            engine<{
              numbers: string
            }>`SELECT numbers FROM claim_block(${channel.channelId}, ${channel.epoch}, ${laneId}, 10)`
        )
      )
      assert.strictEqual(claimed!.numbers, "")
    })
  )

  it.effect("writes no approval, state, audience, block, attempt or receipt by hand", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      for (const statement of [
        "INSERT INTO approval (campaign_id, workspace_id, person_id, fingerprint) VALUES (1, 1, 2, sha256(''))",
        "UPDATE campaign SET state = 'sending'",
        "UPDATE campaign SET text = 'x'",
        "UPDATE lane SET next_seq = 1",
        "UPDATE lane SET returned = '{[1,1000)}'",
        "INSERT INTO lane_channel VALUES (1, 1)",
        "UPDATE channel SET epoch = epoch + 1",
        "UPDATE channel SET host = 'elsewhere'",
        "UPDATE block SET outcomes = NULL",
        "UPDATE progress SET delivered = 0",
        "DELETE FROM stop_list",
        "UPDATE workspace SET approvals_needed = 0",
        "TRUNCATE audience",
        "INSERT INTO channel_grant VALUES (1, 1)",
        ...[
          "audience",
          "block",
          "attempt",
          "receipt",
          "parked_receipt",
          "journal",
          "campaign_transition",
          "membership"
        ].map(
          (table) =>
            `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(NULL::${table}, '{}')).*`
        ),
        "SELECT load_audience(1, '{}')",
        "SELECT seal_audience(1)",
        "SELECT drop_month(current_date)",
        "SELECT recount_block(current_date, 1)",
        "SELECT nextval('block_id')",
        "SET ROLE countersign_portal",
        "SET SESSION AUTHORIZATION countersign_portal",
        "ALTER TABLE campaign DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'"
      ]) {
        assert.strictEqual(yield* asEngine(state(statement)), "42501", statement)
      }
    })
  )

  it.effect("presses no button that is a person's", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const press = (at: Campaigns.CampaignState, action: string) =>
        Effect.gen(function* () {
          const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state: at })
          return (yield* asEngine(Effect.flip(Campaigns.move(campaignId, action)))).reason
        })
      for (const [at, action] of [
        ["draft", "submit"],
        ["scheduled", "start"],
        ["scheduled", "revise"],
        ["paused", "resume"],
        ["sending", "stop"]
      ] as const) {
        assert.strictEqual(yield* press(at, action), "NotSignedIn", action)
      }
    })
  )

  it.effect("makes partitions for a year ahead, not for the age of the universe", () =>
    Effect.gen(function* () {
      const { asEngine, asPortal } = yield* TestDatabase
      for (const as of [asEngine, asPortal]) {
        assert.strictEqual(yield* as(state("SELECT make_month((now() + interval '2 months')::date)")), "allowed")
        assert.strictEqual(yield* as(state("SELECT make_month('4000-01-01')")), "CS409")
        assert.strictEqual(yield* as(state("SELECT make_month('1999-01-01')")), "CS409")
      }
    })
  )

  it.effect(
    "and the portal's: writes no outcome, moves no state by hand, claims nothing, reads no operator's password",
    () =>
      Effect.gen(function* () {
        const { asPortal } = yield* TestDatabase
        for (const statement of [
          "SELECT password FROM channel",
          "SELECT * FROM channel",
          "SELECT * FROM claim_block(1, 1, 1, 1)",
          "SELECT take_channel(1)",
          "SELECT return_recipients(1, 1, current_date, 1, '{}')",
          "SELECT settle_open_blocks(1, 1)",
          "SELECT match_parked(1, 1, '{}')",
          "UPDATE campaign SET state = 'sending'",
          "UPDATE campaign SET text = 'x'",
          "UPDATE campaign SET created_by = 1",
          "UPDATE campaign SET workspace_id = 1",
          "UPDATE campaign SET submission = 1",
          "INSERT INTO campaign (state) VALUES ('sending')",
          "INSERT INTO approval (submission) VALUES (1)",
          "UPDATE approval SET person_id = 1",
          "DELETE FROM approval",
          "DELETE FROM campaign",
          "DELETE FROM campaign_maker",
          "UPDATE lane SET recipients = 0",
          "INSERT INTO lane (workspace_id, campaign_id) VALUES (1, 1)",
          "INSERT INTO lane_channel VALUES (1, 1)",
          "SELECT note_maker(1)",
          "DELETE FROM lane_channel",
          "UPDATE stop_list SET msisdn = 1",
          "UPDATE workspace SET approvals_needed = 1",
          "UPDATE membership SET role = 'admin'",
          "UPDATE sender_revision SET status = 'approved'",
          "UPDATE channel SET epoch = 0",
          "SELECT drop_month(current_date)",
          ...[
            "audience",
            "block",
            "attempt",
            "receipt",
            "progress",
            "campaign_transition",
            "campaign_maker",
            "sender_revision",
            "channel_grant"
          ].map(
            (table) =>
              `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(NULL::${table}, '{}')).*`
          )
        ]) {
          assert.strictEqual(yield* asPortal(state(statement)), "42501", statement)
        }
        const workspace = yield* sampleWorkspace()
        const channel = yield* sampleChannel(workspace)
        const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state: "scheduled" })
        const admin = yield* actor(workspace.adminId, workspace.workspaceId)
        for (const action of ["open", "expire", "fail"]) {
          const press = Campaigns.move(campaignId, action)
          assert.strictEqual((yield* asPortal(Effect.flip(press))).reason, "NotSignedIn")
          assert.strictEqual((yield* asPortal(Effect.flip(admin(press)))).reason, "Forbidden")
        }
      })
  )
})
