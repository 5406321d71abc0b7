/** The upload as a person has it: in a real browser, with its script. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AxeBuilder } from "@axe-core/playwright"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { Page, Route } from "playwright-core"
import { member, signedIn, TestBrowser, type WindowOptions } from "#portal/browser/Browser.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { actAs } from "#schema/people/Acting.ts"
import { sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

layer(TestBrowser.layer, { excludeTestServices: true })("uploading with a browser", (it) => {
  /** A draft, and its author and a moderator before it. */
  const draft = Effect.fnUntraced(function* (options: WindowOptions = {}) {
    const workspace = yield* sampleWorkspace()
    const { channelId } = yield* sampleChannel(workspace)
    const author = yield* member(workspace, "author")
    const content = {
      ...{ name: "Maintenance tonight", senderRevisionId: workspace.senderRevisionId, segments: 1 },
      text: "Planned maintenance tonight"
    }
    const { campaignId } = yield* actAs(author.personId, workspace.workspaceId)(Campaigns.create(content, [channelId]))
    const path = `/w/${workspace.workspaceId}/campaigns/${campaignId}/audience`
    const page = yield* signedIn(author, options)
    yield* Effect.promise(() => page.goto(path))
    return { workspace, page, path }
  })

  const file = (name: string, content: string) =>
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "upload-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      ),
      (folder) => {
        const path = join(folder, name)
        writeFileSync(path, content)
        return path
      }
    )

  const manyNumbers = Array.from({ length: 100_000 }, (_, i) => `${998_901_000_000 + i}\n`).join("")

  /** What is done with each piece that is sent, in turn; those after the last go through. Gives where each began. */
  const pieces = async (page: Page, acts: ReadonlyArray<(route: Route) => Promise<void>>) => {
    const offsets: Array<number> = []
    await page.route("**/pieces?*", (route) => {
      offsets.push(Number(new URL(route.request().url()).searchParams.get("offset")))
      return (acts[offsets.length - 1] ?? ((one: Route) => one.continue()))(route)
    })
    return offsets
  }

  const upload = async (page: Page, path: string) => {
    await page.getByLabel("File of numbers").setInputFiles(path)
    await page.getByRole("button", { name: "Upload", exact: true }).click()
  }

  it.effect("goes on after a lost connection and a page that was left, and is seen in any window", () =>
    Effect.gen(function* () {
      const { page, path, workspace } = yield* draft()
      const staff = yield* file("staff.txt", manyNumbers)
      const other = yield* signedIn(yield* member(workspace, "moderator"))
      yield* Effect.promise(async () => {
        const offsets = await pieces(page, [
          (route) => route.continue(),
          (route) => route.abort("connectionreset"),
          // the page is left while this one waits
          async () => {}
        ])
        await upload(page, staff)
        await page.getByRole("progressbar").waitFor()
        await other.goto(path)
        await other.getByText("is uploading").waitFor()
        assert.strictEqual(await other.locator("progress").getAttribute("value"), "524288")
        await page.waitForRequest((request) => request.url().includes("offset=524288"))
        await page.getByText("The connection is lost. It tries again by itself.").waitFor()
        page.on("dialog", (dialog) => dialog.accept())
        await page.reload()
        await upload(page, staff)
        await page.getByText("100,000 numbers").first().waitFor()
        // the other window comes to see it too
        await other.getByText("100,000 numbers").first().waitFor()
        assert.deepStrictEqual(offsets.slice(0, 2), [0, 524_288])
        // it asks from the beginning, and is told where it was
        assert.deepStrictEqual(offsets.slice(offsets.lastIndexOf(0)).slice(0, 2), [0, 524_288])
      })
    })
  )

  it.effect("asks which column it is, keeps the file that was chosen, and takes it away again when asked twice", () =>
    Effect.gen(function* () {
      const { page } = yield* draft()
      const staff = yield* file("staff.csv", "name;phone\nAnn;998901000001\nEve;998901000002\n")
      yield* Effect.promise(async () => {
        await upload(page, staff)
        await page.getByRole("alert").getByText("holds no numbers").waitFor()
        await page.getByLabel("Column with the numbers").selectOption("phone")
        await page.getByRole("button", { name: "Upload", exact: true }).click()
        await page.getByText("2 numbers").first().waitFor()
        assert.deepStrictEqual(await page.locator("tbody tr").allInnerTexts(), [
          "+99890•••••01\tAnn",
          "+99890•••••02\tEve"
        ])
        await page.getByText("Take another file").click()
        await page.getByText("2 numbers are taken out of this campaign").waitFor()
        await page.getByRole("button", { name: "Take them away" }).click()
        await page.getByLabel("File of numbers").waitFor()
      })
    })
  )

  it.effect("keeps nobody out in any of its states, as far as axe can tell", () =>
    Effect.gen(function* () {
      const staff = yield* file("staff.csv", `name;phone\n${manyNumbers.replaceAll(/^/gm, "Ann;").slice(0, -4)}`)
      for (const theme of ["light", "dark"] as const) {
        const { page } = yield* draft({ theme, width: 390 })
        yield* Effect.promise(async () => {
          const look = async (state: string) => {
            const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
            const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`)
            assert.deepStrictEqual(found, [], `${state}, ${theme}`)
          }
          await look("empty")
          await upload(page, staff)
          await page.getByLabel("Column with the numbers").waitFor()
          await look("failed")
          let held: Route | undefined
          await pieces(page, [
            (route) => route.continue(),
            async (route) => {
              held = route
            }
          ])
          await page.getByRole("button", { name: "Upload", exact: true }).click()
          await page.waitForRequest((request) => request.url().includes("offset=524288"))
          await page.getByRole("progressbar").waitFor()
          await look("under way")
          await held!.continue()
          await page.getByText("100,000 numbers").first().waitFor()
          await look("loaded")
        })
      }
    })
  )

  it.effect("is cancelled at a press, without being asked whether to leave", () =>
    Effect.gen(function* () {
      const { page } = yield* draft()
      const staff = yield* file("staff.txt", manyNumbers)
      yield* Effect.promise(async () => {
        let asked = 0
        page.on("dialog", (dialog) => {
          asked++
          return dialog.accept()
        })
        await pieces(page, [(route) => route.continue(), async () => {}])
        await upload(page, staff)
        await page.getByRole("button", { name: "Cancel the upload" }).click()
        await page.getByLabel("File of numbers").waitFor()
        assert.strictEqual(await page.getByRole("progressbar").count(), 0)
        assert.strictEqual(asked, 0)
      })
    })
  )
})
