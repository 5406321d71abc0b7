/** What somebody may try who means harm: each is tried here, on every route where it could be. */
import { connect } from "node:net"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { account, TestAccess, waited } from "#portal/access/testing/accounts.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { MARKUP, screens } from "./browser/screens.ts"
import { portal } from "./Portal.ts"
import { Browser, ORIGIN, standingAt, testPortal, testPortalAt } from "./testing/browsing.ts"
import { pathOf, routesOf } from "./testing/paths.ts"

/** Somebody signed in, in a workspace with a campaign, and where its things are. */
const house = Effect.fnUntraced(function* (role = "admin") {
  const sql = yield* SqlClient
  const who = yield* account()
  const workspace = yield* sampleWorkspace()
  const { outsiderId: person, senderId: sender, senderRevisionId: revision, workspaceId } = workspace
  yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role })}`
  const channels = [yield* sampleChannel(workspace)]
  const { campaignId: campaign, laneId: lane } = yield* sampleCampaign({ workspace, channels, numbers: 3 })
  const browser = new Browser(yield* testPortal)
  // all tests come from one address, which has guessed a lot by now
  yield* waited(24 * 3600)
  assert.strictEqual((yield* browser.signIn(who)).headers.get("Location"), "/")
  return { browser, who, places: { workspace: workspaceId, campaign, lane, sender, revision, person } }
})

/** What a server answers to these octets, until it closes; the socket stays open on our side. */
const raw = (port: number, octets: string) =>
  Effect.promise(
    () =>
      new Promise<string>((resolve) => {
        let said = ""
        const socket = connect(port, "127.0.0.1", () => socket.write(octets))
        socket.on("data", (chunk) => (said += chunk))
        socket.on("error", () => {})
        socket.on("close", () => resolve(said))
      })
  )

const head = (line: string, ...headers: ReadonlyArray<string>) =>
  [`${line} HTTP/1.1`, `Host: portal.example`, "Connection: close", ...headers, "", ""].join("\r\n")

/** A portal that listens; patience: for requests that come slowly. */
const listening = (patience?: { headMs: number; bodyMs: number }) =>
  Effect.flatMap(standingAt(ORIGIN), (standing) =>
    Effect.provide(portal({ host: "127.0.0.1", port: 0, ...(patience && { patience }) }), standing)
  )

layer(TestAccess, { excludeTestServices: true })("somebody who means harm", (it) => {
  it.effect("finds the same guarding headers on whatever is answered", () =>
    Effect.gen(function* () {
      const { browser, places } = yield* house()
      const stranger = new Browser(yield* testPortal)
      for (const route of routesOf(yield* testPortal)) {
        const [method, pattern] = route.split(" ") as [string, string]
        const path = pathOf(pattern, places)
        const asked = (by: Browser) => (method === "GET" ? by.get(path) : by.post(path))
        for (const by of [stranger, browser]) {
          // what never ends by itself is tried by nobody who is let in
          if (by === browser && /live|sign-out/.test(path)) continue
          const { headers } = yield* asked(by)
          const policy = headers.get("Content-Security-Policy") ?? ""
          assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/s, route)
          assert.notMatch(policy, /unsafe|\*|https?:|data:/, route)
          assert.strictEqual(headers.get("X-Content-Type-Options"), "nosniff", route)
          assert.strictEqual(headers.get("X-Frame-Options"), "DENY", route)
          assert.strictEqual(headers.get("Referrer-Policy"), "same-origin", route)
          assert.match(headers.get("Strict-Transport-Security") ?? "", /max-age=\d{7,}/, route)
          assert.isNull(headers.get("Access-Control-Allow-Origin"), route)
          assert.isNull(headers.get("X-Powered-By"), route)
          if (pattern !== "/assets/:hash/:name") assert.strictEqual(headers.get("Cache-Control"), "no-store", route)
        }
      }
    })
  )

  it.effect("gets no cookie that a script, another site or an open line could read", () =>
    Effect.gen(function* () {
      const who = yield* account()
      for (const [origin, secure] of [
        ["https://sms.example", true],
        ["http://portal.example", false]
      ] as const) {
        const portal = yield* testPortalAt(origin)
        const send = (path: string, form: Readonly<Record<string, string>>, cookie = "") =>
          Effect.promise(async () => {
            const headers = { Origin: origin, ...(cookie !== "" && { Cookie: cookie }) }
            return portal.request(`${origin}${path}`, { method: "POST", body: new URLSearchParams(form), headers })
          })
        const planted = "countersign_session=planted"
        const signedIn = yield* send("/sign-in", { email: who.email, password: Redacted.value(who.password) }, planted)
        const [cookie] = signedIn.headers.getSetCookie()
        assert.match(
          cookie!,
          /^countersign_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; (Secure; )?SameSite=Lax$/
        )
        assert.strictEqual(/; Secure/.test(cookie!), secure, origin)
        const [gone] = (yield* send("/sign-out", {}, cookie!.split(";")[0])).headers.getSetCookie()
        assert.match(gone!, /^countersign_session=; Max-Age=0; Path=\/; HttpOnly/)
      }
    })
  )

  it.effect("can have no form sent from another site, to any route and in anybody's name", () =>
    Effect.gen(function* () {
      const { browser, places } = yield* house()
      const sql = yield* SqlClient
      const acts = Effect.map(sql<{ n: number }>`SELECT count(*)::int AS n FROM audit`, ([row]) => row!.n)
      const before = yield* acts
      for (const route of routesOf(yield* testPortal).filter((one) => !one.startsWith("GET "))) {
        const path = pathOf(route.split(" ")[1]!, places)
        for (const headers of [
          { Origin: "https://evil.example" },
          { Origin: `${ORIGIN}.evil.example` },
          { Origin: "null" },
          { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" },
          { "Sec-Fetch-Site": "same-site" },
          {}
        ]) {
          const answer = yield* browser.post(path, { decision: "approve", reason: "x", email: "a@b.example" }, headers)
          assert.strictEqual(answer.status, 403, `${route} ${JSON.stringify(headers)}`)
          assert.include(answer.text, "This came from another site", route)
        }
      }
      assert.strictEqual(yield* acts, before, "nothing was done")
      assert.strictEqual((yield* browser.get("/")).status, 303, "and nobody was signed out")
    })
  )

  it.effect("is told of no origin that may ask by script", () =>
    Effect.gen(function* () {
      const { places } = yield* house()
      const portal = yield* testPortal
      for (const route of routesOf(portal)) {
        const headers = { Origin: "https://evil.example", "Access-Control-Request-Method": "PUT" }
        const path = pathOf(route.split(" ")[1]!, places)
        const answer = yield* Effect.promise(async () =>
          portal.request(`${ORIGIN}${path}`, { method: "OPTIONS", headers })
        )
        assert.strictEqual(answer.status, 404, route)
        assert.isNull(answer.headers.get("Access-Control-Allow-Origin"), route)
      }
    })
  )

  it.effect("is sent to no other site, whatever the address asks for", () =>
    Effect.gen(function* () {
      const { browser, places, who } = yield* house()
      const portal = yield* testPortal
      const elsewhere = [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/%5cevil.example",
        "/\t/evil.example"
      ]
      const own = (location: string | null, of: string) => {
        if (location === null) return
        assert.strictEqual(new URL(location, ORIGIN).origin, ORIGIN, of)
        assert.notMatch(new URL(location, ORIGIN).pathname, /^\/[/\\]/, of)
      }
      for (const to of elsewhere) {
        const query = `to=${encodeURIComponent(to)}&next=${encodeURIComponent(to)}&url=${encodeURIComponent(to)}`
        for (const route of routesOf(portal).filter((one) => one.startsWith("GET ") && !one.includes("live"))) {
          const path = `${pathOf(route.slice(4), places)}?${query}`
          own((yield* browser.get(path)).headers.get("Location"), path)
          const asked = (yield* new Browser(portal).get(path)).headers.get("Location")
          own(asked, path)
        }
        const stranger = new Browser(portal)
        const form = { email: who.email, password: Redacted.value(who.password), to }
        own((yield* stranger.post("/sign-in", form)).headers.get("Location"), to)
        own((yield* stranger.post("/sign-in/second-factor", { code: "0", to })).headers.get("Location"), to)
        own((yield* stranger.get(to.startsWith("/") ? to : `/${to}`)).headers.get("Location"), to)
      }
    })
  )

  it.effect("gets no markup into a page: not by a name, a text or a note, and not by an address", () =>
    Effect.gen(function* () {
      const { paths, who } = yield* screens
      const browser = new Browser(yield* testPortal)
      yield* browser.signIn(who)
      const names = [
        "q",
        "to",
        "state",
        "after",
        "before",
        "object",
        "id",
        "action",
        "person",
        "from",
        "until",
        "decided",
        "number"
      ]
      const query = names.map((name) => `${name}=${encodeURIComponent(MARKUP)}`).join("&")
      const isWhole = (text: string) => !/<img src=x|<script>document|"><img/.test(text)
      let escaped = 0
      for (const path of paths.filter((one) => !/\/live|\.csv/.test(one))) {
        for (const asked of [path, `${path}${path.includes("?") ? "&" : "?"}${query}`]) {
          const { text } = yield* browser.get(asked, { "User-Agent": MARKUP, "Accept-Language": MARKUP })
          assert.isTrue(isWhole(text), asked)
          if (text.includes("&lt;script&gt;")) escaped++
        }
      }
      assert.isAbove(escaped, 20, "it is shown, as it was written")
      const typed = { email: MARKUP, password: MARKUP, to: MARKUP, code: MARKUP }
      for (const path of ["/sign-in", "/sign-in/second-factor"])
        assert.isTrue(isWhole((yield* new Browser(yield* testPortal).post(path, typed)).text), path)
    })
  )

  it.effect("is obeyed by no spreadsheet that opens an exported file", () =>
    Effect.gen(function* () {
      const { browser, places } = yield* house()
      const sql = yield* SqlClient
      const formulas = ['=HYPERLINK("http://evil")', "+1+1", "-2+3", "@SUM(A1)", "\tcmd", "\rcmd"]
      for (const name of formulas) {
        const [person] = yield* sql<{ id: number }>`
          INSERT INTO person (email, name) VALUES (${`${formulas.indexOf(name)}@formula.example`}, ${name}) RETURNING id`
        const at = { workspace_id: places.workspace, person_id: person!.id, role: "admin" }
        yield* sql`INSERT INTO membership ${sql.insert(at)}`
        yield* sql.withTransaction(
          Effect.andThen(
            sql`SELECT FROM act_as(${person!.id}, ${places.workspace})`,
            sql`SELECT add_stops(${`{99890000000${formulas.indexOf(name)}}`}::bigint[], ${name})`
          )
        )
      }
      const { headers, status, text } = yield* browser.post(`/w/${places.workspace}/audit/export`, { format: "csv" })
      assert.strictEqual(status, 200, text)
      assert.match(headers.get("Content-Disposition") ?? "", /^attachment; filename="[\w.-]+"$/)
      for (const name of formulas) assert.include(text, `'${name.replaceAll('"', '""')}`)
      assert.notMatch(text, /(^|,)"?[=+@\t\r](?!\n)/m)
    })
  )

  it.effect("climbs to no file through the assets", () =>
    Effect.gen(function* () {
      const { port } = yield* listening()
      for (const path of [
        "/assets/../package.json",
        "/assets/x/../../package.json",
        "/assets/%2e%2e/package.json",
        "/assets/x/..%2f..%2fpackage.json",
        "/assets/..%5c..%5cpackage.json",
        "/assets/x/%00portal.css",
        "/assets//etc/passwd",
        "/assets/x/portal.css"
      ]) {
        const said = yield* raw(port, head(`GET ${path}`))
        assert.match(said, /^HTTP\/1\.1 (404|303|400) /, path)
        assert.notInclude(said, '"private"', path)
        assert.notInclude(said, "root:", path)
      }
    })
  )

  it.effect("sends no more than a form, whether or not its length is said", () =>
    Effect.gen(function* () {
      const { port } = yield* listening()
      const form = ["Content-Type: application/x-www-form-urlencoded", "Sec-Fetch-Site: same-origin"]
      const octets = 2 ** 20 + 1
      const body = "x".repeat(octets)
      const told = head("POST /sign-in", ...form, `Content-Length: ${octets}`)
      assert.match(yield* raw(port, `${told}${body}`), /^HTTP\/1\.1 413 /)
      const chunked = head("POST /sign-in", ...form, "Transfer-Encoding: chunked")
      assert.match(yield* raw(port, `${chunked}${octets.toString(16)}\r\n${body}\r\n0\r\n\r\n`), /^HTTP\/1\.1 413 /)
    })
  )

  it.effect("holds no connection up by sending a request slowly", () =>
    Effect.gen(function* () {
      const { port } = yield* listening({ headMs: 200, bodyMs: 200 })
      // it closes: else this would wait for good
      assert.match(yield* raw(port, "GET /sign-in HTTP/1.1\r\nHost: a\r\nX-Slow: "), /^(HTTP\/1\.1 408 |$)/)
      const form = head(
        "POST /sign-in",
        "Content-Type: application/x-www-form-urlencoded",
        "Sec-Fetch-Site: same-origin",
        "Content-Length: 100"
      )
      assert.strictEqual(yield* raw(port, `${form}email=`), "")
      const answered = yield* raw(port, head("GET /sign-in"))
      assert.match(answered, /^HTTP\/1\.1 200 /)
    })
  )

  it.effect("is answered in order to methods and addresses that mean nothing here", () =>
    Effect.gen(function* () {
      const { port } = yield* listening()
      for (const method of ["DELETE", "PATCH", "PROPFIND", "TRACE", "HEAD"])
        assert.match(
          yield* raw(port, head(`${method} /w/1/campaigns`, "Sec-Fetch-Site: same-origin")),
          /^HTTP\/1\.1 (404|303|405) /,
          method
        )
      assert.match(yield* raw(port, "NONSENSE\r\n\r\n"), /^HTTP\/1\.1 400 /)
      for (const path of [
        "/w/1e9",
        "/w/-1",
        "/w/0x10",
        "/w/9999999999999999999999",
        "/w/%F0%28%8C%28",
        "/w/%",
        "/w/1%00"
      ]) {
        const said = yield* raw(port, head(`GET ${path}`))
        assert.match(said, /^HTTP\/1\.1 (404|303|400) /, path)
        assert.notMatch(said, /\n\s+at /, path)
      }
    })
  )
})
