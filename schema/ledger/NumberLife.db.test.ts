import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import {
  pressAs,
  sampleCampaign,
  sampleChannel,
  sampleTrigger,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import * as NumberLife from "./NumberLife.ts"

const FIRST = 998_900_000_000

/** A campaign of ten, of which an engine has claimed five: the third was refused once, the fifth is on the stop list. */
const sent = Effect.gen(function* () {
  const { asEngine } = yield* TestDatabase
  const sql = yield* SqlClient
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const made = yield* sampleCampaign({ workspace, channels: [channel] })
  yield* actAs(
    workspace.adminId,
    workspace.workspaceId
  )(sql`SELECT add_stops(${[FIRST + 4]}::bigint[], 'answered STOP')`)
  const engine = new PretendEngine(channel)
  const block = (yield* asEngine(engine.claim(made.laneId, 5)))!
  const accepted = (nth: number) => ({ nth, part: 1, verdict: "a" as const })
  yield* asEngine(engine.flush([{ block, answers: [accepted(0), accepted(1), { ...accepted(2), verdict: "t" }] }]))
  yield* asEngine(engine.flush([{ block, answers: [accepted(2)], receipts: [{ nth: 2, part: 1, state: 2 }] }]))
  yield* asEngine(engine.giveBack(block, [3]))
  return { ...made, workspace, channel }
})

layer(TestDatabase.layer, { excludeTestServices: true })("the life of a number", (it) => {
  it.effect("is told from its upload to its receipt, masked, to everybody in its workspace", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { campaignId, laneId, workspace } = yield* sent
      const author = yield* actor(workspace.authorId, workspace.workspaceId)
      const life = yield* asPortal(author(NumberLife.life(campaignId, laneId, 3)))
      assert.deepInclude(life, { number: "99890•••••02", outcome: "delivered", seq: 3, recipients: 10 })
      assert.deepInclude(life.campaign, { id: campaignId, state: "sending", author: "Author", is_sealed: false })
      assert.deepStrictEqual(
        life.happened.map((one) => (one.what === "submitted" ? `${one.what} ${one.try} ${one.verdict}` : one.what)),
        ["uploaded", "claimed", "submitted 1 t", "submitted 2 a", "receipt"]
      )
      assert.deepInclude(life.happened[0], { person: "Author" })
      assert.deepInclude(life.happened[2], { bind: 0, command_status: 0x58, answer_ms: 1 })
      assert.deepInclude(life.happened[4], { state: 2, error: "000", odd: null })
      assert.deepStrictEqual(
        life.approved.map(({ person, signed }) => ({ person, signed })),
        [{ person: "Moderator", signed: false }]
      )
      assert.deepStrictEqual(
        life.moves.map(({ action }) => action),
        ["submit", "approve", "open"]
      )
    })
  )

  it.effect("says what came back, what was kept back and why, and that others wait", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { campaignId, laneId, workspace } = yield* sent
      const as = yield* actor(workspace.moderatorId, workspace.workspaceId)
      const life = (seq: number) => asPortal(as(NumberLife.life(campaignId, laneId, seq)))
      const back = yield* life(4)
      assert.deepStrictEqual([back.outcome, back.happened.at(-1)!.what], ["waiting", "returned"])
      const kept = yield* life(5)
      assert.strictEqual(kept.outcome, "suppressed")
      assert.deepInclude(kept.happened.at(-1), { what: "kept_back", cause: "answered STOP" })
      const waiting = yield* life(9)
      assert.deepStrictEqual([waiting.outcome, waiting.happened.map(({ what }) => what)], ["waiting", ["uploaded"]])
    })
  )

  it.effect("of a campaign that is fed begins with who asked, under which key", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const { campaignId, laneId } = yield* sampleTrigger({ workspace, channels: [yield* sampleChannel(workspace)] })
      const as = yield* actor(workspace.adminId, workspace.workspaceId)
      yield* asPortal(
        as(
          Effect.flatMap(
            SqlClient,
            (sql) => sql`SELECT * FROM feed_campaign(${campaignId}, '{order 7}', ${[FIRST]}::bigint[])`
          )
        )
      )
      const life = yield* asPortal(as(NumberLife.life(campaignId, laneId, 1)))
      assert.deepInclude(life.happened[0], { what: "asked", person: "Admin", key: "order 7" })
      assert.lengthOf(yield* sql`SELECT FROM trigger_request WHERE campaign_id = ${campaignId}`, 1)
    })
  )

  it.effect("is nobody's elsewhere, of no other campaign, and gone with its numbers", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const { campaignId, channel, laneId, workspace } = yield* sent
      const other = yield* sent
      const second = yield* sampleCampaign({ workspace, channels: [channel], numbers: 1 })
      const as = yield* actor(workspace.moderatorId, workspace.workspaceId)
      const refusal = (campaign: number, lane: number, seq: number) =>
        Effect.map(Effect.flip(asPortal(as(NumberLife.life(campaign, lane, seq)))), ({ message, reason }) => [
          reason,
          message
        ])
      const none = ["NotFound", "this campaign has no such recipient"]
      assert.deepStrictEqual(yield* refusal(other.campaignId, other.laneId, 1), none)
      assert.deepStrictEqual(yield* refusal(second.campaignId, laneId, 1), none)
      assert.deepStrictEqual(yield* refusal(campaignId, laneId, 11), none)
      yield* sql`UPDATE campaign SET erased_at = now() WHERE id = ${campaignId}`
      assert.match(`${yield* refusal(campaignId, laneId, 1)}`, /erased/)
    })
  )

  it.effect("is revealed with a reason, to who may", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { laneId, workspace } = yield* sent
      const moderator = yield* actor(workspace.moderatorId, workspace.workspaceId)
      const author = yield* actor(workspace.authorId, workspace.workspaceId)
      assert.strictEqual(yield* asPortal(moderator(NumberLife.reveal(laneId, 2, "she called"))), FIRST + 1)
      assert.strictEqual((yield* asPortal(Effect.flip(moderator(NumberLife.reveal(laneId, 2, ""))))).reason, "Invalid")
      assert.strictEqual(
        (yield* asPortal(Effect.flip(author(NumberLife.reveal(laneId, 2, "mine"))))).reason,
        "Forbidden"
      )
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("a search by number", (it) => {
  it.effect(
    "finds all that the workspace sent or was to send to it, with who wrote and who approved, newest first",
    () =>
      Effect.gen(function* () {
        const { asPortal } = yield* TestDatabase
        const sql = yield* SqlClient
        const { campaignId, channel, laneId, workspace } = yield* sent
        yield* sent
        const draft = yield* sampleCampaign({ workspace, channels: [channel], state: "draft" })
        yield* pressAs(workspace, workspace.authorId, draft.campaignId, "stop")
        const as = yield* actor(workspace.moderatorId, workspace.workspaceId)
        const found = yield* asPortal(as(NumberLife.search(FIRST + 2)))
        assert.deepStrictEqual(
          found.map(({ approvers, author, campaign_id, outcome, seq }) => ({
            approvers,
            author,
            campaign_id,
            outcome,
            seq
          })),
          [
            { approvers: [], author: "Author", campaign_id: draft.campaignId, outcome: "cancelled", seq: 3 },
            { approvers: ["Moderator"], author: "Author", campaign_id: campaignId, outcome: "delivered", seq: 3 }
          ]
        )
        assert.strictEqual(found[1]!.lane_id, laneId)
        assert.deepStrictEqual(yield* asPortal(as(NumberLife.search(1))), [])
        const [said] = yield* sql<{ n: number }>`
        SELECT count(*)::int AS n FROM audit WHERE workspace_id = ${workspace.workspaceId} AND action = 'number.search'`
        assert.strictEqual(said!.n, 2)
      })
  )

  it.effect("is narrowed down by time", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { workspace } = yield* sent
      const as = yield* actor(workspace.moderatorId, workspace.workspaceId)
      const [one] = yield* asPortal(as(NumberLife.search(FIRST)))
      const later = new Date(one!.at.getTime() + 1)
      const found = (days: Parameters<typeof NumberLife.search>[1]) =>
        Effect.map(asPortal(as(NumberLife.search(FIRST, days))), (rows) => rows.length)
      assert.strictEqual(yield* found({ until: later }), 1)
      assert.strictEqual(yield* found({ from: later }), 0)
    })
  )
})
