/** Who drives a channel, what a new owner makes of what the last one left, and the moves that are the system's. */
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import * as Channels from "#schema/channel/Channels.ts"
import { SqlClient } from "#schema/Database.ts"
import { giveBack, giveBackLostClaims, giveBackToResend } from "#schema/ledger/Door.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import {
  byForce,
  pressAs,
  sampleCampaign,
  sampleChannel,
  sampleWorkspace,
  type Wanted
} from "#schema/testing/sampleCampaign.ts"

const sending = Effect.fnUntraced(function* (columns: Wanted["columns"] = {}, segments = 1) {
  const { asEngine } = yield* TestDatabase
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const campaign = yield* sampleCampaign({ workspace, channels: [channel], columns: { segments, ...columns } })
  return { workspace, channel, engine: new PretendEngine(channel, segments), asEngine, ...campaign }
})

layer(TestDatabase.layer, { excludeTestServices: true })("a channel", (it) => {
  it.effect("has one owner, each with an epoch of its own; one that is switched off has none", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asEngine, channel } = yield* sending()
      const takes = Array.from({ length: 5 }, () => asEngine(Channels.take(channel.channelId)))
      const epochs = yield* Effect.all(takes, { concurrency: "unbounded" })
      assert.strictEqual(new Set(epochs).size, 5)
      yield* sql`UPDATE channel SET enabled = false WHERE id = ${channel.channelId}`
      assert.strictEqual(yield* asEngine(Channels.take(channel.channelId)), undefined)
    })
  )

  it.effect("is taken only after the claim or flush that is under way", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asEngine, channel, laneId } = yield* sending()
      const engine = new PretendEngine(channel)
      const taking = yield* sql.withTransaction(
        Effect.gen(function* () {
          // the owner's transaction holds the claim open
          yield* engine.claim(laneId, 3)
          const fiber = yield* Effect.forkScoped(asEngine(Channels.take(channel.channelId)))
          yield* Effect.repeat(
            sql<{
              n: number
            }>`SELECT count(*) AS n FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))`,
            { until: ([row]) => row!.n === 1 }
          )
          return fiber
        })
      )
      const epoch = (yield* Fiber.join(taking))!
      const settled = yield* asEngine(Channels.settle(channel.channelId, epoch))
      assert.deepStrictEqual(settled, { blocks: 1, unknown: 3, resent: 0 })
    })
  )

  for (const onLostAnswer of ["hold", "resend"]) {
    const what =
      onLostAnswer === "hold" ? "calls unknown what has no answer" : "sends again what has no answer, and marks it"
    it.effect(`${what}, where the campaign was approved with ${onLostAnswer}; saying it twice changes nothing`, () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const { asEngine, campaignId, channel, engine, laneId } = yield* sending({ on_lost_answer: onLostAnswer }, 2)
        const block = (yield* asEngine(engine.claim(laneId, 6)))!
        const answers = [
          // both parts, one part, refused, and one that was to be tried again
          ...[1, 2].map((part) => ({ nth: 0, part, verdict: "a" as const })),
          { nth: 1, part: 1, verdict: "a" as const },
          ...[1, 2].map((part) => ({ nth: 2, part, verdict: "r" as const })),
          { nth: 3, part: 1, verdict: "t" as const }
        ]
        yield* asEngine(engine.flush([{ block, answers }]))
        const epoch = (yield* asEngine(Channels.take(channel.channelId)))!
        const settle = asEngine(Channels.settle(channel.channelId, epoch))
        const settled = yield* Effect.all([settle, settle], { concurrency: "unbounded" })
        const lost = onLostAnswer === "hold" ? { unknown: 4, resent: 0 } : { unknown: 0, resent: 4 }
        assert.sameDeepMembers(settled, [
          { blocks: 1, ...lost },
          { blocks: 0, unknown: 0, resent: 0 }
        ])
        assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
        const outcomes = sql`SELECT string_agg(outcome, ' ' ORDER BY seq) AS it FROM ledger WHERE lane_id = ${laneId} AND seq <= 6`
        const told =
          onLostAnswer === "hold"
            ? "submitted submitted rejected unknown unknown unknown"
            : "submitted waiting rejected waiting waiting waiting"
        assert.deepStrictEqual(yield* outcomes, [{ it: told }])
        const next = new PretendEngine({ ...channel, epoch }, 2)
        const again = (yield* asEngine(next.claim(laneId, 10)))!.claimed
        assert.deepStrictEqual(
          [again.firstSeq, again.recipients, again.resend],
          onLostAnswer === "hold" ? [7, 4, false] : [2, 1, true]
        )
      })
    )
  }

  it.effect("gets back marked, once however often it is said, what was lost and is to be sent again", () =>
    Effect.gen(function* () {
      const { asEngine, campaignId, channel, engine, laneId } = yield* sending({ on_lost_answer: "resend" })
      const block = (yield* asEngine(engine.claim(laneId, 6)))!.claimed
      const back = asEngine(giveBackToResend(channel.channelId, channel.epoch, block, [{ from: 2, to: 4 }]))
      yield* back
      const again = (yield* asEngine(engine.claim(laneId, 10)))!.claimed
      assert.deepStrictEqual([again.firstSeq, again.recipients, again.resend], [2, 2, true])
      yield* back
      const rest = (yield* asEngine(engine.claim(laneId, 10)))!.claimed
      assert.deepStrictEqual([rest.firstSeq, rest.recipients, rest.resend], [7, 4, false])
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
    })
  )

  for (const [action, rest] of [
    ["stop", "cancelled"],
    ["expire", "expired"]
  ] as const) {
    it.effect(`calls unknown what was lost and never sent again, when its campaign has ended by ${action}`, () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const { asEngine, campaignId, channel, engine, laneId, numbers, workspace } = yield* sending({
          on_lost_answer: "resend",
          ends_at: new Date(Date.now() + 60_000)
        })
        const block = (yield* asEngine(engine.claim(laneId, 6)))!.claimed
        yield* asEngine(giveBackToResend(channel.channelId, channel.epoch, block, [{ from: 2, to: 4 }]))
        yield* asEngine(
          giveBack(channel.channelId, channel.epoch, block, [
            { from: 1, to: 2 },
            { from: 4, to: 7 }
          ])
        )
        if (action === "stop") yield* pressAs(workspace, workspace.authorId, campaignId, action)
        else {
          yield* byForce("campaign", `UPDATE campaign SET ends_at = now() WHERE id = ${campaignId}`)
          yield* asEngine(Campaigns.move(campaignId, action))
        }
        const told = [rest, "unknown", "unknown", ...Array.from({ length: 7 }, () => rest)]
        const column = (rows: ReadonlyArray<{ outcome: string }>) => rows.map(({ outcome }) => outcome)
        const view = yield* sql<{ outcome: string }>`SELECT outcome FROM ledger WHERE lane_id = ${laneId} ORDER BY seq`
        assert.deepStrictEqual(column(view), told)
        const page = yield* sql<{ outcome: string }>`SELECT outcome FROM ledger_rows(${laneId}, 0, 10) ORDER BY seq`
        assert.deepStrictEqual(column(page), told)
        const history = yield* sql<{
          outcome: string
        }>`SELECT outcome FROM number_history_in(ARRAY[${workspace.workspaceId}::int], ${numbers[1]!}::bigint) WHERE campaign_id = ${campaignId}`
        assert.deepStrictEqual(column(history), ["unknown"])
        const figures = yield* Campaigns.progress(campaignId)
        assert.deepInclude(figures, { cancelled: 0, expired: 0, unknown: 2, moving: 0, [rest]: 8 })
        assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      })
    )
  }

  it.effect("gets back whole what was claimed and not heard of, but for what was kept back", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asEngine, campaignId, channel, engine, laneId, numbers, workspace } = yield* sending()
      yield* sql`INSERT INTO stop_list (workspace_id, msisdn, cause) VALUES (${workspace.workspaceId}, ${numbers[1]!}, 'asked')`
      const known = (yield* asEngine(engine.claim(laneId, 1)))!
      yield* asEngine(engine.claim(laneId, 4))
      const back = asEngine(giveBackLostClaims(channel.channelId, channel.epoch, [known.claimed.id]))
      assert.deepStrictEqual(
        yield* Effect.all([back, back], { concurrency: "unbounded" }).pipe(Effect.map((n) => n.toSorted())),
        [0, 1]
      )
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      const { suppressed, unclaimed } = yield* Campaigns.progress(campaignId)
      assert.deepStrictEqual([suppressed, unclaimed], [1, 8])
      assert.strictEqual((yield* asEngine(engine.claim(laneId, 10)))!.claimed.firstSeq, 3)
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("a campaign", (it) => {
  it.effect("moves along the lines of campaign_move only, a row a move", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const lines = yield* sql<{
        action: string
        from_state: Campaigns.CampaignState
      }>`SELECT action, from_state FROM campaign_move`
      const states = [
        "draft",
        "in_review",
        "scheduled",
        "sending",
        "paused",
        "rejected",
        "cancelled",
        "failed"
      ] as const
      for (const state of states) {
        const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state })
        for (const action of new Set(lines.map((line) => line.action))) {
          if (lines.some((line) => line.action === action && line.from_state === state)) continue
          // decisions have a function of their own
          if (["approve", "reject", "request_changes"].includes(action)) continue
          const error = yield* Effect.flip(pressAs(workspace, workspace.adminId, campaignId, action))
          const words = `campaign ${campaignId} is ${state.replace("_", " ")}, so it can't be `
          assert.isTrue(error.message.startsWith(words), error.message)
          assert.notMatch(error.message, /moved by/, `${action} has no words`)
        }
        const moves = yield* sql<{
          to_state: string
        }>`SELECT to_state FROM campaign_transition WHERE campaign_id = ${campaignId} ORDER BY id DESC LIMIT 1`
        assert.strictEqual(moves[0]?.to_state ?? "draft", state)
      }
    })
  )

  it.effect("opens at its time, expires after it, and closes when nothing is left", () =>
    Effect.gen(function* () {
      const { asEngine, campaignId, engine, laneId } = yield* sending()
      const move = (id: number, action: string) => asEngine(Campaigns.move(id, action))
      const workspace = yield* sampleWorkspace()
      const soon = new Date(Date.now() + 3_600_000)
      const later = yield* sampleCampaign({
        workspace,
        channels: [yield* sampleChannel(workspace)],
        state: "scheduled",
        columns: { starts_at: soon }
      })
      assert.strictEqual((yield* Effect.flip(move(later.campaignId, "open"))).reason, "NotItsTime")
      assert.strictEqual((yield* Effect.flip(move(later.campaignId, "expire"))).reason, "NotItsTime")
      assert.strictEqual((yield* Effect.flip(move(campaignId, "close"))).reason, "Conflict")
      const block = (yield* asEngine(engine.claim(laneId, 10)))!
      assert.strictEqual((yield* Effect.flip(move(campaignId, "close"))).reason, "Conflict")
      const answers = block.parts.map((_, nth) => ({ nth, part: 1, verdict: "a" as const }))
      yield* asEngine(engine.flush([{ block, answers }]))
      assert.strictEqual(yield* move(campaignId, "close"), "done")
      const { cancelled, moving } = yield* Campaigns.progress(campaignId)
      assert.deepStrictEqual([cancelled, moving], [0, 10])
    })
  )

  it.effect("closes also where it is paused: its last answers came afterwards", () =>
    Effect.gen(function* () {
      const { asEngine, campaignId, engine, laneId, workspace } = yield* sending()
      const block = (yield* asEngine(engine.claim(laneId, 10)))!
      yield* pressAs(workspace, workspace.authorId, campaignId, "pause")
      const alive = Effect.map(asEngine(Campaigns.alive), (all) => all.find(({ id }) => id === campaignId))
      assert.deepInclude(yield* alive, { state: "paused", has_unclaimed: false, exhausted: false })
      const answers = block.parts.map((_, nth) => ({ nth, part: 1, verdict: "a" as const }))
      yield* asEngine(engine.flush([{ block, answers }]))
      assert.deepInclude(yield* alive, { state: "paused", has_unclaimed: false, exhausted: true })
      assert.strictEqual(yield* asEngine(Campaigns.move(campaignId, "close")), "done")
    })
  )

  it.effect("is not opened or resumed without its approvals, and counts as cancelled what a stop left unclaimed", () =>
    Effect.gen(function* () {
      const { asEngine, campaignId, engine, laneId, workspace } = yield* sending()
      yield* asEngine(engine.claim(laneId, 4))
      yield* pressAs(workspace, workspace.authorId, campaignId, "pause")
      yield* byForce("campaign", `UPDATE campaign SET text = 'Other' WHERE id = ${campaignId}`)
      assert.strictEqual(
        (yield* Effect.flip(pressAs(workspace, workspace.authorId, campaignId, "resume"))).reason,
        "NotApproved"
      )
      assert.strictEqual((yield* Campaigns.progress(campaignId)).cancelled, 0)
      yield* pressAs(workspace, workspace.authorId, campaignId, "stop")
      const { cancelled, moving } = yield* Campaigns.progress(campaignId)
      assert.deepStrictEqual([cancelled, moving], [6, 4])
    })
  )
})
