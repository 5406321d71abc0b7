import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import * as Revisions from "#schema/sender/Revisions.ts"
import { inReview, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const member = Effect.fnUntraced(function* (workspaceId: number, role: string) {
  const sql = yield* SqlClient
  const who = yield* account()
  yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role })}`
  const browser = new Browser(yield* testPortal)
  yield* browser.signIn(who)
  return browser
})

layer(TestAccess, { excludeTestServices: true })("senders", (it) => {
  it.effect("are made by an admin and their names by a proposal, which somebody else approves", () =>
    Effect.gen(function* () {
      const { workspaceId } = yield* sampleWorkspace()
      const path = `/w/${workspaceId}/senders`
      const admin = yield* member(workspaceId, "admin")
      const form = { label: "Alerts <b>", saddr: "Alerts2", reason: "outages" }
      const wrong = yield* admin.post(`${path}/new`, { ...form, saddr: "Al\u0435rts" })
      assert.strictEqual(wrong.status, 400)
      assert.match(wrong.text, /role="alert".*U\+0435/s)
      assert.include(wrong.text, 'value="Alerts &lt;b&gt;"')
      const odd = yield* admin.post(`${path}/new`, { ...form, source_addr_ton: "9" })
      assert.strictEqual(odd.status, 400)
      assert.include(odd.text, "A type of number is 0 to 6")

      const made = yield* admin.post(`${path}/new`, form)
      assert.strictEqual(made.status, 303)
      const own = made.headers.get("Location")!
      const page = (yield* admin.get(own)).text
      for (const said of ["Alerts &lt;b&gt;", "Not approved yet", "Waits", "outages"]) assert.include(page, said)
      const review = /href="([^"]*\/moderation\/revisions\/\d+)"/.exec(page)![1]!
      const moderator = yield* member(workspaceId, "moderator")
      assert.strictEqual((yield* moderator.post(review, { decision: "approve" })).status, 303)
      assert.include((yield* moderator.get(path)).text, "In use")

      // a change: what it would be, against what is in force
      const author = yield* member(workspaceId, "author")
      assert.include((yield* author.get(`${own}/change`)).text, 'value="Alerts2"')
      const taken = yield* author.post(`${own}/change`, { saddr: "Corp<", reason: "shorter" })
      assert.strictEqual(taken.status, 400)
      const proposed = yield* author.post(`${own}/change`, { saddr: "Alarms2", reason: "shorter" })
      assert.deepStrictEqual([proposed.status, proposed.headers.get("Location")], [303, own])
      assert.match(
        (yield* author.get(own)).text,
        /<del[^>]*><bdi>Alerts2<\/bdi><\/del>.*<ins[^>]*><bdi>Alarms2<\/bdi>/s
      )
    })
  )

  it.effect("show who uses them, and go to the archive and back", () =>
    Effect.gen(function* () {
      const { workspace } = yield* inReview({}, { columns: { name: "Uses it" } })
      const { senderId, workspaceId } = workspace
      const own = `/w/${workspaceId}/senders/${senderId}`
      const admin = yield* member(workspaceId, "admin")
      const page = (yield* admin.get(own)).text
      assert.include(page, "Uses it")
      assert.include(page, "1 unfinished campaign that was submitted with it goes on")
      assert.strictEqual((yield* admin.post(`${own}/archive`)).status, 303)
      assert.include((yield* admin.get(own)).text, "It is not offered for new campaigns")
      const twice = yield* admin.post(`${own}/archive`)
      assert.strictEqual(twice.status, 409)
      assert.include(twice.text, "is archived already")
      const change = yield* admin.post(`${own}/change`, { saddr: "Alarms3", reason: "shorter" })
      assert.strictEqual(change.status, 409)
      assert.strictEqual((yield* admin.post(`${own}/restore`)).status, 303)
      assert.notInclude((yield* admin.get(own)).text, "It is not offered")
      assert.strictEqual((yield* admin.get(`/w/${workspaceId}/senders/${2 ** 29}`)).status, 404)
    })
  )

  it.effect("of the installation are made, granted and taken back by a super admin, and by nobody else", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { workspaceId } = yield* sampleWorkspace()
      const portal = yield* testPortal
      const root = yield* account({ super_admin: true })
      const browser = new Browser(portal)
      yield* browser.signIn(root)
      const form = { label: "Country", saddr: "Country1", reason: "known to all" }
      const wrong = yield* browser.post("/presets/new", { ...form, saddr: "" })
      assert.strictEqual(wrong.status, 400)
      assert.include(wrong.text, 'value="Country"')
      const made = yield* browser.post("/presets/new", form)
      const own = made.headers.get("Location")!
      assert.match(own, /^\/presets\/\d+$/)
      assert.include((yield* browser.get("/presets")).text, "no workspace")
      assert.strictEqual((yield* browser.post(`${own}/grant`, { workspace: String(workspaceId) })).status, 303)
      const twice = yield* browser.post(`${own}/grant`, { workspace: String(workspaceId) })
      assert.strictEqual(twice.status, 409)
      assert.include(twice.text, "is granted to this workspace already")

      // who granted what they had made themselves leaves the decision to the workspace
      const moderator = yield* member(workspaceId, "moderator")
      const list = (yield* moderator.get(`/w/${workspaceId}/senders`)).text
      assert.match(list, /Country.*Not approved yet.*Of the installation/s)
      assert.strictEqual((yield* browser.post(`${own}/revoke`, { workspace: String(workspaceId) })).status, 303)
      assert.include((yield* moderator.get(`/w/${workspaceId}/senders`)).text, "Taken back")
      assert.strictEqual((yield* browser.post(`${own}/archive`)).status, 303)
      const [row] = yield* sql<{
        archived: boolean
      }>`SELECT archived_at IS NOT NULL AS archived FROM preset WHERE label = 'Country'`
      assert.isTrue(row!.archived)
      for (const path of ["/presets", own]) assert.strictEqual((yield* moderator.get(path)).status, 403)
      assert.strictEqual((yield* moderator.post("/presets/new", form)).status, 403)
    })
  )
  it.effect("keep in a change what it does not touch", () =>
    Effect.gen(function* () {
      const { workspace } = yield* inReview()
      const { authorId, moderatorId, senderId, workspaceId } = workspace
      const proposal = { saddr: `Keep${senderId}`, reason: "asked for", dest_addr_ton: 0 }
      const id = yield* actAs(authorId, workspaceId)(Revisions.submit(senderId, proposal))
      yield* actAs(moderatorId, workspaceId)(Revisions.decide(id, "approve"))
      const author = yield* member(workspaceId, "author")
      const form = (yield* author.get(`/w/${workspaceId}/senders/${senderId}/change`)).text
      const fields = [...form.matchAll(/<input[^>]*name="(\w+)"[^>]*value="([^"]*)"/g)]
      assert.deepStrictEqual(
        fields.map(([, name, value]) => [name, value]),
        [
          ["saddr", `Keep${senderId}`],
          ["source_addr_ton", ""],
          ["source_addr_npi", ""],
          ["dest_addr_ton", "0"],
          ["dest_addr_npi", ""]
        ]
      )
    })
  )

  it.effect("say before the archive of all that goes on, more than a page of it", () =>
    Effect.gen(function* () {
      const { workspace } = yield* inReview()
      const { authorId, senderId, senderRevisionId, workspaceId } = workspace
      const sql = yield* SqlClient
      // as many as a list shows, and one more
      yield* sql`
        INSERT INTO campaign (workspace_id, name, text, segments, sender_revision_id, created_by, edited_by, state)
        SELECT ${workspaceId}, 'Many', 'Text', 1, ${senderRevisionId}, ${authorId}, ${authorId}, 'draft' FROM generate_series(1, 50)`
      const admin = yield* member(workspaceId, "admin")
      assert.include((yield* admin.get(`/w/${workspaceId}/senders/${senderId}`)).text, "1 unfinished campaign that")
    })
  )
})
