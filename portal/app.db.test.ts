/** The portal as a whole: signing in, what every answer carries, what is refused whoever asks. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { Browser, testPortal } from "./testing/browsing.ts"

/** Somebody with a password, in a workspace that has a campaign. */
const member = (role = "author") =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const who = yield* account()
    const workspace = yield* sampleWorkspace()
    yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspace.workspaceId, person_id: who.personId, role })}`
    const channel = yield* sampleChannel(workspace)
    const made = yield* sampleCampaign({ workspace, channels: [channel], numbers: 3, columns: { name: "Lunch <b>&" } })
    return { ...made, who, workspace }
  })

layer(TestAccess, { excludeTestServices: true })("the portal", (it) => {
  it.effect("lets somebody in by their password, shows them their campaigns, and out again", () =>
    Effect.gen(function* () {
      const { campaignId, who, workspace } = yield* member()
      const browser = new Browser(yield* testPortal)
      const here = `/w/${workspace.workspaceId}/campaigns`
      const before = yield* browser.get(`${here}?q=lunch`)
      assert.deepStrictEqual(
        [before.status, before.headers.get("Location")],
        [303, `/sign-in?to=${encodeURIComponent(`${here}?q=lunch`)}`]
      )
      const signedIn = yield* browser.signIn(who)
      assert.deepStrictEqual([signedIn.status, signedIn.headers.get("Location")], [303, "/"])
      const list = yield* browser.get(`${here}?q=lunch`)
      assert.strictEqual(list.status, 200, list.text)
      assert.include(list.text, `href="${here}/${campaignId}"`)
      assert.include(list.text, "Lunch &lt;b&gt;&amp;")
      assert.include((yield* browser.get(`${here}?q=dinner`)).text, "No campaign is like that")
      const out = yield* browser.post("/sign-out")
      assert.strictEqual(out.headers.get("Location"), "/sign-in")
      assert.strictEqual(browser.cookies.size, 0)
      assert.strictEqual((yield* browser.get(here)).status, 303)
    })
  )

  it.effect("tells a wrong password in words, keeps what was typed, and locks out in the end", () =>
    Effect.gen(function* () {
      const who = yield* account()
      const browser = new Browser(yield* testPortal)
      const typed = { email: who.email, password: "wrong", to: "/w/1" }
      const wrong = yield* browser.post("/sign-in", typed)
      assert.strictEqual(wrong.status, 401)
      assert.match(wrong.text, /role="alert".*This e-mail address and password don(&#39;|')t go together/s)
      assert.include(wrong.text, `value="${who.email}"`)
      assert.include(wrong.text, 'name="to" value="/w/1"')
      assert.notInclude(wrong.text, 'value="wrong"')
      yield* browser.post("/sign-in", typed)
      yield* browser.post("/sign-in", typed)
      const locked = yield* browser.signIn(who)
      assert.strictEqual(locked.status, 429)
      assert.match(locked.text, /Try again in \d+ seconds/)
    })
  )

  it.effect("sends nobody to another site after signing in", () =>
    Effect.gen(function* () {
      const who = yield* account()
      const portal = yield* testPortal
      for (const to of ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "/sign-out"]) {
        const browser = new Browser(portal)
        const page = yield* browser.get(`/sign-in?to=${encodeURIComponent(to)}`)
        assert.include(page.text, 'name="to" value="/"', to)
        const { email, password } = { email: who.email, password: "mauve staples grazing" }
        const signedIn = yield* browser.post("/sign-in", { email, password, to })
        assert.strictEqual(signedIn.headers.get("Location"), "/", to)
      }
    })
  )

  it.effect("takes no form from another site", () =>
    Effect.gen(function* () {
      const browser = new Browser(yield* testPortal)
      for (const headers of [{ Origin: "https://evil.example" }, { "Sec-Fetch-Site": "cross-site" }, {}]) {
        const answer = yield* browser.post("/sign-in", { email: "a@b.example", password: "x" }, headers)
        assert.strictEqual(answer.status, 403)
        assert.include(answer.text, "This came from another site")
      }
    })
  )

  it.effect("says with every page that nothing foreign may run in it, frame it, or keep it", () =>
    Effect.gen(function* () {
      const browser = new Browser(yield* testPortal)
      for (const path of ["/sign-in", "/nowhere", "/w/1/campaigns"]) {
        const { headers } = yield* browser.get(path)
        const policy = headers.get("Content-Security-Policy") ?? ""
        assert.match(policy, /default-src 'none'/)
        assert.match(policy, /script-src 'self'(;|$)/)
        assert.match(policy, /frame-ancestors 'none'/)
        assert.notMatch(policy, /unsafe|\*|https?:/)
        assert.strictEqual(headers.get("X-Content-Type-Options"), "nosniff")
        assert.strictEqual(headers.get("Cache-Control"), "no-store")
      }
    })
  )

  it.effect("speaks the language that a browser asks for", () =>
    Effect.gen(function* () {
      const browser = new Browser(yield* testPortal)
      const page = yield* browser.get("/sign-in", { "Accept-Language": "fr, ru-RU;q=0.8, en;q=0.5" })
      assert.include(page.text, '<html lang="ru"')
      assert.include(page.text, "Эл. почта")
    })
  )

  it.effect("serves its style sheet and script packed, and for good", () =>
    Effect.gen(function* () {
      const browser = new Browser(yield* testPortal)
      const page = yield* browser.get("/sign-in")
      const paths = [...page.text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!)
      assert.strictEqual(paths.length, 3)
      for (const path of paths) {
        const { headers, status } = yield* browser.get(path, { "Accept-Encoding": "gzip, br" })
        assert.deepStrictEqual([status, headers.get("Content-Encoding")], [200, "br"])
        assert.match(headers.get("Cache-Control") ?? "", /immutable/)
      }
      assert.strictEqual((yield* browser.get("/assets/0123456789abcdef/portal.css")).status, 404)
    })
  )

  it.effect("refuses a form that is too large, in words", () =>
    Effect.gen(function* () {
      const browser = new Browser(yield* testPortal)
      const answer = yield* browser.post("/sign-in", { email: "x".repeat(2 ** 21), password: "x" })
      assert.strictEqual(answer.status, 413)
      assert.include(answer.text, "That is too much at once")
    })
  )
})
