/** Trigger campaigns: what may be fed, when, and that a key is one message. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { as, feed, type Message, open, refusal } from "#schema/testing/feeding.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import {
  byForce,
  decideAs,
  inAnHour,
  pressAs,
  sampleCampaign,
  sampleChannel,
  sampleTrigger,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import { actionsOf } from "#schema/testing/signedIn.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("a trigger campaign", (it) => {
  it.effect("takes a message, which is handed out, and the same key is the same message, whenever it is said", () =>
    Effect.gen(function* () {
      const { campaignId, channel, laneId, workspace } = yield* open()
      const { asEngine } = yield* TestDatabase
      const engine = new PretendEngine(channel)
      const anna: Message = ["anna-1", 998_900_000_001]
      const send = as(workspace)(feed(campaignId, anna))
      assert.deepStrictEqual(yield* send, [{ key: "anna-1", seq: 1, state: "taken" }])
      assert.deepStrictEqual(yield* send, [{ key: "anna-1", seq: 1, state: "repeated" }])
      const block = (yield* asEngine(engine.claim(laneId, 10)))!
      assert.strictEqual(block.claimed.numbers, "998900000001")
      assert.deepStrictEqual(
        yield* as(workspace)(feed(campaignId, ["ben", 998_900_000_002], anna, ["cleo", 998_900_000_003])),
        [
          { key: "ben", seq: 2, state: "taken" },
          { key: "anna-1", seq: 1, state: "repeated" },
          { key: "cleo", seq: 3, state: "taken" }
        ]
      )
      assert.strictEqual((yield* asEngine(engine.claim(laneId, 10)))!.claimed.numbers, "998900000002,998900000003")
      assert.isUndefined(yield* asEngine(engine.claim(laneId, 10)))
      yield* pressAs(workspace, workspace.adminId, campaignId, "stop")
      assert.deepStrictEqual(yield* send, [{ key: "anna-1", seq: 1, state: "repeated" }])
      assert.match(
        yield* refusal(workspace, campaignId, ["anna-1", 998_900_000_009]),
        /^Conflict: key “anna-1” was used for another message of campaign/
      )
    })
  )

  it.effect("takes one message of two that come at once under the same key", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* open()
      const sql = yield* SqlClient
      const both = yield* Effect.all(
        Array.from({ length: 8 }, () => as(workspace)(feed(campaignId, ["code", 998_900_000_001]))),
        { concurrency: "unbounded" }
      )
      const states = both.flat().map(({ seq, state }) => `${seq} ${state}`)
      assert.deepStrictEqual(states.toSorted(), [...Array<string>(7).fill("1 repeated"), "1 taken"])
      assert.deepStrictEqual(yield* sql`SELECT recipients FROM lane WHERE campaign_id = ${campaignId}`, [
        { recipients: 1 }
      ])
      assert.deepStrictEqual(
        yield* sql`SELECT count(*)::int AS n FROM audience a JOIN lane l ON l.id = a.lane_id
                                         WHERE l.campaign_id = ${campaignId}`,
        [{ n: 1 }]
      )
    })
  )

  it.effect("refuses what is no message, in words that say which; and then takes none of the call", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* open({ text: "Dear ((Name)), your code is ((code))" })
      const sql = yield* SqlClient
      const good = { NAME: "Anna", code: "1234", more: "unused" }
      const wrong: ReadonlyArray<readonly [ReadonlyArray<Message>, RegExp]> = [
        [[], /a call brings 1 to 1,000 messages/],
        [Array.from({ length: 1_001 }, (_, i): Message => [`${i}`, 1, good]), /a call brings 1 to 1,000/],
        [[[null, 1, good]], /message 1: a key has 1 to 255 characters/],
        [[["", 1, good]], /message 1: a key has/],
        [[["a".repeat(256), 1, good]], /message 1: a key has/],
        [
          [
            ["a", 1, good],
            ["a", 2, good]
          ],
          /message 2: its key, “a”, is that of an earlier message of this call/
        ],
        [[["a", null, good]], /message 1: a number is up to 15 digits/],
        [[["a", 0, good]], /message 1: a number/],
        [[["a", 1_000_000_000_000_000, good]], /message 1: a number/],
        [[["a", 1, null]], /message 1: it has no value for \(\(name\)\)/],
        [[["a", 1, { name: " ", code: "1" }]], /message 1: it has no value for \(\(name\)\)/],
        [
          [
            ["a", 1, good],
            ["b", 2, { name: "Ben" }]
          ],
          /message 2: it has no value for \(\(code\)\)/
        ],
        [[["a", 1, { name: "Anna", code: 1234 }]], /message 1: its value for \(\(code\)\) is not a text/],
        [
          [["a", 1, { name: "Anna", code: "1".repeat(251) }]],
          /message 1: its value for \(\(code\)\) is not a text of up to 250/
        ],
        [[["a", 1, ["Anna"] as never]], /values are given by column/]
      ]
      for (const [messages, words] of wrong) {
        const said = yield* refusal(workspace, campaignId, ...messages)
        assert.match(said, /^Invalid: /)
        assert.match(said, words)
      }
      assert.deepStrictEqual(yield* sql`SELECT recipients FROM lane WHERE campaign_id = ${campaignId}`, [
        { recipients: 0 }
      ])
    })
  )

  it.effect("hands out with each number the values that its text uses, and no others", () =>
    Effect.gen(function* () {
      const { campaignId, channel, laneId, workspace } = yield* open({ text: "Dear ((Name)), your code is ((code))" })
      const { asEngine } = yield* TestDatabase
      yield* as(workspace)(
        feed(
          campaignId,
          ["a", 998_900_000_001, { "Name ": "Anna", code: "12", secret: "x" }],
          ["b", 998_900_000_002, { name: "Ben", code: "34" }]
        )
      )
      yield* as(workspace)(feed(campaignId, ["c", 998_900_000_003, { name: "Cleo", code: "56" }]))
      assert.deepStrictEqual(
        yield* as(workspace)(feed(campaignId, ["c", 998_900_000_003, { code: "56", name: "Cleo", other: "y" }])),
        [{ key: "c", seq: 3, state: "repeated" }]
      )
      assert.match(
        yield* refusal(workspace, campaignId, ["c", 998_900_000_003, { name: "Cleo", code: "57" }]),
        /^Conflict: key “c” was used for another message/
      )
      const { epoch, channelId } = channel
      const [claimed] = yield* asEngine(
        Effect.flatMap(
          SqlClient,
          (sql) => sql<{ numbers: string; placeholder_values: string }>`
            SELECT numbers, placeholder_values FROM claim_block(${channelId}, ${epoch}, ${laneId}, 10)`
        )
      )
      assert.strictEqual(claimed!.numbers, "998900000001,998900000002,998900000003")
      assert.deepStrictEqual(JSON.parse(claimed!.placeholder_values), {
        name: ["Anna", "Ben", "Cleo"],
        code: ["12", "34", "56"]
      })
    })
  )

  it.effect("takes messages while it is sent or paused, and says why at any other time", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const anna: Message = ["a", 998_900_000_001]
      const inState = (state: Campaigns.CampaignState, columns: Record<string, string | Date> = {}) =>
        sampleTrigger({ workspace, channels: [channel], state, columns })
      const said = (state: Campaigns.CampaignState, columns: Record<string, string | Date> = {}) =>
        Effect.flatMap(inState(state, columns), ({ campaignId }) => refusal(workspace, campaignId, anna))
      assert.match(yield* said("draft"), /^Conflict: .* is draft; it takes messages once it is approved and has begun/)
      assert.match(yield* said("in_review"), /^Conflict: .* is in review; it takes messages once/)
      const soon = new Date(inAnHour().getTime() - 1_800_000)
      assert.match(
        yield* said("scheduled", { starts_at: soon }),
        /^NotItsTime: .* has not begun, it starts at 20.*; it takes messages from then on/
      )
      assert.match(yield* said("cancelled"), /^Conflict: .* is cancelled, and takes no more messages/)
      const ended = yield* inState("sending")
      yield* byForce("campaign", `UPDATE campaign SET ends_at = clock_timestamp() WHERE id = ${ended.campaignId}`)
      assert.match(yield* refusal(workspace, ended.campaignId, anna), /^NotItsTime: .* took messages until /)
      const loaded = yield* sampleCampaign({ workspace, channels: [channel] })
      assert.match(yield* refusal(workspace, loaded.campaignId, anna), /^Conflict: .* is not a trigger campaign/)

      const paused = yield* inState("paused")
      assert.deepStrictEqual(yield* as(workspace)(feed(paused.campaignId, anna)), [
        { key: "a", seq: 1, state: "taken" }
      ])
      const { asEngine } = yield* TestDatabase
      const engine = new PretendEngine(channel)
      assert.strictEqual((yield* Effect.flip(asEngine(engine.claim(paused.laneId, 10)))).reason, "NotSending")
      yield* pressAs(workspace, workspace.adminId, paused.campaignId, "resume")
      assert.strictEqual((yield* asEngine(engine.claim(paused.laneId, 10)))!.claimed.numbers, "998900000001")
    })
  )

  it.effect("says when the workspace's day is used up, and when the next one begins", () =>
    Effect.gen(function* () {
      const { campaignId, channel, laneId, workspace } = yield* open({ segments: 2 }, { per_day: 10 })
      const { asEngine } = yield* TestDatabase
      const engine = new PretendEngine(channel, 2)
      const many = (from: number, n: number) => Array.from({ length: n }, (_, i): Message => [`${from + i}`, 1 + i])
      assert.match(
        yield* refusal(workspace, campaignId, ...many(0, 6)),
        /^Locked: of the 10 messages that this workspace sends a day, 0 are sent or wait; the next day begins at .* 00:00 UTC/
      )
      yield* as(workspace)(feed(campaignId, ...many(0, 2)))
      yield* asEngine(engine.claim(laneId, 1))
      assert.match(yield* refusal(workspace, campaignId, ...many(2, 4)), /^Locked: .*, 4 are sent or wait/)
      yield* as(workspace)(feed(campaignId, ...many(2, 3)))
      assert.match(yield* refusal(workspace, campaignId, ["more", 7]), /^Locked: .*, 10 are sent or wait/)
      // what was taken before needs nothing of the day
      assert.strictEqual((yield* as(workspace)(feed(campaignId, ...many(0, 2))))[0]!.state, "repeated")
    })
  )

  it.effect("is approved with its lane empty, and stays as approved while it grows", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const { campaignId, channel, laneId, workspace } = yield* open()
      const engine = new PretendEngine(channel)
      const before = yield* Campaigns.fingerprint(campaignId)
      for (let i = 0; i < 3; i++) yield* as(workspace)(feed(campaignId, [`${i}`, 998_900_000_000 + i]))
      assert.strictEqual(yield* Campaigns.fingerprint(campaignId), before)
      assert.strictEqual((yield* asEngine(engine.claim(laneId, 10)))!.claimed.recipients, 3)
    })
  )

  it.effect("needs an end, an empty lane, and no other", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const draft = yield* sampleTrigger({ workspace, channels: [channel], state: "draft" })
      const author = actAs(workspace.authorId, workspace.workspaceId)
      const edit = (content: string) =>
        Effect.flip(author(sql`SELECT edit_campaign(${draft.campaignId}, ${content}::text::jsonb)`))
      assert.strictEqual((yield* edit('{"spread_minutes": 5}')).message, "only a spread campaign takes so many minutes")
      assert.match(
        (yield* Effect.flip(
          author(
            Effect.gen(function* () {
              const [lane] = yield* sql<{ id: number }>`SELECT add_lane(${draft.campaignId}) AS id`
              yield* sql`SELECT load_audience(${lane!.id}, '{"{998900000001}"}')`
            })
          )
        )).message,
        /is fed while it is sent, and takes no file; seal its lane empty/
      )
      const submit = (campaignId: number) =>
        Effect.map(Effect.flip(pressAs(workspace, workspace.authorId, campaignId, "submit")), (e) => e.message)
      const endless = yield* sampleTrigger({ workspace, channels: [channel], state: "draft" })
      yield* author(sql`SELECT edit_campaign(${endless.campaignId}, '{"ends_at": null}')`)
      assert.strictEqual(
        yield* submit(endless.campaignId),
        "a trigger campaign needs an end: until then it takes messages"
      )
      const loaded = yield* sampleCampaign({ workspace, channels: [channel], state: "draft" })
      yield* author(
        sql`SELECT edit_campaign(${loaded.campaignId}, ${JSON.stringify({ mode: "trigger", ends_at: inAnHour() })}::text::jsonb)`
      )
      assert.match(
        yield* submit(loaded.campaignId),
        /an audience was loaded into campaign \d+, and a trigger campaign is fed/
      )
      yield* author(sql`SELECT edit_campaign(${draft.campaignId}, '{"mode": "on_demand"}')`)
      assert.match(yield* submit(draft.campaignId), /has no audience, as one that is fed/)
      const two = yield* sampleTrigger({ workspace, channels: [channel], state: "draft" })
      yield* author(
        Effect.gen(function* () {
          const [lane] = yield* sql<{ id: number }>`SELECT add_lane(${two.campaignId}) AS id`
          yield* sql`SELECT choose_channels(${lane!.id}, ${[channel.channelId]}::int[])`
          yield* sql`SELECT seal_audience(${lane!.id})`
        })
      )
      assert.match(yield* submit(two.campaignId), /needs one lane: what is fed goes one way/)
    })
  )

  it.effect("always needs as many approvals as a large one, since its audience has no bound", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace({ large_from_recipients: 1_000_000, large_approvals_needed: 2 })
      const channel = yield* sampleChannel(workspace)
      const { campaignId } = yield* sampleTrigger({ workspace, channels: [channel], state: "in_review" })
      assert.strictEqual(yield* decideAs(workspace, workspace.moderatorId, campaignId), "in_review")
      assert.strictEqual(yield* decideAs(workspace, workspace.adminId, campaignId), "scheduled")
    })
  )

  it.effect("grows by what is fed only: each recipient has a request on record, which nobody changes", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { campaignId, laneId, workspace } = yield* open()
      yield* as(workspace)(feed(campaignId, ["a", 998_900_000_001]))
      const fails = (statement: string) =>
        Effect.map(Effect.flip(sql.unsafe(statement)), (e) => `${sqlState(e as SqlError)} ${sqlMessage(e as SqlError)}`)
      for (const change of [
        "recipients = 2",
        "recipients = 0",
        "audience_digest = sha256('x')",
        "recipients = 2, columns = '{a}'"
      ])
        assert.match(yield* fails(`UPDATE lane SET ${change} WHERE id = ${laneId}`), /^CS403 .* is sealed/, change)
      assert.match(yield* fails("UPDATE trigger_request SET seq = 2"), /^CS403 what was fed is never changed/)
      assert.match(yield* fails("DELETE FROM trigger_request"), /^CS403/)
      assert.match(yield* fails("TRUNCATE trigger_request"), /^CS403/)
      assert.deepStrictEqual(
        yield* sql`SELECT key, lane_id, seq, person_id FROM trigger_request WHERE campaign_id = ${campaignId}`,
        [{ key: "a", lane_id: laneId, seq: 1, person_id: workspace.adminId }]
      )
      // a loaded one has no requests, and so can't be fed by mistake either
      const loaded = yield* sampleCampaign({ workspace, channels: [yield* sampleChannel(workspace)] })
      assert.match(yield* fails(`UPDATE lane SET recipients = 11 WHERE id = ${loaded.laneId}`), /^CS403/)
    })
  )

  it.effect("is said to the audit once a day and person, and each message has its person", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const { campaignId, workspace } = yield* open()
      const author = yield* actor(workspace.authorId, workspace.workspaceId)
      const admin = yield* actor(workspace.adminId, workspace.workspaceId)
      const told = Effect.map(
        actionsOf(workspace.workspaceId),
        (actions) => actions.filter((a) => a === "campaign.feed").length
      )
      yield* asPortal(author(Effect.andThen(feed(campaignId, ["a", 1]), feed(campaignId, ["b", 2]))))
      yield* asPortal(author(feed(campaignId, ["c", 3])))
      assert.strictEqual(yield* told, 1)
      yield* asPortal(admin(feed(campaignId, ["d", 4])))
      yield* asPortal(admin(feed(campaignId, ["e", 5])))
      assert.strictEqual(yield* told, 2)
      yield* byForce("audit", "UPDATE audit SET at = at - interval '1 day' WHERE action = 'campaign.feed'")
      yield* asPortal(admin(feed(campaignId, ["f", 6])))
      assert.strictEqual(yield* told, 3)
      const by = yield* sql<{ keys: string }>`
        SELECT string_agg(key, '' ORDER BY key) AS keys FROM trigger_request WHERE campaign_id = ${campaignId} GROUP BY person_id ORDER BY 1`
      assert.deepStrictEqual(by, [{ keys: "abc" }, { keys: "def" }])
    })
  )
})
