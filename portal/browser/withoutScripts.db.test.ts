/** What works in a browser that runs no scripts: signing in, finding, approving, stopping. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { inReview, sampleCampaign } from "#schema/testing/sampleCampaign.ts"
import { member, signedIn, TestBrowser } from "./Browser.ts"

layer(TestBrowser.layer, { excludeTestServices: true })("a browser without scripts", (it) => {
  it.effect("signs in, finds a campaign in the list, approves it, stops another, and signs out", () =>
    Effect.gen(function* () {
      const { channel, workspace } = yield* inReview({}, { columns: { name: "Lunch" } })
      yield* sampleCampaign({ workspace, channels: [channel], numbers: 12, columns: { name: "Dinner" } })
      const page = yield* signedIn(yield* member(workspace, "moderator"), { scripts: false })
      yield* Effect.promise(async () => {
        const menu = page.getByRole("navigation").first()
        await menu.getByRole("link", { name: "Campaigns" }).click()
        await page.getByRole("searchbox").fill("lun")
        await page.keyboard.press("Enter")
        await page.waitForURL("**/campaigns?**q=lun**")
        assert.strictEqual(await page.getByRole("link", { name: "Dinner" }).count(), 0)
        await page.getByRole("link", { name: "Lunch" }).click()
        await page.getByRole("link", { name: "Review it" }).click()
        await page.getByRole("button", { name: "Approve", exact: true }).click()
        await page.getByText("You approved it.").waitFor()

        await menu.getByRole("link", { name: "Campaigns" }).click()
        await page.getByRole("link", { name: "Dinner" }).click()
        // the question opens by itself in the page, which needs no script
        await page.locator("summary", { hasText: "Stop…" }).click()
        await page.getByText("Nothing has left. 12 numbers will get nothing.").waitFor()
        await page.getByRole("button", { name: "Stop now" }).click()
        await page.getByText("12 not sent").waitFor()

        await page.getByRole("button", { name: "Sign out" }).click()
        await page.waitForURL("**/sign-in")
      })
    })
  )

  it.effect("is told on the same page why something is refused, and loses nothing that was typed", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview()
      const page = yield* signedIn(yield* member(workspace, "moderator"), { scripts: false })
      yield* Effect.promise(async () => {
        await page.goto(`/w/${workspace.workspaceId}/moderation/campaigns/${campaignId}`)
        await page.getByRole("button", { name: "Request changes" }).click()
        assert.include(await page.getByRole("alert").textContent(), "Say why")
        await page.getByLabel("Note").fill("Say when it begins.")
        await page.getByRole("button", { name: "Request changes" }).click()
        await page.getByText("You sent it back to its author.").waitFor()
      })
    })
  )
})
