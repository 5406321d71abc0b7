import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { account, MailFolder, TestAccess } from "#portal/access/testing/accounts.ts"
import { Mail } from "#portal/mail/Mail.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import * as Invitations from "#schema/people/Invitations.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** The path of the link in the newest letter to an address; it leaves after the answer. */
const linkTo = Effect.fnUntraced(function* (email: string) {
  yield* (yield* Mail).settled
  const folder = yield* MailFolder
  const letter = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8").replaceAll(/=\r?\n/g, ""))
    .findLast((one) => one.includes(email))
  return /https?:\/\/[^/\s]+(\/[\w/-]+)/.exec(letter!)![1]!
})

const invited = Effect.fnUntraced(function* (email: string) {
  const { adminId, workspaceId } = yield* sampleWorkspace()
  const letter = yield* actAs(adminId, workspaceId)(Invitations.invite({ email, role: "author", moderator: true }))
  return { workspaceId, path: `/invitation/${Redacted.value(letter.token)}` }
})

layer(TestAccess, { excludeTestServices: true })("a mailed link", (it) => {
  it.effect("sets a forgotten password anew, once, and asking says the same of an address that nobody has", () =>
    Effect.gen(function* () {
      const who = yield* account()
      const browser = new Browser(yield* testPortal)
      const asked = yield* browser.post("/forgot", { email: who.email })
      const nobody = yield* browser.post("/forgot", { email: "nobody@sample.example" })
      assert.strictEqual(asked.status, 200)
      assert.strictEqual(asked.text, nobody.text)
      const path = yield* linkTo(who.email)
      assert.match(path, /^\/new-password\/[\w-]{43}$/)
      assert.include((yield* browser.get(path)).text, "Person")
      const weak = yield* browser.post(path, { password: "short" })
      assert.strictEqual(weak.status, 400)
      assert.include(weak.text, "at least 12 characters")
      assert.include((yield* browser.post(path, { password: "gravel lantern tuesday" })).text, "is set")
      assert.strictEqual((yield* browser.get(path)).status, 404)
      const password = Redacted.make("gravel lantern tuesday")
      assert.strictEqual((yield* browser.signIn({ ...who, password })).status, 303)
    })
  )

  it.effect("invites somebody new, who chooses a name and a password and is in", () =>
    Effect.gen(function* () {
      const email = "newcomer@sample.example"
      const { path, workspaceId } = yield* invited(email)
      const browser = new Browser(yield* testPortal)
      const page = (yield* browser.get(path)).text
      for (const said of ["invites you to", "as an author", "Your name"]) assert.include(page, said)
      const weak = yield* browser.post(path, { name: "Lola <b>", password: "newcomer" })
      assert.strictEqual(weak.status, 400)
      assert.include(weak.text, 'value="Lola &lt;b&gt;"')
      const made = yield* browser.post(path, { name: "Lola", password: "gravel lantern tuesday" })
      assert.strictEqual(made.status, 200)
      assert.include(made.text, email)
      const password = Redacted.make("gravel lantern tuesday")
      yield* browser.signIn({ email, password, personId: 0 })
      assert.strictEqual((yield* browser.get(`/w/${workspaceId}`)).status, 200)
      assert.strictEqual((yield* browser.get(path)).status, 404)
    })
  )

  it.effect("is accepted with one press by whom it is for, and by nobody else", () =>
    Effect.gen(function* () {
      const who = yield* account()
      const other = yield* account()
      const { path, workspaceId } = yield* invited(who.email)
      const portal = yield* testPortal
      const stranger = new Browser(portal)
      assert.include((yield* stranger.get(path)).text, `/sign-in?to=${encodeURIComponent(path)}`)
      yield* stranger.signIn(other)
      const refused = yield* stranger.post(path, {})
      assert.isAtLeast(refused.status, 400)
      assert.strictEqual((yield* stranger.get(`/w/${workspaceId}`)).status, 404)
      const browser = new Browser(portal)
      yield* browser.signIn(who)
      const accepted = yield* browser.post(path, {})
      assert.deepStrictEqual([accepted.status, accepted.headers.get("Location")], [303, `/w/${workspaceId}`])
      assert.strictEqual((yield* browser.get(`/w/${workspaceId}`)).status, 200)
      const sql = yield* SqlClient
      const [one] = yield* sql`SELECT role, moderator FROM membership WHERE person_id = ${who.personId}`
      assert.deepStrictEqual(one, { role: "author", moderator: true })
    })
  )
})
