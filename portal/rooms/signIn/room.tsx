/** The door for people: e-mail and password, then the second factor where one is due, without scripts; or a passkey, which is both. */
import { Effect, Redacted } from "effect"
import { Hono } from "hono"
import { deleteCookie, setCookie } from "hono/cookie"
import type { CookieOptions } from "hono/utils/cookie"
import * as Passkeys from "#portal/access/Passkeys.ts"
import * as SecondFactor from "#portal/access/SecondFactor.ts"
import * as Sessions from "#portal/access/Sessions.ts"
import * as SignIn from "#portal/access/SignIn.ts"
import { Site } from "#portal/access/Site.ts"
import type { Answers } from "#portal/answers.tsx"
import { Desk } from "#portal/Desk.ts"
import { form, parsed } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import { type Env, SESSION_COOKIE, type Visit } from "#portal/visit.ts"
import { SecondFactorPage, SignInPage } from "./SignInPage.tsx"

/** The longest that a session lives without being used (rules/sessions.sql); the cookie says no more than that it may. */
const COOKIE_SECONDS = 30 * 24 * 3600

/** Where somebody wanted to go: a place of ours, or the beginning. `//host` and `/\host` are other hosts to a browser. */
export const ownPlace = (to: string | undefined): string =>
  to !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(to) && !to.startsWith("/sign-") ? to : "/"

const cookie = (origin: string): CookieOptions => ({
  path: "/",
  httpOnly: true,
  sameSite: "Lax",
  secure: origin.startsWith("https:")
})

export const signIn = ({ open }: Answers) =>
  new Hono<Env>()
    .get(
      "/sign-in",
      open((visit) => Effect.succeed(<SignInPage visit={visit} to={ownPlace(visit.c.req.query("to"))} />))
    )
    .post(
      "/sign-in",
      open((visit) =>
        Effect.gen(function* () {
          const { c, request } = visit
          const value = yield* form(c)
          const to = ownPlace(value("to"))
          const { asAccess } = yield* Desk
          const credentials = { email: value("email"), password: Redacted.make(value("password")) }
          const signedIn = yield* Effect.result(asAccess(SignIn.withPassword(credentials, request)))
          if (signedIn._tag === "Failure") {
            c.status(signedIn.failure.reason === "Locked" ? 429 : 401)
            return <SignInPage visit={visit} to={to} email={credentials.email} error={signedIn.failure} />
          }
          const { secondFactorDue, token } = signedIn.success
          yield* keep(visit, token)
          return go(c, secondFactorDue ? `/sign-in/second-factor?to=${encodeURIComponent(to)}` : to)
        })
      )
    )
    .post("/sign-in/passkey/options", open(passkeyOptions))
    .post("/sign-in/passkey", open(withPasskey))
    .get(
      "/sign-in/second-factor",
      open((visit) => Effect.succeed(<SecondFactorPage visit={visit} to={ownPlace(visit.c.req.query("to"))} />))
    )
    .post(
      "/sign-in/second-factor",
      open((visit) =>
        Effect.gen(function* () {
          const { c, request, token } = visit
          const value = yield* form(c)
          const to = ownPlace(value("to"))
          if (token === undefined) return go(c, "/sign-in")
          const { asAccess } = yield* Desk
          const given = yield* Effect.result(asAccess(SecondFactor.give(token, Redacted.make(value("code")), request)))
          if (given._tag === "Success") return go(c, to)
          if (given.failure.reason === "NotSignedIn") return go(c, "/sign-in")
          c.status(given.failure.reason === "Locked" ? 429 : 401)
          return <SecondFactorPage visit={visit} to={to} error={given.failure} />
        })
      )
    )
    .post(
      "/sign-out",
      open(({ c, request, token }) =>
        Effect.gen(function* () {
          // whoever isn't signed in has what they want
          if (token !== undefined) yield* Effect.ignore(Sessions.signOut(token, request))
          deleteCookie(c, SESSION_COOKIE, cookie((yield* Site).origin))
          const to = ownPlace(c.req.query("to"))
          return go(c, to === "/" ? "/sign-in" : `/sign-in?to=${encodeURIComponent(to)}`)
        })
      )
    )

const keep = ({ c }: Visit, token: Redacted.Redacted<string>) =>
  Effect.map(Site, ({ origin }) =>
    setCookie(c, SESSION_COOKIE, Redacted.value(token), { ...cookie(origin), maxAge: COOKIE_SECONDS })
  )

/** For the script: what the browser is to ask the device; of any passkey, so that it tells nothing of who has one. */
const passkeyOptions = Effect.fnUntraced(function* ({ c }: Visit) {
  const { asAccess } = yield* Desk
  const made = yield* Effect.result(asAccess(Passkeys.signInOptions(null)))
  return made._tag === "Success" ? c.json(made.success) : c.json({ said: made.failure.message }, 400)
})

const withPasskey = Effect.fnUntraced(function* (visit: Visit) {
  const { asAccess } = yield* Desk
  const value = yield* form(visit.c)
  const to = ownPlace(value("to"))
  const answer = value("assertion")
  if (answer === "") {
    visit.c.status(400)
    const error = { reason: "NoPasskey", message: visit.words.signIn.noPasskey }
    return <SignInPage visit={visit} to={to} error={error} />
  }
  const signedIn = yield* Effect.result(asAccess(Passkeys.signIn(parsed(answer), visit.request)))
  if (signedIn._tag === "Failure") {
    visit.c.status(401)
    return <SignInPage visit={visit} to={to} error={signedIn.failure} />
  }
  yield* keep(visit, signedIn.success)
  return go(visit.c, to)
})
