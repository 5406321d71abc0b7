/** Settings within their bounds, told before and after; and workspaces made, archived and restored by super admins. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { tokenOf } from "#schema/testing/session.ts"
import { newestOf, signedIn, somebody, told } from "#schema/testing/signedIn.ts"
import * as Members from "./Members.ts"
import * as WorkspaceSettings from "./WorkspaceSettings.ts"

const prepare = Effect.gen(function* () {
  const workspace = yield* sampleWorkspace()
  return { ...workspace, admin: yield* signedIn(workspace.adminId, workspace.workspaceId) }
})

layer(TestDatabase.layer, { excludeTestServices: true })("settings", (it) => {
  it.effect("are changed by admins, one by one, and told to the audit before and after", () =>
    Effect.gen(function* () {
      const { admin, authorId, workspaceId } = yield* prepare
      yield* admin(WorkspaceSettings.change({ time_zone: "Asia/Tashkent", keep_content_months: 6 }))
      assert.deepInclude(yield* admin(WorkspaceSettings.settings()), {
        time_zone: "Asia/Tashkent",
        keep_content_months: 6,
        country: "UZ"
      })
      const line = yield* newestOf(workspaceId)
      assert.deepInclude(line, {
        action: "workspace.settings",
        facts: {
          before: { time_zone: "UTC", keep_content_months: null },
          after: { time_zone: "Asia/Tashkent", keep_content_months: 6 }
        }
      })
      // nothing new, nothing said
      yield* admin(WorkspaceSettings.change({ time_zone: "Asia/Tashkent" }))
      assert.deepStrictEqual(yield* newestOf(workspaceId), line)
      yield* admin(WorkspaceSettings.change({ keep_content_months: null }))
      assert.strictEqual(
        yield* told((yield* signedIn(authorId, workspaceId))(WorkspaceSettings.change({ country: "KZ" }))),
        "Forbidden: only an admin may manage members, settings and keys of the workspace; you are an author"
      )
    })
  )

  it.effect("beyond their bounds, or that there aren't, are refused in words", () =>
    Effect.gen(function* () {
      const { admin } = yield* prepare
      const large = "say both: from how many recipients on a campaign is large, and how many approvals it then needs"
      const cases: ReadonlyArray<readonly [object, string]> = [
        [{ flag: "red", id: 7 }, "a workspace has no id, flag"],
        [{ country: "uz" }, "a country is two capital letters, as UZ (ISO 3166)"],
        [{ time_zone: "Mars/Base" }, "there is no time zone “Mars/Base”; it is written as Asia/Tashkent or UTC"],
        [{ time_zone: null }, "there is no time zone “”; it is written as Asia/Tashkent or UTC"],
        [{ approvals_needed: 0 }, "a campaign needs 1 to 3 approvals"],
        [{ approvals_needed: 4 }, "a campaign needs 1 to 3 approvals"],
        [{ large_from_recipients: 1000 }, large],
        [{ large_approvals_needed: 2 }, large],
        [{ large_from_recipients: 0, large_approvals_needed: 2 }, "a campaign is large from at least 1 recipient on"],
        [
          { approvals_needed: 2, large_from_recipients: 9, large_approvals_needed: 1 },
          "a large campaign needs at least as many approvals as any other, and at most 3"
        ],
        [{ keep_content_months: 0 }, "numbers and texts are kept for at least 1 month, or for ever"],
        [{ keep_audit_months: 11 }, "the audit is kept for at least 12 months, or for ever"],
        [{ open_to_requests: null }, "what a workspace asks for is true or false"],
        [{ approvals_needed: "many" }, `this can't be read: invalid input syntax for type smallint: "many"`],
        [["country"], "a workspace is changed by naming what to change"]
      ]
      for (const [wanted, words] of cases)
        assert.strictEqual(yield* told(admin(WorkspaceSettings.change(wanted))), `Invalid: ${words}`)
    })
  )

  it.effect("leave the name to super admins, who may not take one that is taken", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { admin, workspaceId } = yield* prepare
      const other = yield* (yield* prepare).admin(WorkspaceSettings.settings())
      assert.strictEqual(
        yield* told(admin(WorkspaceSettings.change({ name: "Mine" }))),
        "Forbidden: only a super admin may rename a workspace"
      )
      const root = yield* somebody(true)
      const entered = yield* signedIn(root.id, workspaceId)
      yield* sql`INSERT INTO workspace_entry (session_id, workspace_id) SELECT id, ${workspaceId} FROM session WHERE person_id = ${root.id}`
      yield* entered(WorkspaceSettings.change({ name: " Renamed " }))
      assert.strictEqual((yield* admin(WorkspaceSettings.settings())).name, "Renamed")
      assert.strictEqual(
        yield* told(entered(WorkspaceSettings.change({ name: other.name }))),
        "Conflict: there is a workspace of this name already"
      )
    })
  )

  it.effect("don't lock out who asks for second factors; sessions without one are refused from then on", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { admin, adminId, authorId, workspaceId } = yield* prepare
      const bare = act(yield* tokenOf(adminId, "none"), workspaceId)
      assert.strictEqual(
        yield* told(asPortal(bare(WorkspaceSettings.change({ require_second_factor: true })))),
        "Conflict: you signed in without a second factor, and would be locked out; set one up on your own page, then sign in with it"
      )
      yield* admin(WorkspaceSettings.change({ require_second_factor: true }))
      const without = act(yield* tokenOf(authorId, "none"), workspaceId)
      assert.strictEqual(
        yield* told(asPortal(without(WorkspaceSettings.settings()))),
        "NotSignedIn: this workspace asks for a second factor; set one up on your own page, then sign in with it"
      )
      assert.isTrue((yield* admin(WorkspaceSettings.settings())).require_second_factor)
    })
  )

  it.effect("don't ask for signed approvals where nobody who may approve has a passkey", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { admin, authorId, flaggedId } = yield* prepare
      const passkey = (personId: number) =>
        sql`INSERT INTO passkey (person_id, credential_id, public_key, name) VALUES (${personId}, ${`key ${personId}`}, '\\x00', 'Key')`
      yield* passkey(authorId)
      assert.strictEqual(
        yield* told(admin(WorkspaceSettings.change({ require_signed_approvals: true }))),
        "Conflict: nobody who may approve here has a passkey, so nothing could be approved; add one first, each on their own page"
      )
      yield* passkey(flaggedId)
      yield* admin(WorkspaceSettings.change({ require_signed_approvals: true }))
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("a workspace", (it) => {
  it.effect("is made by a super admin with its first admin, who can act in it, and told in both chains", () =>
    Effect.gen(function* () {
      const { id, self } = yield* somebody()
      const { self: master } = yield* somebody(true)
      const made = yield* master(WorkspaceSettings.create({ name: "Fresh", country: "KZ", approvals_needed: 2 }, id))
      const admin = yield* signedIn(id, made)
      assert.deepInclude(yield* admin(WorkspaceSettings.settings()), {
        country: "KZ",
        approvals_needed: 2,
        open_to_requests: false
      })
      for (const chain of [0, made])
        assert.deepInclude(yield* newestOf(chain), { action: "workspace.create", object_id: made, role: "super_admin" })

      const refusals: ReadonlyArray<readonly [Parameters<typeof WorkspaceSettings.create>[0], number, string]> = [
        [
          { name: "Fresh", country: "KZ" },
          id,
          "Conflict: there is a workspace of this name already, maybe in the archive"
        ],
        [
          { name: "Other", country: "KZ" },
          987654,
          "NotFound: its first admin, person 987654, does not exist or is disabled"
        ],
        [{ name: "Other" } as never, id, "Invalid: a country is two capital letters, as UZ (ISO 3166)"],
        [
          { name: "Other", country: "KZ", require_signed_approvals: true },
          id,
          "Conflict: second factors and signed approvals are asked for by its admins, once they have their own"
        ]
      ]
      for (const [wanted, first, words] of refusals)
        assert.strictEqual(yield* told(master(WorkspaceSettings.create(wanted, first))), words)
      assert.strictEqual(
        yield* told(self(WorkspaceSettings.create({ name: "Other", country: "KZ" }, id))),
        "Forbidden: only a super admin may manage workspaces, people, channels and presets; you are in no workspace"
      )
    })
  )

  it.effect("that is archived is acted in by nobody until it is restored, and seen in Master", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { admin, adminId, workspaceId } = yield* prepare
      const { self: master } = yield* somebody(true)
      const outsider = (yield* somebody()).id
      yield* master(WorkspaceSettings.archive(workspaceId))
      assert.strictEqual(
        yield* told(admin(WorkspaceSettings.settings())),
        "Conflict: this workspace is archived, and nobody acts in it; a super admin can restore it"
      )
      const strange = act(yield* tokenOf(outsider), workspaceId)
      assert.strictEqual(
        yield* told(asPortal(strange(WorkspaceSettings.settings()))),
        `NotFound: workspace ${workspaceId} does not exist, or you are not in it`
      )
      const mine = yield* (yield* signedIn(adminId, null))(
        Effect.flatMap(SqlClient, (sql) => sql`SELECT id FROM my_workspaces()`)
      )
      assert.deepStrictEqual(mine, [])
      const seen = yield* master(
        Effect.flatMap(SqlClient, (sql) => sql`SELECT id FROM workspace WHERE id = ${workspaceId}`)
      )
      assert.lengthOf(seen, 1)
      assert.match(
        yield* told(master(WorkspaceSettings.archive(workspaceId))),
        /^Conflict: workspace “.*” is archived already$/
      )
      yield* master(WorkspaceSettings.restore(workspaceId))
      for (const chain of [0, workspaceId])
        assert.deepInclude(yield* newestOf(chain), { action: "workspace.restore", object_id: workspaceId })
      yield* admin(WorkspaceSettings.settings())
      assert.match(
        yield* told(master(WorkspaceSettings.restore(workspaceId))),
        /^Conflict: workspace “.*” is not archived$/
      )
      assert.strictEqual(
        yield* told(master(WorkspaceSettings.archive(987654))),
        "NotFound: workspace 987654 does not exist"
      )
    })
  )

  it.effect("is not archived while a campaign of it waits or runs", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const { self: master } = yield* somebody(true)
      const channel = yield* sampleChannel(workspace)
      yield* sampleCampaign({ workspace, channels: [channel], state: "draft" })
      yield* sampleCampaign({ workspace, channels: [channel], state: "cancelled" })
      yield* sampleCampaign({ workspace, channels: [channel], state: "scheduled" })
      assert.match(
        yield* told(master(WorkspaceSettings.archive(workspace.workspaceId))),
        /^Conflict: workspace “.*” has 1 campaign in review, scheduled, being sent or paused; stop it or let it end first$/
      )
      yield* sampleCampaign({ workspace, channels: [channel], state: "paused" })
      assert.match(
        yield* told(master(WorkspaceSettings.archive(workspace.workspaceId))),
        /has 2 campaigns in review, scheduled, being sent or paused; stop them or let them end first$/
      )
      assert.isUndefined(
        yield* (yield* signedIn(workspace.authorId, workspace.workspaceId))(
          Members.approversWarning(workspace.workspaceId)
        )
      )
    })
  )
})
