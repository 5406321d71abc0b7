import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, ORIGIN, testPortal, testPortalAt } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const BAND = "Demo: nothing leaves this machine"

layer(TestAccess, { excludeTestServices: true })("a demo", (it) => {
  it.effect("says on every page that it is one, and as whom one may sign in; no other portal does", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const who = yield* account()
      const { workspaceId } = yield* sampleWorkspace()
      yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role: "author" })}`
      const password = Redacted.value(who.password)
      const people = [{ email: who.email, name: "Dana <b>", places: "IT department: author" }]
      const demo = new Browser(yield* testPortalAt(ORIGIN, { password, people }))
      const before = (yield* demo.get("/sign-in?to=/w/7")).text
      for (const said of [BAND, "Dana &lt;b&gt;", who.email, `password “${password}”`]) assert.include(before, said)
      const form = /<form[^>]*action="\/sign-in"[^>]*>(?:<input type="hidden"[^>]*>){3}/.exec(before)?.[0] ?? ""
      const typed = Object.fromEntries(
        [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name!, value!])
      )
      assert.deepStrictEqual(typed, { to: "/w/7", email: who.email, password })
      assert.strictEqual((yield* demo.post("/sign-in", typed)).headers.get("Location"), "/w/7")
      for (const path of [`/w/${workspaceId}`, "/nowhere"]) assert.include((yield* demo.get(path)).text, BAND, path)

      const real = new Browser(yield* testPortal)
      const page = (yield* real.get("/sign-in")).text
      for (const said of [BAND, password, who.email, "Try it as"]) assert.notInclude(page, said)
    })
  )
})
