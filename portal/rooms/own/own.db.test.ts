import { assert, layer } from "@effect/vitest"
import { decodeBase32IgnorePadding } from "@oslojs/encoding"
import { generateTOTP } from "@oslojs/otp"
import { Effect, Redacted } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** Somebody who has just signed in. */
const somebody = Effect.gen(function* () {
  const who = yield* account()
  const portal = yield* testPortal
  const browser = new Browser(portal)
  yield* browser.signIn(who)
  return { who, portal, browser }
})

/** What their device shows now. */
const codeOf = (key: string) => generateTOTP(decodeBase32IgnorePadding(key), 30, 6)

layer(TestAccess, { excludeTestServices: true })("one's own page", (it) => {
  it.effect("changes a password by the old one, and ends the other sessions", () =>
    Effect.gen(function* () {
      const { browser, portal, who } = yield* somebody
      const other = new Browser(portal)
      yield* other.signIn(who)
      const wrong = yield* browser.post("/me/password", { from: "not it", to: "gravel lantern tuesday" })
      assert.strictEqual(wrong.status, 400)
      assert.match(wrong.text, /role="alert".*not your password until now/s)
      const old = Redacted.value(who.password)
      const weak = yield* browser.post("/me/password", { from: old, to: "123456789012" })
      assert.strictEqual(weak.status, 400)
      assert.include(weak.text, "guessed")
      const changed = yield* browser.post("/me/password", { from: old, to: "gravel lantern tuesday" })
      assert.deepStrictEqual([changed.status, changed.headers.get("Location")], [303, "/me?saved=password"])
      assert.include((yield* browser.get("/me?saved=password")).text, "Your password is changed")
      assert.strictEqual((yield* other.get("/me")).status, 303)
    })
  )

  it.effect("sets a second factor up with a key that is shown once, and turns it off by one more code", () =>
    Effect.gen(function* () {
      const { browser } = yield* somebody
      const shown = (yield* browser.post("/me/second-factor")).text
      assert.match(shown, /<svg[^>]*role="img"/)
      const key = /select-all">([A-Z2-7 ]+)</.exec(shown)![1]!.replaceAll(" ", "")
      const wrong = yield* browser.post("/me/second-factor/confirm", { code: "000000" })
      assert.strictEqual(wrong.status, 400)
      assert.notInclude(wrong.text, key)
      const on = yield* browser.post("/me/second-factor/confirm", { code: codeOf(key) })
      assert.strictEqual(on.status, 200)
      const codes = [...on.text.matchAll(/>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</g)].map(([, code]) => code!)
      assert.strictEqual(codes.length, 10)
      const kept = yield* browser.post("/me/recovery-codes/file", { codes: codes.join(" ") })
      assert.match(kept.headers.get("Content-Disposition")!, /^attachment; filename="countersign-recovery-codes.txt"/)
      assert.deepStrictEqual(kept.text.trim().split("\n").slice(2), codes)
      const page = (yield* browser.get("/me")).text
      assert.include(page, "10 recovery codes are left")
      for (const code of codes) assert.notInclude(page, code)
      const off = yield* browser.post("/me/second-factor/off", { code: codes[0]! })
      assert.strictEqual(off.headers.get("Location"), "/me?saved=off")
      assert.include((yield* browser.get("/me")).text, "Not set up")
    })
  )

  it.effect("asks who has been signed in for long to sign in again, and leads back", () =>
    Effect.gen(function* () {
      const { browser, who } = yield* somebody
      const sql = yield* SqlClient
      yield* sql`UPDATE session SET created_at = created_at - interval '1 hour' WHERE person_id = ${who.personId}`
      const asked = yield* browser.post("/me/second-factor")
      assert.strictEqual(asked.status, 403)
      assert.include(asked.text, 'action="/sign-out?to=/me"')
      const out = yield* browser.post("/sign-out?to=/me")
      assert.strictEqual(out.headers.get("Location"), `/sign-in?to=${encodeURIComponent("/me")}`)
      assert.strictEqual((yield* browser.post("/sign-out?to=//evil.example")).headers.get("Location"), "/sign-in")
    })
  )

  it.effect("shows where one is signed in, and ends one session or all others", () =>
    Effect.gen(function* () {
      const { browser, portal, who } = yield* somebody
      const others = [new Browser(portal), new Browser(portal)] as const
      for (const other of others) yield* other.signIn(who)
      const page = (yield* browser.get("/me")).text
      const ids = [...page.matchAll(/action="\/me\/sessions\/(\d+)"/g)].map(([, id]) => id!)
      assert.strictEqual(ids.length, 2)
      yield* browser.post(`/me/sessions/${ids[0]}`)
      const left = yield* Effect.forEach(others, (other) => Effect.map(other.get("/me"), ({ status }) => status))
      assert.deepStrictEqual(left.toSorted(), [200, 303])
      assert.strictEqual((yield* browser.post("/me/sessions")).status, 303)
      for (const other of others) assert.strictEqual((yield* other.get("/me")).status, 303)
      assert.strictEqual((yield* browser.get("/me")).status, 200)
    })
  )

  it.effect("asks to join a workspace by its name, and keeps what was written where it was refused", () =>
    Effect.gen(function* () {
      const { browser } = yield* somebody
      const { workspaceId } = yield* sampleWorkspace({ name: "Night shift", open_to_requests: "true" })
      assert.include((yield* browser.get("/")).text, 'href="/me#join"')
      const refused = yield* browser.post("/me/join", { workspace: "Day <b>", note: "I write alerts" })
      assert.strictEqual(refused.status, 400)
      assert.match(refused.text, /role="alert".*takes no requests.*value="Day &lt;b&gt;".*I write alerts/s)
      const asked = yield* browser.post("/me/join", { workspace: "Night shift", note: "I write alerts" })
      assert.deepStrictEqual([asked.status, asked.headers.get("Location")], [303, "/me?saved=join"])
      assert.match((yield* browser.get("/me?saved=join")).text, /is with its admins.*Night shift.*waits for an answer/s)
      assert.strictEqual((yield* browser.get(`/w/${workspaceId}`)).status, 404)
    })
  )

  it.effect("is in the language that one chooses", () =>
    Effect.gen(function* () {
      const { browser } = yield* somebody
      yield* browser.post("/me/language", { language: "ru" })
      assert.include((yield* browser.get("/me")).text, "Ваша учётная запись")
      yield* browser.post("/me/language", { language: "nonsense" })
      assert.include((yield* browser.get("/me")).text, "Ваша учётная запись")
    })
  )
})
