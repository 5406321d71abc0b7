/**
 * How a handler becomes an answer: it is an effect, run with what the portal stands on; what it gives is a page, a part of one, or a
 * response; what it is refused becomes a page that says what happened and what to do, in the visitor's language.
 *
 * Promises: whoever has gone away interrupts their handler; a fault of ours shows its number and never its cause.
 */
import { Cause, type Context, Effect, Exit } from "effect"
import type { Handler } from "hono"
import type { JSX } from "hono/jsx/jsx-runtime"
import { routePath } from "hono/route"
import * as Sessions from "#portal/access/Sessions.ts"
import { SignInError } from "#portal/access/SignInError.ts"
import { act } from "#schema/people/Acting.ts"
import { Refused } from "#schema/Refused.ts"
import type { Assets } from "./assets.ts"
import type { Standing } from "./Desk.ts"
import { go } from "./htmx.ts"
import { ErrorPage, type Wrong } from "./views/ErrorPage.tsx"
import { type Asked, type Env, type Here, type Person, type Visit, visitOf } from "./visit.ts"

export type Answer = JSX.Element | Response

/** Errors that have words; anything else is a fault of ours. */
export type Expected = Refused | SignInError

type Answering<V> = (visit: V) => Effect.Effect<Answer, Expected, Standing>

export interface Answers {
  /** For anybody. */
  readonly open: (answer: Answering<Visit>) => Handler<Env>
  /** For who has signed in; others are sent to do so, and back. */
  readonly signedIn: (answer: Answering<Person>) => Handler<Env>
  /** For who may act in the workspace of the path. */
  readonly here: (answer: Answering<Here>) => Handler<Env>
}

const STATUS: Record<Wrong, 400 | 403 | 404 | 409 | 413 | 429 | 500 | 503> = {
  NotFound: 404,
  Forbidden: 403,
  Conflict: 409,
  Invalid: 400,
  Locked: 429,
  NotApproved: 409,
  NotItsTime: 409,
  DatabaseGone: 503,
  TooLarge: 413,
  CrossSite: 403,
  SecondFactor: 403,
  Fault: 500
}

/** The page of an error, with its status. said: the database's own sentence. */
export const wrong = (visit: Visit, what: Wrong, said?: string) =>
  visit.c.html(<ErrorPage visit={visit} wrong={what} said={said} />, STATUS[what])

export const answers = (standing: Context.Context<Standing>, assets: Assets): Answers => {
  const run = async (visit: Visit, answer: Effect.Effect<Answer, Expected, Standing>): Promise<Response> => {
    const { c } = visit
    const exit = await Effect.runPromiseExit(Effect.provide(answer, standing), { signal: c.req.raw.signal })
    if (Exit.isSuccess(exit)) return exit.value instanceof Response ? exit.value : c.html(exit.value)
    // who asked is gone; what else interrupts is a fault of ours
    if (c.req.raw.signal.aborted && Cause.hasInterruptsOnly(exit.cause)) return c.body(null, 400)
    const error = Cause.squash(exit.cause)
    if (!(error instanceof Refused || error instanceof SignInError)) {
      await Effect.runPromise(
        Effect.logError(`request ${c.get("requestId")}: ${c.req.method} ${routePath(c)}`, exit.cause)
      )
      return wrong(visit, "Fault")
    }
    if (error.reason === "NotSignedIn") return toSignIn(c)
    return wrong(visit, error.reason in STATUS ? (error.reason as Wrong) : "Invalid", error.message)
  }

  const person = Effect.fnUntraced(function* (c: Asked) {
    const { token } = visitOf(c, assets)
    if (token === undefined) return yield* nobody
    const session = yield* Sessions.current(token)
    if (session === undefined) return yield* nobody
    const { me, workspaces } = session
    if (me === null || workspaces === null) return go(c, "/sign-in/second-factor")
    return { ...visitOf(c, assets, me), token, me, workspaces } satisfies Person
  })

  const withPerson = (answer: Answering<Person>) => (c: Asked) =>
    run(
      visitOf(c, assets),
      Effect.flatMap(person(c), (who) => (who instanceof Response ? Effect.succeed(who) : answer(who)))
    )

  return {
    open: (answer) => (c) => {
      const visit = visitOf(c, assets)
      return run(visit, answer(visit))
    },
    signedIn: withPerson,
    here: (answer) =>
      withPerson((who) => {
        const id = Number(who.c.req.param("workspace"))
        const workspace = who.workspaces.find((one) => one.id === id)
        if (workspace === undefined) return Effect.fail(noSuchWorkspace)
        return Effect.catchTag(
          answer({ ...who, workspace, acting: act(who.token, id, who.request) }),
          "Refused",
          (error) => (workspace.require_second_factor ? orSecondFactor(who, error) : Effect.fail(error))
        )
      })
  }
}

/** Who has signed in, and not as their workspace asks for, would come back from signing in to the same, and never be told why. */
const orSecondFactor = Effect.fnUntraced(function* (who: Person, error: Refused) {
  const session = error.reason === "NotSignedIn" ? yield* Sessions.current(who.token) : undefined
  return session === undefined ? yield* error : yield* Effect.promise(async () => wrong(who, "SecondFactor"))
})

const nobody = new Refused({ reason: "NotSignedIn", message: "nobody is signed in" })

/** As the database says it of what is not there, or is not theirs to see. */
const noSuchWorkspace = new Refused({ reason: "NotFound", message: "there is no such workspace" })

/** There they sign in, and come back; what was sent by a form is not sent again. */
const toSignIn = (c: Asked): Response => {
  const { pathname, search } = new URL(c.req.url)
  const to = c.req.method === "GET" && pathname !== "/" ? `?to=${encodeURIComponent(pathname + search)}` : ""
  return go(c, `/sign-in${to}`)
}
