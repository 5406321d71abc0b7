import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** A campaign of twelve numbers, and who may sign in to its workspace. */
const house = Effect.fnUntraced(function* (state: "draft" | "sending" | "paused") {
  const sql = yield* SqlClient
  const portal = yield* testPortal
  const workspace = yield* sampleWorkspace()
  const channels = [yield* sampleChannel(workspace)]
  const { campaignId } = yield* sampleCampaign({
    workspace,
    channels,
    state,
    numbers: 12,
    columns: { name: "Lunch <b>" }
  })
  const visitor = Effect.fnUntraced(function* (role: "author" | "moderator") {
    const who = yield* account()
    yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspace.workspaceId, person_id: who.personId, role })}`
    const browser = new Browser(portal)
    yield* browser.signIn(who)
    return browser
  })
  return { campaignId, path: `/w/${workspace.workspaceId}/campaigns/${campaignId}`, visitor }
})

const AS_HTMX = { "HX-Request": "true" }

layer(TestAccess, { excludeTestServices: true })("a campaign's page", (it) => {
  it.effect("says how far it is, asks once before it is stopped, and then says that it was", () =>
    Effect.gen(function* () {
      const { path, visitor } = yield* house("sending")
      const browser = yield* visitor("moderator")
      const { text } = yield* browser.get(path)
      assert.include(text, "Lunch &lt;b&gt;")
      assert.include(text, "0 of 12 submitted")
      assert.include(text, "Nothing has left. 12 numbers will get nothing.")
      assert.include(text, "= 12, and it adds up")
      assert.strictEqual((yield* browser.post(`${path}/stop`)).headers.get("Location"), path)
      const stopped = (yield* browser.get(path)).text
      assert.include(stopped, "Stopped")
      assert.include(stopped, "12 not sent")
      assert.notInclude(stopped, "Stop now")

      const again = yield* browser.post(`${path}/stop`)
      assert.strictEqual(again.status, 409)
      assert.match(again.text, /is cancelled, so it can(&#39;|')t be stopped/)
      assert.strictEqual((yield* browser.post(`${path}/archive`)).status, 303)
      assert.include((yield* browser.get(path)).text, "Restore")
    })
  )

  it.effect("asks for its figures anew while it moves, and for the whole page once its state is another", () =>
    Effect.gen(function* () {
      const { path, visitor } = yield* house("sending")
      const browser = yield* visitor("author")
      const asked = /hx-get="([^"]+)"/.exec((yield* browser.get(path)).text)![1]!
      const part = yield* browser.get(asked, AS_HTMX)
      assert.strictEqual(part.status, 200)
      assert.match(part.text, /^<div id="course"/)
      const moderator = yield* visitor("moderator")
      yield* moderator.post(`${path}/pause`)
      const whole = yield* browser.get(asked, AS_HTMX)
      assert.deepStrictEqual(
        ["HX-Retarget", "HX-Reselect", "HX-Reswap"].map((name) => whole.headers.get(name)),
        ["#content", "#content", "outerMorph"]
      )
      assert.include(whole.text, "Paused")
    })
  )

  it.effect("lists its numbers masked, each with a way to its life", () =>
    Effect.gen(function* () {
      const { path, visitor } = yield* house("sending")
      const browser = yield* visitor("author")
      const { text } = yield* browser.get(`${path}/numbers`)
      const lives = [...text.matchAll(/href="([^"]+\/numbers\/\d+\/\d+)"[^>]*>\+(\d+•+\d\d)</g)]
      assert.strictEqual(lives.length, 12)
      assert.strictEqual((yield* browser.get(lives[0]![1]!)).status, 200)
      assert.include((yield* browser.get(`${path}/numbers?after=12`)).text, "None of these")
    })
  )

  it.effect("shows who may not press what they may not, and why", () =>
    Effect.gen(function* () {
      const { path, visitor } = yield* house("paused")
      const stranger = yield* visitor("author")
      const { text } = yield* stranger.get(path)
      assert.include(text, "An admin, a moderator or its author may do this.")
      assert.notInclude(text, `action="${path}/resume"`)
      assert.strictEqual((yield* stranger.post(`${path}/resume`)).status, 403)
      assert.include((yield* (yield* visitor("moderator")).get(path)).text, `action="${path}/resume"`)
    })
  )
})
