/** What two people do about one campaign, each in a browser of their own. */
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import type { Page } from "playwright-core"
import * as Passkeys from "#portal/access/Passkeys.ts"
import { Site } from "#portal/access/Site.ts"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { inReview, type SampleWorkspace, sampleCampaign } from "#schema/testing/sampleCampaign.ts"
import { withAuthenticator } from "./authenticator.ts"
import { member, signedIn, TestBrowser } from "./Browser.ts"

/** A state as it stands on a page: its shape and its word. */
const stateOn = (page: Page, word: string) =>
  page
    .locator("main")
    .getByText(new RegExp(`^\\W?${word}$`))
    .first()

const state = (page: Page, word: string) => stateOn(page, word).waitFor()

/** Adds a passkey of the page's device to who is signed in there. */
const enrol = Effect.fnUntraced(function* (page: Page) {
  const { asAccess } = yield* TestDatabase
  const { origin } = yield* TestBrowser
  const cookies = yield* Effect.promise(() => page.context().cookies())
  const token = Redacted.make(cookies.find(({ name }) => name === "countersign_session")!.value)
  const site = Effect.provideService(Site, { origin, rpId: "localhost", name: "Countersign" })
  const options = yield* site(asAccess(Passkeys.enrolmentOptions(token)))
  const answer = yield* Effect.promise(() =>
    page.evaluate(`(async () => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)})
      return (await navigator.credentials.create({ publicKey })).toJSON()
    })()`)
  )
  yield* site(asAccess(Passkeys.enrol(token, "Laptop", answer)))
})

/** Twelve numbers of which five have left and two are with their people. */
const halfSent = Effect.fnUntraced(function* (workspace: SampleWorkspace, channelId: number, epoch: number) {
  const channel = { channelId, epoch }
  const sent = yield* sampleCampaign({ workspace, channels: [channel], numbers: 12, columns: { name: "Road closed" } })
  const engine = new PretendEngine(channel)
  const block = (yield* engine.claim(sent.laneId, 5))!
  yield* engine.flush([{ block, answers: block.parts.map((_, nth) => ({ nth, part: 1, verdict: "a" as const })) }])
  yield* engine.flush([{ block, receipts: [0, 1].map((nth) => ({ nth, part: 1, state: 2 })) }])
  return sent
})

layer(TestBrowser.layer, { excludeTestServices: true })("two people and a campaign", (it) => {
  it.effect("one submits it, the other reads its evidence and approves, and the first sees it change", () =>
    Effect.gen(function* () {
      const text = "Lunch is at one. Bring your badge."
      const { campaignId, workspace } = yield* inReview({}, { numbers: 12, columns: { name: "Lunch", text } })
      const dana = yield* signedIn(yield* member(workspace, "author"))
      const ivan = yield* signedIn(yield* member(workspace, "moderator"))
      yield* Effect.promise(async () => {
        await dana.goto(`/w/${workspace.workspaceId}/campaigns/${campaignId}`)
        await state(dana, "In review")
        assert.strictEqual(await dana.getByRole("link", { name: "Review it" }).count(), 0)

        await ivan.getByRole("navigation").first().getByRole("link", { name: "Moderation" }).click()
        await ivan.getByRole("link", { name: "Lunch" }).first().click()
        const evidence = await ivan.locator("main").textContent()
        for (const said of [text, "12 numbers", "+99890•••••00"]) assert.include(evidence, said)
        await ivan.getByRole("button", { name: "Approve", exact: true }).click()
        await ivan.getByText("You approved it.").waitFor()
        await state(ivan, "Scheduled")

        await dana.reload()
        await state(dana, "Scheduled")
        assert.isFalse(await stateOn(dana, "In review").isVisible())
      })
    })
  )

  it.effect("a stop while it is sent asks once, with the numbers it touches, and every window then says so", () =>
    Effect.gen(function* () {
      const { channel, workspace } = yield* inReview()
      const { campaignId } = yield* halfSent(workspace, channel.channelId, channel.epoch)
      const path = `/w/${workspace.workspaceId}/campaigns/${campaignId}`
      const dana = yield* signedIn(yield* member(workspace, "author"))
      const ivan = yield* signedIn(yield* member(workspace, "moderator"))
      yield* Effect.promise(async () => {
        await dana.goto(path)
        await state(dana, "Sending")
        await ivan.goto(path)
        await ivan.getByText("5 of 12 submitted").waitFor()
        const stop = ivan.getByRole("button", { name: "Stop now" })
        assert.isFalse(await stop.isVisible(), "it is not pressed by mistake")
        await ivan.locator("summary", { hasText: "Stop…" }).click()
        await ivan.getByText("5 of 12 have left; 7 will not. It can't be started again.").waitFor()
        await stop.click()
        await state(ivan, "Stopped")
        await ivan.getByText("7 not sent").waitFor()
        // without a hand on it
        await state(dana, "Stopped")
        await dana.getByText("7 not sent").waitFor()
      })
      const sql = yield* SqlClient
      const rows = yield* sql<{ state: string }>`SELECT state FROM campaign WHERE id = ${campaignId}`
      assert.deepStrictEqual(rows, [{ state: "cancelled" }])
    })
  )

  it.effect("an approval is signed by one touch of a passkey, and not without the person who holds it", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview({}, { columns: { name: "Payday" } })
      const sql = yield* SqlClient
      yield* sql`UPDATE workspace SET require_signed_approvals = true WHERE id = ${workspace.workspaceId}`
      const ivan = yield* signedIn(yield* member(workspace, "moderator"))
      const device = yield* Effect.promise(() => withAuthenticator(ivan))
      yield* enrol(ivan)
      yield* Effect.promise(async () => {
        await ivan.goto(`/w/${workspace.workspaceId}/moderation/campaigns/${campaignId}`)
        const approve = ivan.getByRole("button", { name: "Approve with your passkey" })
        await device.setVerified(false)
        await approve.click()
        await ivan.getByText("Your passkey did not answer. Nothing was decided; try again.").waitFor()
        await device.setVerified(true)
        await approve.click()
        await ivan.getByText("You approved it.").waitFor()
        await state(ivan, "Scheduled")
        assert.include(await ivan.locator("main").textContent(), "signed with a passkey")
      })
      const signatures = yield* sql`SELECT FROM approval WHERE campaign_id = ${campaignId} AND assertion_id IS NOT NULL`
      assert.lengthOf(signatures, 1)
    })
  )
})
