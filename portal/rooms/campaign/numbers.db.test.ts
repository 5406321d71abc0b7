import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** Three thousand numbers, of which the first two blocks were answered: everybody has it but the 1,500th, who was refused. */
const house = Effect.gen(function* () {
  const sql = yield* SqlClient
  const portal = yield* testPortal
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const { campaignId, laneId } = yield* sampleCampaign({ workspace, channels: [channel], numbers: 3_000 })
  const engine = new PretendEngine(channel)
  for (const refused of [undefined, 499]) {
    const block = (yield* engine.claim(laneId, 1_000))!
    const nths = block.parts.map((_, nth) => nth)
    const answers = nths.map((nth) => ({ nth, part: 1, verdict: nth === refused ? ("r" as const) : ("a" as const) }))
    yield* engine.flush([{ block, answers }])
    yield* engine.flush([
      { block, receipts: nths.filter((nth) => nth !== refused).map((nth) => ({ nth, part: 1, state: 2 })) }
    ])
  }
  const visitor = Effect.fnUntraced(function* (role: "author" | "moderator") {
    const who = yield* account()
    yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspace.workspaceId, person_id: who.personId, role })}`
    const browser = new Browser(portal)
    yield* browser.signIn(who)
    return browser
  })
  return { campaignId, laneId, visitor, workspace, path: `/w/${workspace.workspaceId}/campaigns/${campaignId}/numbers` }
})

const ROW = /\/numbers\/\d+\/(\d+)"/g
const seqsOf = (text: string) => [...text.matchAll(ROW)].map(([, seq]) => Number(seq))
const linesOf = (text: string) => text.split("\r\n").slice(1, -1)

layer(TestAccess, { excludeTestServices: true })("a campaign's numbers", (it) => {
  it.effect("are filtered by outcome, page by page, and counted", () =>
    Effect.gen(function* () {
      const { laneId, path, visitor } = yield* house
      const browser = yield* visitor("author")
      const all = (yield* browser.get(path)).text
      assert.deepStrictEqual(
        seqsOf(all),
        Array.from({ length: 100 }, (_, i) => i + 1)
      )
      assert.match(all, /Rejected<span[^>]*>1</)
      const rejected = (yield* browser.get(`${path}?outcome=rejected`)).text
      assert.deepStrictEqual(seqsOf(rejected), [1_500])
      const waiting = (yield* browser.get(`${path}?outcome=waiting`)).text
      assert.deepStrictEqual(
        seqsOf(waiting),
        Array.from({ length: 100 }, (_, i) => i + 2_001)
      )
      const next = /href="([^"]*after=\d+)"/.exec(waiting)![1]!.replaceAll("&amp;", "&")
      assert.strictEqual(next, `${path}?lane=${laneId}&outcome=waiting&after=2100`)
      assert.strictEqual(seqsOf((yield* browser.get(next)).text)[0], 2_101)
      const last = (yield* browser.get(`${path}?outcome=delivered&after=1950`)).text
      assert.deepStrictEqual(
        seqsOf(last),
        Array.from({ length: 50 }, (_, i) => i + 1_951)
      )
      assert.notInclude(last, "Next 100")
      assert.include((yield* browser.get(`${path}?outcome=expired`)).text, "None of these")
    })
  )

  it.effect("are a file of exactly what is filtered, masked", () =>
    Effect.gen(function* () {
      const { path, visitor } = yield* house
      const browser = yield* visitor("author")
      const file = yield* browser.get(`${path}.csv?outcome=delivered`)
      assert.match(file.headers.get("Content-Disposition")!, /^attachment; filename="campaign-\d+-delivered\.csv"$/)
      const lines = linesOf(file.text)
      assert.strictEqual(lines.length, 1_999)
      assert.match(lines[0]!, /^1,99890•••••00,delivered,/)
      assert.strictEqual(linesOf((yield* browser.get(`${path}.csv`)).text).length, 3_000)
    })
  )

  it.effect("are given in the clear to who may see them, and the audit says so", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { campaignId, laneId, path, visitor } = yield* house
      assert.strictEqual((yield* (yield* visitor("author")).post(`${path}.csv?outcome=rejected`)).status, 403)
      const moderator = yield* visitor("moderator")
      const file = yield* moderator.post(`${path}.csv?outcome=rejected`)
      assert.deepStrictEqual(linesOf(file.text), [`${laneId},1500,998900001499,rejected`])
      assert.strictEqual(linesOf((yield* moderator.post(`${path}.csv`)).text).length, 3_000)
      const said = yield* sql`SELECT FROM audit WHERE action = 'campaign.export' AND object_id = ${campaignId}`
      assert.strictEqual(said.length, 2)
    })
  )

  it.effect("one is found by who may search, without its standing in an address", () =>
    Effect.gen(function* () {
      const { laneId, path, visitor } = yield* house
      const author = yield* visitor("author")
      assert.notInclude((yield* author.get(path)).text, 'name="number"')
      assert.strictEqual((yield* author.post(path, { number: "998900000041" })).status, 403)
      const moderator = yield* visitor("moderator")
      const found = yield* moderator.post(path, { number: "+998 90 000-00-41" })
      assert.strictEqual(found.headers.get("Location"), `${path}/${laneId}/42`)
      assert.include(
        (yield* moderator.post(path, { number: "998911111111" })).text,
        "This number is not in this campaign."
      )
      const wrong = yield* moderator.post(path, { number: "<b>" })
      assert.strictEqual(wrong.status, 400)
      assert.include(wrong.text, "&lt;b&gt;")
    })
  )
})
