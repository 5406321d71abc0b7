/** Who may approve what. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { decideAs, inReview, pressAs, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"

const told = (error: SqlError) => `${sqlState(error)} ${sqlMessage(error)}`

const stateOf = (campaignId: number) => Effect.map(Campaigns.progress(campaignId), ({ state }) => state)

/** A decision in the portal's role, by a living session: as it comes from a person. */
const decide = Effect.fnUntraced(function* (
  { campaignId, workspace }: { campaignId: number; workspace: { workspaceId: number } },
  personId: number,
  decision: Campaigns.Decision["decision"] = "approve",
  fingerprint?: string
) {
  const { asPortal } = yield* TestDatabase
  const as = yield* actor(personId, workspace.workspaceId)
  const read = fingerprint ?? (yield* Campaigns.fingerprint(campaignId))
  return yield* asPortal(as(Campaigns.decide(campaignId, { decision, fingerprint: read, note: "as asked" })))
})

const refused = (of: Parameters<typeof decide>[0], personId: number, decision?: Campaigns.Decision["decision"]) =>
  Effect.map(Effect.flip(decide(of, personId, decision)), (error) => `${error.reason}: ${error.message}`)

layer(TestDatabase.layer, { excludeTestServices: true })("an approval", (it) => {
  it.effect("is given by a moderator, an admin or an author with the flag, and makes the campaign scheduled", () =>
    Effect.gen(function* () {
      for (const who of ["moderatorId", "adminId", "flaggedId"] as const) {
        const campaign = yield* inReview()
        assert.strictEqual(yield* decide(campaign, campaign.workspace[who]), "scheduled")
      }
    })
  )

  it.effect("is refused to its author, to everybody who edited it, to mere authors and to strangers", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const campaign = yield* inReview({}, { state: "draft" })
      const { campaignId, workspace } = campaign
      for (const editor of [workspace.adminId, workspace.flaggedId]) {
        const as = actAs(editor, workspace.workspaceId)
        yield* as(Campaigns.edit(campaignId, { text: `Planned maintenance, says ${editor}` }))
      }
      const [mere] = yield* sql<{ id: number }>`
        WITH p AS (INSERT INTO person (email, name) VALUES ('mere@sample.example', 'Mere') RETURNING id)
        INSERT INTO membership (workspace_id, person_id, role) SELECT ${workspace.workspaceId}, id, 'author' FROM p RETURNING person_id AS id`
      yield* pressAs(workspace, workspace.authorId, campaignId, "submit")
      const made = "Forbidden: you made, edited or submitted this campaign, so somebody else has to approve it"
      const other = yield* sampleWorkspace()
      const may =
        "Forbidden: only a moderator, an admin or an author with the moderator flag may approve, reject or send back a campaign; you are an author"
      const nowhere = `NotFound: workspace ${workspace.workspaceId} does not exist, or you are not in it`
      assert.deepStrictEqual(
        yield* Effect.forEach(
          [
            workspace.authorId,
            workspace.adminId,
            workspace.flaggedId,
            mere!.id,
            workspace.outsiderId,
            other.moderatorId
          ],
          (person) => refused(campaign, person)
        ),
        [may, made, made, may, nowhere, nowhere]
      )
    })
  )

  it.effect("is for those to withhold who could give it: a mere author can't reject", () =>
    Effect.gen(function* () {
      const campaign = yield* inReview()
      const { authorId, flaggedId } = campaign.workspace
      assert.match(
        yield* refused(campaign, authorId, "reject"),
        /^Forbidden: only a moderator, an admin or an author with the moderator flag may/
      )
      assert.match(
        yield* refused(campaign, authorId, "request_changes"),
        /^Forbidden: only a moderator, an admin or an author with the moderator flag may/
      )
      assert.strictEqual(yield* decide(campaign, flaggedId, "reject"), "rejected")
    })
  )

  it.effect("is refused in any state but in review", () =>
    Effect.gen(function* () {
      for (const state of ["draft", "scheduled", "sending", "paused", "cancelled", "rejected"] as const) {
        const campaign = yield* inReview({}, { state })
        const words = `Conflict: campaign ${campaign.campaignId} is ${state}, and only what is in review is decided on`
        assert.strictEqual(yield* refused(campaign, campaign.workspace.adminId), words)
      }
    })
  )

  it.effect("is refused for a fingerprint that is no longer the campaign's, and in another workspace's name", () =>
    Effect.gen(function* () {
      const campaign = yield* inReview()
      const { campaignId, workspace } = campaign
      const other = yield* sampleWorkspace()
      const stale = yield* Effect.flip(decide(campaign, workspace.moderatorId, "approve", "ab".repeat(32)))
      assert.strictEqual(stale.message, "the campaign has changed since you read it; read it again before you decide")
      const foreign = yield* Effect.flip(decide({ campaignId, workspace: other }, other.adminId))
      assert.strictEqual(foreign.message, `campaign ${campaignId} does not exist`)
    })
  )

  it.effect("counts once a person, and as many are needed as the workspace and the audience's size ask for", () =>
    Effect.gen(function* () {
      for (const [house, numbers, needed] of [
        [{}, 10, 1],
        [{ approvals_needed: 2 }, 10, 2],
        [{ approvals_needed: 3 }, 10, 3],
        [{ large_from_recipients: 11, large_approvals_needed: 2 }, 10, 1],
        [{ large_from_recipients: 11, large_approvals_needed: 2 }, 11, 2]
      ] as const) {
        const campaign = yield* inReview(house, { numbers })
        const { campaignId, workspace } = campaign
        const people = [workspace.moderatorId, workspace.adminId, workspace.flaggedId].slice(0, needed)
        for (const [i, person] of people.entries()) {
          assert.strictEqual(yield* stateOf(campaignId), "in_review")
          yield* decide(campaign, person)
          if (i + 1 < needed)
            assert.strictEqual(
              yield* refused(campaign, person),
              `Conflict: you have approved campaign ${campaignId} already`
            )
        }
        assert.strictEqual(yield* stateOf(campaignId), "scheduled")
      }
    })
  )

  it.effect("ends when the campaign goes back to draft: the same people sign the next submission anew", () =>
    Effect.gen(function* () {
      const campaign = yield* inReview()
      const { campaignId, workspace } = campaign
      yield* decide(campaign, workspace.moderatorId)
      yield* pressAs(workspace, workspace.adminId, campaignId, "revise")
      yield* pressAs(workspace, workspace.authorId, campaignId, "submit")
      assert.strictEqual(yield* stateOf(campaignId), "in_review")
      yield* decide(campaign, workspace.moderatorId)
      assert.strictEqual(yield* stateOf(campaignId), "scheduled")
    })
  )

  it.effect("is never changed, taken back or emptied away, not even by the owner", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { campaignId, workspace } = yield* inReview()
      yield* decideAs(workspace, workspace.moderatorId, campaignId)
      for (const statement of [
        `UPDATE approval SET person_id = ${workspace.adminId}`,
        "DELETE FROM approval",
        "TRUNCATE approval",
        "TRUNCATE campaign CASCADE"
      ]) {
        assert.match(told(yield* Effect.flip(sql.unsafe(statement))), /^CS403/, statement)
      }
    })
  )
})
