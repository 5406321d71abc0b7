/** Decisions that come too late, and what a queue and an address may not say. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import * as Revisions from "#schema/sender/Revisions.ts"
import { inReview, type SampleWorkspace, sampleCampaign } from "#schema/testing/sampleCampaign.ts"

/** Somebody of the workspace, signed in. */
const reader = Effect.fnUntraced(function* ({ workspaceId }: SampleWorkspace, role: string) {
  const sql = yield* SqlClient
  const who = yield* account()
  yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role })}`
  const browser = new Browser(yield* testPortal)
  yield* browser.signIn(who)
  return { browser }
})

const fingerprintIn = (page: string): string => /name="fingerprint" value="([0-9a-f]{64})"/.exec(page)![1]!

layer(TestAccess, { excludeTestServices: true })("a decision", (it) => {
  it.effect("tells who comes second that it is decided, and gives their note back", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview()
      const { authorId, senderId, workspaceId } = workspace
      const queue = `/w/${workspaceId}/moderation`
      const [first, second] = [yield* reader(workspace, "moderator"), yield* reader(workspace, "admin")]
      const path = `${queue}/campaigns/${campaignId}`
      const fingerprint = fingerprintIn((yield* second.browser.get(path)).text)
      const sent = { fingerprint, decision: "request_changes", note: "Say when." }
      assert.strictEqual((yield* first.browser.post(path, sent)).status, 303)
      const note = "all that <I> thought of it"
      const late = yield* second.browser.post(path, { fingerprint, decision: "reject", note })
      assert.strictEqual(late.status, 409)
      assert.include(late.text, "all that &lt;I&gt; thought of it")

      const proposal = { saddr: `Late${senderId}`, reason: "shorter" }
      const id = yield* actAs(authorId, workspaceId)(Revisions.submit(senderId, proposal))
      const name = `${queue}/revisions/${id}`
      assert.strictEqual((yield* first.browser.post(name, { decision: "approve" })).status, 303)
      const lateName = yield* second.browser.post(name, { decision: "reject", note })
      assert.strictEqual(lateName.status, 409)
      assert.match(lateName.text, /role="alert".*is approved already\..*all that &lt;I&gt; thought of it/s)
      assert.include(lateName.text, `href="/w/${workspaceId}/senders/${senderId}"`)
    })
  )

  it.effect("says that somebody decided only where they did, whatever the address says", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview()
      const { browser } = yield* reader(workspace, "moderator")
      for (const decided of ["approve", "reject", "request_changes"]) {
        const path = `/w/${workspace.workspaceId}/moderation/campaigns/${campaignId}?decided=${decided}`
        const { text } = yield* browser.get(path)
        assert.notMatch(text, /You approved it|You rejected it|You sent it back/, decided)
      }
    })
  )

  it.effect("says since when by the reader's clock, and leads back from later pages, also from one that is empty", () =>
    Effect.gen(function* () {
      const { channel, workspace } = yield* inReview()
      const { browser } = yield* reader(workspace, "moderator")
      const queue = `/w/${workspace.workspaceId}/moderation`
      browser.cookies.set("countersign_zone", "Asia%2FTokyo")
      const first = (yield* browser.get(queue)).text
      assert.match(first, /<time datetime="[^"]*" title="[^"]* Asia\/Tokyo"/)
      assert.notInclude(first, "The longest waiting")
      const empty = yield* browser.get(`${queue}?after=999999999999999`)
      assert.deepStrictEqual([empty.status, empty.headers.get("Location")], [303, queue])
      yield* sampleCampaign({ workspace, channels: [channel], state: "in_review" })
      const [submitted] = yield* (yield* SqlClient)<{ place: number }>`
        SELECT min(id)::int AS place FROM campaign_transition
         WHERE action = 'submit' AND campaign_id IN (SELECT id FROM campaign WHERE workspace_id = ${workspace.workspaceId})`
      assert.match(
        (yield* browser.get(`${queue}?after=${submitted!.place}`)).text,
        /href="[^"]*\/moderation">The longest waiting</
      )
    })
  )

  it.effect("counts a note as its field did, whose lines a browser ends with two characters", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview()
      const { browser } = yield* reader(workspace, "moderator")
      const path = `/w/${workspace.workspaceId}/moderation/campaigns/${campaignId}`
      const fingerprint = fingerprintIn((yield* browser.get(path)).text)
      const note = `${"x".repeat(1_000)}\r\n${"y".repeat(998)}\0z`
      assert.strictEqual((yield* browser.post(path, { fingerprint, decision: "reject", note })).status, 303)
    })
  )

  it.effect("marks what nobody sees, and letters of another script, also in what is filled in", () =>
    Effect.gen(function* () {
      const wanted = { numbers: 2, columns: { text: "For {name}" }, values: { name: ["p\u0430ypal", "Dana"] } }
      const { campaignId, workspace } = yield* inReview({}, wanted)
      const { browser } = yield* reader(workspace, "moderator")
      const page = (yield* browser.get(`/w/${workspace.workspaceId}/moderation/campaigns/${campaignId}`)).text
      assert.include(page, "U+0430")
    })
  )
})
