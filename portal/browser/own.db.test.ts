/** How somebody comes to be here and signs in, in a browser: invited, with a passkey, and back after a forgotten password. */
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { actAs } from "#schema/people/Acting.ts"
import * as Invitations from "#schema/people/Invitations.ts"
import { inReview, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { withAuthenticator } from "./authenticator.ts"
import { member, signedIn, TestBrowser, typeSignIn, window } from "./Browser.ts"

const PASSWORD = "gravel lantern tuesday"

layer(TestBrowser.layer, { excludeTestServices: true })("somebody", (it) => {
  it.effect("is invited, chooses a name and a password, and signs in", () =>
    Effect.gen(function* () {
      const { adminId, workspaceId } = yield* sampleWorkspace()
      const email = "lola@sample.example"
      const { token } = yield* actAs(adminId, workspaceId)(Invitations.invite({ email, role: "author" }))
      const page = yield* window()
      yield* Effect.promise(async () => {
        await page.goto(`/invitation/${Redacted.value(token)}`)
        await page.getByLabel("Your name").fill("Lola Newcomer")
        await page.getByLabel("A password").fill(PASSWORD)
        await page.getByRole("button", { name: "Accept" }).click()
        await page.getByRole("link", { name: "Sign in" }).click()
        await typeSignIn(page, email, PASSWORD)
        await page.waitForURL(new RegExp(`/w/${workspaceId}$`))
        await page.getByRole("link", { name: "Lola Newcomer" }).waitFor()
      })
    })
  )

  it.effect("adds a passkey on their own page, approves with it by one touch, and signs in with it", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview({}, { columns: { name: "Lunch" } })
      const who = yield* member(workspace, "moderator")
      const page = yield* signedIn(who)
      yield* Effect.promise(async () => {
        await withAuthenticator(page)
        await page.goto("/me")
        await page.getByLabel("What you call it", { exact: true }).fill("Laptop")
        await page.getByRole("button", { name: "Add a passkey" }).click()
        await page.getByText("The passkey is there.").waitFor()
        assert.strictEqual(await page.getByText("never used").count(), 1)

        await page.goto(`/w/${workspace.workspaceId}/moderation/campaigns/${campaignId}`)
        await page.getByRole("button", { name: /passkey/i }).click()
        await page.getByText("signed with a passkey").waitFor()
        await page.goto("/me")
        assert.strictEqual(await page.getByText("never used").count(), 0)

        // it is their second factor now, and the only one
        await page.getByRole("button", { name: "Sign out" }).click()
        await typeSignIn(page, who.email, Redacted.value(who.password))
        await page.waitForURL("**/sign-in/second-factor*")
        await page.getByRole("button", { name: "Use a passkey" }).click()
        await page.getByRole("button", { name: "Sign out" }).click()
        await page.getByRole("button", { name: "Use a passkey" }).click()
        await page.waitForURL(new RegExp(`/w/${workspace.workspaceId}$`))
      })
    })
  )
})
