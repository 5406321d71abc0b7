/** What the door says to who is not let in. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

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
  it.effect("tells who lacks the second factor that a workspace asks for so, and where to set one up", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { workspaceId } = yield* sampleWorkspace({ require_second_factor: "true" })
      const who = yield* account()
      yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role: "author" })}`
      const browser = new Browser(yield* testPortal)
      yield* browser.signIn(who)
      const page = yield* browser.get(`/w/${workspaceId}/campaigns`)
      assert.strictEqual(page.status, 403)
      assert.match(page.text, /This workspace asks for a second factor.*href="\/me"/s)
      assert.strictEqual((yield* browser.get("/me")).status, 200)
    })
  )
})
