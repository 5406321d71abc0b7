/**
 * One's own page. What changes how somebody signs in is done as the access role, by their token, and asks for a session that has just
 * been opened; the rest is the portal's, in their name.
 */
import { Effect, Redacted } from "effect"
import { Hono } from "hono"
import { setCookie } from "hono/cookie"
import * as OwnPasskeys from "#portal/access/OwnPasskeys.ts"
import * as Passkeys from "#portal/access/Passkeys.ts"
import * as SecondFactor from "#portal/access/SecondFactor.ts"
import * as Sessions from "#portal/access/Sessions.ts"
import * as SignIn from "#portal/access/SignIn.ts"
import { Site } from "#portal/access/Site.ts"
import type { Answers } from "#portal/answers.tsx"
import { Desk } from "#portal/Desk.ts"
import { attachment } from "#portal/download.ts"
import { form, parsed } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import { type Env, LANGUAGE_COOKIE, type Person } from "#portal/visit.ts"
import { isLanguage } from "#portal/words.ts"
import { SqlClient } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"
import * as JoinRequests from "#schema/people/JoinRequests.ts"
import type { AskedToJoin } from "./Joining.tsx"
import { type Own, OwnPage } from "./OwnPage.tsx"
import { CodesPage, DevicePage } from "./SecondFactorPages.tsx"

export const own = ({ signedIn }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      signedIn((who) => page(who))
    )
    .post("/password", signedIn(password))
    .post("/second-factor", signedIn(device))
    .post("/second-factor/confirm", signedIn(confirm))
    .post("/second-factor/off", signedIn(turnOff))
    .post("/recovery-codes", signedIn(codes))
    .post("/recovery-codes/file", signedIn(codesFile))
    .post("/join", signedIn(join))
    .post("/passkeys/options", signedIn(options))
    .post("/passkeys", signedIn(enrol))
    .post("/passkeys/:passkey", signedIn(passkey))
    .post(
      "/sessions",
      signedIn((who) => portals(who, Sessions.revokeOthers, "sessions"))
    )
    .post(
      "/sessions/:session",
      signedIn((who) => portals(who, Sessions.revoke(idIn(who, "session")), "session"))
    )
    .post("/language", signedIn(language))

const YEAR_SECONDS = 365 * 24 * 3600

/** What is no number is nobody's, and refused as that. */
const idIn = ({ c }: Person, name: string): number => {
  const text = c.req.param(name) ?? ""
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0
}

const inOwnName = (who: Person) => act(who.token, null, who.request)

const read = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [secondFactor] = yield* sql<Own["secondFactor"]>`SELECT totp_since, recovery_codes_left FROM my_second_factor()`
  return {
    sessions: yield* Sessions.mine,
    passkeys: yield* OwnPasskeys.list(),
    requests: yield* JoinRequests.mine(),
    secondFactor: secondFactor!
  }
})

interface Said {
  readonly reason: string
  readonly message: string
}

/** Refused because the session is older than a quarter of an hour (rules/second_factor.sql, just_signed_in). */
const asksToSignInAgain = ({ message, reason }: Said) => reason === "Forbidden" && message.includes("sign in again")

const page = Effect.fnUntraced(function* (who: Person, failure?: Said, askedToJoin?: AskedToJoin) {
  const seen = yield* inOwnName(who)(read)
  if (failure === undefined) return <OwnPage who={who} own={seen} />
  who.c.status(failure.reason === "Locked" ? 429 : failure.reason === "Forbidden" ? 403 : 400)
  const notDone = { said: failure.message, signInAgain: asksToSignInAgain(failure) }
  return <OwnPage who={who} own={seen} notDone={notDone} askedToJoin={askedToJoin} />
})

/** Done, or said on the page why not. */
const done = Effect.fnUntraced(function* <A, E extends Said, R>(
  who: Person,
  what: Effect.Effect<A, E, R>,
  saved: string
) {
  const made = yield* Effect.result(what)
  return made._tag === "Success" ? go(who.c, `/me?saved=${saved}`) : yield* page(who, made.failure)
})

const portals = <A, E, R>(who: Person, what: Effect.Effect<A, E, R>, saved: string) =>
  done(who, inOwnName(who)(what) as Effect.Effect<A, Said, R | SqlClient>, saved)

const typed = (who: Person, name: string) => Effect.map(form(who.c), (value) => Redacted.make(value(name)))

const password = Effect.fnUntraced(function* (who: Person) {
  const { asAccess } = yield* Desk
  const change = { from: yield* typed(who, "from"), to: yield* typed(who, "to") }
  return yield* done(who, asAccess(SignIn.changePassword(who.token, change, who.request)), "password")
})

const device = Effect.fnUntraced(function* (who: Person) {
  const { asAccess } = yield* Desk
  const begun = yield* Effect.result(asAccess(SecondFactor.begin(who.token, who.request)))
  return begun._tag === "Success" ? <DevicePage who={who} enrolment={begun.success} /> : yield* page(who, begun.failure)
})

const confirm = Effect.fnUntraced(function* (who: Person) {
  const { asAccess } = yield* Desk
  const made = yield* Effect.result(asAccess(SecondFactor.confirm(who.token, yield* typed(who, "code"), who.request)))
  if (made._tag === "Success") return <CodesPage who={who} codes={made.success} />
  if (made.failure.reason !== "WrongCode") return yield* page(who, made.failure)
  who.c.status(400)
  return <DevicePage who={who} enrolment={undefined} said={made.failure.message} />
})

const turnOff = Effect.fnUntraced(function* (who: Person) {
  const { asAccess } = yield* Desk
  return yield* done(who, asAccess(SecondFactor.turnOff(who.token, yield* typed(who, "code"), who.request)), "off")
})

const codes = Effect.fnUntraced(function* (who: Person) {
  const { asAccess } = yield* Desk
  const made = yield* Effect.result(asAccess(SecondFactor.renewRecoveryCodes(who.token, who.request)))
  return made._tag === "Success" ? <CodesPage who={who} codes={made.success} /> : yield* page(who, made.failure)
})

/** What was just shown, to be kept: the codes are nowhere else, so that the page sends them. */
const codesFile = Effect.fnUntraced(function* (who: Person) {
  const shown = (yield* form(who.c))("codes")
  const { downloadTitle, noCodes } = who.words.own
  if (!RECOVERY_CODES.test(shown)) return yield* page(who, { reason: "Invalid", message: noCodes })
  who.c.header("Content-Type", "text/plain; charset=utf-8")
  who.c.header("Content-Disposition", attachment("countersign-recovery-codes.txt"))
  return who.c.body([downloadTitle.replace("{email}", () => who.me.email), "", ...shown.split(" "), ""].join("\n"))
})

const RECOVERY_CODES = /^[a-z2-7]{4}(?:-[a-z2-7]{4}){3}(?: [a-z2-7]{4}(?:-[a-z2-7]{4}){3}){0,9}$/

const join = Effect.fnUntraced(function* (who: Person) {
  const value = yield* form(who.c)
  const sent = { workspace: value("workspace").trim(), note: value("note").trim() }
  const asked = yield* Effect.result(inOwnName(who)(JoinRequests.ask(sent.workspace, sent.note)))
  return asked._tag === "Success" ? go(who.c, "/me?saved=join") : yield* page(who, asked.failure, sent)
})

/** For the script: what the browser is to ask the device. */
const options = Effect.fnUntraced(function* (who: Person) {
  const { asAccess } = yield* Desk
  const made = yield* Effect.result(asAccess(Passkeys.enrolmentOptions(who.token, who.request)))
  return made._tag === "Success" ? who.c.json(made.success) : who.c.json({ said: made.failure.message }, 403)
})

const enrol = Effect.fnUntraced(function* (who: Person) {
  const { asAccess } = yield* Desk
  const value = yield* form(who.c)
  const answer = value("answer")
  if (answer === "") return yield* page(who, { reason: "Invalid", message: who.words.own.unable })
  const enrolling = Passkeys.enrol(who.token, value("name").trim(), parsed(answer), who.request)
  return yield* done(who, asAccess(enrolling), "passkey")
})

const passkey = Effect.fnUntraced(function* (who: Person) {
  const value = yield* form(who.c)
  const id = idIn(who, "passkey")
  return value("act") === "rename"
    ? yield* portals(who, OwnPasskeys.rename(id, value("name").trim()), "renamed")
    : yield* portals(who, OwnPasskeys.revoke(id), "removed")
})

/** Of this browser; what the person's own is, mail goes by. */
const language = Effect.fnUntraced(function* (who: Person) {
  const chosen = (yield* form(who.c))("language")
  const { origin } = yield* Site
  if (isLanguage(chosen))
    setCookie(who.c, LANGUAGE_COOKIE, chosen, {
      ...{ path: "/", sameSite: "Lax", maxAge: YEAR_SECONDS },
      ...{ httpOnly: true, secure: origin.startsWith("https:") }
    })
  return go(who.c, "/me")
})
