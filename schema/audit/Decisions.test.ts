import { assert, describe, it } from "@effect/vitest"
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server"
import { Effect } from "effect"
import type { AuditRow } from "./AuditRow.ts"
import { type DecisionWord, decisionChallenge } from "./SignedDecision.ts"
import { SampleChain, type Signing } from "./testing/SampleChain.ts"
import { type Algorithm, type Differently, SoftAuthenticator } from "./testing/SoftAuthenticator.ts"
import { Verification } from "./Verification.ts"

const IVAN = 4
const OLGA = 5

const verify = (rows: ReadonlyArray<AuditRow>) => {
  const verification = new Verification({ workspaceId: 5, checkpoints: [], key: undefined })
  return Effect.andThen(verification.take(rows), verification.end())
}

/** A chain in which Ivan's passkey is introduced, and then he decides. */
const decided = (device: SoftAuthenticator, signing: Partial<Signing> = {}, word: DecisionWord = "approve") => {
  const chain = new SampleChain(5)
  return [chain.introduce(device, IVAN), chain.decide(IVAN, word, { device, ...signing })]
}

/** What a row about a cut carries of a passkey. */
const carried = ({ credentialId, publicKey }: SoftAuthenticator, personId: number) => ({
  person_id: personId,
  credential_id: credentialId,
  public_key: Buffer.from(publicKey).toString("base64url")
})

/** A chain without its first row, which introduced Ivan's passkey: one decision of his, the row about the cut, one more. */
const cut = (passkeys: unknown, signing: Partial<Signing> = {}) => {
  const chain = new SampleChain(5)
  chain.introduce(device, IVAN)
  const first = chain.decide(IVAN, "approve", { device, ...signing })
  const about = chain.say({ action: "audit.truncate", facts: { first_seq: 2, passkeys } })
  return passkeys === undefined ? [first, about] : [first, about, chain.decide(IVAN, "reject", { device })]
}

const refused = (rows: ReadonlyArray<AuditRow>) => Effect.flip(verify(rows))

const device = new SoftAuthenticator()

describe("Decisions", () => {
  it("derives the challenge as the rules do", () => {
    // SELECT encode(challenge_of(campaign 7 of workspace 5, submission 1, 'abab…', 'approve'), 'hex')
    const challenge = decisionChallenge({
      workspaceId: 5,
      campaignId: 7,
      submission: 1,
      fingerprint: "ab".repeat(32),
      decision: "approve"
    })
    assert.strictEqual(
      Buffer.from(challenge, "base64url").toString("hex"),
      "2b216e5c85b56fbdedc7da73b399ae5b47f86ea5323ef3c2cc3a07bdba6c3e9e"
    )
  })

  for (const algorithm of ["ES256", "RS256", "EdDSA"] satisfies ReadonlyArray<Algorithm>) {
    it.effect(`accepts what the person's own passkey signed, ${algorithm}`, () =>
      Effect.gen(function* () {
        const own = new SoftAuthenticator({ algorithm })
        for (const word of ["approve", "reject", "request_changes"] as const) {
          const { decisions } = yield* verify(decided(own, {}, word))
          assert.deepStrictEqual(decisions, { signed: 1, unsigned: 0, uncheckable: 0, origins: ["http://localhost"] })
        }
      })
    )
  }

  it.effect("counts decisions without a signature, and asks nothing of them", () =>
    Effect.gen(function* () {
      const { decisions } = yield* verify([new SampleChain(5).decide(IVAN, "approve")])
      assert.deepStrictEqual([decisions.signed, decisions.unsigned], [0, 1])
    })
  )

  it.effect("refuses a signature over anything else than what the row says was decided", () =>
    Effect.gen(function* () {
      const others = [
        { workspaceId: 6 },
        { campaignId: 8 },
        { submission: 2 },
        { fingerprint: "cd".repeat(32) },
        { decision: "reject" as const }
      ]
      for (const other of others) {
        const fault = yield* refused(decided(device, { other }))
        assert.deepStrictEqual([fault.seq, fault.reason], [2, "decision"], JSON.stringify(other))
      }
    })
  )

  const dishonest: ReadonlyArray<readonly [what: string, differently: Differently, signing?: Partial<Signing>]> = [
    ["a registration", { type: "webauthn.create" }],
    ["another origin than the row says", { origin: "https://phish.example" }],
    ["another relying party than the row says", { rpId: "phish.example" }],
    ["a relying party that is not the origin's", { rpId: "phish.example" }, { rpId: "phish.example" }],
    ["nobody present", { userPresent: false }],
    ["nobody verified", { userVerified: false }],
    ["a page in another site's frame", { crossOrigin: true }]
  ]
  for (const [what, differently, signing] of dishonest) {
    it.effect(`refuses a signature with ${what}`, () =>
      Effect.map(refused(decided(device, { ...signing, differently })), ({ reason, seq }) =>
        assert.deepStrictEqual([seq, reason], [2, "decision"])
      )
    )
  }

  it.effect("refuses a signature by another key under the same name, and one with a bit turned", () =>
    Effect.gen(function* () {
      const impostor = new SoftAuthenticator()
      Object.assign(impostor, { credentialId: device.credentialId })
      const chain = new SampleChain(5)
      const forged = [chain.introduce(device, IVAN), chain.decide(IVAN, "approve", { device: impostor })]
      assert.strictEqual((yield* refused(forged)).reason, "decision")

      const honest = JSON.parse(decided(device)[1]!.facts)
      for (const part of ["client_data_json", "authenticator_data", "signature"]) {
        const bytes = Buffer.from(honest.assertion[part], "base64url")
        bytes[bytes.length - 1]! ^= 1
        const again = new SampleChain(5)
        const introduced = again.introduce(device, IVAN)
        const assertion = { ...honest.assertion, [part]: bytes.toString("base64url") }
        const row = again.say({ personId: IVAN, action: "campaign.approve", facts: { ...honest, assertion } })
        assert.deepStrictEqual((yield* refused([introduced, row])).reason, "decision", part)
      }
    })
  )

  it.effect("refuses a passkey of somebody else, one not introduced before, and one introduced twice differently", () =>
    Effect.gen(function* () {
      const borrowed = new SampleChain(5)
      const rows = [borrowed.introduce(device, IVAN), borrowed.decide(OLGA, "approve", { device })]
      assert.deepStrictEqual((yield* refused(rows)).message.includes("a passkey of person 4"), true)

      const late = new SampleChain(5)
      const early = yield* refused([late.decide(IVAN, "approve", { device }), late.introduce(device, IVAN)])
      assert.deepStrictEqual([early.seq, early.reason], [1, "passkey"])

      const twice = new SampleChain(5)
      const changed = yield* refused([twice.introduce(device, IVAN), twice.introduce(device, OLGA)])
      assert.deepStrictEqual([changed.seq, changed.reason], [2, "passkey"])
    })
  )

  it.effect("refuses a passkey that another introduces than the person whose it is", () =>
    Effect.gen(function* () {
      const facts = carried(device, IVAN)
      const row = new SampleChain(5).say({ personId: OLGA, action: "passkey.introduce", facts })
      const fault = yield* refused([row])
      assert.deepStrictEqual([fault.seq, fault.reason], [1, "passkey"])
    })
  )

  it.effect("refuses a signature that stands in two rows", () =>
    Effect.gen(function* () {
      const chain = new SampleChain(5)
      const introduced = chain.introduce(device, IVAN)
      const first = chain.decide(IVAN, "approve", { device })
      const other = chain.decide(IVAN, "approve", { device }, 8)
      yield* verify([introduced, first, other])
      const again = chain.say({ personId: IVAN, action: "campaign.approve", facts: JSON.parse(first.facts) })
      const fault = yield* refused([introduced, first, other, again])
      assert.deepStrictEqual([fault.seq, fault.reason], [4, "decision"])
      assert.include(fault.message, "is row 2 said once more")
    })
  )

  it.effect("refuses a decision about another object than it decides on, signed or not", () =>
    Effect.gen(function* () {
      const facts = JSON.parse(new SampleChain(5).decide(IVAN, "approve").facts)
      const { campaign_id: _, ...without } = facts
      const others = [
        { objectId: 8, facts },
        { objectId: null, facts },
        { objectId: 7, object: "sender", facts },
        { objectId: 7, facts: without }
      ]
      for (const other of others) {
        const row = new SampleChain(5).say({ personId: IVAN, action: "campaign.approve", ...other })
        const fault = yield* refused([row])
        assert.deepStrictEqual([fault.seq, fault.reason], [1, "decision"], JSON.stringify(other))
      }
    })
  )

  it.effect("says that it can't check what was introduced in rows that are not here", () =>
    Effect.gen(function* () {
      const { decisions } = yield* verify(cut(undefined))
      assert.deepStrictEqual([decisions.signed, decisions.uncheckable], [0, 1])
    })
  )

  it.effect("takes what was introduced in rows that were dropped from the row that says so", () =>
    Effect.gen(function* () {
      const { decisions } = yield* verify(cut([carried(device, IVAN)]))
      assert.deepStrictEqual([decisions.signed, decisions.uncheckable], [2, 0])
    })
  )

  it.effect("refuses, where rows were dropped, what that row does not vouch for", () =>
    Effect.gen(function* () {
      const other = new SoftAuthenticator()
      const impostor = { ...carried(other, IVAN), credential_id: device.credentialId }
      const seqAndReason = (list: unknown, signing?: Partial<Signing>) =>
        Effect.map(refused(cut(list, signing)), ({ reason, seq }) => [seq, reason])
      assert.deepStrictEqual(yield* seqAndReason([]), [2, "passkey"])
      assert.deepStrictEqual(yield* seqAndReason([carried(other, IVAN)]), [2, "passkey"])
      assert.deepStrictEqual(yield* seqAndReason([carried(device, OLGA)]), [2, "passkey"])
      assert.deepStrictEqual(yield* seqAndReason([impostor]), [2, "decision"])
      assert.deepStrictEqual(yield* seqAndReason([carried(device, IVAN)], { other: { campaignId: 8 } }), [
        2,
        "decision"
      ])
      assert.deepStrictEqual(yield* seqAndReason([carried(device, IVAN), impostor]), [3, "passkey"])
      assert.deepStrictEqual(yield* seqAndReason([{ person_id: IVAN }]), [3, "facts"])
      assert.deepStrictEqual(yield* seqAndReason("none"), [3, "facts"])
    })
  )

  it.effect("refuses a decision whose facts say another thing than its action", () =>
    Effect.gen(function* () {
      const honest = JSON.parse(decided(device)[1]!.facts)
      const said = (action: string, objectId: number, facts: object) => {
        const chain = new SampleChain(5)
        return [chain.introduce(device, IVAN), chain.say({ personId: IVAN, action, objectId, facts })]
      }
      assert.strictEqual((yield* refused(said("campaign.reject", 7, honest))).reason, "facts")
      assert.strictEqual((yield* refused(said("campaign.approve", 8, honest))).reason, "decision")
      assert.strictEqual((yield* refused(said("campaign.approve", 7, { ...honest, assertion: {} }))).reason, "facts")
    })
  )

  it.effect("names the first bad row, also when a later one is bad in a way that is found sooner", () =>
    Effect.gen(function* () {
      const rows = [...decided(device, { other: { campaignId: 8 } })]
      const broken = { ...rows[1]!, seq: 9 }
      const fault = yield* refused([...rows, broken])
      assert.deepStrictEqual([fault.seq, fault.reason], [2, "decision"])
    })
  )
})

describe("SoftAuthenticator", () => {
  for (const algorithm of ["ES256", "RS256", "EdDSA"] satisfies ReadonlyArray<Algorithm>) {
    it.effect(`registers and signs in as a device does, ${algorithm}`, () =>
      Effect.gen(function* () {
        const site = { rpId: "sms.example", origin: "https://sms.example" }
        const expected = { expectedOrigin: site.origin, expectedRPID: site.rpId, expectedChallenge: "Y2hhbGxlbmdl" }
        const own = new SoftAuthenticator({ algorithm, ...site })
        const registered = yield* Effect.promise(() =>
          verifyRegistrationResponse({ ...expected, response: own.register(expected.expectedChallenge) })
        )
        const credential = registered.registrationInfo!.credential
        assert.isTrue(registered.verified)
        assert.strictEqual(credential.id, own.credentialId)
        assert.deepStrictEqual(Buffer.from(credential.publicKey), Buffer.from(own.publicKey))
        const signedIn = yield* Effect.promise(() =>
          verifyAuthenticationResponse({ ...expected, credential, response: own.assert(expected.expectedChallenge) })
        )
        assert.isTrue(signedIn.verified)
      })
    )
  }
})
