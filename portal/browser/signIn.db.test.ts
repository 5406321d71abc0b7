/** Signing in, as a person does it: in a real browser. */
import { assert, layer } from "@effect/vitest"
import { decodeBase32IgnorePadding } from "@oslojs/encoding"
import { generateHOTP } from "@oslojs/otp"
import { Effect, Redacted } from "effect"
import * as SecondFactor from "#portal/access/SecondFactor.ts"
import { type account, HOME, signIn } from "#portal/access/testing/accounts.ts"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { inReview } from "#schema/testing/sampleCampaign.ts"
import { member, signedIn, TestBrowser, typeSignIn, window } from "./Browser.ts"

const step = () => BigInt(Math.floor(Date.now() / 30_000))

/** Sets an authenticator app up for somebody; gives what it shows. */
const withApp = Effect.fnUntraced(function* (who: Effect.Success<ReturnType<typeof account>>) {
  const sql = yield* SqlClient
  const { asAccess } = yield* TestDatabase
  const { token } = yield* signIn(who)
  const { secret } = yield* asAccess(SecondFactor.begin(token, HOME))
  const key = decodeBase32IgnorePadding(Redacted.value(secret))
  yield* asAccess(SecondFactor.confirm(token, Redacted.make(generateHOTP(key, step(), 6)), HOME))
  // as if set up some steps ago: a code counts once
  yield* sql`UPDATE totp SET last_step = last_step - 10 WHERE person_id = ${who.personId}`
  return () => generateHOTP(key, step(), 6)
})

layer(TestBrowser.layer, { excludeTestServices: true })("signing in with a browser", (it) => {
  it.effect(
    "refuses a wrong password in words, takes the right one and the app's code, and leads where one wanted",
    () =>
      Effect.gen(function* () {
        const { campaignId, workspace } = yield* inReview({}, { columns: { name: "Lunch is at one" } })
        const who = yield* member(workspace, "moderator")
        const shown = yield* withApp(who)
        const page = yield* window()
        yield* Effect.promise(async () => {
          const wanted = `/w/${workspace.workspaceId}/campaigns/${campaignId}`
          await page.goto(wanted)
          await typeSignIn(page, who.email, "not my password")
          const alert = page.getByRole("alert")
          assert.include(await alert.textContent(), "This e-mail address and password don't go together")
          assert.strictEqual(await page.getByLabel("E-mail").inputValue(), who.email)
          assert.strictEqual(await page.getByLabel("Password").inputValue(), "")

          await typeSignIn(page, who.email, Redacted.value(who.password))
          await page.getByLabel("Code").fill("000000")
          await page.getByRole("button", { name: "Confirm" }).click()
          assert.include(await page.getByRole("alert").textContent(), "This code is wrong")
          await page.getByLabel("Code").fill(shown())
          await page.getByRole("button", { name: "Confirm" }).click()
          await page.getByRole("heading", { level: 1, name: "Lunch is at one" }).waitFor()
          assert.strictEqual(new URL(page.url()).pathname, wanted)

          await page.getByRole("button", { name: "Sign out" }).click()
          // whatever the page was just asking for finds out too, and may say where to come back to
          await page.waitForURL((url) => url.pathname === "/sign-in")
          await page.goto(wanted)
          await page.waitForURL("**/sign-in?to=*")
        })
      })
  )

  it.effect("keeps its cookie from scripts", () =>
    Effect.gen(function* () {
      const { workspace } = yield* inReview()
      const page = yield* signedIn(yield* member(workspace, "author"))
      yield* Effect.promise(async () => {
        assert.notInclude(await page.evaluate("document.cookie"), "countersign_session")
        const session = (await page.context().cookies()).find(({ name }) => name === "countersign_session")
        assert.deepStrictEqual([session?.httpOnly, session?.sameSite, session?.path], [true, "Lax", "/"])
      })
    })
  )

  it.effect("is done with the keyboard alone, and so is everything after it", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview({}, { columns: { name: "Lunch is at one" } })
      const who = yield* member(workspace, "moderator")
      const page = yield* window()
      yield* Effect.promise(async () => {
        const focused = () => page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        const tabTo = async (wanted: string) => {
          for (let presses = 0; presses < 60; presses++) {
            await page.keyboard.press("Tab")
            if ((await focused()) === wanted) return
          }
          assert.fail(`Tab never came to ${wanted}`)
        }
        await page.goto("/sign-in")
        await tabTo("email")
        await page.keyboard.type(who.email)
        await tabTo("password")
        await page.keyboard.type(Redacted.value(who.password))
        await page.keyboard.press("Enter")
        await page.waitForURL((url) => url.pathname === `/w/${workspace.workspaceId}`)

        await page.keyboard.type("gm")
        await page.waitForURL("**/moderation")
        await tabTo("Lunch is at one")
        await page.keyboard.press("Enter")
        await page.waitForURL(`**/moderation/campaigns/${campaignId}`)
        // the first stop on a page is the way past its menu
        await page.keyboard.press("Tab")
        assert.strictEqual(await focused(), "Skip to content")
        await tabTo("Approve")
        const ring = await page.evaluate(
          "(({ outlineStyle, boxShadow }) => outlineStyle !== 'none' || boxShadow !== 'none')(getComputedStyle(document.activeElement))"
        )
        assert.isTrue(ring, "what has the focus is seen to have it")
        await page.keyboard.press("Enter")
        await page.getByText("You approved it.").waitFor()
      })
    })
  )

  it.effect("speaks Russian to who has chosen it, page after page", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview()
      const page = yield* signedIn(yield* member(workspace, "moderator"), { language: "ru" })
      yield* Effect.promise(async () => {
        for (const path of ["", "/campaigns", `/campaigns/${campaignId}`, "/moderation", "/senders", "/audit"]) {
          await page.goto(`/w/${workspace.workspaceId}${path}`)
          assert.strictEqual(await page.locator("html").getAttribute("lang"), "ru", path)
          assert.match((await page.getByRole("navigation").first().textContent())!, /Рассылки.*Отправители/s, path)
          const heading = await page.getByRole("heading").first().textContent()
          assert.match(heading!, /[а-яё]|Sample/i, path)
        }
        await page.getByRole("button", { name: "Выйти" }).click()
        await page.getByRole("button", { name: "Войти" }).waitFor()
      })
    })
  )
})
