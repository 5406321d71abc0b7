import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as Passkeys from "#portal/access/Passkeys.ts"
import { Site } from "#portal/access/Site.ts"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, ORIGIN, testPortal } from "#portal/testing/browsing.ts"
import { SoftAuthenticator } from "#schema/audit/testing/SoftAuthenticator.ts"
import { AT_ONCE } from "#schema/campaign/Evidence.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import * as Revisions from "#schema/sender/Revisions.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { inReview, pressAs, type SampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** Somebody of the workspace, signed in. */
const reader = Effect.fnUntraced(function* ({ workspaceId }: SampleWorkspace, role: string, moderator = false) {
  const sql = yield* SqlClient
  const who = yield* account()
  yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role, moderator })}`
  const browser = new Browser(yield* testPortal)
  yield* browser.signIn(who)
  return { browser, who }
})

/** Their device, with a passkey for whose browser it is. */
const enrolled = Effect.fnUntraced(
  function* ({ cookies }: Browser) {
    const { asAccess } = yield* TestDatabase
    const token = Redacted.make(cookies.get("countersign_session")!)
    const device = new SoftAuthenticator({ rpId: "portal.example", origin: ORIGIN })
    const { challenge } = yield* asAccess(Passkeys.enrolmentOptions(token))
    yield* asAccess(Passkeys.enrol(token, "Phone", device.register(challenge)))
    return device
  },
  Effect.provideService(Site, { origin: ORIGIN, rpId: "portal.example", name: "Countersign" })
)

const fingerprintIn = (page: string): string => /name="fingerprint" value="([0-9a-f]{64})"/.exec(page)![1]!

const stateOf = Effect.fnUntraced(function* (campaignId: number) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ state: string }>`SELECT state FROM campaign WHERE id = ${campaignId}`
  return row!.state
})

layer(TestAccess, { excludeTestServices: true })("moderation", (it) => {
  it.effect(
    "lists what waits, shows its evidence in the order of reading, and takes the decision on what was read",
    () =>
      Effect.gen(function* () {
        const text = "Visit p\u0430ypal <now>"
        const { campaignId, workspace } = yield* inReview({}, { numbers: 12, columns: { name: "Pay <b>", text } })
        const { browser } = yield* reader(workspace, "moderator")
        const queue = `/w/${workspace.workspaceId}/moderation`
        const list = yield* browser.get(queue)
        assert.include(list.text, "Pay &lt;b&gt;")
        assert.include(list.text, `href="${queue}/campaigns/${campaignId}"`)

        const page = (yield* browser.get(`${queue}/campaigns/${campaignId}`)).text
        const parts = ["who", "message", "as", "to", "when", "differs", "fingerprint", "decide"]
        const places = parts.map((id) => page.indexOf(`<h2 id="${id}"`))
        assert.deepStrictEqual(
          places.toSorted((a, b) => a - b),
          places
        )
        assert.isAbove(places[0]!, 0)
        for (const said of ["U+0430", "12 numbers", "+99890•••••00", "p\u0430ypal &lt;now&gt;", "sent nothing before"])
          assert.include(page, said)

        const form = { fingerprint: fingerprintIn(page), note: "read all of it" }
        const decided = yield* browser.post(`${queue}/campaigns/${campaignId}`, { ...form, decision: "approve" })
        assert.deepStrictEqual(
          [decided.status, decided.headers.get("Location")],
          [303, `${queue}/campaigns/${campaignId}?decided=approve`]
        )
        assert.strictEqual(yield* stateOf(campaignId), "scheduled")
        const after = (yield* browser.get(decided.headers.get("Location")!)).text
        assert.include(after, "You approved it.")
        assert.include(after, `Campaign ${campaignId} is scheduled, and only what is in review is decided on.`)
        assert.notInclude(after, 'name="fingerprint"')
      })
  )

  it.effect("compares many numbers with the last days after the page is there, or by a click", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview({}, { numbers: AT_ONCE + 1 })
      const { browser } = yield* reader(workspace, "moderator")
      const path = `/w/${workspace.workspaceId}/moderation/campaigns/${campaignId}`
      const page = (yield* browser.get(path)).text
      assert.include(page, `hx-get="${path}?compare=all"`)
      assert.include(page, "Compare 20,001 numbers now")
      const compared = (yield* browser.get(`${path}?compare=all`)).text
      assert.include(compared, "None of them, by any campaign of this workspace.")
      const asksAgain = /id="compared"[^>]*hx-get/
      assert.match(page, asksAgain)
      assert.notMatch(compared, asksAgain)
    })
  )

  it.effect("refuses a decision without a reason, and one on what has changed, with the page and what was typed", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview()
      const { browser } = yield* reader(workspace, "moderator")
      const path = `/w/${workspace.workspaceId}/moderation/campaigns/${campaignId}`
      const fingerprint = fingerprintIn((yield* browser.get(path)).text)
      const mute = yield* browser.post(path, { fingerprint, decision: "reject", note: " " })
      assert.strictEqual(mute.status, 400)
      assert.match(mute.text, /role="alert".*Say why, so that its author knows what to do\./s)

      yield* pressAs(workspace, workspace.authorId, campaignId, "revise")
      const sql = yield* SqlClient
      const author = actAs(workspace.authorId, workspace.workspaceId)
      yield* author(sql`SELECT edit_campaign(${campaignId}, '{"text": "Other words"}')`)
      yield* pressAs(workspace, workspace.authorId, campaignId, "submit")
      const late = yield* browser.post(path, { fingerprint, decision: "reject", note: "the <old> words" })
      assert.strictEqual(late.status, 409)
      assert.include(late.text, "The campaign has changed since you read it")
      assert.include(late.text, "Other words")
      assert.include(late.text, "the &lt;old&gt; words")
      assert.notStrictEqual(fingerprintIn(late.text), fingerprint)
      const read = { fingerprint: fingerprintIn(late.text), decision: "request_changes", note: "Say when." }
      assert.strictEqual((yield* browser.post(path, read)).status, 303)
      assert.strictEqual(yield* stateOf(campaignId), "draft")
    })
  )

  it.effect("says to who may not decide why, in the place of the decision", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview()
      const path = `/w/${workspace.workspaceId}/moderation/campaigns/${campaignId}`
      const author = yield* reader(workspace, "author")
      const seen = (yield* author.browser.get(path)).text
      assert.include(seen, "There is nothing to decide for you")
      assert.include(seen, "you are an author.")
      assert.notInclude(seen, 'name="decision"')

      const maker = yield* reader(workspace, "admin")
      const sql = yield* SqlClient
      const made = { campaign_id: campaignId, workspace_id: workspace.workspaceId, person_id: maker.who.personId }
      yield* sql`INSERT INTO campaign_maker ${sql.insert(made)}`
      const own = (yield* maker.browser.get(path)).text
      assert.include(own, "You made, edited or submitted this campaign, so somebody else has to approve it.")
      assert.notInclude(own, 'value="approve"')
      const tried = yield* maker.browser.post(path, { fingerprint: fingerprintIn(own), decision: "approve" })
      assert.strictEqual(tried.status, 403)
      assert.strictEqual(yield* stateOf(campaignId), "in_review")
    })
  )

  it.effect("takes an approval that a passkey signed, and without one says what is asked for", () =>
    Effect.gen(function* () {
      const { campaignId, workspace } = yield* inReview()
      const sql = yield* SqlClient
      yield* sql`UPDATE workspace SET require_signed_approvals = true WHERE id = ${workspace.workspaceId}`
      const { browser } = yield* reader(workspace, "moderator")
      const path = `/w/${workspace.workspaceId}/moderation/campaigns/${campaignId}`
      assert.include((yield* browser.get(path)).text, "This workspace asks for approvals signed with a passkey")
      const none = yield* browser.post(`${path}/challenge`)
      assert.strictEqual(none.status, 403)
      assert.deepStrictEqual(JSON.parse(none.text), {
        said: "You have no passkey to sign with; add one on your own page."
      })

      const device = yield* enrolled(browser)
      const page = (yield* browser.get(path)).text
      assert.include(page, `data-passkey="${path}/challenge"`)
      // it can't be left out here
      assert.notInclude(page, "data-passkey-else")
      const fingerprint = fingerprintIn(page)
      const plain = yield* browser.post(path, { fingerprint, decision: "approve" })
      assert.strictEqual(plain.status, 403)
      const damaged = yield* browser.post(path, { fingerprint, decision: "approve", assertion: "{" })
      assert.strictEqual(damaged.status, 403)
      const asked = JSON.parse((yield* browser.post(`${path}/challenge`)).text)
      const assertion = JSON.stringify(device.assert(asked.challenge))
      assert.strictEqual((yield* browser.post(path, { fingerprint, decision: "approve", assertion })).status, 303)
      assert.strictEqual(yield* stateOf(campaignId), "scheduled")
      assert.include((yield* browser.get(path)).text, "signed with a passkey")
      // an answer is taken once
      assert.strictEqual((yield* browser.post(path, { fingerprint, decision: "approve", assertion })).status, 409)
    })
  )

  it.effect("shows what a proposed sender name would change, and leads to its sender once it is decided", () =>
    Effect.gen(function* () {
      const { workspace } = yield* inReview()
      const { authorId, senderId, workspaceId } = workspace
      const proposal = { saddr: `New${senderId}`, reason: "the old one was <too long>", dest_addr_ton: 0 }
      const id = yield* actAs(authorId, workspaceId)(Revisions.submit(senderId, proposal))
      const queue = `/w/${workspaceId}/moderation/revisions`
      const author = yield* reader(workspace, "author")
      assert.include((yield* author.browser.get(queue)).text, "Not for your role")
      assert.notInclude((yield* author.browser.get(`${queue}/${id}`)).text, 'name="decision"')

      const { browser } = yield* reader(workspace, "moderator")
      assert.include((yield* browser.get(queue)).text, `href="${queue}/${id}"`)
      const page = (yield* browser.get(`${queue}/${id}`)).text
      for (const said of [`<bdi>New${senderId}</bdi>`, "Type of the recipient", "the old one was &lt;too long&gt;"])
        assert.include(page, said)
      assert.notInclude(page, "Numbering plan (NPI)")
      const mute = yield* browser.post(`${queue}/${id}`, { decision: "reject" })
      assert.strictEqual(mute.status, 400)
      assert.include(mute.text, "Say why")
      const decided = yield* browser.post(`${queue}/${id}`, { decision: "reject", note: "too new" })
      const at = `/w/${workspaceId}/senders/${senderId}`
      assert.deepStrictEqual([decided.status, decided.headers.get("Location")], [303, at])
      const sender = (yield* browser.get(at)).text
      assert.include(sender, "too new")
      assert.include(sender, "Rejected")
    })
  )
})
