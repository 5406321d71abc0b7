/** What pauses a campaign and slows it down: its window, and people. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { byForce, pressAs, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** Of a campaign whose window begins so many hours from now, for an hour. */
const windowIn = (hours: number) =>
  Effect.gen(function* () {
    const workspace = yield* sampleWorkspace()
    const channel = yield* sampleChannel(workspace)
    const clock = (hour: number) => `${String((new Date().getUTCHours() + hour + 24) % 24).padStart(2, "0")}:00`
    const columns = { time_zone: "UTC", window_from: clock(hours), window_to: clock(hours + 1) }
    const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], columns })
    const press = (action: string) => pressAs(workspace, workspace.moderatorId, campaignId, action)
    const refusal = (action: string) => Effect.map(Effect.flip(press(action)), ({ message }) => message)
    return { workspace, campaignId, press, refusal }
  })

const waits = Effect.fnUntraced(function* (campaignId: number) {
  const sql = yield* SqlClient
  return (yield* sql<{ is: boolean }>`SELECT waits_for_window AS is FROM campaign WHERE id = ${campaignId}`)[0]!.is
})

const alive = Effect.fnUntraced(function* (campaignId: number) {
  const { asEngine } = yield* TestDatabase
  return (yield* asEngine(Campaigns.alive)).find(({ id }) => id === campaignId)!
})

/** As if the hours had passed: its window is open now. */
const openIts = (campaignId: number) =>
  byForce(
    "campaign",
    `UPDATE campaign SET window_from = '00:00', window_to = '23:59:59.999999' WHERE id = ${campaignId}`
  )

layer(TestDatabase.layer, { excludeTestServices: true })("a campaign's daily window", (it) => {
  it.effect("pauses it by the system's hand when it is closed, and only then", () =>
    Effect.gen(function* () {
      const { campaignId, refusal } = yield* windowIn(2)
      assert.match(yield* refusal("rest"), /only the system can rest a campaign/)
      assert.strictEqual(yield* Campaigns.move(campaignId, "rest"), "paused")
      assert.isTrue(yield* waits(campaignId))
      const open = yield* windowIn(0)
      const early = yield* Effect.flip(Campaigns.move(open.campaignId, "rest"))
      assert.strictEqual(early.message, `the window of campaign ${open.campaignId} is open`)
    })
  )

  it.effect("resumes it when it opens; nobody does before, and who tries is told when", () =>
    Effect.gen(function* () {
      const { campaignId, refusal } = yield* windowIn(2)
      yield* Campaigns.move(campaignId, "rest")
      assert.match(yield* refusal("resume"), /is outside its daily window; it goes on by itself at .* UTC/)
      assert.match((yield* Effect.flip(Campaigns.move(campaignId, "wake"))).message, /opens at .* UTC/)
      yield* openIts(campaignId)
      yield* byForce(
        "approval",
        `UPDATE approval SET fingerprint = campaign_fingerprint(${campaignId}) WHERE campaign_id = ${campaignId}`
      )
      assert.strictEqual(yield* Campaigns.move(campaignId, "wake"), "sending")
      assert.isFalse(yield* waits(campaignId))
    })
  )

  it.effect("keeps what a person resumes meanwhile until it opens", () =>
    Effect.gen(function* () {
      const { campaignId, press } = yield* windowIn(2)
      yield* press("pause")
      assert.strictEqual(yield* press("resume"), "paused")
      assert.isTrue(yield* waits(campaignId))
      assert.isAbove((yield* alive(campaignId)).window_turns_ms ?? 0, Date.now())
    })
  )

  it.effect("does not resume what a person has paused, before or while it rested", () =>
    Effect.gen(function* () {
      const { campaignId, press, refusal } = yield* windowIn(2)
      yield* Campaigns.move(campaignId, "rest")
      assert.strictEqual(yield* press("pause"), "paused")
      assert.isFalse(yield* waits(campaignId))
      assert.match(yield* refusal("pause"), /is paused already/)
      yield* openIts(campaignId)
      assert.match((yield* Effect.flip(Campaigns.move(campaignId, "wake"))).message, /is paused already/)
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("slowing a campaign down", (it) => {
  const one = Effect.gen(function* () {
    const workspace = yield* sampleWorkspace()
    const channel = yield* sampleChannel(workspace)
    const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], columns: { per_second: 100 } })
    const slow = (person: number, perSecond: number | null) =>
      actAs(person, workspace.workspaceId)(Campaigns.slow(campaignId, perSecond))
    return { workspace, campaignId, slow }
  })

  it.effect("needs no new approval, and is audited with before and after", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { campaignId, slow, workspace } = yield* one
      const before = yield* Campaigns.fingerprint(campaignId)
      yield* slow(workspace.moderatorId, 20)
      yield* slow(workspace.moderatorId, null)
      assert.strictEqual(yield* Campaigns.fingerprint(campaignId), before)
      const told = yield* sql<{ facts: string }>`
        SELECT facts FROM audit WHERE action = 'campaign.slow' AND object_id = ${campaignId} ORDER BY seq`
      assert.deepStrictEqual(
        told.map(({ facts }) => JSON.parse(facts)),
        [
          { before: null, after: 20 },
          { before: 20, after: null }
        ]
      )
    })
  )

  it.effect("is never speeding it up beyond what was approved, nor stopping it", () =>
    Effect.gen(function* () {
      const { campaignId, slow, workspace } = yield* one
      const faster = yield* Effect.flip(slow(workspace.moderatorId, 101))
      assert.strictEqual(
        faster.message,
        `campaign ${campaignId} was approved with a ceiling of 100 a second; to send faster, it has to be changed and approved anew`
      )
      assert.match((yield* Effect.flip(slow(workspace.moderatorId, 0))).message, /at least 1 message a second/)
    })
  )

  it.effect("is for who may run it, as long as it runs", () =>
    Effect.gen(function* () {
      const { campaignId, slow, workspace } = yield* one
      assert.strictEqual((yield* Effect.flip(slow(workspace.flaggedId, 20))).reason, "Forbidden")
      yield* pressAs(workspace, workspace.moderatorId, campaignId, "stop")
      assert.match((yield* Effect.flip(slow(workspace.moderatorId, 20))).message, /is cancelled/)
    })
  )
})
