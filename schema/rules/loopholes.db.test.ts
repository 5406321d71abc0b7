/** Ways around the rules that somebody once found: each is tried as it was, and comes to nothing. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import { type Acting, act, actAs } from "#schema/people/Acting.ts"
import * as Members from "#schema/people/Members.ts"
import { change } from "#schema/people/WorkspaceSettings.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import {
  decideAs,
  inReview,
  pressAs,
  sampleCampaign,
  sampleChannel,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { actor, tokenOf } from "#schema/testing/session.ts"
import { somebody, told } from "#schema/testing/signedIn.ts"

/** What becomes of statements in one transaction of the portal's, in somebody's name: `done`, or the database's words. */
const tried = (as: Acting, ...statements: ReadonlyArray<string>) =>
  Effect.flatMap(TestDatabase, ({ asPortal }) =>
    asPortal(
      as(
        Effect.flatMap(SqlClient, (sql) =>
          // a savepoint: what is refused ends with it, and the transaction goes on
          sql.withTransaction(Effect.forEach(statements, (statement) => sql.unsafe(statement))).pipe(
            Effect.as("done"),
            Effect.catchTag("SqlError", (error: SqlError) => Effect.succeed(`${sqlState(error)} ${sqlMessage(error)}`))
          )
        )
      )
    )
  )

layer(TestDatabase.layer, { excludeTestServices: true })("nobody gets around four eyes", (it) => {
  it.effect("by pretending to erase: what is approved, sent or erased is not edited", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      for (const state of ["scheduled", "sending", "done"] as const) {
        const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state: "scheduled" })
        const sql = yield* SqlClient
        if (state !== "scheduled") yield* Campaigns.move(campaignId, "open")
        if (state === "done")
          yield* sql`UPDATE lane SET next_seq = recipients + 1 WHERE campaign_id = ${campaignId}`.pipe(
            Effect.andThen(Campaigns.move(campaignId, "close"))
          )
        const author = yield* actor(workspace.authorId, workspace.workspaceId)
        for (const value of ["yes", "on", "0".repeat(64)]) {
          assert.strictEqual(
            yield* tried(
              author,
              `SELECT set_config('countersign.erasing', '${value}', true)`,
              `SELECT edit_campaign(${campaignId}, '{"text": "what nobody approved"}')`
            ),
            `CS409 campaign ${campaignId} is ${state}; take it back to draft to change it, and have it approved anew`
          )
        }
        // the guard of the table, for who could write it
        assert.match(
          `${sqlMessage((yield* Effect.flip(sql`UPDATE campaign SET text = 'other' WHERE id = ${campaignId}`)) as SqlError)}`,
          /take it back to draft/
        )
      }
    })
  )

  it.effect("by submitting what somebody else left behind", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state: "draft" })
      yield* pressAs(workspace, workspace.flaggedId, campaignId, "submit")
      assert.strictEqual(
        yield* told(decideAs(workspace, workspace.flaggedId, campaignId)),
        "Forbidden: you made, edited or submitted this campaign, so somebody else has to approve it"
      )
      assert.strictEqual(yield* decideAs(workspace, workspace.moderatorId, campaignId), "scheduled")
    })
  )

  it.effect("by giving somebody the right to approve once it is written; who had it before keeps it", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const sql = yield* SqlClient
      const [friend, colleague] = [yield* somebody(), yield* somebody()]
      for (const { id } of [friend, colleague])
        yield* sql`INSERT INTO membership (workspace_id, person_id, role) VALUES (${workspace.workspaceId}, ${id}, 'author')`
      const admin = actAs(workspace.adminId, workspace.workspaceId)
      yield* admin(Members.changeRole(colleague.id, "moderator"))
      const { campaignId } = yield* sampleCampaign({
        workspace,
        channels: [channel],
        state: "draft",
        columns: { created_by: workspace.adminId, edited_by: workspace.adminId }
      })
      yield* admin(Members.changeRole(friend.id, "moderator"))
      yield* pressAs(workspace, workspace.adminId, campaignId, "submit")
      assert.match(
        yield* told(decideAs(workspace, friend.id, campaignId)),
        /^Forbidden: .+, who wrote part of this campaign, gave you your role after it was begun; somebody else has to approve it$/
      )
      assert.strictEqual(yield* decideAs(workspace, colleague.id, campaignId), "scheduled")
    })
  )

  it.effect("by approving in the name of somebody else, also who may write the table", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview()
      const sql = yield* SqlClient
      const error = yield* Effect.flip(
        actAs(
          workspace.moderatorId,
          workspace.workspaceId
        )(sql`INSERT INTO approval (campaign_id, workspace_id, person_id, fingerprint)
              VALUES (${campaignId}, ${workspace.workspaceId}, ${workspace.adminId}, fingerprint_of(${campaignId}))`)
      )
      assert.match(error.message, /in the name of somebody else/)
    })
  )

  it.effect("by asking for fewer approvals afterwards", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview({ approvals_needed: 2 })
      const sql = yield* SqlClient
      yield* actAs(workspace.adminId, workspace.workspaceId)(change({ approvals_needed: 1 }))
      assert.strictEqual(yield* decideAs(workspace, workspace.moderatorId, campaignId), "in_review")
      assert.deepStrictEqual(yield* sql`SELECT approvals_needed(${campaignId}) AS n`, [{ n: 2 }])
      // taken back and submitted anew it goes by what is asked now
      yield* pressAs(workspace, workspace.authorId, campaignId, "revise")
      yield* pressAs(workspace, workspace.authorId, campaignId, "submit")
      assert.strictEqual(yield* decideAs(workspace, workspace.moderatorId, campaignId), "scheduled")
    })
  )

  it.effect("with an old snapshot, or an identity from before one was disabled, removed or given another role", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { campaignId, workspace } = yield* inReview()
      const sql = yield* SqlClient
      const approve = `SELECT decide_campaign(${campaignId}, 'approve', fingerprint_of(${campaignId}))`
      const token = yield* tokenOf(workspace.moderatorId)
      const repeatable = (mode: string) =>
        asPortal(
          Effect.flatMap(SqlClient, (portal) =>
            portal.withTransaction(
              Effect.gen(function* () {
                yield* portal.unsafe(`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ ${mode}`)
                yield* portal`SELECT 1`
                yield* act(token, workspace.workspaceId)(Effect.void)
              })
            )
          )
        )
      assert.match(`${yield* Effect.flip(repeatable("READ WRITE"))}`, /transaction that is READ COMMITTED/)
      yield* repeatable("READ ONLY")
      const meanwhile = [
        [`UPDATE person SET disabled_at = now() WHERE id = ${workspace.moderatorId}`, /^CS401 this session has ended/],
        [`UPDATE session SET revoked_at = now() WHERE person_id = ${workspace.moderatorId}`, /^CS401 this session/],
        [
          `UPDATE membership SET left_at = now() WHERE person_id = ${workspace.moderatorId}`,
          /^CS403 what you may do here/
        ],
        [`UPDATE membership SET role = 'author' WHERE person_id = ${workspace.moderatorId}`, /^CS403 what you may do/],
        [`UPDATE workspace SET archived_at = now() WHERE id = ${workspace.workspaceId}`, /^CS403 what you may do here/]
      ] as const
      for (const [change, why] of meanwhile) {
        const said = yield* asPortal(
          act(
            yield* tokenOf(workspace.moderatorId),
            workspace.workspaceId
          )(
            Effect.flatMap(SqlClient, (portal) =>
              Effect.andThen(
                // on the owner's connection, committed while this transaction is open
                Effect.provideService(sql.unsafe(change), SqlClient, sql),
                portal.withTransaction(portal.unsafe(approve)).pipe(
                  Effect.as("done"),
                  Effect.catchTag("SqlError", (error) => Effect.succeed(`${sqlState(error)} ${sqlMessage(error)}`))
                )
              )
            )
          )
        )
        assert.match(said, why, change)
        yield* sql`UPDATE person SET disabled_at = NULL WHERE id = ${workspace.moderatorId}`
        yield* sql`UPDATE membership SET left_at = NULL, role = 'moderator' WHERE person_id = ${workspace.moderatorId}`
        yield* sql`UPDATE workspace SET archived_at = NULL WHERE id = ${workspace.workspaceId}`
      }
      assert.strictEqual(yield* decideAs(workspace, workspace.moderatorId, campaignId), "scheduled")
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("nobody unmasks", (it) => {
  it.effect("a number by reading in the audit what somebody else revealed, or by trying them all", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { laneId } = yield* sampleCampaign({ workspace, channels: [channel] })
      const moderator = yield* actor(workspace.moderatorId, workspace.workspaceId)
      const author = yield* actor(workspace.authorId, workspace.workspaceId)
      assert.strictEqual(yield* tried(moderator, `SELECT reveal_number(${laneId}, 1, 'she asked')`), "done")
      const actions = (as: Acting) =>
        Effect.flatMap(TestDatabase, ({ asPortal }) =>
          asPortal(
            as(
              Effect.flatMap(
                SqlClient,
                (sql) => sql<{ action: string }>`SELECT action FROM audit WHERE object = 'campaign'`
              )
            )
          )
        ).pipe(Effect.map((rows) => rows.map(({ action }) => action)))
      assert.include(yield* actions(moderator), "number.reveal")
      assert.include(yield* actions(author), "campaign.submit")
      assert.notInclude(yield* actions(author), "number.reveal")
      assert.match(
        yield* tried(author, "SELECT * FROM number_history(998900000000)"),
        /^CS403 only .* may reveal or export numbers/
      )
    })
  )

  it.effect("many under one proof without saying why, and all that it showed are in the audit", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state: "cancelled", numbers: 70 })
      while ((yield* sql<{ id: number | null }>`SELECT seal_next_ledger() AS id`)[0]!.id !== null);
      const moderator = yield* actor(workspace.moderatorId, workspace.workspaceId)
      assert.match(
        yield* tried(moderator, `SELECT number_proof(${campaignId}, 998900000001, ' ')`),
        /^CS422 say why you need to see this number/
      )
      const [{ near }] = (yield* asPortal(
        moderator(
          Effect.flatMap(
            SqlClient,
            (p) => p`SELECT near FROM number_proof(${campaignId}, 998900000001::bigint, 'asked')`
          )
        )
      )) as unknown as [{ near: ReadonlyArray<{ numbers: ReadonlyArray<number> }> }]
      const [row] = yield* sql<{ personal: string }>`
        SELECT personal FROM audit WHERE action = 'number.prove' AND object_id = ${campaignId}::bigint ORDER BY seq DESC LIMIT 1`
      const { reason, shown } = JSON.parse(row!.personal) as { reason: string; shown: ReadonlyArray<number> }
      assert.strictEqual(reason, "asked")
      assert.deepStrictEqual(
        shown,
        near.flatMap(({ numbers }) => numbers)
      )
    })
  )

  it.effect("what a workspace shows only to who gave a second factor, by looking at all of them", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      yield* sql`UPDATE workspace SET require_second_factor = true WHERE id = ${workspace.workspaceId}`
      const { id } = yield* somebody(true)
      const seen = (factor: "shown" | "none") =>
        Effect.flatMap(tokenOf(id, factor), (token) =>
          asPortal(
            act(
              token,
              null
            )(Effect.flatMap(SqlClient, (p) => p`SELECT FROM workspace WHERE id = ${workspace.workspaceId}`))
          )
        )
      assert.deepStrictEqual([(yield* seen("shown")).length, (yield* seen("none")).length], [1, 0])
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("what can't be understood is refused", (it) => {
  it.effect("before it is done, and in words", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { campaignId, laneId } = yield* sampleCampaign({ workspace, channels: [channel], state: "draft" })
      const other = yield* sampleChannel(yield* sampleWorkspace())
      const author = yield* actor(workspace.authorId, workspace.workspaceId)
      const admin = yield* actor(workspace.adminId, workspace.workspaceId)
      const long = (n: number) => `repeat('x', ${n})`
      for (const [as, statement, why] of [
        [author, `SELECT choose_channels(${laneId}, NULL)`, /^CS422 say which channels/],
        [author, `SELECT choose_channels(${laneId}, '{NULL}')`, /^CS422 say which channels/],
        [author, `SELECT choose_channels(${laneId}, '{${other.channelId}}')`, /^CS404 channel \d+ does not exist, or/],
        [author, `SELECT choose_channels(${laneId}, '{99999}')`, /^CS404 channel 99999 does not exist, or/],
        [author, "SELECT create_campaign('[]')", /^CS422 a campaign is changed by naming what to change/],
        [author, `SELECT edit_campaign(${campaignId}, '{"on_lost_answer": null}')`, /^CS422 .* held or resent/],
        [
          author,
          `SELECT edit_campaign(${campaignId}, jsonb_build_object('text', ${long(40_000)}))`,
          /^CS422 a campaign has a name of up to 200 characters and a text of up to 39,015/
        ],
        [author, `SELECT move_campaign(${campaignId}, 'stop', ${long(2_001)})`, /^CS422 a note has up to 2,000/],
        [admin, "SELECT add_stops('{NULL}', 'asked')", /^CS422 a number is up to 15 digits/],
        [admin, "SELECT add_stops('{-5}', 'asked')", /^CS422 a number is up to 15 digits/],
        [admin, "SELECT add_stops('{998900000001}', ' ')", /^CS422 say why they are left alone/],
        [
          admin,
          "SELECT add_stops(ARRAY(SELECT 998900000000 + g FROM generate_series(1, 80000) g), 'asked')",
          /^CS422 this is more than the audit can keep of one act/
        ]
      ] as const) {
        assert.match(yield* tried(as, statement), why, statement)
      }
      const master = yield* actor((yield* somebody(true)).id, null)
      const provider = `SELECT add_single_sign_on_provider('{"name": "P", "issuer": "https://p.example", "client_id": "c", "email_domains": ["p.example"]}')`
      const sql = yield* SqlClient
      assert.strictEqual(yield* tried(master, provider), "done")
      const [made] = yield* sql<{ id: number }>`SELECT max(id) AS id FROM single_sign_on_provider`
      assert.match(
        yield* tried(master, `SELECT enable_single_sign_on_provider(${made!.id}, NULL)`),
        /^CS422 a provider is enabled or disabled/
      )
    })
  )
})
