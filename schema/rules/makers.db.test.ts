/** That who prepares any part of a campaign is known as one of its makers, and that both they and who signs are members. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import { claim } from "#schema/ledger/Door.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import {
  byForce,
  decideAs,
  pressAs,
  sampleCampaign,
  sampleChannel,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"

const told = (error: SqlError) => `${sqlState(error)} ${sqlMessage(error)}`

const drafted = Effect.gen(function* () {
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  return { workspace, channel, ...(yield* sampleCampaign({ workspace, channels: [channel], state: "draft" })) }
})

const stateOf = (campaignId: number) => Effect.map(Campaigns.progress(campaignId), ({ state }) => state)

layer(TestDatabase.layer, { excludeTestServices: true })("a part of a campaign", (it) => {
  it.effect(
    "makes a maker of whoever added a lane, chose its channels, loaded or left out its numbers or sealed them: none of them can approve",
    () =>
      Effect.gen(function* () {
        const { asPortal } = yield* TestDatabase
        const sql = yield* SqlClient
        const parts = {
          lane: "SELECT add_lane($campaign)",
          channels: "SELECT choose_channels($lane, '{$channel}')",
          load: `SELECT load_audience($lane, '{"{998900000001}"}')`,
          leave: `SELECT keep_rejected_lines($lane, '{2}', '{"too short"}', '{12}')`,
          seal: "SELECT seal_audience($lane)"
        }
        for (const part of Object.keys(parts)) {
          const { campaignId, channel, workspace } = yield* drafted
          const { adminId, authorId, moderatorId } = workspace
          // a second lane, of which the admin does this one part and its author all others
          let laneId = 0
          for (const [name, call] of Object.entries(parts)) {
            const statement = call
              .replace("$campaign", `${campaignId}`)
              .replace("$lane", `${laneId}`)
              .replace("$channel", `${channel.channelId}`)
              .replace("998900000001", `${998_950_000_000 + campaignId}`)
            const as = yield* actor(name === part ? adminId : authorId, workspace.workspaceId)
            const rows = yield* asPortal(
              as(Effect.flatMap(SqlClient, (portal) => portal.unsafe<Record<string, number>>(statement)))
            )
            if (name === "lane") laneId = rows[0]!.add_lane!
          }
          yield* pressAs(workspace, authorId, campaignId, "submit")
          const made = "you made, edited or submitted this campaign, so somebody else has to approve it"
          assert.strictEqual((yield* Effect.flip(decideAs(workspace, adminId, campaignId))).message, made, part)
          // nor does a signature count that was put into the table in another way
          yield* byForce(
            "approval",
            `INSERT INTO approval (campaign_id, workspace_id, person_id, fingerprint, submission)
           SELECT id, workspace_id, ${adminId}, campaign_fingerprint(id), submission FROM campaign WHERE id = ${campaignId}`
          )
          assert.deepStrictEqual(yield* sql`SELECT approvals_standing(${campaignId}) AS n`, [{ n: 0 }], part)
          yield* decideAs(workspace, moderatorId, campaignId)
          assert.strictEqual(yield* stateOf(campaignId), "scheduled", part)
        }
      })
  )

  it.effect("is refused to nobody, to who may not write, and to strangers, for whom it does not exist", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { campaignId, channel, laneId, workspace } = yield* drafted
      const other = yield* sampleWorkspace()
      for (const call of [`add_lane(${campaignId})`, `choose_channels(${laneId}, '{${channel.channelId}}')`]) {
        const statement = Effect.flatMap(SqlClient, (portal) => portal.unsafe(`SELECT ${call}`))
        assert.strictEqual(
          told(yield* asPortal(Effect.flip(statement))),
          "CS401 nobody is signed in for this; sign in and try again",
          call
        )
        const moderator = yield* actor(workspace.moderatorId, workspace.workspaceId)
        assert.strictEqual(
          (yield* asPortal(Effect.flip(moderator(statement)))).message,
          "only an author or an admin may make, change or submit a campaign; you are a moderator",
          call
        )
        const stranger = yield* actor(other.authorId, other.workspaceId)
        assert.match(
          (yield* asPortal(Effect.flip(stranger(statement)))).message,
          /^(campaign|lane) \d+ does not exist$/
        )
      }
    })
  )

  it.effect("goes on to be edited by others when who made it has left, and can't be by who has", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { campaignId, workspace } = yield* drafted
      const { adminId, authorId, workspaceId } = workspace
      yield* sql`UPDATE membership SET left_at = now() WHERE workspace_id = ${workspaceId} AND person_id = ${authorId}`
      const edit = (person: number) => actAs(person, workspaceId)(Campaigns.edit(campaignId, { text: "Tomorrow then" }))
      assert.strictEqual((yield* Effect.flip(edit(authorId))).reason, "NotFound")
      yield* edit(adminId)
      assert.deepStrictEqual(
        yield* sql`SELECT person_id FROM campaign_maker WHERE campaign_id = ${campaignId} ORDER BY 1`,
        [{ person_id: authorId }, { person_id: adminId }]
      )
    })
  )

  it.effect("that was left out of an upload is told of an open audience only", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { laneId, workspace } = yield* drafted
      const as = yield* actor(workspace.authorId, workspace.workspaceId)
      const keep = (lane: number) =>
        asPortal(
          Effect.flip(
            as(
              Effect.flatMap(
                SqlClient,
                (portal) => portal`SELECT keep_rejected_lines(${lane}, '{1}', '{"too short"}', '{12}')`
              )
            )
          )
        )
      assert.strictEqual((yield* keep(laneId)).message, `the audience of lane ${laneId} is sealed`)
      assert.strictEqual((yield* keep(0)).message, "lane 0 does not exist")
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("an approval stands", (it) => {
  for (const [what, change] of [
    ["is a member no more", "UPDATE membership SET left_at = now()"],
    ["may approve no more", "UPDATE membership SET role = 'author'"]
  ] as const) {
    it.effect(`also when who gave it ${what}: the door stays open`, () =>
      Effect.gen(function* () {
        const { asEngine } = yield* TestDatabase
        const sql = yield* SqlClient
        const workspace = yield* sampleWorkspace()
        const channel = yield* sampleChannel(workspace)
        const { campaignId, laneId } = yield* sampleCampaign({ workspace, channels: [channel] })
        const standing = sql`SELECT approvals_standing(${campaignId}) AS n`
        yield* sql.unsafe(
          `${change} WHERE workspace_id = ${workspace.workspaceId} AND person_id = ${workspace.moderatorId}`
        )
        assert.deepStrictEqual(yield* standing, [{ n: 1 }])
        const claimed = yield* asEngine(claim(channel.channelId, channel.epoch, laneId, 1))
        assert.strictEqual(claimed?.recipients, 1)
      })
    )
  }
})
