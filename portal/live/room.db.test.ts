import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, ORIGIN, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { type SampleWorkspace, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** What the stream of a window says, event by event, for as long as the scope lives. */
const streamOf = Effect.fnUntraced(function* (
  portal: Effect.Success<typeof testPortal>,
  browser: Browser,
  { workspaceId }: SampleWorkspace
) {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ")
  const reader = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const headers = { Accept: "text/html, text/event-stream", Cookie: cookie }
      const response = await portal.request(`${ORIGIN}/w/${workspaceId}/live`, { headers })
      assert.strictEqual(response.headers.get("Content-Type"), "text/event-stream")
      return response.body!.getReader()
    }),
    (reader) => Effect.promise(() => reader.cancel())
  )
  const said: Array<string> = []
  /** Reads until that was said; all that was said before it too. undefined: to the end. */
  const until = (name: string | undefined) =>
    Effect.promise(async () => {
      while (name === undefined || !said.includes(name)) {
        const { done, value } = await reader.read()
        if (done) return said.splice(0)
        said.push(...[...new TextDecoder().decode(value).matchAll(/^event: (.+)$/gm)].map(([, event]) => event!))
      }
      return said.splice(0)
    })
  return until
})

const house = Effect.fnUntraced(function* () {
  const sql = yield* SqlClient
  const portal = yield* testPortal
  const workspace = yield* sampleWorkspace()
  const channels = [yield* sampleChannel(workspace)]
  const visitor = Effect.fnUntraced(function* (role: "author" | "moderator", { workspaceId } = workspace) {
    const who = yield* account()
    yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role })}`
    const browser = new Browser(portal)
    yield* browser.signIn(who)
    return browser
  })
  return { portal, workspace, channels, visitor, path: `/w/${workspace.workspaceId}` }
})

layer(TestAccess, { excludeTestServices: true })("live parts", (it) => {
  it.effect("a window is told what changed in its workspace, and none of another's", () =>
    Effect.gen(function* () {
      const { channels, path, portal, visitor, workspace } = yield* house()
      const { campaignId } = yield* sampleCampaign({ workspace, channels, state: "paused" })
      const elsewhere = yield* sampleWorkspace()
      const here = yield* streamOf(portal, yield* visitor("author"), workspace)
      const there = yield* streamOf(portal, yield* visitor("author", elsewhere), elsewhere)
      yield* here("live-all")
      yield* there("live-all")
      const moderator = yield* visitor("moderator")
      yield* moderator.post(`${path}/campaigns/${campaignId}/resume`)
      const said = yield* here(`live-campaign-${campaignId}`)
      assert.include(said, "live-campaign")
      // the next that the other hears is of its own
      const theirs = yield* sampleCampaign({ workspace: elsewhere, channels: [yield* sampleChannel(elsewhere)] })
      const heard = yield* there(`live-campaign-${theirs.campaignId}`)
      assert.notInclude(heard, `live-campaign-${campaignId}`)
      // while it is being sent, figures move
      assert.include(yield* here("live-tick"), "live-tick")
    })
  )

  it.effect("ends with the session", () =>
    Effect.gen(function* () {
      const { channels, path, portal, visitor, workspace } = yield* house()
      const { campaignId } = yield* sampleCampaign({ workspace, channels, state: "sending" })
      const author = yield* visitor("author")
      const until = yield* streamOf(portal, author, workspace)
      yield* until("live-all")
      yield* author.post("/sign-out")
      yield* (yield* visitor("moderator")).post(`${path}/campaigns/${campaignId}/pause`)
      assert.strictEqual((yield* until(undefined)).at(-1), "live-over")
    })
  )

  it.effect("the menu says how many decisions wait, and the overview what runs", () =>
    Effect.gen(function* () {
      const { channels, path, visitor, workspace } = yield* house()
      const moderator = yield* visitor("moderator")
      assert.notMatch((yield* moderator.get(`${path}/live/waiting`)).text, />\d+</)
      yield* sampleCampaign({ workspace, channels, state: "in_review" })
      yield* sampleCampaign({ workspace, channels, state: "sending", columns: { name: "Lunch <b>" } })
      assert.match((yield* moderator.get(`${path}/live/waiting`)).text, />1</)
      assert.include((yield* moderator.get(`${path}/running`)).text, "Lunch &lt;b&gt;")
      assert.include((yield* moderator.get(path)).text, `hx-sse:connect="${path}/live"`)
    })
  )
})
