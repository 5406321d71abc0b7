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
import { pathOf, routesOf } from "./testing/paths.ts"

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
  "POST /sign-in/passkey/options": everybody(200),
  // without a device's answer
  "POST /sign-in/passkey": everybody(400),
  "GET /sign-in/second-factor": everybody(200),
  "POST /sign-in/second-factor": { ...everybody(401), nobody: 303 },
  "POST /sign-out": everybody(303),
  "GET /": { ...everybody(303) },
  "GET /forgot": everybody(200),
  "POST /forgot": everybody(200),
  // a link that is not good any more
  "GET /new-password/:token": everybody(404),
  "POST /new-password/:token": everybody(404),
  "GET /invitation/:token": everybody(404),
  "POST /invitation/:token": everybody(404),
  "GET /me": { ...everybody(200), nobody: 303 },
  // not their password until now, or no new one
  "POST /me/password": { ...everybody(400), nobody: 303 },
  "POST /me/second-factor": { ...everybody(200), nobody: 303 },
  "POST /me/second-factor/confirm": { ...everybody(400), nobody: 303 },
  "POST /me/second-factor/off": { ...everybody(400), nobody: 303 },
  "POST /me/recovery-codes": { ...everybody(400), nobody: 303 },
  // without codes; without words
  "POST /me/recovery-codes/file": { ...everybody(400), nobody: 303 },
  "POST /me/join": { ...everybody(400), nobody: 303 },
  "POST /me/passkeys/options": { ...everybody(200), nobody: 303 },
  // without a device's answer
  "POST /me/passkeys": { ...everybody(400), nobody: 303 },
  "POST /me/passkeys/:passkey": { ...everybody(400), nobody: 303 },
  "POST /me/sessions": { ...everybody(303), nobody: 303 },
  "POST /me/sessions/:session": { ...everybody(400), nobody: 303 },
  "POST /me/language": { ...everybody(303), nobody: 303 },
  "GET /w/:workspace": members(200),
  "GET /w/:workspace/running": members(200),
  "GET /w/:workspace/live": members(303),
  "GET /w/:workspace/live/waiting": members(200),
  "GET /w/:workspace/campaigns": members(200),
  // with none ticked: back to the list
  "POST /w/:workspace/campaigns/archive": members(303),
  "GET /w/:workspace/campaigns/new": { ...members(200), moderator: 403 },
  // without a name
  "POST /w/:workspace/campaigns/new": { ...members(400), moderator: 403 },
  // it is being sent: no draft any more
  "GET /w/:workspace/campaigns/:campaign/name": members(303),
  "POST /w/:workspace/campaigns/:campaign/name": members(303),
  "GET /w/:workspace/campaigns/:campaign/message": members(303),
  "POST /w/:workspace/campaigns/:campaign/message": members(303),
  "POST /w/:workspace/campaigns/:campaign/message/count": members(303),
  "GET /w/:workspace/campaigns/:campaign/schedule": members(303),
  "POST /w/:workspace/campaigns/:campaign/schedule": members(303),
  "GET /w/:workspace/campaigns/:campaign": members(200),
  "GET /w/:workspace/campaigns/:campaign/course": members(303),
  "GET /w/:workspace/campaigns/:campaign/numbers": members(200),
  "GET /w/:workspace/campaigns/:campaign/pace": members(200),
  "GET /w/:workspace/campaigns/:campaign/content": members(200),
  "GET /w/:workspace/campaigns/:campaign/history": members(200),
  "GET /w/:workspace/campaigns/:campaign/proof": members(200),
  "POST /w/:workspace/campaigns/:campaign/proof": members(200),
  "POST /w/:workspace/campaigns/:campaign/duplicate": { ...members(303), moderator: 403 },
  // without a number
  "POST /w/:workspace/campaigns/:campaign/numbers": { ...members(400), author: 403 },
  "GET /w/:workspace/campaigns/:campaign/numbers.csv": members(200),
  "POST /w/:workspace/campaigns/:campaign/numbers.csv": { ...members(200), author: 403 },
  // what can't be pressed on what is being sent
  "POST /w/:workspace/campaigns/:campaign/:act{submit|revise|start|pause|resume|stop|archive|restore}": members(409),
  "GET /w/:workspace/campaigns/:campaign/numbers/:lane/:seq": members(200),
  // without a reason
  "POST /w/:workspace/campaigns/:campaign/numbers/:lane/:seq/reveal": { ...members(400), author: 403 },
  "POST /w/:workspace/campaigns/:campaign/numbers/:lane/:seq/proof": { ...members(400), author: 403 },
  // it is being sent: there is nothing to upload any more
  "GET /w/:workspace/campaigns/:campaign/audience": members(303),
  "POST /w/:workspace/campaigns/:campaign/audience": { ...members(409), moderator: 403 },
  // a piece of no file
  "PUT /w/:workspace/campaigns/:campaign/audience/pieces": members(400),
  "GET /w/:workspace/campaigns/:campaign/audience/progress": members(303),
  "POST /w/:workspace/campaigns/:campaign/audience/discard": { ...members(409), moderator: 403 },
  "POST /w/:workspace/campaigns/:campaign/audience/count": { ...members(409), moderator: 403 },
  "GET /w/:workspace/campaigns/:campaign/audience/rejects.csv": { ...members(200), moderator: 403 },
  "GET /w/:workspace/moderation": members(200),
  "GET /w/:workspace/moderation/revisions": members(200),
  "GET /w/:workspace/moderation/campaigns/:campaign": members(200),
  // without a decision
  "POST /w/:workspace/moderation/campaigns/:campaign": members(400),
  // nobody has a passkey
  "POST /w/:workspace/moderation/campaigns/:campaign/challenge": members(403),
  // one that is decided: to its sender
  "GET /w/:workspace/moderation/revisions/:revision": members(303),
  "POST /w/:workspace/moderation/revisions/:revision": members(400),
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
  "GET /master": { ...everybody(403), nobody: 303 },
  "GET /master/archive": { ...everybody(403), nobody: 303 },
  "POST /master/enter": { ...everybody(403), nobody: 303 },
  "POST /master/restore": { ...everybody(403), nobody: 303 },
  "GET /master/people": { ...everybody(403), nobody: 303 },
  "GET /master/people/new": { ...everybody(403), nobody: 303 },
  "POST /master/people/new": { ...everybody(403), nobody: 303 },
  "GET /master/people/:person": { ...everybody(403), nobody: 303 },
  "POST /master/people/:person/disable": { ...everybody(403), nobody: 303 },
  "POST /master/people/:person/enable": { ...everybody(403), nobody: 303 },
  "POST /master/people/:person/promote": { ...everybody(403), nobody: 303 },
  "POST /master/people/:person/demote": { ...everybody(403), nobody: 303 },
  "GET /master/workspaces": { ...everybody(403), nobody: 303 },
  "GET /master/workspaces/new": { ...everybody(403), nobody: 303 },
  "POST /master/workspaces/new": { ...everybody(403), nobody: 303 },
  "POST /master/workspaces/:workspace/archive": { ...everybody(403), nobody: 303 },
  "GET /channels": { ...everybody(403), nobody: 303 },
  "GET /channels/new": { ...everybody(403), nobody: 303 },
  "POST /channels/new": { ...everybody(403), nobody: 303 },
  "GET /channels/:channel": { ...everybody(403), nobody: 303 },
  "GET /channels/:channel/change": { ...everybody(403), nobody: 303 },
  "POST /channels/:channel/change": { ...everybody(403), nobody: 303 },
  "POST /channels/:channel/:switch{grant|withdraw|on|off}": { ...everybody(403), nobody: 303 },
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
  "POST /w/:workspace/audit/export": { ...members(200), author: 403 },
  "GET /w/:workspace/members": members(200),
  "GET /w/:workspace/members/invite": { ...members(403), admin: 200 },
  // without an address
  "POST /w/:workspace/members/invite": { ...members(403), admin: 400 },
  // of another workspace
  "POST /w/:workspace/members/invitations/:invitation/send": { ...members(403), admin: 404 },
  "POST /w/:workspace/members/invitations/:invitation/revoke": { ...members(403), admin: 404 },
  "POST /w/:workspace/members/requests/:request/accept": { ...members(403), admin: 404 },
  "POST /w/:workspace/members/requests/:request/decline": { ...members(403), admin: 404 },
  // without the button that says that it is meant
  "POST /w/:workspace/members/leave": members(303),
  "GET /w/:workspace/members/:person": members(200),
  // without a role
  "POST /w/:workspace/members/:person/role": { ...members(403), admin: 400 },
  "POST /w/:workspace/members/:person/remove": { ...members(403), admin: 303 },
  "GET /w/:workspace/settings": members(200),
  // without a country
  "POST /w/:workspace/settings/:section{workspace|approvals|sign-in|limits|retention}": { ...members(403), admin: 400 },
  "GET /w/:workspace/settings/stop-list": { ...members(403), admin: 200 },
  // without a number
  "POST /w/:workspace/settings/stop-list/find": { ...members(403), admin: 400 },
  "POST /w/:workspace/settings/stop-list/add": { ...members(403), admin: 400 },
  "POST /w/:workspace/settings/stop-list/remove": { ...members(403), admin: 400 }
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
      assert.deepStrictEqual(routesOf(portal).sort(), Object.keys(EXPECTED).sort())
      const places = {
        campaign: campaignId,
        lane: laneId,
        sender: own.senderId,
        revision: own.senderRevisionId,
        person: own.flaggedId
      }
      let asked = 0
      for (const [route, row] of Object.entries(EXPECTED)) {
        const [method, pattern] = route.split(" ") as [string, string]
        const ask = (who: Account | undefined, workspace: number) =>
          Effect.gen(function* () {
            // all of them come from one address
            yield* sql`DELETE FROM sign_in_throttle`
            const browser = new Browser(portal)
            if (who !== undefined) yield* browser.signIn(who)
            const path = pathOf(pattern, { ...places, workspace })
            // of nobody, and each of another one, so that none is locked out
            const form = { email: `${++asked}@nowhere.example`, password: "wrong", code: "000000" }
            if (method === "PUT") return (yield* browser.put(path)).status
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
