/** The audit's page: what it tells, whom, and that it notices what was changed behind its back. */
import { writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { verifyExport } from "#schema/audit/Verify.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { byForce, pressAs, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const visitor = (workspaceId: number, role: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const who = yield* account()
    yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role })}`
    const browser = new Browser(yield* testPortal)
    yield* browser.signIn(who)
    return { browser, who }
  })

/** A campaign that was stopped, and somebody who may see all that is said of it. */
const stopped = Effect.gen(function* () {
  const workspace = yield* sampleWorkspace()
  const channels = [yield* sampleChannel(workspace)]
  const columns = { name: "Lunch <b>&" }
  const { campaignId, laneId } = yield* sampleCampaign({ workspace, channels, columns })
  yield* pressAs(workspace, workspace.authorId, campaignId, "stop", "the kitchen is closed")
  const { browser } = yield* visitor(workspace.workspaceId, "moderator")
  return { workspace, campaignId, laneId, browser, path: `/w/${workspace.workspaceId}/audit` }
})

/** The sentences of a page, without their marks. */
const sentences = (text: string) =>
  [...text.matchAll(/<li class="relative[^>]*>.*?<p>(.*?)<\/p>/gs)].map(([, said]) => said!.replace(/<[^>]+>/g, ""))

layer(TestAccess, { excludeTestServices: true })("the audit", (it) => {
  it.effect("tells each act in a sentence that leads to its object, with before, after and note", () =>
    Effect.gen(function* () {
      const { browser, campaignId, path, workspace } = yield* stopped
      const page = yield* browser.get(path)
      assert.deepStrictEqual(sentences(page.text).slice(0, 4), [
        "Author stopped the campaign Lunch &lt;b&gt;&amp;",
        "The campaign Lunch &lt;b&gt;&amp; began by itself, at its time",
        "Moderator approved the campaign Lunch &lt;b&gt;&amp;",
        "Author submitted the campaign Lunch &lt;b&gt;&amp; for approval"
      ])
      assert.include(page.text, `href="/w/${workspace.workspaceId}/campaigns/${campaignId}"`)
      assert.match(page.text, /State<\/th><td[^>]*>Sending<\/td><td[^>]*>Stopped<\/td>/)
      assert.include(page.text, "the kitchen is closed")
    })
  )

  it.effect("is narrowed down by what stands in the address, page by page", () =>
    Effect.gen(function* () {
      const { browser, campaignId, path, workspace } = yield* stopped
      const { adminId, moderatorId, workspaceId } = workspace
      const said = (query: string) => Effect.map(browser.get(`${path}?${query}`), ({ text }) => sentences(text).length)
      assert.strictEqual(yield* said(`person=${moderatorId}`), 1)
      assert.strictEqual(yield* said("action=campaign.stop"), 1)
      assert.strictEqual(yield* said("object=sender"), 0)
      assert.strictEqual(yield* said(`object=campaign&id=${campaignId}`), 6)
      assert.strictEqual(yield* said("until=2001-01-01"), 0)
      assert.strictEqual(yield* said("from=2001-01-01"), 6)
      assert.strictEqual(yield* said("from=2001-02-31&person=x&action='&before=-1"), 6)
      assert.include((yield* browser.get(`${path}?action=audit.export`)).text, "Nothing on record is like that")
      const sql = yield* SqlClient
      yield* actAs(adminId, workspaceId)(sql`SELECT audit('test.said', 'test', n) FROM generate_series(1, 60) AS n`)
      const first = yield* browser.get(`${path}?action=test.said`)
      assert.strictEqual(sentences(first.text).length, 50)
      const older = /href="([^"]+)" rel="next"/.exec(first.text)![1]!.replaceAll("&amp;", "&")
      assert.match(older, /action=test\.said&before=\d+$/)
      assert.strictEqual(sentences((yield* browser.get(older)).text).length, 10)
    })
  )

  it.effect("shows no number whole, and the way to the one that was revealed", () =>
    Effect.gen(function* () {
      const { browser, campaignId, laneId, path, workspace } = yield* stopped
      const sql = yield* SqlClient
      yield* actAs(
        workspace.moderatorId,
        workspace.workspaceId
      )(sql`SELECT reveal_number(${laneId}, 1, 'she called'), (SELECT count(*) FROM number_history(998900000000))`)
      const { text } = yield* browser.get(path)
      assert.deepStrictEqual(sentences(text).slice(0, 2).sort(), [
        "Moderator revealed a number of the campaign Lunch &lt;b&gt;&amp;",
        "Moderator searched for a number"
      ])
      assert.notInclude(text, "998900000000")
      assert.include(text, "+99890•••••00")
      assert.include(text, `href="/w/${workspace.workspaceId}/campaigns/${campaignId}/numbers/${laneId}/1"`)
    })
  )

  it.effect("is an author's own campaigns' part, which can't be verified or taken as the whole", () =>
    Effect.gen(function* () {
      const { path, workspace } = yield* stopped
      const { browser, who } = yield* visitor(workspace.workspaceId, "author")
      const before = yield* browser.get(path)
      assert.deepStrictEqual(sentences(before.text), [])
      assert.notInclude(before.text, `${path}/verify`)
      const sql = yield* SqlClient
      yield* actAs(
        who.personId,
        workspace.workspaceId
      )(
        sql`SELECT create_campaign(${JSON.stringify({ name: "Mine", text: "Hi", segments: 1, sender_revision_id: workspace.senderRevisionId })}::text::jsonb)`
      )
      assert.strictEqual(sentences((yield* browser.get(path)).text).length, 1)
      for (const act of ["verify", "export"]) assert.strictEqual((yield* browser.post(`${path}/${act}`)).status, 403)
    })
  )

  it.effect("says that the chain holds, and, once a row was changed by force, which one", () =>
    Effect.gen(function* () {
      const { browser, path, workspace } = yield* stopped
      const holds = yield* browser.post(`${path}/verify`)
      assert.include(holds.text, "The chain holds")
      assert.match(holds.text, /6 rows, each of which follows the one before it/)
      assert.include(holds.text, '<html lang="en"')
      const part = { Origin: "http://portal.example", "HX-Request": "true", "HX-Request-Type": "partial" }
      assert.match((yield* browser.post(`${path}/verify`, {}, part)).text, /^<div id="verdict"/)
      yield* byForce("audit", `UPDATE audit SET facts = '{}' WHERE workspace_id = ${workspace.workspaceId} AND seq = 3`)
      const broken = yield* browser.post(`${path}/verify`)
      assert.strictEqual(broken.status, 200)
      assert.match(
        broken.text.replace(/<[^>]+>/g, ""),
        /The chain is broken.*Row 3 is the first that is not as it was written/
      )
    })
  )

  it.effect("is exported whole: as lines that anybody can verify, and as a table for a spreadsheet", () =>
    Effect.gen(function* () {
      const { browser, path, workspace } = yield* stopped
      const lines = yield* browser.post(`${path}/export`, { format: "jsonl" })
      assert.match(lines.headers.get("Content-Disposition") ?? "", /^attachment; filename="audit-\d+-[\d-]+\.jsonl"$/)
      const file = join(tmpdir(), `countersign-audit-${process.pid}-${workspace.workspaceId}.jsonl`)
      yield* Effect.acquireUseRelease(
        Effect.sync(() => writeFileSync(file, lines.text)),
        () =>
          Effect.gen(function* () {
            const { findings } = yield* verifyExport(file, { checkpoints: [], key: undefined })
            assert.deepStrictEqual([findings.rows, findings.last?.action], [7, "audit.export"])
          }),
        () => Effect.promise(() => import("node:fs/promises").then(({ rm }) => rm(file)))
      )
      const table = yield* browser.post(`${path}/export`, { format: "csv" })
      assert.match(table.headers.get("Content-Type") ?? "", /^text\/csv/)
      assert.strictEqual(table.text.trimEnd().split("\r\n").length, 1 + 8)
    })
  )
  it.effect("is shown whatever somebody wrote or asks for: a moment that there is not, a day out of reach", () =>
    Effect.gen(function* () {
      const { path, workspace } = yield* stopped
      const { workspaceId } = workspace
      const channels = [yield* sampleChannel(workspace)]
      const { campaignId } = yield* sampleCampaign({ workspace, channels })
      yield* pressAs(workspace, workspace.authorId, campaignId, "stop", "2026-99-99T99:99:99Z")
      const { browser } = yield* visitor(workspaceId, "moderator")
      const page = yield* browser.get(path)
      assert.strictEqual(page.status, 200)
      assert.include(page.text, "2026-99-99T99:99:99Z")
      for (const asked of ["from=0000-01-01", "from=0001-01-01", "until=9999-12-31", "before=999999999"])
        assert.strictEqual((yield* browser.get(`${path}?${asked}`)).status, 200, asked)
    })
  )

  it.effect("keeps a filter by somebody whom its list of people lacks", () =>
    Effect.gen(function* () {
      const { browser, path } = yield* stopped
      const { text } = yield* browser.get(`${path}?person=999999`)
      assert.match(text, /<option value="999999" selected="">№ 999999<\/option>/)
    })
  )
})
