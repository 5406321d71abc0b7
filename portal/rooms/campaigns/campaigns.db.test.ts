import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, ORIGIN, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { type SampleWorkspace, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const withPortal = layer(TestAccess, { excludeTestServices: true })

const memberOf = Effect.fnUntraced(function* (workspace: SampleWorkspace, role: "author" | "moderator" | "admin") {
  const sql = yield* SqlClient
  const who = yield* account()
  yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspace.workspaceId, person_id: who.personId, role })}`
  const browser = new Browser(yield* testPortal)
  yield* browser.signIn(who)
  return { browser, who, path: `/w/${workspace.workspaceId}/campaigns` }
})

/** A form with several ticked boxes, as a browser sends it. */
const ticked = (
  browser: Browser,
  path: string,
  ids: ReadonlyArray<number>,
  more: Readonly<Record<string, string>> = {}
) => {
  const form = new URLSearchParams(more)
  for (const id of ids) form.append("campaign", String(id))
  return browser.send("POST", path, new TextEncoder().encode(form.toString()), {
    "Content-Type": "application/x-www-form-urlencoded",
    Origin: ORIGIN
  })
}

withPortal("the list of campaigns", (it) => {
  it.effect("is narrowed down by its address, and says by what, each with a way to take it away", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channels = [yield* sampleChannel(workspace)]
      const make = (name: string, columns: Record<string, number | Date> = {}) =>
        sampleCampaign({ workspace, channels, state: "draft", columns: { name, ...columns } })
      yield* make("Shifts in March", { starts_at: new Date("2100-03-03T09:00:00Z") })
      yield* make("Payroll", { created_by: workspace.adminId, starts_at: new Date("2100-02-01T09:00:00Z") })
      const { browser, path } = yield* memberOf(workspace, "moderator")
      const see = (query: string) => Effect.map(browser.get(`${path}${query}`), ({ text }) => text)
      for (const [query, chip] of [
        ["?q=shifts", "Search by name: "],
        ["?from=2100-03-03&until=2100-03-03", "From: "],
        [`?author=${workspace.authorId}`, "Author: "]
      ] as const) {
        const page = yield* see(query)
        assert.include(page, "Shifts in March", query)
        assert.notInclude(page, "Payroll", query)
        assert.include(page, chip)
      }
      assert.include(yield* see(`?q=shifts&mode=spread`), "No campaign is like that")
      assert.include(yield* see(`?q=shifts&mode=spread`), `href="${path}?mode=spread"`)
      assert.include(yield* see(`?sender=${workspace.senderId}&mode=on_demand`), "Payroll")
      assert.include(yield* see("?state=archived"), "Nothing is archived")
      // what an address can't mean is left out
      assert.include(yield* see("?mode=x&author=y&from=2100-02-31&state=z&by=name"), "Payroll")
      const inOrder = (page: string) => page.indexOf(">Shifts in March<") < page.indexOf(">Payroll<")
      assert.isFalse(inOrder(yield* see("")))
      assert.isTrue(inOrder(yield* see("?by=day")))
    })
  )

  it.effect("archives several after asking once with their number, and stops what has not ended", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channels = [yield* sampleChannel(workspace)]
      const make = (state: "rejected" | "sending", name: string) =>
        Effect.map(sampleCampaign({ workspace, channels, state, columns: { name } }), ({ campaignId }) => campaignId)
      const ids = [yield* make("rejected", "Over"), yield* make("sending", "On its way")]
      const { browser, path } = yield* memberOf(workspace, "admin")
      const asked = yield* ticked(browser, `${path}/archive`, ids)
      assert.strictEqual(asked.status, 200)
      for (const said of ["Archive 2 campaigns?", "1 of them has not ended", "Over", "On its way"])
        assert.include(asked.text, said)
      const states = sql<{ state: string; archived: boolean }>`
        SELECT state, archived_at IS NOT NULL AS archived FROM campaign WHERE id = ANY (${ids}) ORDER BY id`
      assert.deepStrictEqual(
        (yield* states).map(({ archived }) => archived),
        [false, false]
      )
      const done = yield* ticked(browser, `${path}/archive`, ids, { sure: "yes", back: "?state=sending" })
      assert.deepStrictEqual([done.status, done.headers.get("Location")], [303, `${path}?state=sending`])
      assert.deepStrictEqual(yield* states, [
        { state: "rejected", archived: true },
        { state: "cancelled", archived: true }
      ])
      const again = yield* ticked(browser, `${path}/archive`, ids, { sure: "yes", back: "//elsewhere.example" })
      assert.deepStrictEqual([again.status, again.headers.get("Location")], [303, path])
    })
  )

  it.effect("archives what somebody may, and says by name what they may not", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const { browser, path, who } = yield* memberOf(workspace, "author")
      const make = (name: string, columns = {}) =>
        sampleCampaign({ workspace, channels: [], state: "draft", columns: { name, ...columns } })
      const { campaignId: mine } = yield* make("Mine", { created_by: who.personId })
      const { campaignId: theirs } = yield* make("Theirs")
      const list = yield* browser.get(path)
      assert.include(list.text, `value="${mine}"`)
      assert.notInclude(list.text, `value="${theirs}"`)
      const answer = yield* ticked(browser, `${path}/archive`, [mine, theirs], { sure: "yes" })
      assert.strictEqual(answer.status, 409)
      assert.include(answer.text, "1 campaign was archived.")
      assert.include(answer.text, "Theirs")
      assert.notInclude(answer.text, "Mine")
      const left = yield* sql<{ id: number }>`
        SELECT id FROM campaign WHERE workspace_id = ${workspace.workspaceId} AND archived_at IS NULL`
      assert.deepStrictEqual(left, [{ id: theirs }])
    })
  )
})
