/**
 * Single sign-on by OpenID Connect Core 1.0: authorization code with PKCE (RFC 7636), state and nonce. A browser is sent to a provider
 * (`begin`) and comes back (`finish`); what the provider vouched for is checked here, by openid-client and with the access role's
 * connection, and whom that signs in is decided by the database (rules/single_sign_on.sql).
 *
 * Promises: who comes back is the browser that was sent, within ten minutes, once; ID tokens are signed, for us, for this sign-in; after it
 * a browser is sent to a path of our own and nowhere else; nobody is signed in over plain http, but for providers on this very machine
 * where that was allowed.
 */
import { Cache, Context, Effect, Exit, Layer, Redacted, Schema } from "effect"
import * as oidc from "openid-client"
import { SqlClient, SqlError } from "#schema/Database.ts"
import type { Request } from "#schema/people/Acting.ts"
import { newToken, tokenHash } from "#schema/people/Tokens.ts"
import { Refused, refused } from "#schema/Refused.ts"
import { type Place, Secrets } from "#schema/Secrets.ts"
import { typed } from "./SignIn.ts"
import { Site } from "./Site.ts"

export class SingleSignOnRefused extends Schema.TaggedError<SingleSignOnRefused>()("SingleSignOnRefused", {
  reason: Schema.Literals([
    // said by the database
    ...Refused.fields.reason.literals,
    /** the provider can't be reached, or doesn't speak as it should */
    "ProviderDown",
    /** it doesn't know us, or may not be asked: the super admin's to mend */
    "Misconfigured",
    /** it didn't sign them in, or they didn't want it to */
    "Declined",
    /** this browser was not sent, or came back before, or too late */
    "NotBegun",
    /** what came back doesn't show what it should */
    "NotProved"
  ]),
  message: Schema.String,
  /** For the log: what the library says of it, without what the provider answered, which may hold tokens. */
  cause: Schema.optional(Schema.String)
}) {}

/** The path of the portal to which providers send browsers back; with the site before it, it is registered with each of them. */
export const CALLBACK = "/sign-in/single-sign-on/callback"

export interface SignedIn {
  /** for the session's cookie */
  readonly token: Redacted.Redacted<string>
  /** It can't act before a code is given for it, or a passkey signs in instead. */
  readonly secondFactorDue: boolean
  /** a path of the portal */
  readonly returnTo: string
}

interface Provider {
  readonly id: number
  readonly name: string
  readonly issuer: string
  readonly client_id: string
  readonly client_secret: Uint8Array | null
  readonly client_auth: "client_secret_basic" | "client_secret_post"
}

export class SingleSignOn extends Context.Service<
  SingleSignOn,
  {
    /** The providers that sign people in, by name: the buttons of the sign-in page. */
    readonly providers: Effect.Effect<
      ReadonlyArray<{ readonly id: number; readonly name: string }>,
      SingleSignOnRefused
    >
    /**
     * Gives the address to send a browser to. browser: a random value that its cookie keeps (SameSite=Lax, so that it comes back with it);
     * returnTo: a path to go on to, `/` when it isn't one of the portal.
     */
    readonly begin: (
      providerId: number,
      browser: Redacted.Redacted<string>,
      returnTo?: string
    ) => Effect.Effect<URL, SingleSignOnRefused>
    /** Takes the query that a browser came back with, and the value of its cookie; opens a session. */
    readonly finish: (
      query: URLSearchParams,
      browser: Redacted.Redacted<string>,
      request?: Request
    ) => Effect.Effect<SignedIn, SingleSignOnRefused>
  }
>()("portal/access/SingleSignOn") {
  /** overLoopback: providers at http addresses of this machine are asked too. For development and tests. */
  static readonly layer = (options: { readonly overLoopback?: boolean } = {}) =>
    Layer.effect(SingleSignOn, make(options.overLoopback ?? false))
}

const make = Effect.fnUntraced(function* (overLoopback: boolean) {
  const sql = yield* SqlClient
  const site = yield* Site
  const secrets = yield* Secrets
  const callback = new URL(CALLBACK, site.origin)

  /** What a provider says of itself, asked once in ten minutes; what it could not say is asked again. */
  const known = yield* Cache.makeWith((issuer: string) => discovered(issuer, overLoopback), {
    capacity: 100,
    timeToLive: (exit) => (Exit.isSuccess(exit) ? "10 minutes" : 0)
  })

  const providerOf = Effect.fnUntraced(function* (providerId: number) {
    const asked = isId(providerId) ? sql<Provider>`SELECT * FROM provider_to_ask(${providerId})` : Effect.succeed([])
    const [provider] = yield* asked
    if (provider === undefined) return yield* refusal("Forbidden", "this way to sign in is closed; choose another")
    return provider
  })

  const clientSecret = (issuer: string, sealed: Uint8Array) =>
    secrets.open(placeOf(issuer), sealed).pipe(
      Effect.map((bytes) => Buffer.from(bytes).toString()),
      Effect.mapError(({ message }) => refusal("Misconfigured", message))
    )

  const clientOf = Effect.fnUntraced(function* (provider: Provider) {
    const server = yield* Effect.mapError(Cache.get(known, provider.issuer), (error) =>
      error._tag === "DiscoveryFailed" ? understood(provider, error.cause) : error
    )
    const secret =
      provider.client_secret === null ? undefined : yield* clientSecret(provider.issuer, provider.client_secret)
    const client = new oidc.Configuration(server, provider.client_id, undefined, shownBy(provider.client_auth, secret))
    client.timeout = TIMEOUT_SECONDS
    // their signature besides their TLS
    oidc.enableNonRepudiationChecks(client)
    if (isOnLoopback(new URL(provider.issuer))) oidc.allowInsecureRequests(client)
    return client
  })

  const begin = Effect.fn("SingleSignOn.begin")(function* (
    providerId: number,
    browser: Redacted.Redacted<string>,
    returnTo = "/"
  ) {
    const provider = yield* providerOf(providerId)
    const client = yield* clientOf(provider)
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()]
    yield* sql`SELECT begin_single_sign_on(${provider.id}, decode(${tokenHash(Redacted.make(state))}, 'hex'), decode(${tokenHash(browser)}, 'hex'),
      ${nonce}, ${verifier}, ${ownPath(returnTo, site.origin)})`
    return oidc.buildAuthorizationUrl(client, {
      redirect_uri: callback.href,
      scope: "openid email",
      state,
      nonce,
      code_challenge: yield* Effect.promise(() => oidc.calculatePKCECodeChallenge(verifier)),
      code_challenge_method: "S256"
    })
  }, Effect.mapError(said))

  const finish = Effect.fn("SingleSignOn.finish")(function* (
    query: URLSearchParams,
    browser: Redacted.Redacted<string>,
    request: Request = {}
  ) {
    const state = query.get("state") ?? ""
    const [begun] = yield* sql<{ provider_id: number; nonce: string; code_verifier: string; return_to: string }>`
      SELECT * FROM take_single_sign_on(decode(${tokenHash(Redacted.make(state))}, 'hex'), decode(${tokenHash(browser)}, 'hex'))`
    if (begun === undefined) {
      return yield* refusal("NotBegun", "this sign-in was not begun here, was used, or took too long; sign in again")
    }
    const provider = yield* providerOf(begun.provider_id)
    const client = yield* clientOf(provider)
    const checks = { expectedState: state, expectedNonce: begun.nonce, pkceCodeVerifier: begun.code_verifier }
    const claims = yield* vouchedFor(provider, client, new URL(`?${query}`, callback), checks)
    const token = yield* newToken
    const [session] = yield* sql<{ second_factor_due: boolean }>`
      SELECT sign_in_by_provider(${provider.id}, ${claims.subject}, ${claims.email}, ${claims.verified}, ${claims.amr}::text[], ${claims.acr},
        decode(${tokenHash(token)}, 'hex'), ${request.address ?? ""}, ${request.agent ?? ""}) AS second_factor_due`
    return { token, secondFactorDue: session!.second_factor_due, returnTo: begun.return_to } satisfies SignedIn
  }, Effect.mapError(said))

  const providers = Effect.mapError(sql<{ id: number; name: string }>`SELECT * FROM sign_in_providers()`, said)
  return SingleSignOn.of({ providers, begin, finish })
})

/** Where a client's secret is kept: known before the row is, and never changed. */
export const placeOf = (issuer: string): Place => ({ table: "single_sign_on_provider", row: issuer })

const shownBy = (how: Provider["client_auth"], secret: string | undefined) => {
  if (secret === undefined) return oidc.None()
  return how === "client_secret_basic" ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret)
}

/** As the database has them. */
const isId = (id: number) => Number.isInteger(id) && id > 0 && id < 2 ** 31

/** People wait for it. */
const TIMEOUT_SECONDS = 10

const isOnLoopback = ({ hostname, protocol }: URL) =>
  protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(hostname)

class DiscoveryFailed extends Schema.TaggedError<DiscoveryFailed>()("DiscoveryFailed", { cause: Schema.Defect() }) {}

const discovered = Effect.fnUntraced(function* (issuer: string, overLoopback: boolean) {
  const url = new URL(issuer)
  const insecurely = overLoopback && isOnLoopback(url)
  if (url.protocol !== "https:" && !insecurely) {
    return yield* refusal(
      "Misconfigured",
      `${issuer} is not an https address, so nobody is signed in by it; tell a super admin`
    )
  }
  const options = { timeout: TIMEOUT_SECONDS, ...(insecurely ? { execute: [oidc.allowInsecureRequests] } : {}) }
  // who we are is said each time: what is kept here is theirs alone
  const found = yield* Effect.tryPromise({
    try: () => oidc.discovery(url, "unsaid", undefined, oidc.None(), options),
    catch: (cause) => new DiscoveryFailed({ cause })
  })
  return found.serverMetadata()
})

interface Claims {
  readonly subject: string
  readonly email: string | null
  readonly verified: boolean
  readonly amr: ReadonlyArray<string>
  readonly acr: string | null
}

/** What the provider says of who came back; asked for the address where the ID token lacks it (Core, 5.4). */
const vouchedFor = Effect.fnUntraced(function* (
  provider: Provider,
  client: oidc.Configuration,
  cameBackTo: URL,
  checks: oidc.AuthorizationCodeGrantChecks
) {
  const asking = <A>(ask: () => Promise<A>) =>
    Effect.tryPromise({ try: ask, catch: (cause) => understood(provider, cause) })
  const tokens = yield* asking(() => oidc.authorizationCodeGrant(client, cameBackTo, checks))
  const claims = tokens.claims()!
  const { acr, amr, sub } = claims
  const lacks = claims.email === undefined && client.serverMetadata().userinfo_endpoint !== undefined
  const { email, email_verified } = lacks
    ? yield* asking(() => oidc.fetchUserInfo(client, tokens.access_token, sub))
    : claims
  // Core, 2: at most 255 characters
  if (sub.length > 255 || sub.includes("\0")) return yield* notProved(provider)
  return {
    subject: sub,
    email: typeof email === "string" ? typed(email) : null,
    // some say it as text
    verified: email_verified === true || (email_verified as unknown) === "true",
    amr: Array.isArray(amr) ? amr.filter((method) => typeof method === "string").map(typed) : [],
    acr: typeof acr === "string" ? typed(acr) : null
  } satisfies Claims
})

/** It is kept until they are back, for whoever asks. */
const LONGEST_PATH = 2_000

/** Where somebody wanted to go, if it is a path of ours; `/` otherwise. As a browser reads it: `/\x.org` and `/.//x.org` are not. */
const ownPath = (wanted: string, origin: string): string => {
  if (wanted.length > LONGEST_PATH) return "/"
  const url = URL.canParse(wanted, origin) ? new URL(wanted, origin) : undefined
  if (url === undefined || url.origin !== origin || !wanted.startsWith("/")) return "/"
  const path = `${url.pathname}${url.search}${url.hash}`
  return path.startsWith("//") || path.length > LONGEST_PATH ? "/" : path
}

/** What openid-client threw, for people. */
const understood = ({ name }: Provider, cause: unknown): SingleSignOnRefused => {
  const as = (reason: SingleSignOnRefused["reason"], message: string) =>
    new SingleSignOnRefused({ reason, message, cause: forTheLog(cause) })
  if (cause instanceof oidc.AuthorizationResponseError) {
    return as("Declined", `${name} did not sign you in; try again, or choose another way`)
  }
  const unknownClient = cause instanceof oidc.ResponseBodyError && /client$/.test(cause.error)
  if (unknownClient || cause instanceof oidc.WWWAuthenticateChallengeError) {
    return as("Misconfigured", `${name} does not know this portal; tell a super admin`)
  }
  // node's fetch throws a TypeError when it can't reach the other side
  const code = cause instanceof oidc.ClientError ? cause.code : undefined
  if (cause instanceof TypeError || (code !== undefined && SPEAKS_ODDLY.has(code))) {
    return as("ProviderDown", `${name} does not answer now; try again later, or choose another way`)
  }
  return notProved({ name }, cause)
}

const notProved = ({ name }: Pick<Provider, "name">, cause?: unknown) =>
  new SingleSignOnRefused({
    reason: "NotProved",
    message: `what ${name} said about you could not be verified; sign in again`,
    ...(cause !== undefined && { cause: forTheLog(cause) })
  })

const SPEAKS_IN_CONSTANTS = /^(?:ClientError|OperationProcessingError)$/

/**
 * The library's own words are constants; its causes hold what came back, be it the response, its claims, or (in the words of JSON's
 * parser) the beginning of its text. Of these the names and codes are told.
 */
const forTheLog = (thrown: unknown): string => {
  const told: Array<string> = []
  for (let error = thrown; error instanceof Error && told.length < 5; error = error.cause) {
    const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : ""
    told.push(`${error.name}${code}${SPEAKS_IN_CONSTANTS.test(error.name) ? `: ${error.message}` : ""}`)
  }
  return told.join(" ← ")
}

const SPEAKS_ODDLY: ReadonlySet<string> = new Set([
  ...["OAUTH_TIMEOUT", "OAUTH_PARSE_ERROR", "OAUTH_RESPONSE_IS_NOT_JSON", "OAUTH_RESPONSE_IS_NOT_CONFORM"]
])

const refusal = (reason: SingleSignOnRefused["reason"], message: string) => new SingleSignOnRefused({ reason, message })

const said = (error: SqlError | SingleSignOnRefused): SingleSignOnRefused => {
  if (!(error instanceof SqlError)) return error
  const { message, reason } = refused(error)
  return refusal(reason, message)
}
