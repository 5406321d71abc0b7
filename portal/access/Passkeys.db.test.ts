import { createHash, randomBytes } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SoftAuthenticator } from "#schema/audit/testing/SoftAuthenticator.ts"
import { SqlClient } from "#schema/Database.ts"
import { act, actAs } from "#schema/people/Acting.ts"
import { refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { tokenOf } from "#schema/testing/session.ts"
import * as OwnPasskeys from "./OwnPasskeys.ts"
import * as Passkeys from "./Passkeys.ts"
import { enrolled, newDevice, origin, rpId, signer, TestSite } from "./testing/devices.ts"

const refusal = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.flip(effect)

const SIGN_IN_AGAIN = "for this, sign in again first, with your second factor if you have one; you then have 15 minutes"

/** The installation's audit, newest first: actions about this object. */
const auditOf = Effect.fnUntraced(function* (object: string, id: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ action: string; facts: string; personal: string; person_id: number }>`
    SELECT action, facts, personal, person_id FROM audit WHERE workspace_id = 0 AND object = ${object} AND object_id = ${id} ORDER BY seq`
  return rows.map((r) => ({ ...r, facts: JSON.parse(r.facts), personal: JSON.parse(r.personal ?? "{}") }))
})

const emailOf = Effect.fnUntraced(function* (personId: number) {
  const sql = yield* SqlClient
  return (yield* sql<{ email: string }>`SELECT email FROM person WHERE id = ${personId}`)[0]!.email
})

layer(TestSite, { excludeTestServices: true })("passkeys", (it) => {
  it.effect("are enrolled by who has just signed in, and said in the audit with their public key", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const { authorId } = yield* sampleWorkspace()
      const token = yield* tokenOf(authorId, "none")
      const options = yield* asAccess(Passkeys.enrolmentOptions(token))
      assert.strictEqual(options.rp.id, rpId)
      assert.strictEqual(options.authenticatorSelection?.userVerification, "required")
      assert.strictEqual(options.authenticatorSelection?.residentKey, "required")
      assert.strictEqual(options.attestation, "none")
      assert.lengthOf(options.excludeCredentials!, 0)
      const device = newDevice()
      const request = { address: "192.0.2.7", agent: "a browser" }
      const id = yield* asAccess(Passkeys.enrol(token, " Phone ", device.register(options.challenge), request))
      const [event] = yield* auditOf("passkey", id)
      assert.strictEqual(event!.action, "passkey.enrol")
      assert.strictEqual(event!.person_id, authorId)
      assert.deepStrictEqual(event!.facts, {
        person_id: authorId,
        credential_id: device.credentialId,
        public_key: Buffer.from(device.publicKey).toString("base64url")
      })
      assert.deepStrictEqual(event!.personal.after, { name: "Phone" })
      assert.deepStrictEqual(event!.personal.request, request)
    })
  )

  it.effect(
    "are not enrolled twice over, nor by an answer to nothing, nor after five minutes, nor in another session",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const { asAccess } = yield* TestDatabase
        const { adminId, authorId } = yield* sampleWorkspace()
        const token = yield* tokenOf(authorId)
        const others = yield* tokenOf(adminId, "none")
        const ask = Effect.map(asAccess(Passkeys.enrolmentOptions(token)), ({ challenge }) => challenge)
        const enrol = (as: typeof token, answer: unknown) => asAccess(Passkeys.enrol(as, "Phone", answer))

        const device = newDevice()
        const answer = device.register(yield* ask)
        yield* enrol(token, answer)
        assert.strictEqual((yield* refusal(enrol(token, answer))).reason, "Conflict")
        assert.strictEqual(
          (yield* refusal(enrol(token, device.register(yield* ask)))).message,
          "this passkey is enrolled already"
        )
        const unasked = newDevice().register(randomBytes(32).toString("base64url"))
        assert.strictEqual((yield* refusal(enrol(token, unasked))).reason, "Conflict")
        assert.strictEqual((yield* refusal(enrol(others, newDevice().register(yield* ask)))).reason, "Conflict")

        const late = newDevice().register(yield* ask)
        yield* sql`UPDATE webauthn_challenge SET expires_at = now() - interval '1 second'`
        const why = yield* refusal(enrol(token, late))
        assert.strictEqual(why.message, "this was answered already, or took longer than five minutes; try again")
        yield* ask
        const [left] = yield* sql<{
          n: number
        }>`SELECT count(*)::int AS n FROM webauthn_challenge WHERE expires_at < now()`
        assert.strictEqual(left!.n, 0)
      })
  )

  it.effect("are not enrolled by a device that didn't ask who holds it, or for another site", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const { authorId } = yield* sampleWorkspace()
      const token = yield* tokenOf(authorId, "none")
      for (const differently of [
        { userVerified: false },
        { origin: "https://sms.example.evil" },
        { rpId: "evil.example" },
        { type: "webauthn.get" }
      ]) {
        const { challenge } = yield* asAccess(Passkeys.enrolmentOptions(token))
        const why = yield* refusal(
          asAccess(Passkeys.enrol(token, "Phone", newDevice().register(challenge, differently)))
        )
        assert.strictEqual(why.reason, "NotProved")
      }
      assert.strictEqual((yield* refusal(asAccess(Passkeys.enrol(token, "Phone", { id: 7 })))).reason, "NotProved")
    })
  )

  it.effect(
    "are not enrolled from a sign-in of long ago, an ended session, or one without the passkey that is there",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const { asAccess } = yield* TestDatabase
        const { authorId } = yield* sampleWorkspace()
        const token = yield* tokenOf(authorId, "none")
        yield* sql`UPDATE session SET created_at = now() - interval '16 minutes' WHERE person_id = ${authorId}`
        const old = yield* refusal(asAccess(Passkeys.enrolmentOptions(token)))
        assert.strictEqual(old.reason, "Forbidden")
        assert.strictEqual(old.message, SIGN_IN_AGAIN)
        yield* sql`UPDATE session SET revoked_at = now() WHERE person_id = ${authorId}`
        assert.strictEqual((yield* refusal(asAccess(Passkeys.enrolmentOptions(token)))).reason, "NotSignedIn")

        const elsewhere = yield* tokenOf(authorId, "none")
        yield* enrolled(yield* tokenOf(authorId, "none"))
        const due = yield* refusal(asAccess(Passkeys.enrolmentOptions(elsewhere)))
        assert.include(due.message, "this session waits for its second factor")
        const byPassword = yield* tokenOf(authorId, "none")
        const why = yield* refusal(asAccess(Passkeys.enrolmentOptions(byPassword)))
        assert.strictEqual(why.message, SIGN_IN_AGAIN)
        yield* enrolled(yield* tokenOf(authorId), "Key")
      })
  )

  it.effect("sign in whoever holds them, with both factors", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess, asPortal } = yield* TestDatabase
      const { moderatorId, workspaceId } = yield* sampleWorkspace({ require_second_factor: "true" })
      const { device, passkeyId } = yield* signer(moderatorId)
      const options = yield* asAccess(Passkeys.signInOptions(null))
      assert.lengthOf(options.allowCredentials ?? [], 0)
      const token = yield* asAccess(Passkeys.signIn(device.assert(options.challenge), { address: "192.0.2.7" }))
      const [me] = yield* asPortal(
        act(token, workspaceId)(Effect.flatMap(SqlClient, (s) => s<{ id: number }>`SELECT acting_person() AS id`))
      )
      assert.strictEqual(me!.id, moderatorId)
      const [session] = yield* sql<{ opened_by: string; address: string; second: boolean }>`
        SELECT opened_by, address, second_factor_at IS NOT NULL AS second FROM session
         WHERE token_hash = decode(${createHash("sha256").update(Redacted.value(token)).digest("hex")}, 'hex')`
      assert.deepStrictEqual(session, { opened_by: "passkey", address: "192.0.2.7", second: true })
      const [used] = yield* sql<{
        used: boolean
      }>`SELECT used_at IS NOT NULL AS used FROM passkey WHERE id = ${passkeyId}`
      assert.isTrue(used!.used)
    })
  )

  it.effect("don't tell whether an address has an account, and sign in only whom they were asked for", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const { adminId, moderatorId } = yield* sampleWorkspace()
      const { device } = yield* signer(moderatorId)
      const other = yield* signer(adminId)
      const email = yield* emailOf(moderatorId)
      const there = yield* asAccess(Passkeys.signInOptions(email.toUpperCase()))
      const nowhere = yield* asAccess(Passkeys.signInOptions("nobody@sample.example"))
      assert.deepStrictEqual({ ...there, challenge: "" }, { ...nowhere, challenge: "" })
      const wrong = yield* refusal(asAccess(Passkeys.signIn(other.device.assert(there.challenge))))
      const none = yield* refusal(asAccess(Passkeys.signIn(device.assert(nowhere.challenge))))
      const strange = yield* refusal(
        asAccess(Effect.flatMap(Passkeys.signInOptions(null), (o) => Passkeys.signIn(newDevice().assert(o.challenge))))
      )
      for (const why of [wrong, none, strange]) assert.strictEqual(why.reason, "UnknownKey")
      assert.strictEqual(wrong.message, none.message)
      yield* asAccess(Effect.flatMap(Passkeys.signInOptions(email), (o) => Passkeys.signIn(device.assert(o.challenge))))
    })
  )

  it.effect(
    "don't sign in by an answer that is used, changed, for enrolment, another site's or without who holds it",
    () =>
      Effect.gen(function* () {
        const { asAccess } = yield* TestDatabase
        const { moderatorId } = yield* sampleWorkspace()
        const { device, token } = yield* signer(moderatorId)
        const ask = Effect.map(asAccess(Passkeys.signInOptions(null)), ({ challenge }) => challenge)
        const signIn = (answer: unknown) => asAccess(Passkeys.signIn(answer))
        const used = device.assert(yield* ask)
        yield* signIn(used)
        assert.strictEqual((yield* refusal(signIn(used))).reason, "Conflict")
        const forEnrolment = (yield* asAccess(Passkeys.enrolmentOptions(token))).challenge
        assert.strictEqual((yield* refusal(signIn(device.assert(forEnrolment)))).reason, "Conflict")
        for (const differently of [
          { userVerified: false },
          { origin: `${origin}:8443` },
          { rpId: "example" },
          { type: "webauthn.create" }
        ]) {
          const answer = device.assert(yield* ask, differently)
          assert.strictEqual((yield* refusal(signIn(answer))).reason, "NotProved", JSON.stringify(differently))
        }
        const honest = device.assert(yield* ask)
        const changed = {
          ...honest,
          response: { ...honest.response, signature: device.assert("AAAA").response.signature }
        }
        assert.strictEqual((yield* refusal(signIn(changed))).reason, "NotProved")
        // and what was changed used up the question: the honest answer comes too late
        assert.strictEqual((yield* refusal(signIn(honest))).reason, "Conflict")
        const framed = device.assert(yield* ask, { crossOrigin: true })
        assert.strictEqual((yield* refusal(signIn(framed))).reason, "NotProved")
        const handle = device.assert(yield* ask)
        const anothers = { ...handle, response: { ...handle.response, userHandle: "AAAAAAAAAAAAAAAAAAAAAA" } }
        assert.strictEqual((yield* refusal(signIn(anothers))).reason, "NotProved")
      })
  )

  it.effect("are of any kind that can be checked offline, and of no other", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const { moderatorId } = yield* sampleWorkspace()
      const token = yield* tokenOf(moderatorId)
      for (const algorithm of ["ES256", "RS256", "EdDSA"] as const) {
        const device = new SoftAuthenticator({ algorithm, origin, rpId })
        const options = yield* asAccess(Passkeys.enrolmentOptions(token))
        assert.sameMembers(
          options.pubKeyCredParams.map(({ alg }) => alg),
          [-7, -8, -257]
        )
        yield* asAccess(Passkeys.enrol(token, algorithm, device.register(options.challenge)))
        yield* asAccess(
          Effect.flatMap(Passkeys.signInOptions(null), (o) => Passkeys.signIn(device.assert(o.challenge)))
        )
      }
    })
  )

  it.effect("whose counter goes back are refused, and the audit says so", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const { moderatorId } = yield* sampleWorkspace()
      const { device, passkeyId } = yield* signer(moderatorId)
      const signIn = (signCount: number) =>
        asAccess(
          Effect.flatMap(Passkeys.signInOptions(null), (o) =>
            Passkeys.signIn(device.assert(o.challenge, { signCount }))
          )
        )
      yield* signIn(5)
      for (const signCount of [5, 4, 0]) {
        const why = yield* refusal(signIn(signCount))
        assert.strictEqual(why.reason, "Suspect")
      }
      yield* signIn(6)
      const suspects = (yield* auditOf("passkey", passkeyId)).filter(({ action }) => action === "passkey.suspect")
      assert.deepStrictEqual(
        suspects.map(({ facts }) => [facts.person_id, facts.before.sign_count, facts.after.sign_count]),
        [5, 4, 0].map((now) => [moderatorId, 5, now])
      )
    })
  )

  it.effect("of two answers with one count, one is let in", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const { moderatorId } = yield* sampleWorkspace()
      const { device } = yield* signer(moderatorId)
      const signIn = asAccess(
        Effect.flatMap(Passkeys.signInOptions(null), (o) =>
          Passkeys.signIn(device.assert(o.challenge, { signCount: 9 }))
        )
      )
      const outcomes = yield* Effect.forEach([1, 2, 3, 4], () => Effect.result(signIn), { concurrency: 4 })
      assert.lengthOf(
        outcomes.filter((o) => o._tag === "Success"),
        1
      )
    })
  )

  it.effect("of somebody whose account is disabled open nothing", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess } = yield* TestDatabase
      const { moderatorId } = yield* sampleWorkspace()
      const { device } = yield* signer(moderatorId)
      yield* sql`UPDATE person SET disabled_at = now() WHERE id = ${moderatorId}`
      const why = yield* refusal(
        asAccess(Effect.flatMap(Passkeys.signInOptions(null), (o) => Passkeys.signIn(device.assert(o.challenge))))
      )
      assert.strictEqual(why.reason, "Forbidden")
    })
  )

  it.effect("are listed, named and removed by whose they are, and nobody else but a super admin", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess, asPortal } = yield* TestDatabase
      const { adminId, moderatorId, outsiderId } = yield* sampleWorkspace()
      const first = yield* signer(moderatorId)
      const second = yield* enrolled(first.token, "Key")
      const stranger = yield* tokenOf(adminId)
      const as =
        (token: typeof stranger) =>
        <A, E>(effect: Effect.Effect<A, E, SqlClient>) =>
          asPortal(act(token, null)(effect))
      const mine = (token: typeof stranger) =>
        Effect.map(as(token)(OwnPasskeys.list()), (keys) => keys.map(({ id, name }) => ({ id, name })))
      assert.deepStrictEqual(yield* mine(first.token), [
        { id: first.passkeyId, name: "Phone" },
        { id: second.passkeyId, name: "Key" }
      ])
      assert.deepStrictEqual(yield* mine(stranger), [])
      assert.strictEqual((yield* refusal(as(stranger)(OwnPasskeys.rename(first.passkeyId, "Mine")))).reason, "NotFound")
      assert.strictEqual((yield* refusal(as(stranger)(OwnPasskeys.revoke(first.passkeyId)))).reason, "NotFound")
      assert.strictEqual((yield* refusal(as(first.token)(OwnPasskeys.rename(first.passkeyId, "  ")))).reason, "Invalid")
      yield* as(first.token)(OwnPasskeys.rename(first.passkeyId, "Work phone"))
      const byPassword = yield* tokenOf(moderatorId, "none")
      assert.strictEqual((yield* refusal(as(byPassword)(OwnPasskeys.revoke(first.passkeyId)))).reason, "Forbidden")
      yield* as(first.token)(OwnPasskeys.revoke(first.passkeyId))
      assert.deepStrictEqual(yield* mine(first.token), [{ id: second.passkeyId, name: "Key" }])
      const gone = yield* refusal(
        asAccess(Effect.flatMap(Passkeys.signInOptions(null), (o) => Passkeys.signIn(first.device.assert(o.challenge))))
      )
      assert.strictEqual(gone.reason, "UnknownKey")
      const events = yield* auditOf("passkey", first.passkeyId)
      assert.deepStrictEqual(
        events.map(({ action }) => action),
        ["passkey.enrol", "passkey.rename", "passkey.revoke"]
      )
      assert.deepStrictEqual(
        [events[1]!.personal.before, events[1]!.personal.after],
        [{ name: "Phone" }, { name: "Work phone" }]
      )
      // the last one of who has no other way in
      const only = yield* refusal(as(first.token)(OwnPasskeys.revoke(second.passkeyId)))
      assert.strictEqual(only.message, "this passkey is your only way to sign in; set a password first")
      // lost: a super admin removes it
      yield* sql`UPDATE person SET super_admin = true WHERE id = ${outsiderId}`
      const master = yield* tokenOf(outsiderId, "none")
      assert.strictEqual(
        (yield* refusal(as(master)(OwnPasskeys.rename(second.passkeyId, "Theirs")))).reason,
        "NotFound"
      )
      yield* as(master)(OwnPasskeys.revoke(second.passkeyId))
      assert.strictEqual((yield* auditOf("passkey", second.passkeyId)).at(-1)!.person_id, outsiderId)
      assert.strictEqual((yield* refusal(mine(first.token))).reason, "NotSignedIn")
      // and who has a password keeps nothing that hangs on the key
      yield* sql`INSERT INTO password (person_id, hash) VALUES (${moderatorId}, '$argon2id$')`
      const anew = yield* signer(moderatorId)
      yield* as(anew.token)(OwnPasskeys.revoke(anew.passkeyId))
      const [session] = yield* sql<{ shown: boolean }>`
        SELECT bool_or(second_factor_at IS NOT NULL) AS shown FROM session WHERE person_id = ${moderatorId}`
      assert.isFalse(session!.shown)
    })
  )

  it.effect("are nothing that the portal, or the access role by itself, could read or write", () =>
    Effect.gen(function* () {
      const { asAccess, asPortal } = yield* TestDatabase
      const { moderatorId } = yield* sampleWorkspace()
      const { token } = yield* signer(moderatorId)
      for (const table of ["passkey", "webauthn_challenge", "assertion"]) {
        const read = Effect.flatMap(SqlClient, (s) => s`SELECT * FROM ${s(table)}`).pipe(Effect.mapError(refused))
        for (const as of [asAccess, asPortal]) {
          assert.include((yield* refusal(as(read))).message, `permission denied for table ${table}`)
        }
      }
      const enrol = Effect.flatMap(SqlClient, (s) => s`SELECT begin_enrolment(${Redacted.value(token)})`)
      assert.include(
        (yield* refusal(asPortal(Effect.mapError(enrol, refused)))).message,
        "permission denied for function"
      )
      const nobody = yield* refusal(
        asPortal(Effect.flatMap(SqlClient, (s) => Effect.mapError(s`SELECT * FROM my_passkeys()`, refused)))
      )
      assert.strictEqual(nobody.reason, "NotSignedIn")
      assert.isAbove(
        (yield* actAs(moderatorId, null)(Effect.flatMap(SqlClient, (s) => s`SELECT * FROM my_passkeys()`))).length,
        0
      )
    })
  )
})
