import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const superAdmin = Effect.gen(function* () {
  const who = yield* account({ super_admin: true })
  const browser = new Browser(yield* testPortal)
  yield* browser.signIn(who)
  return { ...who, browser }
})

layer(TestAccess, { excludeTestServices: true })("people of the installation", (it) => {
  it.effect("get accounts from a super admin, whose places are shown, and lose them for a reason", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { authorId } = yield* sampleWorkspace()
      const { browser, personId } = yield* superAdmin
      const wrong = yield* browser.post("/master/people/new", { name: "<i>", email: "nobody" })
      assert.strictEqual(wrong.status, 400)
      assert.match(wrong.text, /is no e-mail address.*value="&lt;i&gt;"/s)
      const made = yield* browser.post("/master/people/new", { name: "Fresh <b>", email: "fresh@sample.example" })
      const own = made.headers.get("Location")!
      assert.match(own, /^\/master\/people\/\d+\?did=made$/)
      assert.include((yield* browser.get(own)).text, "In no workspace.")
      assert.include((yield* browser.get("/master/people")).text, "Fresh &lt;b&gt;")
      assert.match((yield* browser.get(`/master/people/${authorId}`)).text, /Sample \d+<\/dt>.*Author/s)
      assert.strictEqual((yield* browser.get("/master/people/999999")).status, 404)

      const path = own.replace(/\?.*/, "")
      const mute = yield* browser.post(`${path}/disable`, { reason: " " })
      assert.strictEqual(mute.status, 400)
      assert.match(mute.text, /Say why.*<details open/s)
      yield* browser.post(`${path}/promote`)
      assert.include((yield* browser.get(path)).text, "Take the super admin")
      yield* browser.post(`${path}/demote`)
      assert.strictEqual((yield* browser.post(`${path}/demote`)).status, 409)
      assert.strictEqual((yield* browser.post(`${path}/disable`, { reason: "left" })).status, 303)
      assert.include((yield* browser.get(path)).text, "Enable the account again")
      yield* browser.post(`${path}/enable`)
      const [row] = yield* sql`SELECT disabled_at, super_admin FROM person WHERE email = 'fresh@sample.example'`
      assert.deepStrictEqual(row, { disabled_at: null, super_admin: false })

      const self = `/master/people/${personId}`
      assert.include((yield* browser.get(self)).text, "Nobody changes this for themselves")
      assert.strictEqual((yield* browser.post(`${self}/demote`)).status, 403)
      assert.strictEqual((yield* browser.post(`${self}/disable`, { reason: "x" })).status, 409)
    })
  )

  it.effect("get workspaces with their first admin, which are archived when nothing waits or runs", () =>
    Effect.gen(function* () {
      const { browser } = yield* superAdmin
      const admin = yield* account()
      const form = { name: "Payroll <b>", country: "KZ", time_zone: "Asia/Almaty", admin: String(admin.personId) }
      const wrong = yield* browser.post("/master/workspaces/new", { ...form, time_zone: "Mars" })
      assert.strictEqual(wrong.status, 400)
      assert.match(wrong.text, /There is no time zone “Mars”.*value="Payroll &lt;b&gt;".*value="KZ" selected/s)
      assert.strictEqual((yield* browser.post("/master/workspaces/new", { ...form, admin: "" })).status, 400)
      assert.strictEqual((yield* browser.post("/master/workspaces/new", form)).status, 303)
      assert.strictEqual((yield* browser.post("/master/workspaces/new", form)).status, 409)
      const theirs = new Browser(yield* testPortal)
      yield* theirs.signIn(admin)
      const [, id] = /^\/w\/(\d+)$/.exec((yield* theirs.get("/")).headers.get("Location")!)!
      assert.include((yield* theirs.get(`/w/${id}/settings`)).text, "Asia/Almaty")

      const archive = (workspace: number | string) => browser.post(`/master/workspaces/${workspace}/archive`)
      const list = (yield* browser.get("/master/workspaces?did=made")).text
      assert.match(list, /role="status".*Payroll &lt;b&gt;/s)
      assert.include(list, "its 1 member can&#39;t open it")
      assert.strictEqual((yield* archive(id!)).headers.get("Location"), "/master/workspaces?did=archived")
      assert.notInclude((yield* browser.get("/master/workspaces")).text, "Payroll")
      assert.strictEqual((yield* theirs.get(`/w/${id}`)).status, 404)

      const busy = yield* sampleWorkspace()
      const channels = [yield* sampleChannel(busy)]
      yield* sampleCampaign({ workspace: busy, channels, state: "scheduled", numbers: 1 })
      assert.include((yield* browser.get("/master/workspaces")).text, "1 campaign waits or runs")
      const refused = yield* archive(busy.workspaceId)
      assert.strictEqual(refused.status, 409)
      assert.include(refused.text, "has 1 campaign in review, scheduled, being sent or paused")
    })
  )
})
