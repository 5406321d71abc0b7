/**
 * What mailed links lead to: a new password for who has forgotten theirs, and a place in a workspace for who was invited. The token in a
 * link is all that is shown; looking uses nothing up.
 */
import { Effect, Redacted } from "effect"
import { Hono } from "hono"
import * as PasswordReset from "#portal/access/PasswordReset.ts"
import { checkNew } from "#portal/access/PasswordRules.ts"
import { Passwords } from "#portal/access/Passwords.ts"
import * as Sessions from "#portal/access/Sessions.ts"
import { Site } from "#portal/access/Site.ts"
import type { Answers } from "#portal/answers.tsx"
import { Desk } from "#portal/Desk.ts"
import { form } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import type { Env, Visit } from "#portal/visit.ts"
import { act } from "#schema/people/Acting.ts"
import * as Invitations from "#schema/people/Invitations.ts"
import { DonePage, ForgotPage, GonePage, InvitationPage, NewPasswordPage, SentPage } from "./LetterPages.tsx"

export const letters = ({ open }: Answers) =>
  new Hono<Env>()
    .get(
      "/forgot",
      open((visit) => Effect.succeed(<ForgotPage visit={visit} />))
    )
    .post("/forgot", open(ask))
    .get(
      "/new-password/:token",
      open((visit) => newPassword(visit))
    )
    .post("/new-password/:token", open(set))
    .get(
      "/invitation/:token",
      open((visit) => invitation(visit))
    )
    .post("/invitation/:token", open(accept))

const ask = Effect.fnUntraced(function* (visit: Visit) {
  const { asAccess } = yield* Desk
  const { origin } = yield* Site
  const email = (yield* form(visit.c))("email").trim()
  const linkTo = (token: string) => `${origin}/new-password/${token}`
  const asked = yield* Effect.result(asAccess(PasswordReset.ask(email, linkTo, visit.request)))
  if (asked._tag === "Success") return <SentPage visit={visit} />
  visit.c.status(asked.failure.reason === "Locked" ? 429 : 400)
  return <ForgotPage visit={visit} email={email} said={asked.failure.message} />
})

const tokenIn = ({ c }: Visit) => Redacted.make(c.req.param("token") ?? "")

const gone = (visit: Visit, of: "reset" | "invitation") => {
  visit.c.status(404)
  return <GonePage visit={visit} of={of} />
}

const newPassword = Effect.fnUntraced(function* (visit: Visit, said?: string) {
  const { asAccess } = yield* Desk
  const whose = yield* Effect.result(asAccess(PasswordReset.look(tokenIn(visit))))
  if (whose._tag === "Success")
    return <NewPasswordPage visit={visit} path={visit.c.req.path} whose={whose.success} said={said} />
  return whose.failure.reason === "NotFound" ? gone(visit, "reset") : yield* whose.failure
})

const set = Effect.fnUntraced(function* (visit: Visit) {
  const { asAccess } = yield* Desk
  const password = Redacted.make((yield* form(visit.c))("password"))
  const made = yield* Effect.result(asAccess(PasswordReset.set(tokenIn(visit), password, visit.request)))
  if (made._tag === "Success") {
    const { letters } = visit.words
    return (
      <DonePage visit={visit} title={letters.newPassword}>
        {letters.isSet}
      </DonePage>
    )
  }
  if (made.failure.reason === "NotFound") return gone(visit, "reset")
  const page = yield* newPassword(visit, made.failure.message)
  visit.c.status(made.failure.reason === "Busy" ? 503 : 400)
  return page
})

/** Unknown, over, or used: to who has the link it is the same. */
const isGone = ({ reason }: { readonly reason: string }) => reason === "NotFound" || reason === "Conflict"

/** Who is signed in, by their address; undefined: nobody. */
const signedInAs = Effect.fnUntraced(function* ({ token }: Visit) {
  if (token === undefined) return undefined
  const session = yield* Sessions.current(token)
  return session?.me === null ? undefined : session?.me.email
})

const invitation = Effect.fnUntraced(function* (
  visit: Visit,
  again?: { readonly said: string; readonly name: string }
) {
  const { asAccess } = yield* Desk
  const behind = yield* Effect.result(asAccess(Invitations.behind(tokenIn(visit))))
  if (behind._tag === "Failure") return isGone(behind.failure) ? gone(visit, "invitation") : yield* behind.failure
  const email = yield* signedInAs(visit)
  return (
    <InvitationPage
      visit={visit}
      path={visit.c.req.path}
      behind={behind.success}
      isTheirs={email?.toLowerCase() === behind.success.email.toLowerCase()}
      {...again}
    />
  )
})

const accept = Effect.fnUntraced(function* (visit: Visit) {
  const { asAccess } = yield* Desk
  const { request, token } = visit
  const found = yield* Effect.result(asAccess(Invitations.behind(tokenIn(visit))))
  if (found._tag === "Failure") return isGone(found.failure) ? gone(visit, "invitation") : yield* found.failure
  const { email, has_account } = found.success
  if (!has_account) return yield* acceptAsNew(visit, email)
  if (token === undefined) return yield* invitation(visit)
  const accepted = yield* Effect.result(act(token, null, request)(Invitations.accept(tokenIn(visit))))
  if (accepted._tag === "Success") return go(visit.c, `/w/${accepted.success}`)
  const page = yield* invitation(visit, { said: accepted.failure.message, name: "" })
  visit.c.status(accepted.failure.reason === "Forbidden" ? 403 : 409)
  return page
})

const acceptAsNew = Effect.fnUntraced(function* (visit: Visit, email: string) {
  const { asAccess } = yield* Desk
  const passwords = yield* Passwords
  const typed = yield* form(visit.c)
  const name = typed("name").trim()
  const password = Redacted.make(typed("password"))
  const made = yield* Effect.result(
    Effect.gen(function* () {
      yield* checkNew(password, { name, email })
      const hash = yield* passwords.hash(password)
      return yield* asAccess(Invitations.acceptAsNew(tokenIn(visit), name, hash, visit.request))
    })
  )
  const { letters } = visit.words
  if (made._tag === "Success")
    return (
      <DonePage visit={visit} title={letters.accept}>
        <Sentence words={letters.isThere} parts={{ email: <Name>{email}</Name> }} />
      </DonePage>
    )
  const page = yield* invitation(visit, { said: made.failure.message, name })
  visit.c.status(made.failure.reason === "Busy" ? 503 : 400)
  return page
})
