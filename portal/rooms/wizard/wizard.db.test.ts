import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { account, TestAccess } from "#portal/access/testing/accounts.ts"
import { Browser, testPortal } from "#portal/testing/browsing.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const member = Effect.fnUntraced(function* (workspaceId: number, role: string) {
  const sql = yield* SqlClient
  const who = yield* account()
  yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role })}`
  const browser = new Browser(yield* testPortal)
  yield* browser.signIn(who)
  return { browser, personId: who.personId }
})

/** A workspace with a channel, and an author of it with a browser. */
const place = Effect.gen(function* () {
  const workspace = yield* sampleWorkspace()
  const { channelId } = yield* sampleChannel(workspace)
  const { browser, personId } = yield* member(workspace.workspaceId, "author")
  const list = `/w/${workspace.workspaceId}/campaigns`
  /** The first step; gives where the draft is. */
  const begun = Effect.fnUntraced(function* (mode: string) {
    const made = yield* browser.post(`${list}/new`, { name: "Maintenance", mode })
    assert.strictEqual(made.status, 303)
    const next = made.headers.get("Location")!
    assert.match(next, /\/campaigns\/\d+\/message$/)
    return next.replace(/\/message$/, "")
  })
  const message = { sender: String(workspace.senderRevisionId), channel: String(channelId), text: "Tonight 22:00" }
  return { workspace, channelId, browser, personId, list, begun, message }
})

const idIn = (path: string) => Number(/(\d+)$/.exec(path)![1])

const contentOf = (path: string) =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.map(sql`SELECT * FROM campaign WHERE id = ${idIn(path)}`, ([row]) => row as Record<string, unknown>)
  )

layer(TestAccess, { excludeTestServices: true })("the wizard", (it) => {
  it.effect("leads from a name to a submission, and may be left at each step", () =>
    Effect.gen(function* () {
      const { begun, browser, list, message, personId, workspace } = yield* place
      const path = yield* begun("spread")
      // in the list without sender and text; its own page leads to where one goes on
      assert.include((yield* browser.get(list)).text, "Maintenance")
      const left = yield* browser.get(path)
      assert.deepStrictEqual([left.status, left.headers.get("Location")], [303, `${path}/message`])

      const odd = { ...message, text: "Tonight 22:00 – ок" }
      const counted = (yield* browser.post(`${path}/message/count`, odd)).text
      for (const said of ["Unicode", "U+2013", "nothing else says the same"]) assert.include(counted, said)
      const plain = (yield* browser.post(`${path}/message`, { ...odd, replace: "–" })).text
      assert.include(plain, "Tonight 22:00 - ок")
      assert.strictEqual((yield* contentOf(path))["text"], "", "nothing is kept by looking")
      const kept = yield* browser.post(`${path}/message`, message)
      assert.deepStrictEqual([kept.status, kept.headers.get("Location")], [303, `${path}/audience`])
      const { segments, text } = yield* contentOf(path)
      assert.deepStrictEqual([text, segments], ["Tonight 22:00", 1])

      const sql = yield* SqlClient
      const [lane] = yield* sql<{ id: number }>`SELECT id FROM lane WHERE campaign_id = ${idIn(path)}`
      yield* actAs(
        personId,
        workspace.workspaceId
      )(
        Effect.andThen(
          sql`SELECT load_audience(${lane!.id}, '{"{998900000001,998900000002}"}')`,
          sql`SELECT seal_audience(${lane!.id})`
        )
      )
      // how long is not known yet
      const still = yield* browser.get(path)
      assert.strictEqual(still.headers.get("Location"), `${path}/schedule`)
      const scheduled = yield* browser.post(`${path}/schedule`, {
        over: "30",
        time_zone: "Asia/Tashkent",
        lost: "hold"
      })
      assert.deepStrictEqual([scheduled.status, scheduled.headers.get("Location")], [303, path])
      assert.include((yield* browser.get(`${path}/schedule`)).text, "Done about")
      const page = yield* browser.get(path)
      assert.strictEqual(page.status, 200)
      for (const said of ["Tonight 22:00", "Fingerprint"]) assert.include(page.text, said)
      assert.strictEqual((yield* browser.post(`${path}/submit`, { note: "as agreed" })).status, 303)
      assert.strictEqual((yield* contentOf(path))["state"], "in_review")
      const gone = yield* browser.get(`${path}/message`)
      assert.deepStrictEqual([gone.status, gone.headers.get("Location")], [303, path])
    })
  )

  it.effect("says what is missing or wrong, and keeps what was typed", () =>
    Effect.gen(function* () {
      const { begun, browser, list, message } = yield* place
      const nameless = yield* browser.post(`${list}/new`, { name: " ", mode: "trigger" })
      assert.strictEqual(nameless.status, 400)
      assert.match(nameless.text, /value="trigger"[^>]*checked/)
      const path = yield* begun("scheduled")
      for (const [field, said] of [
        ["sender", "Choose in whose name"],
        ["channel", "Choose at least one channel"],
        ["text", "Write a text"]
      ] as const) {
        const wrong = yield* browser.post(`${path}/message`, { ...message, [field]: "" })
        assert.strictEqual(wrong.status, 400)
        assert.include(wrong.text, said)
        if (field !== "text") assert.include(wrong.text, message.text)
      }
      const long = yield* browser.post(`${path}/message`, { ...message, text: "a".repeat(153 * 10 + 1) })
      assert.strictEqual(long.status, 400)
      assert.include(long.text, "at most 10 messages a person")
      const foreign = yield* browser.post(`${path}/message`, { ...message, sender: "999999" })
      assert.strictEqual(foreign.status, 409)

      const times = { time_zone: "Asia/Tashkent", lost: "hold" }
      for (const [typed, status, said] of [
        [{ starts: "tonight" }, 400, "“Start” takes a day and a time"],
        [{ per_second: "fast" }, 400, "takes a whole number"],
        [{ starts: "2020-01-01T18:00" }, 400, "has passed"],
        [{ window_from: "09:00", window_to: "09:00" }, 400, "never opens"],
        [{ time_zone: "Asia/Toshkent" }, 400, "there is no time zone"]
      ] as const) {
        const wrong = yield* browser.post(`${path}/schedule`, { ...times, ...typed })
        assert.strictEqual(wrong.status, status)
        assert.include(wrong.text.toLowerCase(), said.toLowerCase())
        for (const value of Object.values(typed)) assert.include(wrong.text, `value="${value}"`)
      }
    })
  )

  it.effect("says when clocks skip the time that was typed", () =>
    Effect.gen(function* () {
      const { begun, browser } = yield* place
      const path = yield* begun("scheduled")
      const year = new Date().getUTCFullYear() + 1
      const march = new Date(Date.UTC(year, 2, 31))
      const sunday = 31 - march.getUTCDay()
      const starts = `${year}-03-${sunday}T02:30`
      const kept = yield* browser.post(`${path}/schedule`, { starts, time_zone: "Europe/Berlin", lost: "hold" })
      assert.strictEqual(kept.status, 303)
      const page = (yield* browser.get(kept.headers.get("Location")!)).text
      assert.include(page, "does not come")
      assert.include(page, `${year}-03-${sunday} 03:30`)
    })
  )

  it.effect("readies a campaign that is fed, which has no audience, and takes that back with its mode", () =>
    Effect.gen(function* () {
      const { begun, browser, message } = yield* place
      const path = yield* begun("trigger")
      const written = yield* browser.post(`${path}/message`, message)
      assert.strictEqual(written.headers.get("Location"), `${path}/schedule`)
      const year = new Date().getUTCFullYear() + 1
      const ends = { ends: `${year}-01-01T00:00`, time_zone: "UTC", lost: "hold" }
      assert.strictEqual((yield* browser.post(`${path}/schedule`, ends)).headers.get("Location"), path)
      assert.strictEqual((yield* browser.get(path)).status, 200)
      yield* browser.post(`${path}/name`, { name: "Other", mode: "on_demand" })
      const sql = yield* SqlClient
      const lanes = yield* sql`SELECT audience_digest FROM lane WHERE campaign_id = ${idIn(path)}`
      assert.deepStrictEqual(lanes, [{ audience_digest: null }])
      assert.strictEqual((yield* browser.get(path)).headers.get("Location"), `${path}/audience`)
    })
  )

  it.effect("is for those who write campaigns, and says so to others", () =>
    Effect.gen(function* () {
      const { begun, workspace } = yield* place
      const path = yield* begun("on_demand")
      const { browser } = yield* member(workspace.workspaceId, "moderator")
      for (const step of ["name", "message", "schedule"])
        assert.strictEqual((yield* browser.get(`${path}/${step}`)).status, 403)
      // whoever may not write looks at what there is
      const page = yield* browser.get(path)
      assert.strictEqual(page.status, 200)
      assert.include(page.text, "Maintenance")
    })
  )
})
