import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { member, signedIn, TestBrowser } from "#portal/browser/Browser.ts"
import { sampleCampaign, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

layer(TestBrowser.layer, { excludeTestServices: true })("the keys", (it) => {
  it.effect("lead to places, to the search and to the list of themselves, and are letters where somebody types", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const home = `/w/${workspace.workspaceId}`
      const page = yield* signedIn(yield* member(workspace, "moderator"))
      yield* Effect.promise(async () => {
        const goesTo = async (keys: ReadonlyArray<string>, path: string) => {
          const gone = page.waitForURL((url) => url.pathname === path)
          for (const key of keys) await page.keyboard.press(key)
          await gone
        }
        await goesTo(["g", "c"], `${home}/campaigns`)
        await goesTo(["g", "m"], `${home}/moderation`)
        await goesTo(["g", "s"], `${home}/senders`)
        await goesTo(["g", "a"], `${home}/audit`)
        await goesTo(["g", "o"], home)
        await goesTo(["g", "c"], `${home}/campaigns`)
        // a letter of another script, on the key of c
        await page.evaluate(`for (const [key, code] of [["п", "KeyG"], ["ь", "KeyM"]])
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }))`)
        await page.waitForURL((url) => url.pathname === `${home}/moderation`)

        await goesTo(["g", "c"], `${home}/campaigns`)
        await page.keyboard.press("?")
        const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" })
        await dialog.waitFor()
        const [said = ""] = await dialog.locator("dl").allInnerTexts()
        for (const words of ["g c", "Campaigns", "/", "Search by name", "g m", "Moderation"])
          assert.include(said, words)
        await page.keyboard.press("Escape")
        await dialog.waitFor({ state: "hidden" })

        await page.keyboard.press("/")
        await page.keyboard.type("g o?")
        assert.strictEqual(await page.getByRole("searchbox").inputValue(), "g o?")
        assert.isFalse(await dialog.isVisible())
        await page.keyboard.press("Enter")
        await page.waitForURL((url) => url.searchParams.get("q") === "g o?")
      })
    })
  )

  it.effect("a box ticks all of a list, and what can be done with them is shown", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      for (const name of ["One", "Two"])
        yield* sampleCampaign({ workspace, channels: [], state: "draft", columns: { name } })
      const page = yield* signedIn(yield* member(workspace, "admin"))
      yield* Effect.promise(async () => {
        await page.goto(`/w/${workspace.workspaceId}/campaigns`)
        const archive = page.getByRole("button", { name: "Archive…" })
        assert.isFalse(await archive.isVisible())
        await page.getByRole("checkbox", { name: "Select all on this page" }).check()
        assert.isTrue(await page.getByRole("checkbox", { name: "Select Two" }).isChecked())
        await archive.click()
        await page.getByRole("heading", { name: "Archive 2 campaigns?" }).waitFor()
        await page.getByRole("button", { name: "Archive 2" }).click()
        await page.getByText("No campaigns yet").waitFor()
      })
    })
  )
})
