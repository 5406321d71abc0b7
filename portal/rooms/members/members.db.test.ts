import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { type Account, account, MailFolder, TestAccess } from "#portal/access/testing/accounts.ts"
import { Mail } from "#portal/mail/Mail.ts"
import { Browser, ORIGIN, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"
import * as JoinRequests from "#schema/people/JoinRequests.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { tokenOf } from "#schema/testing/session.ts"

const browserOf = Effect.fnUntraced(function* (who: Account) {
  const browser = new Browser(yield* testPortal)
  yield* browser.signIn(who)
  return browser
})

/** A member who has signed in. */
const member = Effect.fnUntraced(function* (workspaceId: number, role: string) {
  const sql = yield* SqlClient
  const who = yield* account()
  yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role })}`
  return { ...who, browser: yield* browserOf(who) }
})

const letters = Effect.gen(function* () {
  yield* (yield* Mail).settled
  const folder = yield* MailFolder
  return readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8"))
})

layer(TestAccess, { excludeTestServices: true })("members", (it) => {
  it.effect("are seen by all of them, how they sign in by admins alone, and others are told whom to ask", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { adminId, authorId, workspaceId } = yield* sampleWorkspace()
      yield* sql`UPDATE person SET name = 'Zoë <b> Admin' WHERE id = ${adminId}`
      yield* sql`INSERT INTO totp (person_id, secret, confirmed_at) VALUES (${authorId}, '\\x00', now())`
      const path = `/w/${workspaceId}/members`
      const author = yield* member(workspaceId, "author")
      const seen = (yield* author.browser.get(path)).text
      for (const said of ["Zoë &lt;b&gt; Admin", "Author who may approve", "(you)", "Only admins invite people"])
        assert.include(seen, said)
      assert.notInclude(seen, "Second factor")
      assert.notInclude(seen, `${path}/invite`)
      assert.notInclude((yield* author.browser.get(`${path}/${authorId}`)).text, "Second factor")

      const admin = yield* member(workspaceId, "admin")
      const page = (yield* admin.browser.get(path)).text
      assert.match(page, />Author<.*?✓ <\/span>Yes.*?— <\/span>No.*?not yet/s)
      const one = (yield* admin.browser.get(`${path}/${authorId}`)).text
      assert.include(one, `audit?person=${authorId}`)
      assert.include(one, `audit?object=person&amp;id=${authorId}`)
      const { outsiderId } = yield* sampleWorkspace()
      for (const id of [outsiderId, "x"]) assert.strictEqual((yield* admin.browser.get(`${path}/${id}`)).status, 404)
    })
  )

  it.effect("are invited by a letter, again by another one with another link, and no more once it is taken back", () =>
    Effect.gen(function* () {
      const { workspaceId } = yield* sampleWorkspace()
      const path = `/w/${workspaceId}/members`
      const { browser } = yield* member(workspaceId, "admin")
      const wrong = yield* browser.post(`${path}/invite`, { email: "no<body", standing: "flagged" })
      assert.strictEqual(wrong.status, 400)
      assert.match(wrong.text, /role="alert".*is no e-mail address.*value="no&lt;body".*value="flagged"[^>]*checked/s)

      const email = `new${workspaceId}@sample.example`
      const sent = yield* browser.post(`${path}/invite`, { email, standing: "flagged" })
      assert.strictEqual(sent.status, 303)
      const page = (yield* browser.get(sent.headers.get("Location")!)).text
      assert.match(page, new RegExp(`role="status".*<bdi[^>]*>${email}</bdi> is invited`, "s"))
      assert.match(page, /Open invitations.*Author who may approve/s)
      const send = new RegExp(`${path}/invitations/\\d+/send`)
      assert.strictEqual((yield* browser.post(send.exec(page)![0])).status, 303)
      const links = (yield* letters)
        .filter((letter) => letter.includes(email))
        .map((letter) => /http:\/\/portal\.example\/invitation\/[\w-]{43}/.exec(letter.replaceAll("=\n", ""))?.[0])
      assert.lengthOf(links, 2)
      assert.isTrue(links.every((link) => link?.startsWith(ORIGIN)) && links[0] !== links[1])
      // the first one was replaced
      const again = yield* browser.post(send.exec(page)![0])
      assert.strictEqual(again.status, 409)
      assert.include(again.text, "was accepted or taken back already")

      const now = (yield* browser.get(path)).text
      const revoke = new RegExp(`${path}/invitations/\\d+/revoke`).exec(now)![0]
      assert.strictEqual((yield* browser.post(revoke)).headers.get("Location"), `${path}?did=withdrawn`)
      const after = (yield* browser.get(`${path}?did=withdrawn`)).text
      assert.include(after, "its link no longer works")
      assert.notInclude(after, email)
      assert.strictEqual((yield* browser.post(revoke)).status, 409)
    })
  )

  it.effect("who ask to join are let in as what an admin says, or declined", () =>
    Effect.gen(function* () {
      const { workspaceId } = yield* sampleWorkspace({ open_to_requests: "true" })
      const path = `/w/${workspaceId}/members`
      const { browser } = yield* member(workspaceId, "admin")
      const asks = Effect.fnUntraced(function* (note: string) {
        const who = yield* account()
        yield* act(yield* tokenOf(who.personId), null)(JoinRequests.ask(String(workspaceId), note))
        return who
      })
      const welcome = yield* asks("I am <new> in the team")
      const page = (yield* browser.get(path)).text
      assert.include(page, "I am &lt;new&gt; in the team")
      const accept = new RegExp(`${path}/requests/\\d+/accept`).exec(page)![0]
      assert.strictEqual((yield* browser.post(accept, { standing: "king" })).status, 400)
      assert.strictEqual((yield* browser.post(accept, { standing: "moderator" })).status, 303)
      assert.strictEqual((yield* (yield* browserOf(welcome)).get(path)).status, 200)
      assert.match((yield* browser.get(`${path}/${welcome.personId}`)).text, /<h2[^>]*>Moderator</)

      const other = yield* asks("Me too")
      const decline = new RegExp(`${path}/requests/\\d+/decline`).exec((yield* browser.get(path)).text)![0]
      assert.strictEqual((yield* browser.post(decline)).status, 303)
      assert.strictEqual((yield* (yield* browserOf(other)).get(path)).status, 404)
      assert.notInclude((yield* browser.get(path)).text, "Me too")
    })
  )

  it.effect("get another role, which is warned of where nobody could approve then", () =>
    Effect.gen(function* () {
      const { authorId, flaggedId, moderatorId, workspaceId } = yield* sampleWorkspace()
      const path = `/w/${workspaceId}/members`
      const { browser, personId } = yield* member(workspaceId, "admin")
      const give = (id: number, standing: string) => browser.post(`${path}/${id}/role`, { standing })
      assert.strictEqual((yield* give(authorId, "flagged")).headers.get("Location"), `${path}/${authorId}?did=changed`)
      assert.match(
        (yield* browser.get(`${path}/${authorId}?did=changed`)).text,
        /role="status".*value="flagged"[^>]*checked/s
      )
      const twice = yield* give(authorId, "flagged")
      assert.strictEqual(twice.status, 409)
      assert.include(twice.text, "has the moderator flag already")
      assert.strictEqual((yield* give(moderatorId, "flagged")).status, 303)
      assert.match((yield* browser.get(`${path}/${moderatorId}`)).text, /<h2[^>]*>Author who may approve</)
      // one's own is nobody's to change
      assert.strictEqual((yield* give(personId, "author")).status, 403)
      assert.include((yield* browser.get(`${path}/${personId}`)).text, "Nobody changes their own role")

      for (const id of [authorId, moderatorId, flaggedId]) yield* give(id, "author")
      assert.notInclude((yield* browser.get(path)).text, "Too few who could approve")
      const sql = yield* SqlClient
      yield* sql`UPDATE workspace SET approvals_needed = 3 WHERE id = ${workspaceId}`
      assert.match((yield* browser.get(path)).text, /Too few who could approve.*needs 3 approvals/s)
    })
  )

  it.effect("are removed with what goes on said before, leave by themselves, and one admin is left", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const { adminId, authorId, workspaceId } = workspace
      yield* sampleCampaign({ workspace, channels: [yield* sampleChannel(workspace)], state: "scheduled", numbers: 2 })
      const path = `/w/${workspaceId}/members`
      const { browser, personId } = yield* member(workspaceId, "admin")
      assert.include((yield* browser.get(`${path}/${authorId}`)).text, "1 unfinished campaign of theirs goes on.")
      assert.strictEqual(
        (yield* browser.post(`${path}/${authorId}/remove`)).headers.get("Location"),
        `${path}?did=removed`
      )
      assert.strictEqual((yield* browser.get(`${path}/${authorId}`)).status, 404)

      yield* sql`UPDATE membership SET role = 'author' WHERE workspace_id = ${workspaceId} AND person_id = ${adminId}`
      const last = yield* browser.post(`${path}/leave`, { sure: "yes" })
      assert.strictEqual(last.status, 409)
      assert.include(last.text, "This is the last admin of the workspace")
      const asked = yield* browser.post(`${path}/leave`)
      assert.strictEqual(asked.headers.get("Location"), `${path}/${personId}`)

      const author = yield* member(workspaceId, "author")
      assert.include((yield* author.browser.get(`${path}/${author.personId}`)).text, "Leave this workspace")
      assert.strictEqual((yield* author.browser.post(`${path}/leave`, { sure: "yes" })).headers.get("Location"), "/")
      assert.strictEqual((yield* author.browser.get(path)).status, 404)
    })
  )
})
