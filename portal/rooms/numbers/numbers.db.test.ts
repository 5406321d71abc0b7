/** The two clicks: a number is searched for, and what was sent to it stands there with who sent it; a click more, and its life. */
import { assert, layer } from "@effect/vitest"
import { Effect, Result } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { provenWords, readProof } from "#schema/audit/LedgerProof.ts"
import { sealedLedger } from "#schema/audit/testing/sealedLedger.ts"
import { verifyChain } from "#schema/audit/Verify.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** Somebody of that role there, who has signed in. */
const visitor = (workspaceId: number, role: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const who = yield* account()
    yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role })}`
    const browser = new Browser(yield* testPortal)
    yield* browser.signIn(who)
    return browser
  })

const sealed = Effect.gen(function* () {
  const { campaignId, delivered, laneId, workspace } = yield* sealedLedger
  const house = `/w/${workspace.workspaceId}`
  // the first of the file
  const life = `${house}/campaigns/${campaignId}/numbers/${laneId}/1`
  return { campaignId, delivered, house, life, workspace }
})

const actionsIn = (workspaceId: number) =>
  Effect.map(
    Effect.flatMap(
      SqlClient,
      (sql) => sql<{ action: string }>`SELECT action FROM audit WHERE workspace_id = ${workspaceId} ORDER BY seq`
    ),
    (rows) => rows.map(({ action }) => action)
  )

layer(TestAccess, { excludeTestServices: true })("the numbers", (it) => {
  it.effect("are found as people write them, lead to their lives, and stand in no address", () =>
    Effect.gen(function* () {
      const { delivered, house, life, workspace } = yield* sealed
      const browser = yield* visitor(workspace.workspaceId, "moderator")
      assert.include((yield* browser.get(`${house}/numbers`)).text, "Who sent what to one phone")
      const number = `${delivered}`
      const asked = yield* browser.post(`${house}/numbers`, { number: `${number.slice(3, 5)} ${number.slice(5)}` })
      const to = asked.headers.get("Location")!
      assert.strictEqual(asked.status, 303, asked.text)
      assert.notInclude(to, number)
      const found = yield* browser.get(to)
      assert.include(found.text, `+${number}`)
      assert.include(found.text, `href="${life}"`)
      assert.match(found.text, /Delivered/)
      assert.match(found.text, /<bdi>Author<\/bdi>.*<bdi>Moderator<\/bdi>/s)
      assert.include((yield* browser.get(`${to}&until=2001-01-01`)).text, "Nothing was sent to this number")
      assert.deepStrictEqual((yield* actionsIn(workspace.workspaceId)).slice(-2), ["number.search", "number.search"])
    })
  )

  it.effect("are told apart from what is none, with what was typed kept", () =>
    Effect.gen(function* () {
      const { house, workspace } = yield* sealed
      const browser = yield* visitor(workspace.workspaceId, "admin")
      const answer = yield* browser.post(`${house}/numbers`, { number: '90 1"' })
      assert.strictEqual(answer.status, 400)
      assert.include(answer.text, 'value="90 1&quot;"')
      assert.match(answer.text, /id="number-error"[^>]*>[^<]+/)
    })
  )

  it.effect("that one has found are for nobody else, nor elsewhere", () =>
    Effect.gen(function* () {
      const { delivered, house, workspace } = yield* sealed
      const one = yield* visitor(workspace.workspaceId, "moderator")
      const other = yield* visitor(workspace.workspaceId, "moderator")
      const to = (yield* one.post(`${house}/numbers`, { number: `+${delivered}` })).headers.get("Location")!
      for (const path of [to, `${to.slice(0, -3)}AAA`, `${house}/numbers?for=x`]) {
        const answer = yield* other.get(path)
        assert.strictEqual(answer.status, 200)
        assert.notInclude(answer.text, `${delivered}`)
      }
    })
  )

  it.effect("are masked in their lives, until who may shows one with a reason", () =>
    Effect.gen(function* () {
      const { delivered, life, workspace } = yield* sealed
      const browser = yield* visitor(workspace.workspaceId, "moderator")
      const page = yield* browser.get(life)
      assert.strictEqual(page.status, 200, page.text)
      assert.notInclude(page.text, `${delivered}`)
      assert.include(page.text, "+99890•••••")
      assert.match(page.text, /uploaded it.*approved the campaign.*Left the queue.*submit_sm on.*Receipt: /s)
      const without = yield* browser.post(`${life}/reveal`, { reason: " " })
      assert.strictEqual(without.status, 400)
      assert.match(without.text, /role="alert".*Say why you need to see this number/s)
      const shown = yield* browser.post(`${life}/reveal`, { reason: "she called" })
      assert.include(shown.text, `+${delivered}`)
      assert.include(shown.text, "That you looked, and why, is in the audit")
      assert.notInclude((yield* browser.get(life)).text, `${delivered}`)
      const said = yield* actionsIn(workspace.workspaceId)
      assert.strictEqual(said.filter((action) => action === "number.reveal").length, 1)
    })
  )

  it.effect("are shown to no author, who still sees the life", () =>
    Effect.gen(function* () {
      const { delivered, house, life, workspace } = yield* sealed
      const browser = yield* visitor(workspace.workspaceId, "author")
      assert.include((yield* browser.get(`${house}/numbers`)).text, "Only moderators and admins may search by number")
      assert.strictEqual((yield* browser.post(`${house}/numbers`, { number: `+${delivered}` })).status, 403)
      const page = yield* browser.get(life)
      assert.include(page.text, "Receipt: ")
      assert.notInclude(page.text, "/reveal")
      for (const act of ["reveal", "proof"])
        assert.strictEqual((yield* browser.post(`${life}/${act}`, { reason: "mine" })).status, 403)
    })
  )

  it.effect("are proved by a file that holds under the workspace's chain", () =>
    Effect.gen(function* () {
      const { campaignId, delivered, life, workspace } = yield* sealed
      const { workspaceId } = workspace
      const browser = yield* visitor(workspaceId, "moderator")
      const file = yield* browser.post(`${life}/proof`, { reason: "the auditor asks" })
      assert.strictEqual(file.status, 200, file.text)
      assert.include(
        file.headers.get("Content-Disposition") ?? "",
        `attachment; filename="proof-campaign-${campaignId}.json"`
      )
      const proof = Result.getOrThrow(readProof(file.text))
      const { findings } = yield* verifyChain(workspaceId, undefined)
      assert.strictEqual(
        Result.merge(provenWords(proof, { workspaceId, seals: findings.seals })),
        `${delivered} was in the ledger of campaign ${campaignId}: delivered`
      )
      assert.deepStrictEqual((yield* actionsIn(workspaceId)).slice(-2), ["number.reveal", "number.prove"])
    })
  )

  it.effect("are not proved before their ledger is sealed; the reason that was typed stays", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const { campaignId, laneId } = yield* sampleCampaign({ workspace, channels: [yield* sampleChannel(workspace)] })
      const browser = yield* visitor(workspace.workspaceId, "moderator")
      const life = `/w/${workspace.workspaceId}/campaigns/${campaignId}/numbers/${laneId}/1`
      assert.include((yield* browser.get(life)).text, "a proof about this number can be taken here")
      const refused = yield* browser.post(`${life}/proof`, { reason: "too early" })
      assert.strictEqual(refused.status, 409)
      assert.notInclude(yield* actionsIn(workspace.workspaceId), "number.reveal")
    })
  )
  it.effect("can be narrowed down to no day out of reach", () =>
    Effect.gen(function* () {
      const { workspaceId } = yield* sampleWorkspace()
      const sql = yield* SqlClient
      const who = yield* account()
      yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role: "moderator" })}`
      const browser = new Browser(yield* testPortal)
      yield* browser.signIn(who)
      const found = yield* browser.post(`/w/${workspaceId}/numbers`, { number: "+998901234567" })
      for (const asked of ["from=0000-01-01", "until=9999-12-31"])
        assert.strictEqual((yield* browser.get(`${found.headers.get("Location")}&${asked}`)).status, 200, asked)
    })
  )
})
