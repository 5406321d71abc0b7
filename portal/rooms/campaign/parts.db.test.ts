import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { sealNext } from "#schema/ledger/Keeping.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** Twelve numbers, of which five have left, and the moderator who looks. */
const house = Effect.gen(function* () {
  const sql = yield* SqlClient
  const portal = yield* testPortal
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const { campaignId, laneId } = yield* sampleCampaign({
    workspace,
    channels: [channel],
    numbers: 12,
    columns: { name: "Lunch <b>", per_second: 40 }
  })
  const engine = new PretendEngine(channel)
  const block = (yield* engine.claim(laneId, 5))!
  const nths = block.parts.map((_, nth) => nth)
  yield* engine.flush([{ block, answers: nths.map((nth) => ({ nth, part: 1, verdict: "a" as const })) }])
  yield* engine.flush([{ block, receipts: nths.map((nth) => ({ nth, part: 1, state: 2 })) }])
  const visitor = Effect.fnUntraced(function* (role: "author" | "moderator") {
    const who = yield* account()
    yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspace.workspaceId, person_id: who.personId, role })}`
    const browser = new Browser(portal)
    yield* browser.signIn(who)
    return browser
  })
  return {
    browser: yield* visitor("moderator"),
    visitor,
    campaignId,
    path: `/w/${workspace.workspaceId}/campaigns/${campaignId}`
  }
})

layer(TestAccess, { excludeTestServices: true })("parts of a campaign's page", (it) => {
  it.effect("its history says who did what, also what only the system did", () =>
    Effect.gen(function* () {
      const { browser, path } = yield* house
      yield* browser.post(`${path}/pause`)
      const { text } = yield* browser.get(`${path}/history`)
      const said = text.replaceAll(/<[^>]*>/g, "")
      assert.match(said, /paused the campaign Lunch &lt;b&gt;/)
      assert.match(said, /approved the campaign/)
      assert.match(said, /The campaign Lunch &lt;b&gt; began by itself/)
      assert.isBelow(said.indexOf("paused the campaign"), said.indexOf("approved the campaign"))
    })
  )

  it.effect("its content is what was approved, with the fingerprint", () =>
    Effect.gen(function* () {
      const { browser, path } = yield* house
      const fingerprint = />([0-9a-f]{64})</.exec((yield* browser.get(`${path}/content`)).text)![1]!
      assert.include((yield* browser.get(`${path}/proof`)).text, fingerprint)
    })
  )

  it.effect("its ledger is counted when asked, and its seal shown once there is one", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { browser, campaignId, path } = yield* house
      assert.include((yield* browser.post(`${path}/proof`)).text, "It adds up")
      assert.include((yield* browser.get(`${path}/proof`)).text, "Once it has ended")
      yield* browser.post(`${path}/stop`)
      const { asEngine } = yield* TestDatabase
      while ((yield* asEngine(sealNext)) !== undefined);
      const [seal] = yield* sql<{ root: string }>`
        SELECT facts::jsonb ->> 'root' AS root FROM audit WHERE action = 'ledger.seal' AND object_id = ${campaignId}`
      assert.include((yield* browser.get(`${path}/proof`)).text, seal!.root)
      // a figure that was changed behind our back
      yield* sql`UPDATE block SET delivered = delivered + 1 WHERE lane_id = (SELECT id FROM lane WHERE campaign_id = ${campaignId})`
      assert.include((yield* browser.post(`${path}/proof`)).text, "Some figures don&#39;t agree")
    })
  )

  it.effect("a copy is a draft with the same content and without its numbers, for who writes campaigns", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { browser, path, visitor } = yield* house
      assert.strictEqual((yield* browser.post(`${path}/duplicate`)).status, 403)
      assert.notInclude((yield* browser.get(path)).text, `${path}/duplicate`)
      const author = yield* visitor("author")
      assert.include((yield* author.get(path)).text, `${path}/duplicate`)
      const made = (yield* author.post(`${path}/duplicate`)).headers.get("Location")!
      const [draft] = yield* sql`
        SELECT c.name, c.state, c.text, c.per_second, sum(l.recipients)::int AS recipients,
               (SELECT count(*)::int FROM lane_channel x WHERE x.lane_id = min(l.id)) AS channels
          FROM campaign c JOIN lane l ON l.campaign_id = c.id WHERE c.id = ${Number(made.split("/").at(-1))} GROUP BY c.id`
      assert.deepStrictEqual(draft, {
        ...{ name: "Copy of Lunch <b>", state: "draft", text: "Planned maintenance tonight", per_second: 40 },
        ...{ recipients: 0, channels: 1 }
      })
    })
  )

  it.effect("its pace is what has left, step by step, beside what was planned", () =>
    Effect.gen(function* () {
      const { browser, path } = yield* house
      for (const span of ["recent", "whole"]) {
        const pace = JSON.parse((yield* browser.get(`${path}/pace?span=${span}`)).text)
        assert.strictEqual(pace.planned, 40)
        assert.strictEqual(
          pace.messages.reduce((sum: number, n: number) => sum + n, 0),
          5
        )
      }
      const { text } = yield* browser.get(path)
      assert.include(text, `data-pace="${path}/pace?span=recent"`)
      assert.match(text, /Messages a second<\/th>[\s\S]*>5<\/td>/)
    })
  )
})
