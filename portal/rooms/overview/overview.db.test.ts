import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

layer(TestAccess, { excludeTestServices: true })("the overview", (it) => {
  it.effect("shows each what they can do something about, and to all what is running", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const portal = yield* testPortal
      const workspace = yield* sampleWorkspace()
      const channels = [yield* sampleChannel(workspace)]
      const here = `/w/${workspace.workspaceId}`
      const seenBy = Effect.fnUntraced(function* (role: "author" | "moderator") {
        const who = yield* account()
        yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspace.workspaceId, person_id: who.personId, role })}`
        const browser = new Browser(portal)
        yield* browser.signIn(who)
        return { who, see: Effect.map(browser.get(here), ({ text }) => text) }
      })
      const author = yield* seenBy("author")
      const moderator = yield* seenBy("moderator")
      assert.include(yield* author.see, "Nothing waits for you")
      assert.include(yield* author.see, "Nothing is being sent")

      const make = (name: string, state: "draft" | "in_review" | "scheduled" | "sending", columns = {}) =>
        sampleCampaign({ workspace, channels, state, columns: { name, ...columns } })
      yield* make("Their draft", "draft")
      yield* make("My draft", "draft", { created_by: author.who.personId })
      yield* make("To be read", "in_review")
      yield* make("To be started", "scheduled", { starts_automatically: false })
      yield* make("On its way", "sending")
      for (const [{ see }, due, others] of [
        [author, ["My draft"], ["Their draft", "To be read", "To be started"]],
        [moderator, ["To be read", "To be started"], ["Their draft", "My draft"]]
      ] as const) {
        const page = yield* see
        for (const name of ["On its way", ...due]) assert.include(page, name)
        for (const name of others) assert.notInclude(page, name)
      }
    })
  )
})
