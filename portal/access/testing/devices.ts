/** The portal's site and people's devices, for tests of what they sign. */
import { Effect, Layer, type Redacted } from "effect"
import * as Passkeys from "#portal/access/Passkeys.ts"
import { Site } from "#portal/access/Site.ts"
import { SoftAuthenticator } from "#schema/audit/testing/SoftAuthenticator.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { tokenOf } from "#schema/testing/session.ts"

export const origin = "https://sms.example"
export const rpId = "sms.example"

/** The database and the site. */
export const TestSite = Layer.merge(TestDatabase.layer, Site.layer(new URL(origin)))

export const newDevice = () => new SoftAuthenticator({ rpId, origin })

/** Adds a device's key to whose session it is. */
export const enrolled = Effect.fnUntraced(function* (token: Redacted.Redacted<string>, name = "Phone") {
  const { asAccess } = yield* TestDatabase
  const device = newDevice()
  const { challenge } = yield* asAccess(Passkeys.enrolmentOptions(token))
  const passkeyId = yield* asAccess(Passkeys.enrol(token, name, device.register(challenge)))
  return { device, passkeyId }
})

/** Somebody with a session, with both factors, and a passkey. */
export const signer = Effect.fnUntraced(function* (personId: number) {
  const token = yield* tokenOf(personId)
  return { personId, token, ...(yield* enrolled(token)) }
})
