/** A campaign's whole life before it leaves, by two people: written in five steps, approved, called off, and asked about afterwards. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { Page } from "playwright-core"
import { byForce, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { member, signedIn, TestBrowser } from "./Browser.ts"

/** 100,000 numbers, one twice, one of the stop list of nonsense. */
const staff = () => {
  const lines = Array.from({ length: 100_000 }, (_, i) => `+9989${String(10_000_000 + i)}`)
  return Buffer.from([...lines, lines[0], "reception", ""].join("\n"))
}

const goOn = (page: Page) => page.getByRole("button", { name: "Save and go on" }).click()

/** Tomorrow at six in the evening, as an input of day and time has it. */
const tomorrowAtSix = () => `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)}T18:00`

layer(TestBrowser.layer, { excludeTestServices: true })("a coordinator who has never seen it", (it) => {
  it.effect("writes a campaign, leaves it and comes back, has it approved, and calls it off with one click", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      yield* sampleChannel(workspace)
      yield* byForce("workspace", `UPDATE workspace SET country = 'UZ' WHERE id = ${workspace.workspaceId}`)
      const dana = yield* signedIn(yield* member(workspace, "author"))
      const ivan = yield* signedIn(yield* member(workspace, "moderator"))
      const olga = yield* signedIn(yield* member(workspace, "admin"))
      yield* Effect.promise(async () => {
        await dana.getByRole("link", { name: "New campaign" }).click()
        await dana.getByLabel("Name", { exact: true }).fill("Planned maintenance")
        await dana.getByLabel("At a set time").check()
        await goOn(dana)

        // counted as one types, and mended with a click
        await dana.getByLabel("As whom").selectOption({ index: 1 })
        await dana.getByLabel("Text", { exact: true }).pressSequentially("The mail won’t work from 22:00–02:00.")
        await dana.getByText("U+2013").waitFor()
        await dana.getByRole("button", { name: "Replace all of them" }).click()
        await dana.getByText("GSM alphabet").waitFor()
        assert.strictEqual(
          await dana.getByLabel("Text", { exact: true }).inputValue(),
          "The mail won't work from 22:00-02:00."
        )
        await goOn(dana)

        await dana.waitForURL(/\/audience$/)
        // left here, and gone on with from the list
        await dana.getByRole("link", { name: "Campaigns" }).first().click()
        await dana.getByRole("link", { name: "Planned maintenance" }).click()
        await dana.waitForURL(/\/audience$/)
        await dana.locator("#file").setInputFiles({ name: "staff.csv", mimeType: "text/csv", buffer: staff() })
        await dana.getByRole("button", { name: "Upload" }).click()
        await dana.getByText("100,000 numbers").first().waitFor()
        await dana.getByRole("link", { name: "Go on" }).click()

        await dana.getByLabel("Start", { exact: true }).fill(tomorrowAtSix())
        await goOn(dana)
        await dana.getByLabel("What it is for").fill("the mail is moved tonight")
        await dana.getByRole("button", { name: "Submit for approval" }).click()
        await dana.getByText("In review").first().waitFor()

        await ivan.getByRole("link", { name: /Moderation/ }).click()
        await ivan.getByRole("link", { name: "Planned maintenance" }).first().click()
        await ivan.getByText("the mail is moved tonight").waitFor()
        await ivan.getByRole("button", { name: "Approve" }).click()

        // seen by the author without a touch
        await dana.getByText("Scheduled").first().waitFor()
        await dana.getByText("Stop…").click()
        await dana.getByRole("button", { name: /^Stop/ }).click()
        await dana.getByText("Stopped").first().waitFor()

        // next week: who was it?
        await olga.getByRole("link", { name: "Audit" }).click()
        const said = async (act: string) =>
          olga
            .locator("main")
            .getByText(new RegExp(`${act} the campaign\\s+“?Planned maintenance`))
            .first()
            .waitFor()
        for (const act of ["submitted", "approved", "stopped"]) await said(act)
      })
    })
  )
})
