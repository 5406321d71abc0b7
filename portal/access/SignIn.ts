/**
 * Signing in with e-mail and password. As the access role, which alone may ask for what is checked here; what is counted, locked and
 * opened is decided by the database (rules/sign_in.sql, throttle.sql).
 *
 * Promises: whoever is refused learns neither by words nor by the work done whether there is such an account; who hangs up in
 * between is not forgotten, for nothing here is interrupted. None of it may run inside a transaction of the caller's: that an
 * attempt was made stands whatever comes of it.
 */
import { Effect, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import type { Request } from "#schema/people/Acting.ts"
import { newToken, tokenHash } from "#schema/people/Tokens.ts"
import { checkNew, type Known } from "./PasswordRules.ts"
import { Passwords } from "./Passwords.ts"
import { SignInError, said } from "./SignInError.ts"

export interface Credentials {
  readonly email: string
  readonly password: Redacted.Redacted<string>
}

export interface SignedIn {
  /** For the cookie. */
  readonly token: Redacted.Redacted<string>
  /** It can't act before `SecondFactor.give`, for which there are ten minutes; or before signing in by a passkey instead. */
  readonly secondFactorDue: boolean
}

/** An address as it was typed, fit to be asked for: no longer than one can be (RFC 5321, 4.5.3.1), without what no text holds. */
export const typed = (email: string) => email.replaceAll("\0", "").slice(0, 320)

interface Account {
  readonly person_id: number
  readonly hash: string | null
}

/** Fails with WrongPassword, Locked (and how many seconds to wait), Busy. */
export const withPassword = Effect.fn("SignIn.withPassword")(
  function* (given: Credentials, request: Request = {}) {
    const sql = yield* SqlClient
    const passwords = yield* Passwords
    const from = JSON.stringify(request)
    const email = typed(given.email)
    const asked = Effect.map(
      sql<Account>`SELECT person_id, hash FROM password_to_check(${email}, ${from}::text::jsonb)`,
      ([account]) => account!
    )
    const account = yield* passwords.verify(asked, given.password)
    if (account === undefined) {
      yield* sql`SELECT password_was_wrong(${email}, ${from}::text::jsonb)`
      return yield* wrong
    }
    const token = yield* newToken
    const [session] = yield* sql<{ second_factor_due: boolean }>`
    SELECT second_factor_due FROM open_session(${account.person_id}, decode(${tokenHash(token)}, 'hex'), 'password', false,
                                               ${request.address ?? ""}, ${request.agent ?? ""})`
    yield* rehash(account, given.password)
    return { token, secondFactorDue: session!.second_factor_due } satisfies SignedIn
  },
  Effect.mapError(said),
  Effect.uninterruptible
)

const wrong = new SignInError({
  reason: "WrongPassword",
  message: "this e-mail address and password don't go together; try again, or have a link mailed to set a new password"
})

/** When parameters have become dearer: only now is the password in hand to be hashed anew. */
const rehash = Effect.fnUntraced(
  function* ({ hash, person_id }: Account, password: Redacted.Redacted<string>) {
    const sql = yield* SqlClient
    const passwords = yield* Passwords
    if (hash === null || !passwords.isStale(hash)) return
    const newHash = yield* passwords.hash(password)
    yield* sql`SELECT rehash_password(${person_id}, ${hash}, ${newHash})`
  },
  Effect.catchTag("SignInError", () => Effect.void)
)

/** Changes one's own password, by the old one. Ends one's other sessions. Fails also with WeakPassword and NotSignedIn. */
export const changePassword = Effect.fn("SignIn.changePassword")(
  function* (
    token: Redacted.Redacted<string>,
    change: { readonly from: Redacted.Redacted<string>; readonly to: Redacted.Redacted<string> },
    request: Request = {}
  ) {
    const sql = yield* SqlClient
    const passwords = yield* Passwords
    const from = JSON.stringify(request)
    const holder = Redacted.value(token)
    const [person] = yield* sql<Known>`SELECT email, name FROM holder_of(${holder}, ${from}::text::jsonb)`
    yield* checkNew(change.to, person!)
    const asked = Effect.map(
      sql<{ hash: string }>`SELECT hash FROM password_to_change(${holder}, ${from}::text::jsonb)`,
      ([row]) => row!
    )
    const old = yield* passwords.verify(asked, change.from)
    if (old === undefined) {
      yield* sql`SELECT old_password_was_wrong(${holder}, ${from}::text::jsonb)`
      return yield* new SignInError({
        reason: "WrongPassword",
        message: "this is not your password until now; try again"
      })
    }
    const newHash = yield* passwords.hash(change.to)
    yield* sql`SELECT change_password(${holder}, ${old.hash}, ${newHash}, ${from}::text::jsonb)`
  },
  Effect.mapError(said),
  Effect.uninterruptible
)
