/** Every refusal of the door, in the engine's role and the database's own words; and what it hands out when it opens. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import * as Channels from "#schema/channel/Channels.ts"
import { SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import { giveBack, giveBackToResend } from "#schema/ledger/Door.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import {
  byForce,
  decideAs,
  pressAs,
  type SampleCampaign,
  type SampleChannel,
  sampleCampaign,
  sampleChannel,
  sampleWorkspace,
  type Wanted
} from "#schema/testing/sampleCampaign.ts"

interface Claimed {
  readonly block_id: number
  readonly month: string
  readonly first_seq: number
  readonly recipients: number
  readonly resend: boolean
  readonly numbers: string
}

/** The engine's own statement, in the engine's role. */
const claimed = Effect.fnUntraced(function* (channel: SampleChannel, laneId: number, limit = 1_000) {
  const { asEngine } = yield* TestDatabase
  return yield* asEngine(
    Effect.flatMap(
      SqlClient,
      (sql) => sql<Claimed>`SELECT block_id, month::text, first_seq, recipients, resend, numbers
                              FROM claim_block(${channel.channelId}, ${channel.epoch}, ${laneId}, ${limit})`
    )
  )
})

const told = (error: SqlError) => `${sqlState(error)} ${sqlMessage(error)}`

/** What the database says instead of handing out numbers. */
const refusal = (channel: SampleChannel, laneId: number) => Effect.map(Effect.flip(claimed(channel, laneId)), told)

const someCampaign = Effect.fnUntraced(function* (
  wanted: Partial<Omit<Wanted, "workspace" | "channels">> & { readonly house?: Record<string, number> } = {}
) {
  const { house, ...rest } = wanted
  const workspace = yield* sampleWorkspace(house)
  const channel = yield* sampleChannel(workspace)
  const campaign = yield* sampleCampaign({ workspace, channels: [channel], ...rest })
  return { workspace, channel, ...campaign }
})

layer(TestDatabase.layer, { excludeTestServices: true })("the door stays shut", (it) => {
  it.effect("for a campaign that nobody approved, though its state was forced to sending", () =>
    Effect.gen(function* () {
      const { campaignId, channel, laneId } = yield* someCampaign({ state: "in_review" })
      yield* byForce("campaign", `UPDATE campaign SET state = 'sending' WHERE id = ${campaignId}`)
      const words = `CS001 campaign ${campaignId} needs 1 approvals of what it is now and has 0`
      assert.strictEqual(yield* refusal(channel, laneId), words)
    })
  )

  for (const who of ["authorId", "adminId"] as const) {
    const what = { authorId: "its own author", adminId: "somebody who edited it" }[who]
    it.effect(`for an approval by ${what} that was forced past the trigger`, () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const { campaignId, channel, laneId, workspace } = yield* someCampaign({ state: "draft" })
        yield* sql`UPDATE campaign SET name = 'Better', edited_by = ${workspace.adminId} WHERE id = ${campaignId}`
        yield* pressAs(workspace, workspace.authorId, campaignId, "submit")
        yield* byForce(
          "approval",
          `INSERT INTO approval (campaign_id, workspace_id, person_id, fingerprint, submission)
           SELECT id, workspace_id, ${workspace[who]}, campaign_fingerprint(id), submission FROM campaign WHERE id = ${campaignId}`
        )
        yield* byForce("campaign", `UPDATE campaign SET state = 'sending' WHERE id = ${campaignId}`)
        assert.match(yield* refusal(channel, laneId), /^CS001 .* needs 1 approvals of what it is now and has 0$/)
      })
    )
  }

  const changes = {
    "its text": (c: SampleCampaign) =>
      byForce("campaign", `UPDATE campaign SET text = 'Pay here' WHERE id = ${c.campaignId}`),
    "its sender": (_: SampleCampaign, revision: number) =>
      byForce("sender_revision", `UPDATE sender_revision SET saddr = 'Bank' WHERE id = ${revision}`),
    "its sender's approval": (_: SampleCampaign, revision: number) =>
      byForce("sender_revision", `UPDATE sender_revision SET status = 'rejected' WHERE id = ${revision}`),
    "its audience's digest": (c: SampleCampaign) =>
      byForce("lane", `UPDATE lane SET audience_digest = sha256('') WHERE id = ${c.laneId}`),
    "a lane": (c: SampleCampaign) =>
      byForce(
        "lane",
        `INSERT INTO lane (workspace_id, campaign_id) SELECT workspace_id, id FROM campaign WHERE id = ${c.campaignId}`
      ),
    "a channel": (c: SampleCampaign) =>
      byForce(
        "lane_channel",
        `INSERT INTO lane_channel (workspace_id, lane_id, channel_id) SELECT l.workspace_id, l.id, (SELECT max(id) FROM channel) FROM lane l WHERE l.id = ${c.laneId}`
      )
  }
  for (const [what, change] of Object.entries(changes)) {
    it.effect(`when ${what} was changed or added after the approval`, () =>
      Effect.gen(function* () {
        const { channel, workspace, ...campaign } = yield* someCampaign()
        yield* sampleChannel(workspace)
        assert.strictEqual((yield* claimed(channel, campaign.laneId, 1)).length, 1)
        yield* change(campaign, workspace.senderRevisionId)
        assert.match(yield* refusal(channel, campaign.laneId), /^CS001 .* has 0$/)
      })
    )
  }

  it.effect("when it was taken back to draft, submitted unchanged and forced to sending", () =>
    Effect.gen(function* () {
      const { campaignId, channel, laneId, workspace } = yield* someCampaign({ state: "scheduled" })
      yield* pressAs(workspace, workspace.adminId, campaignId, "revise")
      yield* pressAs(workspace, workspace.authorId, campaignId, "submit")
      yield* byForce("campaign", `UPDATE campaign SET state = 'sending' WHERE id = ${campaignId}`)
      assert.match(yield* refusal(channel, laneId), /^CS001 .* has 0$/)
    })
  )

  it.effect("with one approval where its size asks for two", () =>
    Effect.gen(function* () {
      const house = { large_from_recipients: 11, large_approvals_needed: 2 }
      const small = yield* someCampaign({ house })
      assert.strictEqual((yield* claimed(small.channel, small.laneId)).length, 1)
      const large = yield* someCampaign({ house, numbers: 11, state: "in_review" })
      yield* decideAs(large.workspace, large.workspace.moderatorId, large.campaignId)
      yield* byForce("campaign", `UPDATE campaign SET state = 'sending' WHERE id = ${large.campaignId}`)
      assert.match(
        yield* refusal(large.channel, large.laneId),
        /^CS001 .* needs 2 approvals of what it is now and has 1$/
      )
    })
  )

  it.effect("before its time and after it", () =>
    Effect.gen(function* () {
      const hour = (n: number) => new Date(Math.floor(Date.now() / 1000) * 1000 + n * 3_600_000)
      for (const columns of [
        { starts_at: hour(1) },
        { ends_at: hour(1) },
        { starts_at: hour(0.5), ends_at: hour(1) }
      ]) {
        const { campaignId, channel, laneId, workspace } = yield* someCampaign({ state: "draft", columns })
        yield* pressAs(workspace, workspace.authorId, campaignId, "submit")
        // what was approved is in the past by now
        const past =
          "starts_at" in columns && !("ends_at" in columns)
            ? ""
            : ", starts_at = starts_at - interval '3 h', ends_at = ends_at - interval '3 h'"
        yield* byForce("campaign", `UPDATE campaign SET edited_at = edited_at${past} WHERE id = ${campaignId}`)
        yield* decideAs(workspace, workspace.moderatorId, campaignId)
        yield* byForce("campaign", `UPDATE campaign SET state = 'sending' WHERE id = ${campaignId}`)
        assert.match(yield* refusal(channel, laneId), /^CS002 campaign \d+ is sent from .* to .* only$/)
      }
      const { channel, laneId } = yield* someCampaign({ columns: { starts_at: hour(-0.1), ends_at: hour(1) } })
      assert.strictEqual((yield* claimed(channel, laneId)).length, 1)
    })
  )

  for (const state of ["draft", "in_review", "scheduled", "paused", "cancelled", "failed", "rejected"] as const) {
    it.effect(`while a campaign is ${state}`, () =>
      Effect.gen(function* () {
        const { campaignId, channel, laneId } = yield* someCampaign({ state })
        assert.strictEqual(yield* refusal(channel, laneId), `CS003 campaign ${campaignId} is ${state}`)
      })
    )
  }

  it.effect("for a stop in the middle, and opens again after a pause only", () =>
    Effect.gen(function* () {
      const { campaignId, channel, laneId, workspace } = yield* someCampaign()
      const move = (action: string) => pressAs(workspace, workspace.authorId, campaignId, action)
      yield* claimed(channel, laneId, 3)
      yield* move("pause")
      assert.match(yield* refusal(channel, laneId), /^CS003/)
      yield* move("resume")
      assert.strictEqual((yield* claimed(channel, laneId, 3))[0]!.first_seq, 4)
      yield* move("stop")
      assert.match(yield* refusal(channel, laneId), /^CS003/)
    })
  )

  it.effect("for an owner whose channel was taken, and for one who invents an epoch", () =>
    Effect.gen(function* () {
      const { channel, laneId } = yield* someCampaign()
      const next = (yield* Channels.take(channel.channelId))!
      const words = `CS004 another engine has taken channel ${channel.channelId}: epoch ${channel.epoch} is over`
      assert.strictEqual(yield* refusal(channel, laneId), words)
      assert.match(yield* refusal({ ...channel, epoch: next + 1 }, laneId), /^CS004/)
      assert.match(yield* refusal({ channelId: 1_000_000, epoch: 1 }, laneId), /^CS004/)
      assert.strictEqual((yield* claimed({ ...channel, epoch: next }, laneId)).length, 1)
    })
  )

  it.effect("for a channel that does not serve the lane, is granted no more, or is out of service", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { channel, laneId, workspace } = yield* someCampaign()
      const other = yield* sampleChannel(workspace)
      assert.strictEqual(
        yield* refusal(other, laneId),
        `CS005 channel ${other.channelId} does not serve lane ${laneId}`
      )
      assert.match(yield* refusal(channel, 1_000_000), /^CS005 lane 1000000 does not exist$/)
      yield* sql`UPDATE channel SET enabled = false WHERE id = ${channel.channelId}`
      assert.match(yield* refusal(channel, laneId), /^CS005/)
      yield* sql`UPDATE channel SET enabled = true WHERE id = ${channel.channelId}`
      yield* sql`DELETE FROM channel_grant WHERE channel_id = ${channel.channelId}`
      assert.match(yield* refusal(channel, laneId), /^CS005/)
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("the door hands out", (it) => {
  const digits = (rows: ReadonlyArray<Claimed>) => rows.flatMap((row) => row.numbers.split(","))

  it.effect("runs in order, none across rows of the audience, none beyond the limit, nothing twice", () =>
    Effect.gen(function* () {
      for (const [limit, numbers, run] of [
        [1, 5, 3],
        [250, 1_200, 1_000],
        [1_000, 2_500, 1_000],
        [1_000, 2_500, 700],
        [5_000, 1_500, 1_000],
        [-1, 2, 1_000]
      ] as const) {
        const { channel, laneId, ...campaign } = yield* someCampaign({ numbers, run })
        const blocks: Array<Claimed> = []
        for (;;) {
          const [block] = yield* claimed(channel, laneId, limit)
          if (block === undefined) break
          blocks.push(block)
        }
        assert.deepStrictEqual(digits(blocks), campaign.numbers.map(String))
        for (const { first_seq, numbers, recipients } of blocks) {
          assert.isAtMost(recipients, Math.min(Math.max(limit, 1), 1_000))
          assert.strictEqual(numbers.split(",").length, recipients)
          assert.strictEqual(Math.floor((first_seq - 1) / run), Math.floor((first_seq + recipients - 2) / run))
        }
      }
    })
  )

  it.effect("what came back first, then what is sent again, marked so, then the rest", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { channel, laneId } = yield* someCampaign({ numbers: 20 })
      const [block] = yield* claimed(channel, laneId, 10)
      yield* giveBack(channel.channelId, channel.epoch, { id: block!.block_id, month: block!.month }, [
        { from: 2, to: 4 },
        { from: 8, to: 11 }
      ])
      yield* sql`UPDATE lane SET resend = '{[5,7)}' WHERE id = ${laneId}`
      const rows: Array<ReadonlyArray<unknown>> = []
      for (const limit of [10, 2, 10, 10, 10, 10]) {
        const [row] = yield* claimed(channel, laneId, limit)
        rows.push(row === undefined ? [] : [row.first_seq, row.recipients, row.resend])
      }
      assert.deepStrictEqual(rows, [[2, 2, false], [8, 2, false], [10, 1, false], [5, 2, true], [11, 10, false], []])
    })
  )

  it.effect("an empty place for a number on its workspace's stop list, with the cause, and counts it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { campaignId, channel, laneId, numbers, workspace } = yield* someCampaign({ numbers: 6, run: 3 })
      const other = yield* sampleWorkspace()
      const stop = (workspaceId: number, seq: number) =>
        sql`INSERT INTO stop_list (workspace_id, msisdn, cause) VALUES (${workspaceId}, ${numbers[seq - 1]!}, ${`asked ${seq}`})`
      yield* stop(workspace.workspaceId, 2)
      yield* stop(other.workspaceId, 1)
      const [first] = yield* claimed(channel, laneId)
      assert.strictEqual(first!.numbers, `${numbers[0]},,${numbers[2]}`)
      // also while it is sending, and all of a run
      for (const seq of [6, 4, 5]) yield* stop(workspace.workspaceId, seq)
      const [second] = yield* claimed(channel, laneId)
      assert.strictEqual(second!.numbers, ",,")
      assert.deepStrictEqual(
        yield* sql`SELECT suppressed_nth, suppressed_cause FROM block WHERE lane_id = ${laneId} ORDER BY id`,
        [
          { suppressed_nth: [1], suppressed_cause: ["asked 2"] },
          { suppressed_nth: [0, 1, 2], suppressed_cause: ["asked 4", "asked 5", "asked 6"] }
        ]
      )
      assert.strictEqual((yield* Campaigns.progress(campaignId)).suppressed, 4)
      assert.deepStrictEqual(yield* claimed(channel, laneId), [])
    })
  )

  it.effect(
    "no number again that is on the stop list by then, and calls it unknown: its first try may have arrived",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const { campaignId, channel, laneId, numbers, workspace } = yield* someCampaign({ numbers: 10 })
        const [block] = yield* claimed(channel, laneId, 10)
        yield* giveBackToResend(channel.channelId, channel.epoch, { id: block!.block_id, month: block!.month }, [
          { from: 2, to: 9 }
        ])
        for (const seq of [2, 3, 6, 8]) {
          yield* sql`INSERT INTO stop_list (workspace_id, msisdn, cause)
                   VALUES (${workspace.workspaceId}, ${numbers[seq - 1]!}, ${`asked ${seq}`})`
        }
        const rows: Array<ReadonlyArray<unknown>> = []
        for (;;) {
          const [row] = yield* claimed(channel, laneId, 10)
          if (row === undefined) break
          rows.push([row.first_seq, row.resend, row.numbers.split(",").length, row.numbers.includes(",,")])
        }
        assert.deepStrictEqual(rows, [
          [4, true, 2, false],
          [7, true, 1, false]
        ])
        assert.deepStrictEqual(
          yield* sql`SELECT first_seq, suppressed_cause, outcomes FROM block
                    WHERE lane_id = ${laneId} AND finished_at IS NOT NULL ORDER BY first_seq`,
          [
            { first_seq: 2, suppressed_cause: ["asked 2", "asked 3"], outcomes: "kk" },
            { first_seq: 6, suppressed_cause: ["asked 6"], outcomes: "k" },
            { first_seq: 8, suppressed_cause: ["asked 8"], outcomes: "k" }
          ]
        )
        assert.deepInclude(yield* Campaigns.progress(campaignId), { unknown: 4, suppressed: 0, unclaimed: 0 })
        const told = yield* sql`SELECT seq FROM ledger_page(${laneId}, 0, 10) WHERE outcome = 'unknown'`
        assert.deepStrictEqual(told, [{ seq: 2 }, { seq: 3 }, { seq: 6 }, { seq: 8 }])
        assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      })
  )

  it.effect("a number again that was taken off the stop list, though it was on it when the audience was sealed", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const numbers = [998_900_000_001, 998_900_000_002, 998_900_000_003]
      const stop = (n: number) =>
        sql`INSERT INTO stop_list (workspace_id, msisdn, cause) VALUES (${workspace.workspaceId}, ${n}, 'asked')`
      const free = (n: number) => sql`DELETE FROM stop_list WHERE msisdn = ${n}`
      for (const n of numbers) yield* stop(n)
      const { laneId } = yield* sampleCampaign({ workspace, channels: [channel], numbers })
      yield* free(numbers[0]!)
      yield* free(numbers[1]!)
      yield* stop(numbers[1]!)
      assert.strictEqual((yield* claimed(channel, laneId))[0]!.numbers, `${numbers[0]},,`)
    })
  )

  it.effect("each number once to two channels that claim the same lane at once, and all of them", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const one = yield* sampleChannel(workspace)
      const two = yield* sampleChannel(workspace)
      const { campaignId, laneId, numbers } = yield* sampleCampaign({
        workspace,
        channels: [one, two],
        numbers: 6_000,
        run: 400
      })
      const drain = Effect.fnUntraced(function* (channel: SampleChannel, limits: ReadonlyArray<number>) {
        const got: Array<string> = []
        for (let round = 0; ; round++) {
          const rows = yield* claimed(channel, laneId, limits[round % limits.length])
          if (rows.length === 0) return got
          got.push(...digits(rows))
          if (round % 7 !== 3) continue
          // some go back, and either of the two gets them again
          const { block_id, first_seq, month } = rows[0]!
          yield* giveBack(channel.channelId, channel.epoch, { id: block_id, month }, [
            { from: first_seq, to: first_seq + 1 }
          ])
          got.splice(got.length - rows[0]!.recipients, 1)
        }
      })
      const both = yield* Effect.all(
        [drain(one, [1, 37, 1_000]), drain(two, [50, 3]), drain(two, [11]), drain(one, [200, 2])],
        { concurrency: "unbounded" }
      )
      // one who saw nothing left may have left before the last ones came back
      const all = [...both.flat(), ...(yield* drain(one, [1_000]))]
      assert.strictEqual(all.length, numbers.length)
      assert.deepStrictEqual(new Set(all), new Set(numbers.map(String)))
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
    })
  )
})
