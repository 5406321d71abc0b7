/** That messages as an API is given them come out as they have to, or are refused with the words that help. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { pressAs, sampleChannel, sampleTrigger, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import { feed, feedAll, type Message } from "./Triggers.ts"

/** Somebody of the portal who feeds a campaign with this text. */
const feeding = (text = "Planned maintenance tonight") =>
  Effect.gen(function* () {
    const { asEngine, asPortal } = yield* TestDatabase
    const workspace = yield* sampleWorkspace()
    const channel = yield* sampleChannel(workspace)
    const campaign = yield* sampleTrigger({ workspace, channels: [channel], columns: { text } })
    const admin = yield* actor(workspace.adminId, workspace.workspaceId)
    const engine = new PretendEngine(channel)
    return {
      workspace,
      ...campaign,
      claim: asEngine(engine.claim(campaign.laneId, 1_000)),
      take: (...messages: ReadonlyArray<Message>) => asPortal(admin(feedAll(campaign.campaignId, messages))),
      takeOne: (message: Message) => asPortal(admin(feed(campaign.campaignId, message)))
    }
  })

layer(TestDatabase.layer, { excludeTestServices: true })("feeding a campaign", (it) => {
  it.effect("takes numbers as they are dialled, one at a time or many, and says what became of each", () =>
    Effect.gen(function* () {
      const { claim, take, takeOne } = yield* feeding()
      assert.deepStrictEqual(yield* takeOne({ key: "a", number: "90 123-45-67" }), { key: "a", seq: 1, state: "taken" })
      assert.deepStrictEqual(
        yield* take({ key: "b", number: "+44 7700 900123" }, { key: "a", number: "+998901234567" }),
        [
          { key: "b", seq: 2, state: "taken" },
          { key: "a", seq: 1, state: "repeated" }
        ]
      )
      assert.strictEqual((yield* claim)!.claimed.numbers, "998901234567,447700900123")
      const thousand = Array.from(
        { length: 1_000 },
        (_, i): Message => ({ key: `n${i}`, number: `${998_910_000_000 + i}` })
      )
      assert.strictEqual((yield* take(...thousand)).at(-1)!.seq, 1_002)
    })
  )

  it.effect("refuses in words a number that is none, and a text that is too long with its values", () =>
    Effect.gen(function* () {
      const { claim, take } = yield* feeding("Dear ((name)), your code is ((code))")
      const values = { Name: "Anna", code: "1234" }
      const number = "901234567"
      const wrong: ReadonlyArray<readonly [Message, string, RegExp]> = [
        [{ key: "b", number: "12", values }, "no such number", /^message 2: This has too few digits/],
        [{ key: "b", number: "", values }, "no such number", /^message 2: There is nothing/],
        [
          { key: "b", number, values: { name: "A".repeat(160), code: "1" } },
          "text too long",
          /^message 2: .* takes 2 messages, and 1 were approved/
        ],
        [{ key: "b", number, values: { name: "Ш".repeat(60), code: "1" } }, "text too long", /takes 2 messages/],
        [{ key: "b", number, values: { name: "Anna" } }, "Invalid", /^message 2: it has no value for \(\(code\)\)/],
        [{ key: "a", number, values }, "Invalid", /^message 2: its key, “a”, is that of an earlier message/]
      ]
      for (const [message, reason, words] of wrong) {
        const error = yield* Effect.flip(take({ key: "a", number, values }, message))
        assert.strictEqual(error.reason, reason)
        assert.match(error.message, words)
      }
      assert.isUndefined(yield* claim)
      yield* take({ key: "a", number, values })
      const claimed = (yield* claim)!.claimed
      assert.deepStrictEqual(claimed.placeholderValues, { name: ["Anna"], code: ["1234"] })
    })
  )

  it.effect("says to a stranger that there is no such campaign, and to who may not why", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { campaignId, take, workspace } = yield* feeding()
      const message: Message = { key: "a", number: "901234567" }
      const neighbours = yield* sampleWorkspace()
      const stranger = yield* actor(neighbours.adminId, neighbours.workspaceId)
      assert.match((yield* Effect.flip(asPortal(stranger(feed(campaignId, message))))).message, /does not exist/)
      assert.strictEqual((yield* Effect.flip(asPortal(feed(campaignId, message)))).reason, "NotSignedIn")
      const moderator = yield* actor(workspace.moderatorId, workspace.workspaceId)
      assert.match(
        (yield* Effect.flip(asPortal(moderator(feed(campaignId, message))))).message,
        /^only its author or an admin may feed this campaign; you are a moderator/
      )
      yield* pressAs(workspace, workspace.adminId, campaignId, "stop")
      assert.strictEqual((yield* Effect.flip(take(message))).reason, "Conflict")
    })
  )
})
