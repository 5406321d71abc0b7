/**
 * What the portal's handlers stand on. They run in the portal's role, in somebody's name or in nobody's; what only the access role may do
 * (check a password, open a session) says so: `yield* (yield* Desk).asAccess(…)`.
 */
import { Context, Effect, Layer, type Redacted } from "effect"
import type { Passwords } from "#portal/access/Passwords.ts"
import type { Site } from "#portal/access/Site.ts"
import type { Mail } from "#portal/mail/Mail.ts"
import { layer, type Postgres, type SqlClient } from "#schema/Database.ts"
import type { Secrets } from "#schema/Secrets.ts"
import { Live } from "./live/Live.ts"

export type AsAccess = <A, E, R>(
  effect: Effect.Effect<A, E, R>
) => Effect.Effect<A, E, Exclude<R, SqlClient | Postgres>>

/** @effect-expect-leaking Exclude<R, PgClient | SqlClient> */
export class Desk extends Context.Service<Desk, { readonly asAccess: AsAccess }>()("portal/Desk") {
  /** Both roles' pools; with them the portal's `SqlClient`, and what changes. */
  static readonly layer = (urls: {
    readonly portal: Redacted.Redacted<string>
    readonly access: Redacted.Redacted<string>
  }) =>
    Layer.effectContext(
      Effect.gen(function* () {
        const portal = yield* Layer.build(layer(urls.portal, { applicationName: "countersign portal" }))
        const access = yield* Layer.build(
          layer(urls.access, { applicationName: "countersign access", maxConnections: 4 })
        )
        const live = yield* Effect.provide(Live.make, portal)
        return Context.add(portal, Desk, { asAccess: Effect.provide(access) }).pipe(Context.add(Live, live))
      })
    )
}

/** Everything that a handler may ask for. */
export type Standing = SqlClient | Desk | Live | Passwords | Secrets | Mail | Site
