import { assert, layer } from "@effect/vitest"
import { Deferred, Effect, Fiber, Redacted } from "effect"
import { verifyChain } from "#schema/audit/Verify.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"
import { refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import {
  decideAs,
  pressAs,
  type SampleWorkspace,
  sampleCampaign,
  sampleChannel,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { tokenOf } from "#schema/testing/session.ts"
import * as OwnPasskeys from "./OwnPasskeys.ts"
import * as Passkeys from "./Passkeys.ts"
import { challengeOf, keepSignature, signingOptions } from "./SignedDecisions.ts"
import { enrolled, signer, TestSite } from "./testing/devices.ts"

type Signer = Effect.Success<ReturnType<typeof signer>>
type Word = Campaigns.Decision["decision"]

/** A workspace that asks for signatures, and a way to make campaigns in review. */
const signingWorkspace = Effect.gen(function* () {
  const workspace = yield* sampleWorkspace({ require_signed_approvals: "true", approvals_needed: 2 })
  const channel = yield* sampleChannel(workspace)
  const inReview = Effect.map(
    sampleCampaign({ workspace, channels: [channel], state: "in_review" }),
    ({ campaignId }) => campaignId
  )
  return { workspace, inReview }
})

const as = Effect.fnUntraced(function* <A, E>(
  workspace: SampleWorkspace,
  { token }: Pick<Signer, "token">,
  effect: Effect.Effect<A, E, SqlClient>
) {
  const { asPortal } = yield* TestDatabase
  return yield* asPortal(act(token, workspace.workspaceId)(effect))
})

/** Asks a person's device, and keeps what it signed. Gives the assertion's id. */
const sign = Effect.fnUntraced(function* (
  workspace: SampleWorkspace,
  person: Signer,
  campaignId: number,
  word: Word = "approve"
) {
  const { asAccess } = yield* TestDatabase
  const challenge = yield* as(workspace, person, challengeOf(campaignId, word))
  const options = yield* asAccess(signingOptions(person.token, challenge))
  return yield* asAccess(keepSignature(person.token, person.device.assert(options.challenge)))
})

const decide = Effect.fnUntraced(function* (
  workspace: SampleWorkspace,
  person: Pick<Signer, "token">,
  campaignId: number,
  assertionId?: number,
  word: Word = "approve"
) {
  const fingerprint = yield* as(workspace, person, Campaigns.fingerprint(campaignId))
  const decision = { decision: word, fingerprint, note: "read", ...(assertionId === undefined ? {} : { assertionId }) }
  return yield* as(workspace, person, Campaigns.decide(campaignId, decision))
})

const eventsOf = Effect.fnUntraced(function* (workspaceId: number, action: string) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ facts: string }>`
    SELECT facts FROM audit WHERE workspace_id = ${workspaceId} AND action = ${action} ORDER BY seq`
  return rows.map(({ facts }) => JSON.parse(facts))
})

/** Ends when a connection of this database waits for a lock. */
const somebodyWaits = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [found] = yield* sql<{ waits: boolean }>`
    SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()) AS waits`
  return found!.waits
}).pipe(Effect.repeat({ until: (waits) => waits }))

const NOT_THIS = "this signature is not yours, or not for this decision; sign again"

layer(TestSite, { excludeTestServices: true })("signed decisions", (it) => {
  it.effect("approve a campaign, two people's keys, and can be checked from the audit by anybody", () =>
    Effect.gen(function* () {
      const { workspace, inReview } = yield* signingWorkspace
      const campaignId = yield* inReview
      const moderator = yield* signer(workspace.moderatorId)
      const admin = yield* signer(workspace.adminId)
      assert.strictEqual(
        yield* decide(workspace, moderator, campaignId, yield* sign(workspace, moderator, campaignId)),
        "in_review"
      )
      assert.strictEqual(
        yield* decide(workspace, admin, campaignId, yield* sign(workspace, admin, campaignId)),
        "scheduled"
      )
      const next = yield* inReview
      yield* decide(workspace, moderator, next, yield* sign(workspace, moderator, next))

      const approvals = yield* eventsOf(workspace.workspaceId, "campaign.approve")
      const fingerprint = yield* Campaigns.fingerprint(campaignId)
      const [first] = approvals
      assert.deepInclude(first, { campaign_id: campaignId, submission: 1, fingerprint, decision: "approve" })
      assert.deepInclude(first.assertion, {
        credential_id: moderator.device.credentialId,
        rp_id: "sms.example",
        origin: "https://sms.example"
      })
      assert.sameMembers(Object.keys(first.assertion), [
        ...["credential_id", "client_data_json", "authenticator_data", "signature", "rp_id", "origin"]
      ])
      const introduced = yield* eventsOf(workspace.workspaceId, "passkey.introduce")
      assert.deepStrictEqual(
        introduced,
        [moderator, admin].map(({ device, personId }) => ({
          person_id: personId,
          credential_id: device.credentialId,
          public_key: Buffer.from(device.publicKey).toString("base64url")
        }))
      )
      const { findings } = yield* verifyChain(workspace.workspaceId, undefined)
      assert.deepInclude(findings.decisions, { signed: 3, unsigned: 0, uncheckable: 0 })
    })
  )

  it.effect("introduce a key once, also of two decisions in one transaction, or at once", () =>
    Effect.gen(function* () {
      const { workspace, inReview } = yield* signingWorkspace
      const moderator = yield* signer(workspace.moderatorId)
      const one = yield* inReview
      const two = yield* inReview
      const signatures = yield* Effect.forEach([one, two], (id) => sign(workspace, moderator, id))
      const fingerprints = yield* Effect.forEach([one, two], Campaigns.fingerprint)
      const both = Effect.forEach([one, two], (id, i) =>
        Campaigns.decide(id, { decision: "approve", fingerprint: fingerprints[i]!, assertionId: signatures[i]! })
      )
      yield* as(workspace, moderator, both)

      // one that is not committed yet, and another
      const admin = yield* signer(workspace.adminId)
      const theirs = yield* Effect.forEach([one, two], (id) => sign(workspace, admin, id))
      const decided = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const decision = { decision: "approve" as const, fingerprint: fingerprints[0]!, assertionId: theirs[0]! }
      const held = Campaigns.decide(one, decision).pipe(
        Effect.andThen(Deferred.succeed(decided, undefined)),
        Effect.andThen(Deferred.await(go))
      )
      const first = yield* Effect.forkChild(as(workspace, admin, held))
      yield* Deferred.await(decided)
      const second = yield* Effect.forkChild(decide(workspace, admin, two, theirs[1]))
      yield* Effect.raceFirst(somebodyWaits, Fiber.join(second))
      yield* Deferred.succeed(go, undefined)
      yield* Effect.all([Fiber.join(first), Fiber.join(second)])
      assert.lengthOf(yield* eventsOf(workspace.workspaceId, "passkey.introduce"), 2)
      assert.strictEqual((yield* verifyChain(workspace.workspaceId, undefined)).findings.decisions.signed, 4)
    })
  )

  it.effect("are asked for where the workspace says so", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const { workspace, inReview } = yield* signingWorkspace
      const campaignId = yield* inReview
      const without = { token: yield* tokenOf(workspace.moderatorId, "none") }
      const why = yield* Effect.flip(decide(workspace, without, campaignId))
      assert.strictEqual(why.reason, "Forbidden")
      assert.include(why.message, "this workspace asks for approvals signed with a passkey")
      const challenge = yield* as(workspace, without, challengeOf(campaignId, "approve"))
      const none = yield* Effect.flip(asAccess(signingOptions(without.token, challenge)))
      assert.strictEqual(none.message, "you have no passkey to sign with; add one on your own page")
      // a rejection holds nothing open, so it needs none
      assert.strictEqual(yield* decide(workspace, without, campaignId, undefined, "reject"), "rejected")
    })
  )

  it.effect("are nobody else's, and for no other campaign, content or decision", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const { workspace, inReview } = yield* signingWorkspace
      const campaignId = yield* inReview
      const other = yield* inReview
      const moderator = yield* signer(workspace.moderatorId)
      const admin = yield* signer(workspace.adminId)
      const refused = Effect.fnUntraced(function* (
        person: Signer,
        id: number,
        assertionId: number,
        word: Word = "approve"
      ) {
        const why = yield* Effect.flip(decide(workspace, person, id, assertionId, word))
        assert.deepStrictEqual([why.reason, why.message], ["Forbidden", NOT_THIS])
      })
      const signed = yield* sign(workspace, moderator, campaignId)
      yield* refused(admin, campaignId, signed)
      yield* refused(moderator, other, signed)
      yield* refused(moderator, campaignId, signed, "reject")
      yield* refused(moderator, campaignId, 2 ** 30)
      // another's device doesn't answer for them either: neither their key in my session, nor my answer to what was asked of them
      const challenge = yield* as(workspace, moderator, challengeOf(campaignId, "approve"))
      const options = yield* asAccess(signingOptions(moderator.token, challenge))
      assert.deepStrictEqual(
        options.allowCredentials?.map(({ id }) => id),
        [moderator.device.credentialId]
      )
      const wrongKey = yield* Effect.flip(
        asAccess(keepSignature(moderator.token, admin.device.assert(options.challenge)))
      )
      assert.strictEqual(wrongKey.reason, "UnknownKey")
      const unasked = yield* Effect.flip(asAccess(keepSignature(admin.token, admin.device.assert(options.challenge))))
      assert.strictEqual(unasked.reason, "Conflict")

      // taken back and submitted again: the same words, and yet another thing to sign
      yield* pressAs(workspace, workspace.authorId, campaignId, "revise")
      yield* pressAs(workspace, workspace.authorId, campaignId, "submit")
      yield* refused(moderator, campaignId, signed)
      yield* decide(workspace, moderator, campaignId, yield* sign(workspace, moderator, campaignId))
    })
  )

  it.effect("decide once: not twice an approval, nor again after changes were requested", () =>
    Effect.gen(function* () {
      const { workspace, inReview } = yield* signingWorkspace
      const moderator = yield* signer(workspace.moderatorId)
      const approved = yield* inReview
      const approval = yield* sign(workspace, moderator, approved)
      yield* decide(workspace, moderator, approved, approval)
      const again = yield* Effect.flip(decide(workspace, moderator, approved, approval))
      assert.strictEqual(again.reason, "Conflict")

      const campaignId = yield* inReview
      const request = yield* sign(workspace, moderator, campaignId, "request_changes")
      assert.strictEqual(yield* decide(workspace, moderator, campaignId, request, "request_changes"), "draft")
      assert.strictEqual(
        (yield* Effect.flip(decide(workspace, moderator, campaignId, request, "request_changes"))).reason,
        "Conflict"
      )
      yield* pressAs(workspace, workspace.authorId, campaignId, "submit")
      const why = yield* Effect.flip(decide(workspace, moderator, campaignId, request, "request_changes"))
      assert.strictEqual(why.message, NOT_THIS)
      assert.strictEqual((yield* verifyChain(workspace.workspaceId, undefined)).findings.decisions.signed, 2)
    })
  )

  it.effect("don't count by a key that was removed, and go on counting where they were given before", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { workspace, inReview } = yield* signingWorkspace
      const moderator = yield* signer(workspace.moderatorId)
      yield* enrolled(moderator.token, "Spare")
      const before = yield* inReview
      yield* decide(workspace, moderator, before, yield* sign(workspace, moderator, before))
      const campaignId = yield* inReview
      const signed = yield* sign(workspace, moderator, campaignId)
      yield* asPortal(act(moderator.token, null)(OwnPasskeys.revoke(moderator.passkeyId)))
      assert.strictEqual((yield* Effect.flip(decide(workspace, moderator, campaignId, signed))).message, NOT_THIS)
      const late = yield* Effect.flip(sign(workspace, moderator, campaignId))
      assert.strictEqual(late.reason, "UnknownKey")
      const sql = yield* SqlClient
      const [standing] = yield* sql<{ n: number }>`SELECT approvals_standing(${before}) AS n`
      assert.strictEqual(standing!.n, 1)
    })
  )

  it.effect("are refused when changed on their way, without who holds the key, and by a counter that went back", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const { workspace, inReview } = yield* signingWorkspace
      const campaignId = yield* inReview
      const moderator = yield* signer(workspace.moderatorId)
      const { device, token } = moderator
      const ask = Effect.gen(function* () {
        const challenge = yield* as(workspace, moderator, challengeOf(campaignId, "approve"))
        return (yield* asAccess(signingOptions(token, challenge))).challenge
      })
      const keep = (answer: unknown) => asAccess(keepSignature(token, answer))
      for (const field of ["signature", "authenticatorData"] as const) {
        const answer = device.assert(yield* ask)
        const changed = Buffer.from(answer.response[field], "base64url")
        changed[changed.length - 1]! ^= 1
        const response = { ...answer.response, [field]: changed.toString("base64url") }
        assert.strictEqual((yield* Effect.flip(keep({ ...answer, response }))).reason, "NotProved", field)
      }
      const unverified = device.assert(yield* ask, { userVerified: false })
      assert.strictEqual((yield* Effect.flip(keep(unverified))).reason, "NotProved")
      yield* keep(device.assert(yield* ask, { signCount: 3 }))
      assert.strictEqual((yield* Effect.flip(keep(device.assert(yield* ask, { signCount: 3 })))).reason, "Suspect")
      // what was asked for something else is no question here
      const toEnrol = (yield* asAccess(Passkeys.enrolmentOptions(token))).challenge
      assert.strictEqual((yield* Effect.flip(keep(device.assert(toEnrol)))).reason, "Conflict")
      // an answer that was kept is not taken again
      const answer = device.assert(yield* ask, { signCount: 4 })
      yield* keep(answer)
      assert.strictEqual((yield* Effect.flip(keep(answer))).reason, "Conflict")
    })
  )

  it.effect(
    "are kept by the database for nobody else's session or key, nor over another challenge, whoever says they were checked",
    () =>
      Effect.gen(function* () {
        const { asAccess } = yield* TestDatabase
        const { workspace } = yield* signingWorkspace
        const moderator = yield* signer(workspace.moderatorId)
        const admin = yield* signer(workspace.adminId)
        const challenge = Buffer.alloc(32, 7)
        const keep = (passkeyId: number, over: Buffer) => {
          const clientData = Buffer.from(JSON.stringify({ challenge: over.toString("base64url") })).toString("hex")
          const statement = Effect.flatMap(
            SqlClient,
            (sql) => sql<{ id: number | null }>`
            SELECT keep_assertion(${Redacted.value(moderator.token)}, ${passkeyId}, 0, decode(${challenge.toString("hex")}, 'hex'),
              decode(${clientData}, 'hex'), '', '', 'sms.example', 'https://sms.example') AS id`
          )
          return asAccess(Effect.mapError(statement, refused))
        }
        assert.strictEqual((yield* Effect.flip(keep(admin.passkeyId, challenge))).reason, "Forbidden")
        const elsewhere = yield* Effect.flip(keep(moderator.passkeyId, Buffer.alloc(32, 8)))
        assert.strictEqual(elsewhere.message, "this signature is for something else; sign again")
        assert.isNumber((yield* keep(moderator.passkeyId, challenge))[0]!.id)
      })
  )

  it.effect("don't let anybody decide on what they made", () =>
    Effect.gen(function* () {
      const { workspace } = yield* signingWorkspace
      const channel = yield* sampleChannel(workspace)
      const columns = { created_by: workspace.adminId, edited_by: workspace.adminId }
      const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state: "draft", columns })
      yield* pressAs(workspace, workspace.authorId, campaignId, "submit")
      const admin = yield* signer(workspace.adminId)
      const why = yield* Effect.flip(decide(workspace, admin, campaignId, yield* sign(workspace, admin, campaignId)))
      assert.strictEqual(why.message, "you made, edited or submitted this campaign, so somebody else has to approve it")
    })
  )

  it.effect("of a workspace that starts to ask for them don't count before they are signed", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace({ approvals_needed: 2 })
      const channel = yield* sampleChannel(workspace)
      const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state: "in_review" })
      yield* decideAs(workspace, workspace.moderatorId, campaignId)
      yield* sql`UPDATE workspace SET require_signed_approvals = true WHERE id = ${workspace.workspaceId}`
      const admin = yield* signer(workspace.adminId)
      const state = yield* decide(workspace, admin, campaignId, yield* sign(workspace, admin, campaignId))
      assert.strictEqual(state, "in_review")
    })
  )
})
