/** The upload of an audience, as a script and as a form send it: what is taken, gone on with, refused, and shown. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, ORIGIN, type Portal, testPortal } from "#portal/testing/browsing.ts"
import { LANGUAGE_COOKIE } from "#portal/visit.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

layer(TestAccess, { excludeTestServices: true })("uploading an audience", (it) => {
  /** Somebody of a workspace, signed in. */
  const member = Effect.fnUntraced(function* (portal: Portal, workspaceId: number, role = "author") {
    const sql = yield* SqlClient
    const who = yield* account()
    yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role })}`
    const browser = new Browser(portal)
    yield* browser.signIn(who)
    return { browser, who }
  })

  /** A draft without numbers, and its author's browser. */
  const draft = Effect.fnUntraced(function* (text = "Planned maintenance tonight") {
    const portal = yield* testPortal
    const workspace = yield* sampleWorkspace()
    const { channelId } = yield* sampleChannel(workspace)
    const { browser, who } = yield* member(portal, workspace.workspaceId)
    const content = { name: "Tonight", senderRevisionId: workspace.senderRevisionId, text, segments: 1 }
    const as = actAs(who.personId, workspace.workspaceId)
    const { campaignId } = yield* as(Campaigns.create(content, [channelId]))
    const path = `/w/${workspace.workspaceId}/campaigns/${campaignId}/audience`
    return { portal, workspace, browser, who, as, campaignId, path }
  })

  const query = (name: string, size: number, offset: number, column = "") =>
    `${new URLSearchParams({ name, size: `${size}`, modified: "1", column, offset: `${offset}` })}`

  const FRAGMENT = { "HX-Request": "true" }

  /** The last that is said of an upload: why it failed, or the page where its counts are. */
  const outcome = (browser: Browser, path: string) =>
    browser
      .get(`${path}/progress`, FRAGMENT)
      .pipe(Effect.repeat({ until: ({ status, text }) => status !== 200 || text.includes('data-state="failed"') }))

  /** Sends a file as the script does, in one piece. */
  const sent = Effect.fnUntraced(function* (
    browser: Browser,
    path: string,
    name: string,
    content: string | Buffer,
    column = ""
  ) {
    const octets = new Uint8Array(Buffer.from(content))
    const answer = yield* browser.put(`${path}/pieces?${query(name, octets.length, 0, column)}`, octets)
    return { answer, outcome: yield* outcome(browser, path) }
  })

  /** A form as a browser without a script sends it. */
  const form = (
    browser: Browser,
    path: string,
    fields: Readonly<Record<string, string>>,
    name: string,
    content: string
  ) => {
    const boundary = "x".repeat(20)
    const parts = Object.entries(fields).map(
      ([key, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`
    )
    const file = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/csv\r\n\r\n${content}\r\n--${boundary}--\r\n`
    const body = new Uint8Array(Buffer.from(parts.join("") + file))
    return browser.send("POST", path, body, {
      "Content-Type": `multipart/form-data; boundary=${boundary}`,
      Origin: ORIGIN
    })
  }

  it.effect("takes a file in pieces, goes on where it was, and shows what was in it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { browser, campaignId, path } = yield* draft()
      assert.include((yield* browser.get(path)).text, 'enctype="multipart/form-data"')
      const octets = new Uint8Array(
        Buffer.from("phone;name\n998901000001;Ann\n998901000001;Ann\n\n=1+1;Eve\n901000002;<b>\n")
      )
      const put = (offset: number, from: number, to: number) =>
        browser.put(`${path}/pieces?${query("staff.csv", octets.length, offset)}`, octets.slice(from, to))
      assert.deepStrictEqual(JSON.parse((yield* put(0, 0, 20)).text).offset, 20)
      // what had come is not sent again, whoever says where it was
      for (const offset of [0, 7, 30]) {
        const answer = yield* put(offset, offset, 35)
        assert.deepStrictEqual([answer.status, answer.text], [409, '{"offset":20}'])
      }
      const shown = yield* browser.get(`${path}/progress`, FRAGMENT)
      assert.match(shown.text, /<bdi>staff.csv<\/bdi>.*<progress[^>]* value="20" max="69"/s)
      assert.strictEqual((yield* put(20, 20, 69)).status, 200)
      const done = yield* outcome(browser, path)
      assert.strictEqual(done.headers.get("HX-Redirect"), path)
      const page = (yield* browser.get(path)).text
      assert.match(page, /2 numbers.*staff\.csv/s)
      const counts = [...page.matchAll(/<dt[^>]*>([^<]*)<\/dt><dd[^>]*><span[^>]*>([^<]*)</g)].map(
        ([, name, n]) => `${name} ${n}`
      )
      assert.deepStrictEqual(counts, [
        ...["Lines 5", "Valid 2", "Twice, sent to once 1", "Invalid 1", "Empty 1", "On the stop list 0"],
        ...["twice in the file 1", "not a number 1"]
      ])
      assert.include(page, "+99890•••••02")
      assert.include(page, "&lt;b&gt;")
      assert.notInclude(page, "998901000001")
      const rejects = yield* browser.get(`${path}/rejects.csv`)
      assert.strictEqual(
        rejects.text.replace("\ufeff", ""),
        "line,reason,text\r\n3,twice in the file,998901000001;Ann\r\n5,not a number,'=1+1;Eve\r\n"
      )
      const [lane] = yield* sql<{ recipients: number }>`SELECT recipients FROM lane WHERE campaign_id = ${campaignId}`
      assert.strictEqual(lane!.recipients, 2)
      // and away with it
      assert.strictEqual((yield* sent(browser, path, "other.txt", "998901000009\n")).answer.status, 409)
      assert.strictEqual((yield* browser.post(`${path}/discard`)).headers.get("Location"), path)
      assert.include((yield* browser.get(path)).text, 'enctype="multipart/form-data"')
      yield* sent(browser, path, "other.txt", "998901000009\n")
      assert.include((yield* browser.get(path)).text, "other.txt")
    })
  )

  it.effect("takes it as one form where there is no script, by the column that was named", () =>
    Effect.gen(function* () {
      const { browser, path } = yield* draft()
      const content = "name,phone\nAnn,998901000001\n"
      const unsure = yield* form(browser, path, { column: "" }, "staff.csv", content)
      assert.strictEqual(unsure.status, 400)
      assert.match(unsure.text, /role="alert".*holds no numbers.*<select[^>]*>.*<option value="phone"/s)
      const none = yield* form(browser, path, {}, "", "")
      assert.strictEqual(none.status, 400)
      assert.include(none.text, "Choose a file first")
      assert.strictEqual((yield* browser.post(path)).status, 400)
      const done = yield* form(browser, path, { column: "Phone" }, "staff.csv", content)
      assert.deepStrictEqual([done.status, done.headers.get("Location")], [303, path])
      assert.match((yield* browser.get(path)).text, /1 number<.*staff\.csv/s)
    })
  )

  it.effect("says of a file that is no list of numbers what it is, and of one without a number why", () =>
    Effect.gen(function* () {
      const { browser, path } = yield* draft()
      const workbook = yield* sent(browser, path, "staff.csv", "PK\u0003\u0004[Content_Types].xml xl/workbook.xml")
      assert.match(workbook.outcome.text, /staff\.csv.*spreadsheet workbook/s)
      const picture = yield* sent(browser, path, "me.png", Buffer.from("89504e470d0a1a0a0000", "hex"))
      assert.include(picture.outcome.text, "This is a picture")
      assert.include((yield* sent(browser, path, "empty.txt", "")).outcome.text, "The file is empty")
      const nobody = yield* sent(browser, path, "names.txt", "Ann\nEve\n")
      assert.include(nobody.outcome.text, "No line of the file holds a valid number")
      const page = (yield* browser.get(path)).text
      assert.match(page, /not a number.*rejects\.csv/s)
      assert.match((yield* browser.get(`${path}/rejects.csv`)).text, /1,not a number,Ann\r\n2,not a number,Eve\r\n$/)
      browser.cookies.set(LANGUAGE_COOKIE, "ru")
      const russian = yield* browser.get(`${path}/progress`, FRAGMENT)
      assert.include(russian.text, "Ни в одной строке файла нет правильного номера")
    })
  )

  it.effect("is one a campaign, its author's: others see it, and may cancel it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { browser, campaignId, path, portal, who, workspace } = yield* draft()
      const begun = new Uint8Array(Buffer.from("998901000001\n".repeat(10)))
      yield* browser.put(`${path}/pieces?${query("staff.txt", 1_000, 0)}`, begun)
      const admin = (yield* member(portal, workspace.workspaceId, "admin")).browser
      const moderator = (yield* member(portal, workspace.workspaceId, "moderator")).browser
      const theirs = yield* admin.put(`${path}/pieces?${query("staff.txt", 1_000, 130)}`, begun)
      assert.strictEqual(theirs.status, 409)
      assert.match(theirs.text, /"said":".* is uploading staff\.txt to this campaign/)
      for (const one of [admin, moderator]) {
        const page = (yield* one.get(path)).text
        assert.match(page, /is uploading.*staff\.txt.*hx-get|hx-get.*is uploading.*staff\.txt/s)
        assert.notInclude(page, 'id="choose"')
      }
      assert.strictEqual((yield* moderator.post(`${path}/discard`)).status, 403)
      assert.strictEqual((yield* moderator.put(`${path}/pieces?${query("b.txt", 10, 0)}`, begun)).status, 403)
      assert.include((yield* browser.get(`${path}/progress`, FRAGMENT)).text, 'data-state="taking"')
      assert.strictEqual((yield* admin.post(`${path}/discard`)).status, 303)
      const late = yield* browser.put(`${path}/pieces?${query("staff.txt", 1_000, 130)}`, begun)
      assert.deepStrictEqual([late.status, late.text], [409, '{"offset":0}'])
      assert.isEmpty(
        yield* sql`SELECT FROM audience a JOIN lane l ON l.id = a.lane_id WHERE l.campaign_id = ${campaignId}`
      )
      assert.isAbove(who.personId, 0)
    })
  )

  it.effect("begins anew after the portal was started anew, which is said", () =>
    Effect.gen(function* () {
      const { browser, path, who } = yield* draft()
      // more than one statement of them, so that some are stored
      const lines = Array.from({ length: 40_000 }, (_, i) => `${998_901_000_000 + i}\n`).join("")
      const octets = new Uint8Array(Buffer.from(lines))
      const at = (offset: number) => `${path}/pieces?${query("staff.txt", octets.length + 10, offset)}`
      yield* browser.put(at(0), octets)
      const sql = yield* SqlClient
      yield* Effect.repeat(sql<{ n: number }>`SELECT max(recipients) AS n FROM lane`, {
        until: ([row]) => row!.n >= 16_000
      })
      const another = new Browser(yield* testPortal)
      yield* another.signIn(who)
      assert.match((yield* another.get(path)).text, /An upload was broken off after [\d,]+ numbers/)
      const goingOn = yield* another.put(at(octets.length), octets.slice(0, 10))
      assert.deepStrictEqual([goingOn.status, goingOn.text], [409, '{"offset":0}'])
      yield* sent(another, path, "staff.txt", "998901000001\n")
      assert.match((yield* another.get(path)).text, /1 number</)
    })
  )

  it.effect("bounds what is sent: a piece, a file, and every other form", () =>
    Effect.gen(function* () {
      const { browser, campaignId, path } = yield* draft()
      const large = new Uint8Array(8 * 1024 * 1024 + 1).fill(0x39)
      assert.strictEqual((yield* browser.put(`${path}/pieces?${query("a.txt", large.length, 0)}`, large)).status, 413)
      assert.strictEqual((yield* browser.put(`${path}/pieces?${query("a.txt", 3 * 1024 ** 3, 0)}`)).status, 413)
      yield* browser.post(`${path}/discard`)
      const longer = yield* browser.put(`${path}/pieces?${query("a.txt", 5, 0)}`, new Uint8Array(6).fill(0x39))
      assert.strictEqual(longer.status, 422, longer.text)
      assert.include(longer.text, "The file was changed while it was uploaded")
      for (const other of [`${path}/discard`, `${path}/count`, path.replace("/audience", "/submit"), `${path}/`]) {
        const answer = yield* browser.send("POST", other, large, {
          "Content-Type": "application/x-www-form-urlencoded",
          "Content-Length": `${large.length}`,
          Origin: ORIGIN
        })
        assert.strictEqual(answer.status, 413, other)
      }
      assert.isAbove(campaignId, 0)
    })
  )

  it.effect("is for drafts alone, and of a fed campaign for nobody", () =>
    Effect.gen(function* () {
      const { browser, workspace } = yield* draft()
      const channel = yield* sampleChannel(workspace)
      const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state: "in_review" })
      const path = `/w/${workspace.workspaceId}/campaigns/${campaignId}/audience`
      assert.strictEqual((yield* browser.get(path)).headers.get("Location"), path.replace("/audience", ""))
      assert.strictEqual((yield* sent(browser, path, "a.txt", "998901000001\n")).answer.status, 409)
      const fed = yield* sampleCampaign({
        workspace,
        channels: [],
        state: "draft",
        numbers: 0,
        columns: { mode: "trigger", ends_at: new Date(Date.now() + 3_600_000) }
      })
      const page = yield* browser.get(`/w/${workspace.workspaceId}/campaigns/${fed.campaignId}/audience`)
      assert.include(page.text, "fed by API")
      assert.notInclude(page.text, 'id="choose"')
    })
  )

  it.effect("has messages counted again when the text has changed, and says what its columns lack", () =>
    Effect.gen(function* () {
      const { as, browser, campaignId, path } = yield* draft("Dear ((name))")
      yield* sent(browser, path, "staff.csv", "phone,name\n998901000001,Ann\n")
      assert.notInclude((yield* browser.get(path)).text, "have to be counted again")
      yield* as(Campaigns.edit(campaignId, { text: `Dear ((name))${".".repeat(160)}` }))
      assert.include((yield* browser.get(path)).text, "have to be counted again")
      assert.strictEqual((yield* browser.post(`${path}/count`)).status, 303)
      assert.notInclude((yield* browser.get(path)).text, "have to be counted again")
      const sql = yield* SqlClient
      assert.deepStrictEqual(yield* sql`SELECT segments FROM campaign WHERE id = ${campaignId}`, [{ segments: 2 }])
      // or by itself, when it is submitted
      const view = path.replace("/audience", "")
      yield* as(Campaigns.edit(campaignId, { text: "Dear ((name)), it is tonight" }))
      assert.strictEqual((yield* browser.post(`${view}/submit`)).status, 303)
      assert.deepStrictEqual(yield* sql`SELECT segments, state FROM campaign WHERE id = ${campaignId}`, [
        { segments: 1, state: "in_review" }
      ])
      yield* browser.post(`${view}/revise`)
      yield* as(Campaigns.edit(campaignId, { text: "Dear ((who))" }))
      assert.include((yield* browser.get(path)).text, "The text has ((who)), and the file has no such column")
      const refused = yield* browser.post(`${path}/count`)
      assert.strictEqual(refused.status, 409)
      assert.include(refused.text, "the audience has no such column")
    })
  )
})
