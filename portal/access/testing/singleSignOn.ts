/** Providers of single sign-on that are known here, and people to sign in by them, for tests. */
import { randomBytes } from "node:crypto"
import { Effect, Layer, Redacted } from "effect"
import { CALLBACK, SingleSignOn } from "#portal/access/SingleSignOn.ts"
import * as SingleSignOnProviders from "#portal/access/SingleSignOnProviders.ts"
import { SqlClient } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"
import { Secrets } from "#schema/Secrets.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { tokenOf } from "#schema/testing/session.ts"
import { origin, TestSite } from "./devices.ts"
import { browse, type Login, ProviderProcess } from "./ProviderProcess.ts"

export const TestProviders = Layer.mergeAll(
  TestSite,
  Secrets.layerOf([randomBytes(32)]),
  ProviderProcess.layer("countersign", "sesame", `${origin}${CALLBACK}`)
)

let made = 0

/** A super admin's session. */
export const superAdmin = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [person] = yield* sql<{ id: number }>`
    INSERT INTO person (email, name, super_admin) VALUES (${`root${++made}@elsewhere.example`}, 'Root', true) RETURNING id`
  return yield* tokenOf(person!.id)
})

/** A provider, known here, that may sign in sample.example; and the service, as the access role. */
export const singleSignOn = Effect.fnUntraced(function* (
  said: Partial<SingleSignOnProviders.ProviderSaid> = {},
  secret = "sesame"
) {
  const { asAccess, asPortal } = yield* TestDatabase
  const { end, newIssuer } = yield* ProviderProcess
  const issuer = yield* newIssuer
  const admin = yield* superAdmin
  const add = SingleSignOnProviders.add(
    {
      name: `Corp ${++made}`,
      issuer,
      clientId: "countersign",
      emailDomains: ["sample.example"],
      ...said
    },
    Redacted.make(secret)
  )
  const id = yield* asPortal(act(admin, null)(add))
  const context = yield* asAccess(Layer.build(SingleSignOn.layer({ overLoopback: true })))
  const service = yield* Effect.provide(SingleSignOn, context)
  const browser = Redacted.make(randomBytes(32).toString("base64url"))
  /** Sent there, signed in there, sent back: the query. */
  const there = (login: Login | null, returnTo?: string) =>
    Effect.flatMap(service.begin(id, browser, returnTo), (url) => browse(url, login, origin))
  const through = (login: Login | null) => Effect.flatMap(there(login), (query) => service.finish(query, browser))
  return { id, admin, service, browser, there, through, issuer, end: end(issuer) }
})

/** Somebody who is here, with an address of this domain. */
export const someone = Effect.fnUntraced(function* (domain = "sample.example") {
  const sql = yield* SqlClient
  const email = `someone${++made}@${domain}`
  const [person] = yield* sql<{
    id: number
  }>`INSERT INTO person (email, name) VALUES (${email}, 'Someone') RETURNING id`
  return { id: person!.id, email }
})
