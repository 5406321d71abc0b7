/** Names of the installation: granted to many, owned by none, and never by one super admin alone. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient, sqlMessage } from "#schema/Database.ts"
import type { Refused } from "#schema/Refused.ts"
import * as Presets from "#schema/sender/Presets.ts"
import * as Revisions from "#schema/sender/Revisions.ts"
import * as Senders from "#schema/sender/Senders.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"

/** In the portal's role, with a session of that person; in no workspace: Master. */
const as = Effect.fnUntraced(function* (personId: number, workspaceId: number | null = null) {
  const { asPortal } = yield* TestDatabase
  const acting = yield* Effect.orDie(actor(personId, workspaceId))
  return <A, E, R>(effect: Effect.Effect<A, E, R>) => asPortal(acting(effect))
})

let made = 0

const superAdmin = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [person] = yield* sql<{ id: number }>`
    INSERT INTO person (email, name, super_admin) VALUES (${`super${++made}@sample.example`}, 'Super', true) RETURNING id`
  return { id: person!.id, master: yield* as(person!.id) }
})

const told = <A, R>(effect: Effect.Effect<A, Refused, R>) =>
  Effect.map(Effect.flip(effect), ({ message, reason }) => `${reason}: ${message}`)

const preset = (label: string, saddr = label) => ({ label, saddr, reason: "for everybody" })

layer(TestDatabase.layer, { excludeTestServices: true })("a preset", (it) => {
  it.effect("granted by another super admin than made it is a sender that can be used at once, in each workspace", () =>
    Effect.gen(function* () {
      const [maker, granter] = [yield* superAdmin, yield* superAdmin]
      const id = yield* maker.master(Presets.create(preset("Alert", "112")))
      const workspaces = [yield* sampleWorkspace(), yield* sampleWorkspace()]
      for (const { authorId, workspaceId } of workspaces) {
        const revision = yield* granter.master(Presets.grant(id, workspaceId))
        const author = yield* as(authorId, workspaceId)
        const [sender] = (yield* author(Senders.senders())).filter(({ preset }) => preset)
        assert.include(sender, { label: "Alert", saddr: "112", preset: true, revoked: false })
        const [usable] = (yield* author(Senders.approvedSenders(workspaceId))).filter(({ label }) => label === "Alert")
        assert.strictEqual(usable!.revision_id, revision)
        const [history] = yield* author(Revisions.history(sender!.id))
        assert.include(history, {
          made_by: maker.id,
          decided_by: granter.id,
          status: "approved",
          source_addr_ton: 1,
          source_addr_npi: 1
        })
      }
      const author = yield* as(workspaces[0]!.authorId, workspaces[0]!.workspaceId)
      const [mine] = (yield* author(Senders.approvedSenders(workspaces[0]!.workspaceId))).filter(
        ({ label }) => label === "Alert"
      )
      assert.strictEqual(yield* author(Revisions.othersWhoMayUse(mine!.revision_id)), 1)
      assert.strictEqual(yield* author(Revisions.othersWhoMayUse(workspaces[0]!.senderRevisionId)), 0)
      const [seen] = yield* maker.master(Presets.presets())
      assert.deepStrictEqual(
        seen!.granted_to,
        workspaces.map(({ workspaceId }) => workspaceId)
      )
      assert.deepStrictEqual(
        (yield* author(Presets.presets())).map(({ granted_to }) => granted_to),
        [[workspaces[0]!.workspaceId]]
      )
    })
  )

  it.effect("granted by who made it waits for somebody of the workspace to decide", () =>
    Effect.gen(function* () {
      const maker = yield* superAdmin
      const { adminId, moderatorId, workspaceId } = yield* sampleWorkspace()
      const id = yield* maker.master(Presets.create(preset("Lonely")))
      const first = yield* maker.master(Presets.grant(id, workspaceId))
      const moderator = yield* as(moderatorId, workspaceId)
      assert.deepStrictEqual(
        (yield* moderator(Revisions.pending())).map((revision) => revision.id),
        [first]
      )
      yield* moderator(Revisions.decide(first, "reject", "we don't want it"))
      // asked again
      const second = yield* maker.master(Presets.grant(id, workspaceId))
      const admin = yield* as(adminId, workspaceId)
      yield* admin(Revisions.decide(second, "approve"))
      assert.include(
        (yield* admin(Senders.approvedSenders(workspaceId))).map(({ revision_id }) => revision_id),
        second
      )
      assert.strictEqual(
        yield* told(maker.master(Presets.grant(id, workspaceId))),
        "Conflict: preset “Lonely” is granted to this workspace already"
      )
    })
  )

  it.effect("is no workspace's: nobody proposes its name, or changes it, and it takes nobody's", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const [maker, granter] = [yield* superAdmin, yield* superAdmin]
      const mine = yield* sampleWorkspace()
      const admin = yield* as(mine.adminId, mine.workspaceId)
      const id = yield* maker.master(Presets.create(preset("National")))
      assert.deepStrictEqual(
        yield* sql`SELECT workspace_id FROM saddr_owner WHERE skeleton = saddr_skeleton('National')`,
        [{ workspace_id: null }]
      )
      yield* granter.master(Presets.grant(id, mine.workspaceId))
      assert.match(
        yield* told(admin(Revisions.submit(mine.senderId, { saddr: "NATI0NAL", reason: "x" }))),
        /^Conflict: “NATI0NAL” is taken/
      )
      const [sender] = (yield* admin(Senders.senders())).filter(({ preset }) => preset)
      assert.match(
        yield* told(admin(Revisions.submit(sender!.id, { saddr: "Mine", reason: "x" }))),
        /^Conflict: sender “National” is the installation's/
      )
      yield* admin(Revisions.submit(mine.senderId, { saddr: "Regional", reason: "x" }))
      assert.match(yield* told(maker.master(Presets.create(preset("Regi0naI")))), /^Conflict: “Regi0naI” is taken/)
    })
  )

  it.effect("taken back leaves the wizard, can't be restored there, and comes back when it is granted again", () =>
    Effect.gen(function* () {
      const [maker, granter] = [yield* superAdmin, yield* superAdmin]
      const { adminId, workspaceId } = yield* sampleWorkspace()
      const admin = yield* as(adminId, workspaceId)
      const id = yield* maker.master(Presets.create(preset("Borrowed")))
      const revision = yield* granter.master(Presets.grant(id, workspaceId))
      const usable = Effect.map(admin(Senders.approvedSenders(workspaceId)), (found) =>
        found.some(({ revision_id }) => revision_id === revision)
      )
      assert.isTrue(yield* usable)
      const [sender] = (yield* admin(Senders.senders())).filter(({ preset }) => preset)
      yield* admin(Senders.archive(sender!.id))
      assert.isFalse(yield* usable)
      yield* admin(Senders.restore(sender!.id))
      assert.isTrue(yield* usable)
      yield* granter.master(Presets.revoke(id, workspaceId))
      assert.isFalse(yield* usable)
      assert.strictEqual(
        yield* told(admin(Senders.restore(sender!.id))),
        "Conflict: the installation has taken back sender “Borrowed”; ask a super admin for it"
      )
      assert.strictEqual(
        yield* told(granter.master(Presets.revoke(id, workspaceId))),
        `NotFound: preset ${id} is not granted to workspace ${workspaceId}`
      )
      assert.strictEqual(yield* granter.master(Presets.grant(id, workspaceId)), revision)
      assert.isTrue(yield* usable)
    })
  )

  it.effect("archived is taken back from everybody, and its name is free when no campaign of it is under way", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const [maker, granter] = [yield* superAdmin, yield* superAdmin]
      const workspace = yield* sampleWorkspace()
      const other = yield* sampleWorkspace()
      const admin = yield* as(other.adminId, other.workspaceId)
      const id = yield* maker.master(Presets.create(preset("Winter")))
      const senderRevisionId = yield* granter.master(Presets.grant(id, workspace.workspaceId))
      yield* granter.master(Presets.grant(id, other.workspaceId))
      const channels = [yield* sampleChannel(workspace)]
      const { campaignId } = yield* sampleCampaign({
        workspace: { ...workspace, senderRevisionId },
        channels,
        state: "sending"
      })
      yield* maker.master(Presets.archive(id))
      assert.strictEqual(
        yield* told(granter.master(Presets.grant(id, other.workspaceId))),
        "Conflict: preset “Winter” is archived"
      )
      assert.strictEqual(
        sqlMessage(yield* Effect.flip(sql`SELECT must_be_usable(${senderRevisionId})`)),
        "the installation has taken back sender “Winter”; choose another"
      )
      const claim = admin(Revisions.submit(other.senderId, { saddr: "W1nter", reason: "x" }))
      assert.match(yield* told(claim), /^Conflict: “W1nter” is taken/)
      const stopper = yield* as(workspace.adminId, workspace.workspaceId)
      yield* stopper(Campaigns.move(campaignId, "stop"))
      yield* claim
      // the label is free too
      assert.match(yield* told(maker.master(Presets.create(preset("Winter")))), /is taken/)
      yield* maker.master(Presets.create(preset("Winter", "Frost")))
    })
  )

  it.effect("is a super admin's alone to make, grant, take back and archive", () =>
    Effect.gen(function* () {
      const maker = yield* superAdmin
      const { adminId, workspaceId } = yield* sampleWorkspace()
      const id = yield* maker.master(Presets.create(preset("Guarded")))
      const admin = yield* as(adminId, workspaceId)
      for (const attempt of [
        admin(Presets.create(preset("Guarded2"))),
        admin(Presets.grant(id, workspaceId)),
        admin(Presets.revoke(id, workspaceId)),
        admin(Presets.archive(id))
      ]) {
        assert.strictEqual(
          yield* told(attempt),
          "Forbidden: only a super admin may manage workspaces, people, channels and presets; you are an admin"
        )
      }
      assert.deepStrictEqual(yield* admin(Presets.presets()), [])
      assert.strictEqual(
        yield* told(maker.master(Presets.grant(id, 99_999))),
        "NotFound: workspace 99999 does not exist"
      )
      assert.strictEqual(
        yield* told(maker.master(Presets.grant(99_999, workspaceId))),
        "NotFound: preset 99999 does not exist"
      )
      assert.strictEqual(
        yield* told(maker.master(Presets.create(preset("Guarded", "Guards")))),
        "Conflict: there is a preset “Guarded” already"
      )
    })
  )

  it.effect("is in the installation's audit, and each grant in that of the workspace", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const [maker, granter] = [yield* superAdmin, yield* superAdmin]
      const { workspaceId } = yield* sampleWorkspace()
      const id = yield* maker.master(Presets.create(preset("Recorded")))
      yield* granter.master(Presets.grant(id, workspaceId))
      yield* maker.master(Presets.archive(id))
      const chain = (workspace: number) => sql<{ action: string; person_id: number; role: string; preset: number }>`
        SELECT action, person_id, role, coalesce((facts::jsonb ->> 'preset_id')::int, object_id) AS preset
          FROM audit WHERE workspace_id = ${workspace} AND action LIKE 'preset.%' ORDER BY seq`
      const by = (person: { readonly id: number }, action: string) => ({
        action,
        person_id: person.id,
        role: "super_admin",
        preset: id
      })
      assert.deepStrictEqual(yield* chain(workspaceId), [by(granter, "preset.grant"), by(maker, "preset.revoke")])
      assert.deepStrictEqual((yield* chain(0)).slice(-2), [by(maker, "preset.create"), by(maker, "preset.archive")])
    })
  )
})
