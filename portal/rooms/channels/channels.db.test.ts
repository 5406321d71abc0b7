import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const boss = Effect.gen(function* () {
  const browser = new Browser(yield* testPortal)
  yield* browser.signIn(yield* account({ super_admin: true }))
  return browser
})

const ACCOUNT = { name: "Beeline <b>", host: "smsc.example", port: "2775", system_id: "corp", password: "s3cret" }
const FORM = { ...ACCOUNT, binds: "2", window_size: "10", per_second: "200", bind_mode: "transceiver", charset: "gsm7" }

const channelOf = (path: string) =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.map(sql`SELECT * FROM channel WHERE id = ${Number(path.split("/").at(-1))}`, ([row]) => row!)
  )

layer(TestAccess, { excludeTestServices: true })("channels", (it) => {
  it.effect("are made out of service, with a password that nobody is shown again", () =>
    Effect.gen(function* () {
      const browser = yield* boss
      for (const [typed, said] of [
        [{ binds: "two" }, "takes a whole number"],
        [{ host: "two words" }, "A host is a name or an address"],
        [{ password: "far too long" }, "up to 8 characters"]
      ] as const) {
        const wrong = yield* browser.post("/channels/new", { ...FORM, ...typed })
        assert.strictEqual(wrong.status, 400)
        assert.include(wrong.text, said)
        assert.include(wrong.text, 'value="Beeline &lt;b&gt;"')
        assert.notInclude(wrong.text, typed === undefined ? "" : ACCOUNT.password)
      }
      const made = yield* browser.post("/channels/new", FORM)
      assert.strictEqual(made.status, 303)
      const path = made.headers.get("Location")!
      const page = (yield* browser.get(path)).text
      for (const said of ["Out of service", "smsc.example:2775", "200 a second"]) assert.include(page, said)
      for (const hidden of [page, (yield* browser.get(`${path}/change`)).text])
        assert.notInclude(hidden, ACCOUNT.password)
      const { enabled, password, password_sealed } = yield* channelOf(path)
      assert.deepStrictEqual([enabled, password], [false, null])
      assert.isNotNull(password_sealed)
    })
  )

  it.effect("are changed without their password, which stays, and switched on and off", () =>
    Effect.gen(function* () {
      const browser = yield* boss
      const path = (yield* browser.post("/channels/new", { ...FORM, name: "Ucell" })).headers.get("Location")!
      const before = yield* channelOf(path)
      const changed = { ...FORM, name: "Ucell main", per_second: "", password: "" }
      assert.strictEqual((yield* browser.post(`${path}/change`, changed)).headers.get("Location"), path)
      const after = yield* channelOf(path)
      assert.deepStrictEqual([after["name"], after["per_second"]], ["Ucell main", null])
      assert.deepStrictEqual(after["password_sealed"], before["password_sealed"])
      // another account is another secret
      const elsewhere = yield* browser.post(`${path}/change`, { ...changed, host: "other.example" })
      assert.isAtLeast(elsewhere.status, 400)
      yield* browser.post(`${path}/on`)
      assert.include((yield* browser.get(path)).text, "In service")
      yield* browser.post(`${path}/off`)
      assert.include((yield* browser.get(path)).text, "Out of service")
    })
  )

  it.effect("are granted to workspaces, and not taken back while something goes by them", () =>
    Effect.gen(function* () {
      const browser = yield* boss
      const own = yield* sampleWorkspace()
      const other = yield* sampleWorkspace()
      const channel = yield* sampleChannel(own)
      yield* sampleCampaign({ workspace: own, channels: [channel] })
      const path = `/channels/${channel.channelId}`
      assert.include((yield* browser.get(path)).text, "1 campaign waits or is being sent")
      const busy = yield* browser.post(`${path}/withdraw`, { workspace: String(own.workspaceId) })
      assert.strictEqual(busy.status, 409)
      assert.match(busy.text, /role="alert"/)
      const granted = yield* browser.post(`${path}/grant`, { workspace: String(other.workspaceId) })
      assert.strictEqual(granted.status, 303)
      const sql = yield* SqlClient
      const places =
        yield* sql`SELECT workspace_id FROM channel_grant WHERE channel_id = ${channel.channelId} ORDER BY 1`
      assert.deepStrictEqual(places, [{ workspace_id: own.workspaceId }, { workspace_id: other.workspaceId }])
      yield* browser.post(`${path}/withdraw`, { workspace: String(other.workspaceId) })
      assert.strictEqual((yield* sql`SELECT FROM channel_grant WHERE channel_id = ${channel.channelId}`).length, 1)
    })
  )
})
