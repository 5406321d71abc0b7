import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"
import { refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { SingleSignOn } from "./SingleSignOn.ts"
import * as SingleSignOnProviders from "./SingleSignOnProviders.ts"
import { origin } from "./testing/devices.ts"
import { browse, type Login } from "./testing/ProviderProcess.ts"
import { singleSignOn, someone, TestProviders } from "./testing/singleSignOn.ts"

const whose = Effect.fnUntraced(function* (token: Redacted.Redacted<string>) {
  const { asPortal } = yield* TestDatabase
  const me = Effect.flatMap(SqlClient, (sql) => sql<{ id: number }>`SELECT acting_person() AS id`)
  return (yield* asPortal(act(token, null)(me)))[0]!.id
})

const audited = Effect.fnUntraced(function* (action: string, personId: number) {
  const sql = yield* SqlClient
  return yield* sql`SELECT FROM audit WHERE workspace_id = 0 AND action = ${action} AND person_id = ${personId}`
})

layer(TestProviders, { excludeTestServices: true })("single sign-on", (it) => {
  it.effect(
    "signs in somebody who is here by the address that the provider has verified, and from then on by its subject",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const { id, service, through, issuer } = yield* singleSignOn()
        const { id: personId, email } = yield* someone()
        assert.include(
          (yield* service.providers).map((p) => p.id),
          id
        )
        const first = yield* through({ sub: "7", email: email.toUpperCase() })
        assert.strictEqual(yield* whose(first.token), personId)
        assert.deepInclude(first, { returnTo: "/", secondFactorDue: false })
        const [session] = yield* sql<{ opened_by: string; second: boolean }>`
        SELECT opened_by, second_factor_at IS NOT NULL AS second FROM session WHERE person_id = ${personId}`
        assert.deepStrictEqual(session, { opened_by: "single_sign_on", second: false })
        const links =
          yield* sql`SELECT issuer, subject, person_id FROM single_sign_on_link WHERE person_id = ${personId}`
        assert.deepStrictEqual(links, [{ issuer, subject: "7", person_id: personId }])
        // the address has changed there, and is not even verified: they are still who they are
        const again = yield* through({ sub: "7", email: "renamed@sample.example", verified: false })
        assert.strictEqual(yield* whose(again.token), personId)
        assert.lengthOf(yield* audited("single_sign_on.link", personId), 1)
        assert.lengthOf(yield* audited("session.open", personId), 2)
      })
  )

  it.effect("links once who signs in for the first time in two windows at once", () =>
    Effect.gen(function* () {
      const { browser, service, there } = yield* singleSignOn()
      const { id: personId, email } = yield* someone()
      const queries = yield* Effect.forEach([1, 2, 3], () => there({ sub: "7", email }))
      const opened = yield* Effect.forEach(queries, (query) => service.finish(query, browser), { concurrency: 3 })
      for (const { token } of opened) assert.strictEqual(yield* whose(token), personId)
    })
  )

  it.effect("refuses an address that isn't verified, is missing, of a foreign domain, or of nobody here", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { through } = yield* singleSignOn()
      const here = yield* someone()
      const foreign = yield* someone("foreign.example")
      const deceiving = yield* someone("sample.example.evil")
      const why = Effect.fnUntraced(function* (login: Login) {
        const error = yield* Effect.flip(through(login))
        assert.strictEqual(error.reason, "Forbidden")
        return error.message
      })
      assert.include(yield* why({ sub: "1", email: here.email, verified: false }), "has not verified your address")
      assert.include(yield* why({ sub: "1" }), "has not verified your address")
      assert.include(yield* why({ sub: "1", email: foreign.email }), "may not sign in people of your address")
      assert.include(yield* why({ sub: "1", email: deceiving.email }), "may not sign in people of your address")
      assert.include(
        yield* why({ sub: "1", email: "nobody@sample.example" }),
        "nobody here has the address nobody@sample.example"
      )
      const people = [here.id, foreign.id, deceiving.id]
      assert.lengthOf(yield* sql`SELECT FROM session WHERE person_id = ANY (${people}::int[])`, 0)
      assert.lengthOf(yield* sql`SELECT FROM single_sign_on_link WHERE person_id = ANY (${people}::int[])`, 0)
      // and who was linked while their address was of the domain goes when it no longer is
      yield* through({ sub: "1", email: here.email })
      yield* sql`UPDATE person SET email = ${`left${here.id}@foreign.example`} WHERE id = ${here.id}`
      assert.include(yield* why({ sub: "1", email: here.email }), "may not sign in people of your address")
    })
  )

  it.effect("never signs one subject in as another's person, whatever address it has now", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { admin, id, through } = yield* singleSignOn()
      const { id: personId, email } = yield* someone()
      yield* through({ sub: "first", email })
      const error = yield* Effect.flip(through({ sub: "second", email }))
      assert.strictEqual(error.reason, "Forbidden")
      assert.include(error.message, "your account here belongs to somebody else")
      // until a super admin says that the address has passed on
      const unlink = Effect.flatMap(SqlClient, (sql) => sql`SELECT unlink_single_sign_on(${personId}, ${id})`)
      yield* asPortal(act(admin, null)(unlink))
      assert.strictEqual(yield* whose((yield* through({ sub: "second", email })).token), personId)
      assert.strictEqual((yield* Effect.flip(through({ sub: "first", email }))).reason, "Forbidden")
    })
  )

  it.effect("doesn't open what is closed: a disabled person, a disabled provider", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess, asPortal } = yield* TestDatabase
      const { admin, browser, id, service, there, through } = yield* singleSignOn()
      const linked = yield* someone()
      const fresh = yield* someone()
      yield* through({ sub: "linked", email: linked.email })
      yield* sql`UPDATE person SET disabled_at = now() WHERE id IN (${linked.id}, ${fresh.id})`
      for (const login of [
        { sub: "linked", email: linked.email },
        { sub: "fresh", email: fresh.email }
      ]) {
        const error = yield* Effect.flip(through(login))
        assert.deepStrictEqual(
          [error.reason, error.message],
          ["Forbidden", "this account is disabled; ask a super admin"]
        )
      }
      assert.lengthOf(yield* sql`SELECT FROM single_sign_on_link WHERE person_id = ${fresh.id}`, 0)
      const query = yield* there({ sub: "x", email: (yield* someone()).email })
      const enable = (enabled: boolean) =>
        asPortal(
          act(
            admin,
            null
          )(Effect.flatMap(SqlClient, (s) => s`SELECT enable_single_sign_on_provider(${id}, ${enabled})`))
        )
      yield* enable(false)
      for (const closed of [Effect.asVoid(service.begin(id, browser)), Effect.asVoid(service.finish(query, browser))]) {
        assert.strictEqual((yield* Effect.flip(closed)).message, "this way to sign in is closed; choose another")
      }
      // also where it was closed while somebody came back
      const late = Effect.flatMap(
        SqlClient,
        (s) =>
          s`SELECT sign_in_by_provider(${id}, 'linked', NULL, NULL, '{}', NULL, decode(repeat('00', 32), 'hex'), '', '')`
      )
      yield* sql`UPDATE person SET disabled_at = NULL WHERE id = ${linked.id}`
      const why = yield* Effect.flip(asAccess(Effect.mapError(late, refused)))
      assert.strictEqual(why.message, "this way to sign in is closed; choose another")
      assert.notInclude(
        (yield* service.providers).map((p) => p.id),
        id
      )
      yield* enable(true)
      yield* service.begin(id, browser)
    })
  )

  it.effect("is finished once, in the browser that began it, within ten minutes, with the state it was given", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { browser, service, there } = yield* singleSignOn()
      const { email } = yield* someone()
      const login = { sub: "7", email }
      const notBegun = Effect.fnUntraced(function* (query: URLSearchParams, by = browser) {
        assert.strictEqual((yield* Effect.flip(service.finish(query, by))).reason, "NotBegun")
      })
      const used = yield* there(login)
      yield* service.finish(used, browser)
      yield* notBegun(used)
      yield* notBegun(yield* there(login), Redacted.make("another browser"))
      const query = yield* there(login)
      yield* notBegun(new URLSearchParams({ code: query.get("code")!, state: "made up", iss: query.get("iss")! }))
      yield* notBegun(new URLSearchParams({ code: query.get("code")! }))
      yield* sql`UPDATE single_sign_on_login SET expires_at = now() - interval '1 second'`
      yield* notBegun(query)
    })
  )

  it.effect("believes nothing that was made for another sign-in: nonce, code, issuer", () =>
    Effect.gen(function* () {
      const { browser, id, service, there } = yield* singleSignOn()
      const { email } = yield* someone()
      const login = { sub: "7", email }
      const refusal = Effect.fnUntraced(function* (query: URLSearchParams) {
        const error = yield* Effect.flip(service.finish(query, browser))
        assert.strictEqual(error.reason, "NotProved", String(error.cause))
        assert.include(error.message, "could not be verified; sign in again")
      })
      const url = yield* service.begin(id, browser)
      assert.deepInclude(Object.fromEntries(url.searchParams), { code_challenge_method: "S256", response_type: "code" })
      url.searchParams.set("nonce", "anothers")
      yield* refusal(yield* browse(url, login, origin))
      // a code that was given out for another's challenge (RFC 7636)
      const stolen = yield* there(login)
      const own = yield* there(login)
      own.set("code", stolen.get("code")!)
      yield* refusal(own)
      const mixed = yield* there(login)
      mixed.set("iss", "https://evil.example")
      yield* refusal(mixed)
    })
  )

  it.effect("counts as a second factor where the provider says that it was one, and never else", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const trusting = yield* singleSignOn({ secondFactorAmr: ["mfa", "hwk"] })
      const { id: personId, email } = yield* someone()
      const shown = Effect.fnUntraced(function* () {
        const [session] = yield* sql<{ shown: boolean; due: boolean }>`
          SELECT second_factor_at IS NOT NULL AS shown, second_factor_due AS due FROM session WHERE person_id = ${personId} ORDER BY id DESC LIMIT 1`
        return session!
      })
      yield* trusting.through({ sub: "7", email, amr: ["pwd", "mfa"] })
      assert.deepStrictEqual(yield* shown(), { shown: true, due: false })
      yield* trusting.through({ sub: "7", email, amr: ["pwd"] })
      assert.deepStrictEqual(yield* shown(), { shown: false, due: false })
      yield* sql`INSERT INTO totp (person_id, secret, confirmed_at) VALUES (${personId}, '\\x00', now())`
      assert.isTrue((yield* trusting.through({ sub: "7", email, amr: ["pwd"] })).secondFactorDue)
      assert.isFalse((yield* trusting.through({ sub: "7", email, amr: ["hwk"] })).secondFactorDue)
      const plain = yield* singleSignOn()
      assert.isTrue((yield* plain.through({ sub: "7", email, amr: ["mfa"] })).secondFactorDue)
    })
  )

  it.effect("goes on to a path of the portal, and to nothing else", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { browser, id, service, there } = yield* singleSignOn()
      const { email } = yield* someone()
      const kept = Effect.fnUntraced(function* (wanted: string) {
        yield* service.begin(id, browser, wanted)
        const [login] = yield* sql<{ return_to: string }>`DELETE FROM single_sign_on_login RETURNING return_to`
        return login!.return_to
      })
      const elsewhere = [
        "https://evil.example",
        "//evil.example/x",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example"
      ]
      for (const wanted of [
        ...elsewhere,
        "/.//evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/\r\n//evil.example"
      ]) {
        assert.strictEqual(yield* kept(wanted), "/", JSON.stringify(wanted))
      }
      assert.strictEqual(yield* kept("/campaigns/7?tab=review#text"), "/campaigns/7?tab=review#text")
      const query = yield* there({ sub: "7", email }, "/campaigns/7")
      assert.strictEqual((yield* service.finish(query, browser)).returnTo, "/campaigns/7")
    })
  )

  it.effect("says in words that the provider is down, doesn't know us, isn't https, or that somebody declined", () =>
    Effect.gen(function* () {
      const { asAccess, asPortal } = yield* TestDatabase
      const { admin, browser, end, id, service, there, through } = yield* singleSignOn({ name: "Corp" })
      const { email } = yield* someone()
      const declined = yield* Effect.flip(through(null))
      assert.deepStrictEqual(
        [declined.reason, declined.message],
        ["Declined", "Corp did not sign you in; try again, or choose another way"]
      )
      const wrong = yield* singleSignOn({}, "guessed")
      assert.strictEqual((yield* Effect.flip(wrong.through({ sub: "7", email }))).reason, "Misconfigured")

      const query = yield* there({ sub: "7", email })
      yield* end
      const context = yield* asAccess(Layer.build(Layer.fresh(SingleSignOn.layer({ overLoopback: true }))))
      const anew = yield* Effect.provide(SingleSignOn, context)
      for (const down of [Effect.asVoid(service.finish(query, browser)), Effect.asVoid(anew.begin(id, browser))]) {
        const error = yield* Effect.flip(down)
        assert.deepStrictEqual(
          [error.reason, error.message],
          ["ProviderDown", "Corp does not answer now; try again later, or choose another way"]
        )
      }
      const strict = yield* Effect.provide(SingleSignOn, yield* asAccess(Layer.build(SingleSignOn.layer())))
      assert.strictEqual((yield* Effect.flip(strict.begin(id, browser))).reason, "Misconfigured")
      const far = { name: "Far", issuer: "http://sso.example", clientId: "x", emailDomains: ["sample.example"] }
      const http = yield* asPortal(act(admin, null)(SingleSignOnProviders.add(far)))
      const plain = yield* Effect.flip(service.begin(http, browser))
      assert.include(plain.message, "http://sso.example is not an https address")
    })
  )
})
