/** Whose a sender name is: one workspace's at a time, from the first proposal to the end of the last campaign. */
import { assert, layer } from "@effect/vitest"
import { Effect, Exit } from "effect"
import type * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient, sqlMessage } from "#schema/Database.ts"
import { migrate } from "#schema/Migrations.ts"
import * as Revisions from "#schema/sender/Revisions.ts"
import * as Senders from "#schema/sender/Senders.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import {
  byForce,
  pressAs,
  type SampleWorkspace,
  sampleCampaign,
  sampleChannel,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"

/** In the portal's role, with a session of that person. */
const as = Effect.fnUntraced(function* (personId: number, workspace: SampleWorkspace) {
  const { asPortal } = yield* TestDatabase
  const acting = yield* Effect.orDie(actor(personId, workspace.workspaceId))
  return <A, E, R>(effect: Effect.Effect<A, E, R>) => asPortal(acting(effect))
})

const propose = Effect.fnUntraced(function* (workspace: SampleWorkspace, saddr: string, senderId = workspace.senderId) {
  const author = yield* as(workspace.authorId, workspace)
  return yield* author(Revisions.submit(senderId, { saddr, reason: "for the test" }))
})

const decide = Effect.fnUntraced(function* (
  workspace: SampleWorkspace,
  revision: number,
  decision: "approve" | "reject"
) {
  const moderator = yield* as(workspace.moderatorId, workspace)
  yield* moderator(Revisions.decide(revision, decision, "for the test"))
})

const press = Effect.fnUntraced(function* (
  workspace: SampleWorkspace,
  act: "archive" | "restore",
  senderId = workspace.senderId
) {
  const admin = yield* as(workspace.adminId, workspace)
  yield* admin(act === "archive" ? Senders.archive(senderId) : Senders.restore(senderId))
})

const taken = (saddr: string) =>
  `“${saddr}” is taken, or looks like a name that is: another workspace or the installation uses it; choose one that can't be mistaken for it`

const refusal = <A, R>(effect: Effect.Effect<A, { readonly reason: string; readonly message: string }, R>) =>
  Effect.map(Effect.flip(effect), ({ message, reason }) => `${reason}: ${message}`)

const two = Effect.all([sampleWorkspace(), sampleWorkspace()])

/** What this workspace's own approved name looks like, written otherwise. */
const lookAlike = Effect.fnUntraced(function* ({ senderRevisionId }: SampleWorkspace) {
  const sql = yield* SqlClient
  const [revision] = yield* sql<{ saddr: string }>`SELECT saddr FROM sender_revision WHERE id = ${senderRevisionId}`
  return revision!.saddr.replace("Corp", "C0RP ")
})

layer(TestDatabase.layer, { excludeTestServices: true })("a sender name", (it) => {
  it.effect(
    "is refused to others as soon as it is proposed, however it is written, and nobody learns whose it is",
    () =>
      Effect.gen(function* () {
        const [mine, theirs] = yield* two
        yield* propose(mine, "Payroll")
        for (const saddr of ["Payroll", "PAYR0LL", "pay-roii", "Раyrоll", "PayroIl"]) {
          assert.strictEqual(yield* refusal(propose(theirs, saddr)), `Conflict: ${taken(saddr)}`)
        }
        // in the workspace that has it, it can be proposed again
        yield* propose(mine, "PAYROLL")
        yield* propose(theirs, "Payrollers")
      })
  )

  it.effect("is free again when its only revision was rejected, and not while another still asks", () =>
    Effect.gen(function* () {
      const [mine, theirs] = yield* two
      const first = yield* propose(mine, "Welcome")
      const second = yield* propose(mine, "welcome")
      yield* decide(mine, first, "reject")
      assert.strictEqual(yield* refusal(propose(theirs, "Welcome")), `Conflict: ${taken("Welcome")}`)
      yield* decide(mine, second, "reject")
      yield* propose(theirs, "Welcome")
      assert.strictEqual(yield* refusal(propose(mine, "Welcome")), `Conflict: ${taken("Welcome")}`)
    })
  )

  it.effect("is one of several that a sender may hold", () =>
    Effect.gen(function* () {
      const [mine, theirs] = yield* two
      for (const saddr of ["Depot", "Garage"]) yield* decide(mine, yield* propose(mine, saddr), "approve")
      for (const saddr of ["Depot", "Garage", yield* lookAlike(mine)]) {
        assert.strictEqual(yield* refusal(propose(theirs, saddr)), `Conflict: ${taken(saddr)}`)
      }
    })
  )

  it.effect("is free when its sender is archived, and back with it unless somebody has taken it", () =>
    Effect.gen(function* () {
      const [mine, theirs] = yield* two
      const saddr = yield* lookAlike(mine)
      yield* press(mine, "archive")
      yield* press(mine, "restore")
      assert.strictEqual(yield* refusal(propose(theirs, saddr)), `Conflict: ${taken(saddr)}`)
      yield* press(mine, "archive")
      const revision = yield* propose(theirs, saddr)
      assert.match(yield* refusal(press(mine, "restore")), /^Conflict: “Corp\d+” is taken/)
      yield* decide(theirs, revision, "reject")
      yield* press(mine, "restore")
      assert.strictEqual(yield* refusal(propose(theirs, saddr)), `Conflict: ${taken(saddr)}`)
    })
  )

  it.effect("stays with an archived sender until the last campaign that was submitted with it has ended", () =>
    Effect.gen(function* () {
      const held: Record<string, boolean> = {}
      const states: ReadonlyArray<Campaigns.CampaignState> = [
        ...(["draft", "in_review", "scheduled", "sending", "paused"] as const),
        ...(["rejected", "cancelled", "expired", "failed"] as const)
      ]
      for (const state of states) {
        const [mine, theirs] = yield* two
        const channel = yield* sampleChannel(mine)
        const { campaignId } = yield* sampleCampaign({ workspace: mine, channels: [channel], state })
        yield* press(mine, "archive")
        const claimed = yield* Effect.exit(propose(theirs, yield* lookAlike(mine)))
        held[state] = Exit.isFailure(claimed)
        if (state !== "scheduled") continue
        yield* pressAs(mine, mine.adminId, campaignId, "stop")
        yield* propose(theirs, yield* lookAlike(mine))
      }
      assert.deepStrictEqual(
        states.filter((state) => held[state]),
        ["in_review", "scheduled", "sending", "paused"]
      )
    })
  )

  it.effect("comes to exactly one of two who ask at once, whether nobody ever had it or somebody has let it go", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const [mine, theirs] = yield* two
      const last = yield* sampleWorkspace()
      for (let round = 0; round < 60; round++) {
        const name = `Race ${"abcdefghkn".charAt(round / 10)}${"abcdefghkn".charAt(round % 10)}`
        const [a, b] = [name, name.replaceAll("a", "4").toUpperCase()]
        if (round % 2 === 1) yield* decide(last, yield* propose(last, name), "reject")
        const [first, second] = yield* Effect.all([Effect.exit(propose(mine, a)), Effect.exit(propose(theirs, b))], {
          concurrency: 2
        })
        assert.notStrictEqual(Exit.isSuccess(first), Exit.isSuccess(second), name)
        const lost = yield* Effect.flip(Exit.isFailure(first) ? first : second)
        assert.strictEqual(lost.message, taken(Exit.isFailure(first) ? a : b))
        const winner = Exit.isSuccess(first) ? mine : theirs
        assert.deepStrictEqual(
          yield* sql`SELECT workspace_id FROM saddr_owner WHERE skeleton = saddr_skeleton(${name})`,
          [{ workspace_id: winner.workspaceId }]
        )
      }
    })
  )

  it.effect("can't be got by whoever writes rows by hand: the owner's own statement claims it too", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const [mine, theirs] = yield* two
      yield* propose(mine, "Ledger")
      const error = yield* Effect.flip(sql`
        INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, made_by)
        VALUES (${theirs.workspaceId}, ${theirs.senderId}, 9, 'L3DGER', 5, 0, 'x', ${theirs.adminId})`)
      assert.strictEqual(sqlMessage(error), taken("L3DGER"))
      // a second run of demo data is no claim
      yield* sql`
        INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, made_by)
        VALUES (${theirs.workspaceId}, ${theirs.senderId}, 1, 'L3DGER', 5, 0, 'x', ${theirs.adminId}) ON CONFLICT DO NOTHING`
    })
  )

  it.effect("may be sent with only while it is approved, not archived, and one's own", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const usable = (revision: number) =>
        Effect.match(sql`SELECT must_be_usable(${revision})`, { onFailure: sqlMessage, onSuccess: () => "yes" })
      const mine = yield* sampleWorkspace()
      assert.strictEqual(yield* usable(mine.senderRevisionId), "yes")
      const pending = yield* propose(mine, "Lobby")
      assert.match(yield* usable(pending), /^revision 2 of sender “Corp\d+” is pending, not approved; choose another$/)
      yield* press(mine, "archive")
      assert.match(
        yield* usable(mine.senderRevisionId),
        /^sender “Corp\d+” is archived; restore it, or choose another$/
      )
    })
  )

  it.effect("of a database from before has its first approved user as owner, and nobody else may send with it", () =>
    Effect.gen(function* () {
      const { ownerUrl } = yield* TestDatabase
      const sql = yield* SqlClient
      const [first, second] = yield* two
      const third = yield* sampleWorkspace()
      for (const [{ adminId, moderatorId, senderId, workspaceId }, saddr, approved] of [
        [third, "Tower", false],
        [first, "T0wer", true],
        [second, "tower", true]
      ] as const) {
        yield* byForce(
          "sender_revision",
          `INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, status, made_by, decided_by)
           VALUES (${workspaceId}, ${senderId}, 2, '${saddr}', 5, 0, 'x', '${approved ? "approved" : "pending"}', ${adminId}, ${approved ? moderatorId : "NULL"})`
        )
      }
      yield* sql`DELETE FROM schema_rule`
      assert.isTrue((yield* migrate(ownerUrl)).rules)
      assert.deepStrictEqual(
        yield* sql`SELECT workspace_id FROM saddr_owner WHERE skeleton = saddr_skeleton('Tower')`,
        [{ workspace_id: first.workspaceId }]
      )
      const newest = (workspace: SampleWorkspace) =>
        Effect.map(
          sql<{ id: number }>`SELECT max(id) AS id FROM sender_revision WHERE sender_id = ${workspace.senderId}`,
          ([row]) => row!.id
        )
      yield* sql`SELECT must_be_usable(${yield* newest(first)})`
      const refused = yield* Effect.flip(sql`SELECT must_be_usable(${yield* newest(second)})`)
      assert.strictEqual(sqlMessage(refused), "the name “tower” belongs to somebody else; choose another sender")
      assert.strictEqual(yield* refusal(decide(third, yield* newest(third), "approve")), `Conflict: ${taken("Tower")}`)
    })
  )
})
