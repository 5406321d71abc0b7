/** A browser's day: what the portal asks for with the token of its cookie. The rules have their own tests (rules/sessions.db.test.ts). */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { act } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import * as Sessions from "./Sessions.ts"
import { account, auditedOf, HOME, signIn, TestAccess } from "./testing/accounts.ts"

layer(TestAccess, { excludeTestServices: true })("the portal", (it) => {
  it.effect("knows who is signed in, shows and ends their sessions, and signs them out", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const who = yield* account()
      const [here, there, elsewhere] = [
        (yield* signIn(who)).token,
        (yield* signIn(who)).token,
        (yield* signIn(who)).token
      ]
      const me = act(here, null, HOME)
      const session = yield* asPortal(Sessions.current(here))
      assert.deepInclude(session, { person_id: who.personId, second_factor_due: false })
      const mine = yield* asPortal(me(Sessions.mine))
      assert.deepStrictEqual(
        mine.map(({ address, current, opened_by }) => [address, current, opened_by]),
        [
          [HOME.address, false, "password"],
          [HOME.address, false, "password"],
          [HOME.address, true, "password"]
        ]
      )
      yield* asPortal(me(Sessions.revoke(mine[0]!.id)))
      assert.isUndefined(yield* asPortal(Sessions.current(elsewhere)))
      assert.strictEqual(yield* asPortal(me(Sessions.revokeOthers)), 1)
      assert.isUndefined(yield* asPortal(Sessions.current(there)))
      yield* asPortal(Sessions.signOut(here, HOME))
      assert.isUndefined(yield* asPortal(Sessions.current(here)))
      assert.strictEqual((yield* Effect.flip(asPortal(Sessions.signOut(here)))).reason, "NotSignedIn")
      assert.deepStrictEqual((yield* auditedOf(who.personId)).slice(3), [
        "session.revoke",
        "session.revoke",
        "session.sign_out"
      ])
    })
  )

  it.effect("lists where they may act, and lets a super admin in", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { workspaceId } = yield* sampleWorkspace()
      const boss = yield* account({ super_admin: true })
      const { token } = yield* signIn(boss)
      const me = act(token, null)
      const workspaces = Effect.map(asPortal(Sessions.current(token)), (session) => session!.workspaces)
      assert.deepStrictEqual(yield* workspaces, [])
      yield* asPortal(me(Sessions.enter(workspaceId)))
      const [entered] = (yield* workspaces)!
      assert.deepInclude(entered, { id: workspaceId, role: "super_admin", flagged: false })
    })
  )
})
