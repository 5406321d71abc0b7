/** The door for people: e-mail and password, then the second factor where one is due. Works without scripts. */
import { Effect, Redacted } from "effect"
import { Hono } from "hono"
import { deleteCookie, setCookie } from "hono/cookie"
import type { CookieOptions } from "hono/utils/cookie"
import * as SecondFactor from "#portal/access/SecondFactor.ts"
import * as Sessions from "#portal/access/Sessions.ts"
import * as SignIn from "#portal/access/SignIn.ts"
import { Site } from "#portal/access/Site.ts"
import type { Answers } from "#portal/answers.tsx"
import { Desk } from "#portal/Desk.ts"
import { form } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import { type Env, SESSION_COOKIE } from "#portal/visit.ts"
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
          setCookie(c, SESSION_COOKIE, Redacted.value(token), {
            ...cookie((yield* Site).origin),
            maxAge: COOKIE_SECONDS
          })
          return go(c, secondFactorDue ? `/sign-in/second-factor?to=${encodeURIComponent(to)}` : to)
        })
      )
    )
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
