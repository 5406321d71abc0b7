import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { act, actAs } from "#schema/people/Acting.ts"
import { refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import * as SingleSignOnProviders from "./SingleSignOnProviders.ts"
import { singleSignOn, someone, TestProviders } from "./testing/singleSignOn.ts"

layer(TestProviders, { excludeTestServices: true })("a provider of single sign-on", (it) => {
  it.effect("is set up by a super admin alone, and its secret is in no row and no event as it was typed", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess, asPortal } = yield* TestDatabase
      const { adminId, workspaceId } = yield* sampleWorkspace()
      const { admin, id, issuer, through } = yield* singleSignOn({}, "guessed")
      const said = { name: "Own", issuer: "https://own.example", clientId: "x", emailDomains: ["sample.example"] }
      const asAdmin = yield* Effect.flip(actAs(adminId, workspaceId)(SingleSignOnProviders.add(said)))
      assert.strictEqual(asAdmin.reason, "Forbidden")
      const change = (changes: Partial<SingleSignOnProviders.ProviderSaid>, secret?: string) => {
        const changed = SingleSignOnProviders.change(
          id,
          { issuer, ...changes },
          secret === undefined ? secret : Redacted.make(secret)
        )
        return asPortal(act(admin, null)(changed))
      }
      for (const wrong of [
        { emailDomains: [] },
        { emailDomains: ["@sample"] },
        { name: " " },
        { issuer: "https://other.example" }
      ]) {
        assert.strictEqual((yield* Effect.flip(change(wrong))).reason, "Invalid", JSON.stringify(wrong))
      }
      yield* change({ emailDomains: ["Sample.Example", "other.example"] }, "sesame")
      const { email } = yield* someone("other.example")
      yield* through({ sub: "7", email })
      yield* change({ emailDomains: ["sample.example"] })
      assert.strictEqual((yield* Effect.flip(through({ sub: "7", email }))).reason, "Forbidden")
      const rows = yield* sql<{ facts: string }>`
        SELECT facts FROM audit WHERE action = 'single_sign_on.change' AND object_id = ${id} ORDER BY seq`
      const events = rows.map(({ facts }) => JSON.parse(facts))
      assert.deepStrictEqual(
        events.map((e) => [e.before.email_domains, e.after.email_domains, e.secret_changed]),
        [
          [["sample.example"], ["other.example", "sample.example"], true],
          [["other.example", "sample.example"], ["sample.example"], false]
        ]
      )
      const [leaks] = yield* sql<{ n: number }>`
        SELECT (SELECT count(*) FROM audit WHERE facts || coalesce(personal, '') LIKE '%sesame%')::int
             + (SELECT count(*) FROM single_sign_on_provider WHERE position('sesame'::bytea IN client_secret) > 0)::int AS n`
      assert.strictEqual(leaks!.n, 0)
      for (const as of [asAccess, asPortal]) {
        const read = Effect.flatMap(SqlClient, (s) => s`SELECT * FROM single_sign_on_provider`).pipe(
          Effect.mapError(refused)
        )
        assert.include((yield* Effect.flip(as(read))).message, "permission denied")
      }
    })
  )
})
