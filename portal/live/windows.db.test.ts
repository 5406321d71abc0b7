import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { Page } from "playwright-core"
import { member, signedIn, TestBrowser } from "#portal/browser/Browser.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { actAs } from "#schema/people/Acting.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** Until the window is told what changes; what was there before it is told is asked for anew once it is. */
const isLive = (page: Page, path: string) =>
  Promise.all([page.waitForResponse((answer) => answer.url().endsWith("/live")), page.goto(path)])

layer(TestBrowser.layer, { excludeTestServices: true })("open windows", (it) => {
  it.effect(
    "show what somebody else did, without being touched",
    () =>
      Effect.gen(function* () {
        const workspace = yield* sampleWorkspace()
        const channels = [yield* sampleChannel(workspace)]
        const { campaignId } = yield* sampleCampaign({
          workspace,
          channels,
          state: "sending",
          columns: { name: "Lunch" }
        })
        const path = `/w/${workspace.workspaceId}`
        const ivan = yield* signedIn(yield* member(workspace, "moderator"))
        const dana = yield* signedIn(yield* member(workspace, "moderator"))
        yield* Effect.promise(() => isLive(ivan, `${path}/campaigns/${campaignId}`))
        yield* Effect.promise(() => isLive(dana, path))
        const press = (act: string) =>
          actAs(workspace.moderatorId, workspace.workspaceId)(Campaigns.move(campaignId, act))

        const list = yield* Effect.promise(() => ivan.context().newPage())
        yield* Effect.promise(() => isLive(list, `${path}/campaigns?state=sending`))
        yield* Effect.promise(() => ivan.bringToFront())

        yield* Effect.promise(() => ivan.locator("summary").filter({ hasText: "Stop" }).click())
        yield* press("pause")
        yield* Effect.promise(() => ivan.getByRole("button", { name: "Resume" }).waitFor())
        yield* Effect.promise(() => dana.locator("#running-part").getByText("Paused").waitFor())
        assert.strictEqual(yield* Effect.promise(() => ivan.title()), "Lunch · Countersign")
        yield* Effect.promise(() => list.getByText("No campaign is like that").waitFor())
        yield* press("resume")
        yield* Effect.promise(() => list.getByRole("link", { name: "Lunch" }).waitFor())
        yield* Effect.promise(() => ivan.getByRole("button", { name: "Pause" }).waitFor())
        yield* Effect.promise(() => dana.locator("#running-part").getByText("Sending").waitFor())

        // and a decision that waits is counted in the menu
        yield* sampleCampaign({ workspace, channels, state: "in_review" })
        yield* Effect.promise(() => ivan.locator("#waiting", { hasText: "1" }).waitFor())
        assert.strictEqual(yield* Effect.promise(() => ivan.locator("#live").textContent()), "")
      }),
    60_000
  )
})
