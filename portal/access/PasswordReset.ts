/**
 * A forgotten password, set anew by a mailed link (rules/mailed_links.sql). As the access role.
 *
 * Promises: asking does the same whether there is an account or not, and the mail leaves later, so nobody learns it from the answer
 * or its time. The link is good for an hour, once.
 */
import { Effect, Redacted } from "effect"
import { Mail } from "#portal/mail/Mail.ts"
import { SqlClient } from "#schema/Database.ts"
import type { Request } from "#schema/people/Acting.ts"
import { newToken, tokenHash } from "#schema/people/Tokens.ts"
import { checkNew, type Known } from "./PasswordRules.ts"
import { Passwords } from "./Passwords.ts"
import { typed } from "./SignIn.ts"
import { said } from "./SignInError.ts"

/** Makes the link of a token: under the portal's own address, never under one that a request names. */
export type LinkTo = (token: string) => string

/** Has a link mailed, if there is somebody to mail it to. Fails with Locked when asked for too often. */
export const ask = Effect.fn("PasswordReset.ask")(function* (email: string, linkTo: LinkTo, request: Request = {}) {
  const sql = yield* SqlClient
  const mail = yield* Mail
  const token = yield* newToken
  const [to] = yield* sql<{ email: string | null; name: string | null }>`
    SELECT email, name FROM ask_password_reset(${typed(email)}, decode(${tokenHash(token)}, 'hex'), ${JSON.stringify(request)}::text::jsonb)`
  const { email: address, name } = to!
  if (address === null || name === null) return
  yield* mail.post({ to: { name, email: address }, ...letter(name, linkTo(Redacted.value(token)), request) })
}, Effect.mapError(said))

const letter = (name: string, link: string, { address }: Request) => ({
  subject: "Set a new password for Countersign",
  text: [
    `Hello ${name},`,
    `somebody${address === undefined ? "" : ` at ${address}`} asked to set a new password for your account. If it was you, open this within an hour:`,
    link,
    "If it was not you, there is nothing to do: without this link nothing changes.",
    "Countersign"
  ].join("\n\n")
})

/** Whose link it is, while it is good; looking uses nothing up. Fails with NotFound. */
export const look = Effect.fn("PasswordReset.look")(function* (token: Redacted.Redacted<string>) {
  const sql = yield* SqlClient
  const [person] = yield* sql<Known>`SELECT email, name FROM password_reset(decode(${tokenHash(token)}, 'hex'))`
  return person!
}, Effect.mapError(said))

/** Sets the new password and ends all sessions of the person. Fails with NotFound and WeakPassword; the link then stays good. */
export const set = Effect.fn("PasswordReset.set")(function* (
  token: Redacted.Redacted<string>,
  password: Redacted.Redacted<string>,
  request: Request = {}
) {
  const sql = yield* SqlClient
  const passwords = yield* Passwords
  yield* checkNew(password, yield* look(token))
  const hash = yield* passwords.hash(password)
  yield* sql`SELECT reset_password(decode(${tokenHash(token)}, 'hex'), ${hash}, ${JSON.stringify(request)}::text::jsonb)`
}, Effect.mapError(said))
