import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actionsOf } from "#schema/testing/signedIn.ts"

const member = Effect.fnUntraced(function* (workspaceId: number, role: string) {
  const sql = yield* SqlClient
  const who = yield* account()
  yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role })}`
  const browser = new Browser(yield* testPortal)
  yield* browser.signIn(who)
  return browser
})

const settingsOf = (workspaceId: number) =>
  Effect.map(
    Effect.flatMap(SqlClient, (sql) => sql`SELECT * FROM workspace WHERE id = ${workspaceId}`),
    ([row]) => row as Readonly<Record<string, unknown>>
  )

layer(TestAccess, { excludeTestServices: true })("settings", (it) => {
  it.effect("are changed a section at a time by an admin, and what changed is said back from the audit", () =>
    Effect.gen(function* () {
      const { workspaceId } = yield* sampleWorkspace()
      const path = `/w/${workspaceId}/settings`
      const admin = yield* member(workspaceId, "admin")
      const wrong = yield* admin.post(`${path}/workspace`, { country: "UZ", time_zone: "Mars/<Base>" })
      assert.strictEqual(wrong.status, 400)
      assert.match(wrong.text, /role="alert".*there is no time zone.*value="Mars\/&lt;Base&gt;"/is)

      // the name is not theirs, and is not asked for
      const form = { name: "Mine", country: "KZ", time_zone: "Asia/Tashkent" }
      const saved = yield* admin.post(`${path}/workspace`, form)
      assert.match(saved.headers.get("Location")!, /\?in=workspace&saved=[1-9]\d*#workspace$/)
      const back = (yield* admin.get(saved.headers.get("Location")!.replace(/#.*/, ""))).text
      assert.match(
        back,
        /role="status".*Country: <bdi>Uzbekistan<\/bdi> → <bdi>Kazakhstan<\/bdi>.*Time zone: <bdi>UTC<\/bdi> → /s
      )
      assert.notInclude(back, "Mine")
      assert.deepInclude(yield* settingsOf(workspaceId), { country: "KZ", time_zone: "Asia/Tashkent" })
      const again = yield* admin.post(`${path}/workspace`, form)
      assert.include(again.headers.get("Location")!, "saved=0")
      assert.include((yield* admin.get(`${path}?in=workspace&saved=0`)).text, "Nothing was changed.")
      assert.notInclude((yield* admin.get(`${path}?in=workspace&saved=99999`)).text, "Saved. It holds")

      const unread = yield* admin.post(`${path}/limits`, { per_second: "many", per_day: "1,000" })
      assert.strictEqual(unread.status, 400)
      assert.match(unread.text, /value="many"[^>]*aria-invalid="true".*Enter a whole number.*value="1,000"/s)
      yield* admin.post(`${path}/limits`, { per_second: "", per_day: "1,000" })
      assert.include((yield* admin.get(path)).text, "0 of 1,000 are used today.")
    })
  )

  it.effect("that get weaker are asked about once, with what follows", () =>
    Effect.gen(function* () {
      const { workspaceId } = yield* sampleWorkspace({ approvals_needed: 2, keep_content_months: 24 })
      const path = `/w/${workspaceId}/settings`
      const admin = yield* member(workspaceId, "admin")
      const fewer = { approvals_needed: "1", large_from_recipients: "", large_approvals_needed: "1" }
      const asked = yield* admin.post(`${path}/approvals`, fewer)
      assert.strictEqual(asked.status, 200)
      assert.match(
        asked.text,
        /This makes it weaker.*Fewer people have to look.*name="confirmed" value="approvals_needed"/s
      )
      assert.deepInclude(yield* settingsOf(workspaceId), { approvals_needed: 2 })
      assert.strictEqual((yield* admin.post(`${path}/approvals`, { ...fewer, confirmed: "limits" })).status, 200)
      const saved = yield* admin.post(`${path}/approvals`, { ...fewer, confirmed: "approvals_needed" })
      assert.strictEqual(saved.status, 303)
      assert.deepInclude(yield* settingsOf(workspaceId), { approvals_needed: 1 })

      const shorter = { keep_content_months: "6", keep_audit_months: "", confirmed: "keep_content_months" }
      assert.strictEqual((yield* admin.post(`${path}/retention`, shorter)).status, 303)
      assert.match(
        (yield* admin.get(path)).text,
        /It was shortened: until .*still kept for 24 months, and the audit for ever/s
      )
      // nobody here has a passkey
      const locked = yield* admin.post(`${path}/approvals`, { ...fewer, require_signed_approvals: "yes" })
      assert.strictEqual(locked.status, 409)
      assert.match(locked.text, /Nobody who may approve here has a passkey.*id="require_signed_approvals"[^>]*checked/s)
    })
  )

  it.effect("are seen by everybody in the workspace, and named by super admins", () =>
    Effect.gen(function* () {
      const { workspaceId } = yield* sampleWorkspace()
      const path = `/w/${workspaceId}/settings`
      const author = yield* member(workspaceId, "author")
      const page = (yield* author.get(path)).text
      assert.include(page, "Only an admin of this workspace can change its settings.")
      assert.notMatch(page, /<form[^>]*settings/)
      assert.strictEqual((yield* author.post(`${path}/limits`, { per_day: "1" })).status, 403)
      const root = yield* account({ super_admin: true })
      const browser = new Browser(yield* testPortal)
      yield* browser.signIn(root)
      const sql = yield* SqlClient
      yield* sql`INSERT INTO workspace_entry (session_id, workspace_id) SELECT id, ${workspaceId} FROM session WHERE person_id = ${root.personId}`
      const name = `Renamed ${workspaceId}`
      const saved = yield* browser.post(`${path}/workspace`, { name, country: "UZ", time_zone: "UTC" })
      assert.strictEqual(saved.status, 303)
      assert.deepInclude(yield* settingsOf(workspaceId), { name })
    })
  )
})

layer(TestAccess, { excludeTestServices: true })("the stop list in the portal", (it) => {
  it.effect("takes numbers as people write them, all or none, and shows them masked", () =>
    Effect.gen(function* () {
      const { workspaceId } = yield* sampleWorkspace()
      const path = `/w/${workspaceId}/settings/stop-list`
      const admin = yield* member(workspaceId, "admin")
      assert.include((yield* admin.get(path)).text, "The stop list is empty")
      const wrong = yield* admin.post(`${path}/add`, { numbers: "90 123 45 12\n\nno <number>\n1", cause: "asked" })
      assert.strictEqual(wrong.status, 400)
      assert.match(
        wrong.text,
        /90 123 45 12\n\nno &lt;number&gt;\n1<\/textarea>.*Line 3: This is not a phone number.*Line 4: /s
      )
      assert.include((yield* admin.post(`${path}/add`, { numbers: "\n", cause: "asked" })).text, "Enter at least one")
      const many = Array.from({ length: 1_001 }, (_, i) => 998_901_000_000 + i).join("\n")
      assert.include(
        (yield* admin.post(`${path}/add`, { numbers: many, cause: "asked" })).text,
        "At most 1,000 numbers"
      )
      const why = yield* admin.post(`${path}/add`, { numbers: "901234512", cause: "" })
      assert.include(why.text, "Say why they are left alone")

      const added = yield* admin.post(`${path}/add`, {
        numbers: "90 123 45 12\r\n+998 90 123-45-13\r\n",
        cause: "a <call>"
      })
      assert.strictEqual(added.headers.get("Location"), `${path}?added=2`)
      const page = (yield* admin.get(`${path}?added=2`)).text
      assert.match(page, /2 numbers were added.*\+99890•••••12.*a &lt;call&gt;/s)
      assert.notInclude(page, "998901234512")
    })
  )

  it.effect("tells of a number that is typed whether it is there, and takes it off for a reason", () =>
    Effect.gen(function* () {
      const { workspaceId } = yield* sampleWorkspace()
      const path = `/w/${workspaceId}/settings/stop-list`
      const admin = yield* member(workspaceId, "admin")
      yield* admin.post(`${path}/add`, { numbers: "901234512", cause: "asked by phone" })
      assert.include((yield* admin.post(`${path}/find`, { number: "x<y" })).text, 'value="x&lt;y"')
      assert.match((yield* admin.post(`${path}/find`, { number: "901234599" })).text, /\+998901234599<\/bdi> is not on/)
      const found = (yield* admin.post(`${path}/find`, { number: "90 123-45-12" })).text
      assert.match(found, /\+998901234512<\/bdi> is on the stop list since .*asked by phone/s)
      const mute = yield* admin.post(`${path}/remove`, { number: "998901234512", reason: " " })
      assert.strictEqual(mute.status, 400)
      assert.match(mute.text, /<details open.*Say why they may be written to again/s)
      const gone = yield* admin.post(`${path}/remove`, { number: "998901234512", reason: "they asked" })
      assert.strictEqual(gone.headers.get("Location"), `${path}?removed=1`)
      assert.include((yield* admin.get(`${path}?removed=1`)).text, "The stop list is empty")
      assert.strictEqual((yield* admin.post(`${path}/remove`, { number: "1; drop", reason: "x" })).status, 400)
      assert.deepStrictEqual(yield* actionsOf(workspaceId), [
        ...["stop_list.add", "number.search", "number.search", "number.search", "stop_list.remove"]
      ])
    })
  )
})
