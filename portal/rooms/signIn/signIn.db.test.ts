/** What the door says to who is not let in. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"

layer(TestAccess, { excludeTestServices: true })("the door", (it) => {
  it.effect("says why somebody was not let in in their own language", () =>
    Effect.gen(function* () {
      const browser = new Browser(yield* testPortal)
      browser.cookies.set("countersign_language", "ru")
      const wrong = yield* browser.post("/sign-in", { email: "nobody@door.example", password: "wrong" })
      assert.strictEqual(wrong.status, 401)
      assert.match(wrong.text, /role="alert"[^>]*><p>Такой пары почты и пароля нет\./)
      assert.include(wrong.text, 'value="nobody@door.example"')
    })
  )

  it.effect("has a way back for who can't give a second factor", () =>
    Effect.gen(function* () {
      const page = yield* new Browser(yield* testPortal).get("/sign-in/second-factor")
      assert.match(page.text, /href="\/sign-in"[^>]*>Sign in as somebody else</)
    })
  )
})
