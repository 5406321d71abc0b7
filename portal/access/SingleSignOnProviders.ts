/**
 * The providers of single sign-on, as a super admin manages them: as the portal, while acting (rules/single_sign_on.sql has what
 * may be said of one). A client's secret goes in and never comes out again.
 */
import { Effect, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import { Secrets } from "#schema/Secrets.ts"
import { placeOf } from "./SingleSignOn.ts"

export interface ProviderSaid {
  /** On the button. */
  readonly name: string
  /** Its https address, letter for letter as it says it itself. */
  readonly issuer: string
  readonly clientId: string
  /** How it wants to be shown our secret; client_secret_basic unless given. */
  readonly clientAuth?: "client_secret_basic" | "client_secret_post"
  /** Whose addresses it may sign in: `example.org`. */
  readonly emailDomains: ReadonlyArray<string>
  /** Its sign-in counts as a second factor when its ID token says one of these (amr: RFC 8176; acr: its own). None unless given. */
  readonly secondFactorAmr?: ReadonlyArray<string>
  readonly secondFactorAcr?: ReadonlyArray<string>
}

/** Gives the provider's id. */
export const add = Effect.fn("SingleSignOnProviders.add")(function* (
  said: ProviderSaid,
  secret?: Redacted.Redacted<string>
) {
  const sql = yield* SqlClient
  const sealed = yield* sealedSecret(said.issuer, secret)
  const rows = yield* sql<{ id: number }>`
    SELECT add_single_sign_on_provider(${columns(said)}::text::jsonb, decode(${sealed}, 'hex')) AS id`
  return rows[0]!.id
}, Effect.mapError(refused))

/** What isn't said stays as it is; the issuer always does, and is said so that the new secret is sealed for it. */
export const change = Effect.fn("SingleSignOnProviders.change")(function* (
  providerId: number,
  said: Partial<ProviderSaid> & Pick<ProviderSaid, "issuer">,
  secret?: Redacted.Redacted<string>
) {
  const sql = yield* SqlClient
  const sealed = yield* sealedSecret(said.issuer, secret)
  yield* sql`SELECT change_single_sign_on_provider(${providerId}, ${columns(said)}::text::jsonb, decode(${sealed}, 'hex'))`
}, Effect.mapError(refused))

const columns = (said: Partial<ProviderSaid>) =>
  JSON.stringify({
    name: said.name,
    issuer: said.issuer,
    client_id: said.clientId,
    client_auth: said.clientAuth,
    email_domains: said.emailDomains,
    second_factor_amr: said.secondFactorAmr,
    second_factor_acr: said.secondFactorAcr
  })

/** As hex; null: none is given. */
const sealedSecret = Effect.fnUntraced(function* (issuer: string, secret: Redacted.Redacted<string> | undefined) {
  if (secret === undefined) return null
  const secrets = yield* Secrets
  const sealed = yield* secrets.seal(placeOf(issuer), Buffer.from(Redacted.value(secret)))
  return Buffer.from(sealed).toString("hex")
})
