/**
 * The second factor: codes of a device (TOTP, RFC 6238: SHA-1, six digits, 30 seconds, as every authenticator app does), and recovery
 * codes for who has lost it. As the access role; how often one may guess, and that a code counts once, is decided by the
 * database (rules/second_factor.sql).
 *
 * Promises: a code is taken for its step or the one before or after it (a clock may be off by half a minute), each step once.
 */
import { createTOTPKeyURI, verifyHOTP } from "@oslojs/otp"
import { Clock, Effect, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import type { Request } from "#schema/people/Acting.ts"
import { Secrets } from "#schema/Secrets.ts"
import { newRecoveryCode, recoveryCodeHash } from "./RecoveryCodes.ts"
import { SignInError, said } from "./SignInError.ts"

const STEP_SECONDS = 30
const DIGITS = 6
const RECOVERY_CODES = 10

/** As authenticator apps name the account. */
const ISSUER = "Countersign"

/** What comes next when a session waits for its second factor: a code of the device, or a recovery code. */
export const give = Effect.fn("SecondFactor.give")(
  (token: Redacted.Redacted<string>, typed: Redacted.Redacted<string>, request: Request = {}) =>
    spend("give_second_factor", token, typed, request),
  Effect.mapError(said)
)

/** Turns the device off: asks for one more code of it, or a recovery code. */
export const turnOff = Effect.fn("SecondFactor.turnOff")(
  (token: Redacted.Redacted<string>, typed: Redacted.Redacted<string>, request: Request = {}) =>
    spend("drop_totp", token, typed, request),
  Effect.mapError(said)
)

/** Checks what was typed and has it spent by a function of the database: as the step of a device's code, or as a recovery code's hash. */
const spend = Effect.fnUntraced(function* (
  by: "give_second_factor" | "drop_totp",
  token: Redacted.Redacted<string>,
  typed: Redacted.Redacted<string>,
  request: Request
) {
  const sql = yield* SqlClient
  const shown = Redacted.value(token)
  const from = JSON.stringify(request)
  const taken = (step: number | null, codeHash: string | null) =>
    Effect.map(
      sql<{ taken: boolean }>`
        SELECT ${sql(by)}(${shown}, ${step}, decode(${codeHash}, 'hex'), ${from}::text::jsonb) AS taken`,
      ([row]) => row!.taken
    )
  const digits = digitsOf(typed)
  if (digits === undefined) return (yield* taken(null, recoveryCodeHash(typed))) ? undefined : yield* wrong
  const [device] = yield* sql<Device>`
    SELECT person_id, encode(secret, 'hex') AS secret FROM code_to_check(${shown}, ${from}::text::jsonb)`
  const step = device === undefined ? undefined : yield* stepOf(device, digits)
  if (step === undefined) {
    yield* sql`SELECT code_was_wrong(${shown}, ${from}::text::jsonb)`
    return yield* wrong
  }
  if (!(yield* taken(step, null))) return yield* wrong
  // who hangs up after a wrong one has still given it
}, Effect.uninterruptible)

const wrong = new SignInError({
  reason: "WrongCode",
  message: "this code is wrong, or was used before; wait for the next one and try again, or take a recovery code"
})

/** A device's code however it is spaced; undefined when it is something else. */
const digitsOf = (typed: Redacted.Redacted<string>) => {
  const text = Redacted.value(typed).replace(/\s/g, "")
  return /^\d{6}$/.test(text) ? text : undefined
}

interface Device {
  readonly person_id: number
  /** sealed, hex */
  readonly secret: string
}

/** The step whose code this is. */
const stepOf = Effect.fnUntraced(function* (device: Device, digits: string) {
  const secrets = yield* Secrets
  // a key that is gone is the operator's to bring back, not this person's
  const secret = yield* Effect.orDie(secrets.open(placeOf(device.person_id), Buffer.from(device.secret, "hex")))
  const now = Math.floor((yield* Clock.currentTimeMillis) / 1000 / STEP_SECONDS)
  return [now - 1, now, now + 1].find((step) => verifyHOTP(secret, BigInt(step), DIGITS, digits))
})

const placeOf = (personId: number) => ({ table: "totp", row: personId })

export interface Enrolment {
  /** For the picture to scan. */
  readonly uri: Redacted.Redacted<string>
  /** To type where nothing can be scanned: base32. */
  readonly secret: Redacted.Redacted<string>
}

/** Begins to set a device up, for who has just signed in. Nothing is asked for until `confirm`. */
export const begin = Effect.fn("SecondFactor.begin")(function* (
  token: Redacted.Redacted<string>,
  request: Request = {}
) {
  const sql = yield* SqlClient
  const secrets = yield* Secrets
  const from = JSON.stringify(request)
  const [person] = yield* sql<{ person_id: number; email: string }>`
    SELECT person_id, email FROM holder_of(${Redacted.value(token)}, ${from}::text::jsonb)`
  // as long as SHA-1's output (RFC 4226, 4)
  const secret = crypto.getRandomValues(new Uint8Array(20))
  const sealed = Buffer.from(yield* secrets.seal(placeOf(person!.person_id), secret)).toString("hex")
  yield* sql`SELECT begin_totp(${Redacted.value(token)}, decode(${sealed}, 'hex'), ${from}::text::jsonb)`
  const uri = createTOTPKeyURI(ISSUER, person!.email, secret, STEP_SECONDS, DIGITS)
  return {
    uri: Redacted.make(uri),
    secret: Redacted.make(new URL(uri).searchParams.get("secret")!)
  } satisfies Enrolment
}, Effect.mapError(said))

/** Ends the setting up by a first code of the device. Gives the recovery codes: to be shown once. */
export const confirm = Effect.fn("SecondFactor.confirm")(function* (
  token: Redacted.Redacted<string>,
  typed: Redacted.Redacted<string>,
  request: Request = {}
) {
  const sql = yield* SqlClient
  const [device] = yield* sql<Device>`
    SELECT person_id, encode(secret, 'hex') AS secret FROM totp_to_confirm(${Redacted.value(token)})`
  const digits = digitsOf(typed)
  const step = digits === undefined ? undefined : yield* stepOf(device!, digits)
  if (step === undefined) return yield* notTheDevices
  const codes = yield* newCodes
  yield* sql`
    SELECT confirm_totp(${Redacted.value(token)}, decode(${device!.secret}, 'hex'), ${step},
                        ARRAY(SELECT decode(h, 'hex') FROM unnest(${codes.map(recoveryCodeHash)}::text[]) AS h), ${JSON.stringify(request)}::text::jsonb)`
  return codes
}, Effect.mapError(said))

const notTheDevices = new SignInError({
  reason: "WrongCode",
  message: "this is not a code of that device; see whether its clock is right, and type the code that it shows now"
})

const newCodes = Effect.all(Array.from({ length: RECOVERY_CODES }, () => newRecoveryCode))

/** New recovery codes, for who has just signed in with a second factor; those from before are worth nothing. */
export const renewRecoveryCodes = Effect.fn("SecondFactor.renewRecoveryCodes")(function* (
  token: Redacted.Redacted<string>,
  request: Request = {}
) {
  const sql = yield* SqlClient
  const codes = yield* newCodes
  yield* sql`
    SELECT renew_recovery_codes(${Redacted.value(token)}, ARRAY(SELECT decode(h, 'hex') FROM unnest(${codes.map(recoveryCodeHash)}::text[]) AS h),
                                ${JSON.stringify(request)}::text::jsonb)`
  return codes
}, Effect.mapError(said))
