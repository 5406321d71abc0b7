/**
 * Every route, asked by every kind of visitor, in their own workspace and in a foreign one: the status that each gets, from one table. The
 * routes are the router's own, so that a new one has to say here who may.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { type Account, account, TestAccess } from "#portal/access/testing/accounts.ts"
import { SqlClient } from "#schema/Database.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { Browser, testPortal } from "./testing/browsing.ts"

/** Statuses: of somebody not signed in; of a member in their workspace, by role; of any of them in a foreign one. */
interface Row {
  readonly nobody: number
  readonly author: number
  readonly moderator: number
  readonly admin: number
  readonly foreign?: number
}

const everybody = (status: number): Row => ({ nobody: status, author: status, moderator: status, admin: status })
const members = (status: number): Row => ({ ...everybody(status), nobody: 303, foreign: 404 })

const EXPECTED: Readonly<Record<string, Row>> = {
  "GET /assets/:hash/:name": everybody(404),
  "GET /sign-in": everybody(200),
  "POST /sign-in": everybody(401),
  "GET /sign-in/second-factor": everybody(200),
  "POST /sign-in/second-factor": { ...everybody(401), nobody: 303 },
  "POST /sign-out": everybody(303),
  "GET /": { ...everybody(303) },
  "GET /w/:workspace": members(200),
  "GET /w/:workspace/campaigns": members(200),
  "GET /w/:workspace/campaigns/:campaign": members(200),
  "GET /w/:workspace/campaigns/:campaign/course": members(303),
  "GET /w/:workspace/campaigns/:campaign/numbers": members(200),
  // what can't be pressed on what is being sent
  "POST /w/:workspace/campaigns/:campaign/:act{submit|revise|start|pause|resume|stop|archive|restore}": members(409),
  "GET /w/:workspace/campaigns/:campaign/numbers/:lane/:seq": members(200),
  // without a reason
  "POST /w/:workspace/campaigns/:campaign/numbers/:lane/:seq/reveal": { ...members(400), author: 403 },
  "POST /w/:workspace/campaigns/:campaign/numbers/:lane/:seq/proof": { ...members(400), author: 403 },
  "GET /w/:workspace/moderation": members(200),
  "GET /w/:workspace/moderation/revisions": members(200),
  "GET /w/:workspace/moderation/campaigns/:campaign": members(200),
  // without a decision
  "POST /w/:workspace/moderation/campaigns/:campaign": members(400),
  // nobody has a passkey
  "POST /w/:workspace/moderation/campaigns/:campaign/challenge": members(403),
  // one that is decided: to its sender
  "GET /w/:workspace/moderation/revisions/:revision": members(303),
  "POST /w/:workspace/moderation/revisions/:revision": members(303),
  "GET /w/:workspace/senders": members(200),
  "GET /w/:workspace/senders/new": { ...members(403), admin: 200 },
  // without a label
  "POST /w/:workspace/senders/new": { ...members(403), admin: 400 },
  "GET /w/:workspace/senders/:sender": members(200),
  "GET /w/:workspace/senders/:sender/change": members(200),
  // without a reason
  "POST /w/:workspace/senders/:sender/change": members(400),
  "POST /w/:workspace/senders/:sender/archive": { ...members(403), admin: 303 },
  "POST /w/:workspace/senders/:sender/restore": { ...members(403), admin: 303 },
  // for super admins
  "GET /presets": { ...everybody(403), nobody: 303 },
  "GET /presets/new": { ...everybody(403), nobody: 303 },
  "POST /presets/new": { ...everybody(403), nobody: 303 },
  "GET /presets/:preset": { ...everybody(403), nobody: 303 },
  "POST /presets/:preset/grant": { ...everybody(403), nobody: 303 },
  "POST /presets/:preset/revoke": { ...everybody(403), nobody: 303 },
  "POST /presets/:preset/archive": { ...everybody(403), nobody: 303 },
  "GET /w/:workspace/numbers": members(200),
  "POST /w/:workspace/numbers": { ...members(400), author: 403 },
  "GET /w/:workspace/audit": members(200),
  "POST /w/:workspace/audit/verify": { ...members(200), author: 403 },
  "POST /w/:workspace/audit/export": { ...members(200), author: 403 }
}

const ROLES = ["author", "moderator", "admin"] as const

layer(TestAccess, { excludeTestServices: true })("every route", (it) => {
  it.effect("answers each kind of visitor as the table says", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const portal = yield* testPortal
      const own = yield* sampleWorkspace()
      const foreign = yield* sampleWorkspace()
      const { campaignId, laneId } = yield* sampleCampaign({
        workspace: own,
        channels: [yield* sampleChannel(own)],
        numbers: 3
      })
      const people: Record<string, Account> = {}
      for (const role of ROLES) {
        const who = yield* account()
        people[role] = who
        yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: own.workspaceId, person_id: who.personId, role })}`
      }
      const routes = portal.routes
        .filter(({ method }) => method !== "ALL")
        .map(({ method, path }) => `${method} ${path.length > 1 ? path.replace(/\/$/, "") : path}`)
      assert.deepStrictEqual([...new Set(routes)].sort(), Object.keys(EXPECTED).sort())
      let asked = 0
      for (const [route, row] of Object.entries(EXPECTED)) {
        const [method, pattern] = route.split(" ") as [string, string]
        const ask = (who: Account | undefined, workspace: number) =>
          Effect.gen(function* () {
            const browser = new Browser(portal)
            if (who !== undefined) yield* browser.signIn(who)
            const path = pattern
              .replace(":workspace", String(workspace))
              .replace(":campaign", String(campaignId))
              .replace(":revision", String(own.senderRevisionId))
              .replace(":sender", String(own.senderId))
              .replace(":preset", "1")
              .replace(/:act\{.*\}/, "start")
              .replace(":lane", String(laneId))
              .replace(":seq", "1")
              .replace(":hash", "0".repeat(16))
              .replace(":name", "portal.css")
            // of nobody, and each of another one, so that none is locked out
            const form = { email: `${++asked}@nowhere.example`, password: "wrong", code: "000000" }
            return (yield* method === "GET" ? browser.get(path) : browser.post(path, form)).status
          })
        assert.strictEqual(yield* ask(undefined, own.workspaceId), row.nobody, `${route} by nobody`)
        for (const role of ROLES) {
          assert.strictEqual(yield* ask(people[role], own.workspaceId), row[role], `${route} by the ${role}`)
          if (row.foreign !== undefined)
            assert.strictEqual(
              yield* ask(people[role], foreign.workspaceId),
              row.foreign,
              `${route} by a foreign ${role}`
            )
        }
      }
    })
  )
})
