import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import * as WorkspaceSettings from "#schema/people/WorkspaceSettings.ts"
import { Refused } from "#schema/Refused.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const withPortal = layer(TestAccess, { excludeTestServices: true })

const browserOf = Effect.fnUntraced(function* (columns: Readonly<Record<string, boolean>>) {
  const who = yield* account(columns)
  const browser = new Browser(yield* testPortal)
  yield* browser.signIn(who)
  return { browser, who }
})

withPortal("Master", (it) => {
  it.effect(
    "shows a super admin every workspace and what runs there, and lets them into one, which its audit says",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const workspace = yield* sampleWorkspace({ name: "Night watch" })
        const channels = [yield* sampleChannel(workspace)]
        yield* sampleCampaign({ workspace, channels, columns: { name: "On its way" } })
        const { browser } = yield* browserOf({ super_admin: true })
        const id = workspace.workspaceId
        const master = (yield* browser.get("/master")).text
        for (const said of ["Master · read-only", "Night watch", "On its way", "Enter Night watch"])
          assert.include(master, said)
        assert.strictEqual((yield* browser.get(`/w/${id}`)).status, 404)
        const entered = yield* browser.post("/master/enter", { workspace: String(id) })
        assert.deepStrictEqual([entered.status, entered.headers.get("Location")], [303, `/w/${id}`])
        const within = (yield* browser.get(`/w/${id}`)).text
        for (const said of ["Night watch", 'href="/master"']) assert.include(within, said)
        assert.include((yield* browser.get("/master")).text, "Open Night watch")
        const told = yield* sql`SELECT FROM audit WHERE workspace_id = ${id} AND action = 'workspace.enter'`
        assert.strictEqual(told.length, 1)
        assert.strictEqual((yield* browser.post("/master/enter", { workspace: "x" })).status, 404)
      })
  )

  it.effect("keeps archived workspaces apart, from where they are restored", () =>
    Effect.gen(function* () {
      const { workspaceId } = yield* sampleWorkspace({ name: "Closed branch" })
      const { browser, who } = yield* browserOf({ super_admin: true })
      assert.include((yield* browser.get("/master/archive")).text, "No workspace is archived")
      yield* actAs(who.personId, null)(WorkspaceSettings.archive(workspaceId))
      assert.notInclude((yield* browser.get("/master")).text, "Closed branch")
      assert.include((yield* browser.get("/master/archive")).text, "Closed branch")
      yield* browser.post("/master/restore", { workspace: String(workspaceId) })
      assert.include((yield* browser.get("/master")).text, "Closed branch")
    })
  )

  it.effect("is neither shown nor open to anybody else", () =>
    Effect.gen(function* () {
      const { browser } = yield* browserOf({})
      assert.notInclude((yield* browser.get("/")).text, "/master")
      for (const path of ["/master", "/master/archive"]) assert.strictEqual((yield* browser.get(path)).status, 403)
      assert.strictEqual((yield* browser.post("/master/enter", { workspace: "1" })).status, 403)
    })
  )
})

withPortal("a workspace's colour", (it) => {
  it.effect("is one of eight by its id until its admins choose another, and is on each of its pages", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { adminId, workspaceId } = yield* sampleWorkspace()
      const { browser, who } = yield* browserOf({})
      yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role: "author" })}`
      const band = Effect.map(browser.get(`/w/${workspaceId}`), ({ text }) => /band band-(\w+)/.exec(text)?.[1])
      const EIGHT = ["blue", "teal", "green", "olive", "brown", "rose", "violet", "slate"]
      assert.strictEqual(yield* band, EIGHT[workspaceId % 8])
      const change = (colour: string | null) =>
        actAs(adminId, workspaceId)(sql`SELECT change_settings(${JSON.stringify({ colour })}::text::jsonb)`)
      const other = EIGHT[(workspaceId + 3) % 8]!
      yield* change(other)
      assert.strictEqual(yield* band, other)
      const [event] = yield* sql<{ facts: unknown }>`
        SELECT facts::jsonb AS facts FROM audit WHERE workspace_id = ${workspaceId} AND action = 'workspace.settings'`
      assert.deepStrictEqual(event!.facts, { before: { colour: null }, after: { colour: other } })
      const refused = yield* Effect.flip(change("pink"))
      assert.instanceOf(refused, Refused)
      assert.include(refused.message, "blue, teal")
      yield* change(null)
      assert.strictEqual(yield* band, EIGHT[workspaceId % 8])
    })
  )
})
