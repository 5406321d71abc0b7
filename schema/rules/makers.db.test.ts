/** That who prepares any part of a campaign is known as one of its makers, and that both they and who signs are members. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import { claim } from "#schema/ledger/Door.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { approveAs, byForce, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const told = (error: SqlError) => `${sqlState(error)} ${sqlMessage(error)}`

const drafted = Effect.gen(function* () {
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  return { workspace, channel, ...(yield* sampleCampaign({ workspace, channels: [channel], state: "draft" })) }
})

const stateOf = (campaignId: number) => Effect.map(Campaigns.progress(campaignId), ({ state }) => state)

layer(TestDatabase.layer, { excludeTestServices: true })("a part of a campaign", (it) => {
  /** In the portal's role, as it comes from a person. */
  const refused = Effect.fnUntraced(function* (campaignId: number, personId: number) {
    const { asPortal } = yield* TestDatabase
    return told(yield* Effect.flip(asPortal(approveAs(campaignId, personId))))
  })

  it.effect(
    "makes a maker of whoever added a lane, chose its channels, loaded or left out its numbers or sealed them: none of them can approve",
    () =>
      Effect.gen(function* () {
        const { asPortal } = yield* TestDatabase
        const sql = yield* SqlClient
        const parts = {
          lane: "SELECT add_lane($campaign, $person)",
          channels: "SELECT choose_channels($lane, $person, '{$channel}')",
          load: `SELECT load_audience($lane, $person, '{"{998900000001}"}')`,
          leave: `SELECT keep_rejected_lines($lane, $person, '{2}', '{"too short"}', '{12}')`,
          seal: "SELECT seal_audience($lane, $person)"
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
              .replace("$person", `${name === part ? adminId : authorId}`)
              .replace("998900000001", `${998_950_000_000 + campaignId}`)
            const rows = yield* asPortal(
              Effect.flatMap(SqlClient, (portal) => portal.unsafe<Record<string, number>>(statement))
            )
            if (name === "lane") laneId = rows[0]!.add_lane!
          }
          yield* Campaigns.move(campaignId, "submit", authorId)
          const made = "CS403 you made or edited this campaign, so somebody else has to approve it"
          assert.strictEqual(yield* refused(campaignId, adminId), made, part)
          // nor does a signature count that was put into the table in another way
          yield* byForce(
            "approval",
            `INSERT INTO approval (campaign_id, workspace_id, person_id, fingerprint, submission)
           SELECT id, workspace_id, ${adminId}, campaign_fingerprint(id), submission FROM campaign WHERE id = ${campaignId}`
          )
          assert.deepStrictEqual(yield* sql`SELECT approvals_standing(${campaignId}) AS n`, [{ n: 0 }], part)
          yield* asPortal(approveAs(campaignId, moderatorId))
          assert.strictEqual(yield* stateOf(campaignId), "scheduled", part)
        }
      })
  )

  it.effect("is refused under no name, and under that of a stranger to the workspace", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { campaignId, channel, laneId, workspace } = yield* drafted
      const other = yield* sampleWorkspace()
      for (const person of ["NULL", other.authorId, workspace.outsiderId, 0]) {
        for (const call of [
          `add_lane(${campaignId}, ${person})`,
          `choose_channels(${laneId}, ${person}, '{${channel.channelId}}')`
        ]) {
          const statement = Effect.flatMap(SqlClient, (portal) => portal.unsafe(`SELECT ${call}`))
          assert.strictEqual(
            told(yield* asPortal(Effect.flip(statement))),
            "CS403 only a member of its workspace can change this campaign",
            call
          )
        }
      }
    })
  )

  it.effect("can't be made or edited in the name of a stranger to the workspace, not even by the owner", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const { campaignId, workspace } = yield* drafted
      const { adminId, authorId, outsiderId, senderRevisionId, workspaceId } = workspace
      const words = "CS403 only a member of its workspace can make or change this campaign"
      const other = yield* sampleWorkspace()
      for (const [creator, editor] of [
        [outsiderId, authorId],
        [authorId, outsiderId],
        [other.adminId, other.adminId]
      ] as const) {
        const made = Effect.flatMap(SqlClient, (portal) =>
          portal.unsafe(`INSERT INTO campaign (workspace_id, name, sender_revision_id, text, segments, created_by, edited_by)
            VALUES (${workspaceId}, 'x', ${senderRevisionId}, 'x', 1, ${creator}, ${editor})`)
        )
        assert.strictEqual(told(yield* asPortal(Effect.flip(made))), words, `${creator} ${editor}`)
      }
      const edit = (editor: number) =>
        sql`UPDATE campaign SET text = text || '.', edited_by = ${editor} WHERE id = ${campaignId}`
      assert.strictEqual(told(yield* Effect.flip(edit(outsiderId))), words)
      // others go on with what somebody began who has left
      yield* sql`DELETE FROM membership WHERE workspace_id = ${workspaceId} AND person_id = ${authorId}`
      assert.strictEqual(told(yield* Effect.flip(edit(authorId))), words)
      yield* edit(adminId)
    })
  )

  it.effect("that was left out of an upload is told of an open audience only", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { laneId, workspace } = yield* drafted
      const keep = (lane: number) =>
        asPortal(
          Effect.flip(
            Effect.flatMap(
              SqlClient,
              (portal) =>
                portal`SELECT keep_rejected_lines(${lane}, ${workspace.authorId}, '{1}', '{"too short"}', '{12}')`
            )
          )
        )
      assert.strictEqual(told(yield* keep(laneId)), `CS409 the audience of lane ${laneId} is sealed`)
      assert.strictEqual(told(yield* keep(0)), "CS404 lane 0 does not exist")
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("an approval stands", (it) => {
  for (const [what, change] of [
    ["is a member no more", "DELETE FROM membership"],
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
