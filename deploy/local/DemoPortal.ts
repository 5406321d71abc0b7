/**
 * The portal where everything runs in one place: the demo's people have a password that everybody may know, and secrets are kept under a
 * key that everybody knows. None of this is for anything but trying it out.
 */
import "#portal/jsx.ts"
import { createServer } from "node:net"
import { ConfigProvider, Effect, Layer, Redacted } from "effect"
import { Passwords } from "#portal/access/Passwords.ts"
import { Site } from "#portal/access/Site.ts"
import { Desk } from "#portal/Desk.ts"
import { Mail } from "#portal/mail/Mail.ts"
import { portalAt } from "#portal/portalAt.ts"
import { layer, SqlClient } from "#schema/Database.ts"
import { accessUrl, portalUrl } from "#schema/LoginRole.ts"
import { Secrets } from "#schema/Secrets.ts"
import { Refusal } from "./Refusal.ts"

/** Of everybody in demo.sql. */
export const DEMO_PASSWORD = "countersign demo"

const Demo = ConfigProvider.layerAdd(ConfigProvider.fromUnknown({ COUNTERSIGN_DEMO: "true" }))

/** Until the scope closes; where its port is taken, on another. Gives the address for a browser. */
export const demoPortal = Effect.fn("DemoPortal")(function* (owner: Redacted.Redacted<string>) {
  // only now: its views need what jsx.ts has set up
  const { portal } = yield* Effect.promise(() => import("#portal/Portal.ts"))
  const at = yield* portalAt
  const urls = { portal: yield* portalUrl(owner), access: yield* accessUrl(owner) }
  const services = yield* Layer.build(
    Layer.mergeAll(Desk.layer(urls), Passwords.layer(), Layer.provide(Secrets.layer, Demo), Mail.layer)
  )
  const people = yield* Effect.andThen(givePasswords, demoPeople).pipe(
    // before the portal's own, who may not
    Effect.provide(layer(owner, { applicationName: "countersign start", maxConnections: 1 })),
    Effect.provide(services)
  )
  const on = (port: number) => {
    const site = Site.layer(at.url ?? new URL(`http://localhost:${port}`), "Countersign", {
      password: DEMO_PASSWORD,
      people
    })
    return portal({ ...at, port }).pipe(Effect.provide(site), Effect.provide(services))
  }
  const { port } = yield* Effect.catchIf(
    on(at.port),
    ({ reason }) => reason === "PortTaken",
    () => Effect.flatMap(freePort, on)
  ).pipe(Effect.mapError(({ message }) => new Refusal({ message })))
  return at.url?.href ?? `http://localhost:${port}`
})

/** The address is part of what passkeys sign, so it has to be known before it is listened on. */
const freePort = Effect.callback<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const at = server.address()
    server.close(() => resume(Effect.succeed(typeof at === "object" && at !== null ? at.port : 0)))
  })
})

/** Its people and what they are where, those of the first departments first. */
const demoPeople = Effect.flatMap(
  SqlClient,
  (sql) => sql<{ email: string; name: string; places: string }>`
    SELECT p.email, p.name,
           coalesce(string_agg(w.name || ': ' || m.role || CASE WHEN m.moderator THEN ' who may sign' ELSE '' END, ', ' ORDER BY w.id), 'super admin') AS places
      FROM person p
      LEFT JOIN membership m ON m.person_id = p.id AND m.left_at IS NULL
      LEFT JOIN workspace w ON w.id = m.workspace_id
     WHERE p.email LIKE '%@demo.example' AND p.disabled_at IS NULL
     GROUP BY p.id HAVING p.super_admin OR count(m) > 0
     ORDER BY min(w.id), min(array_position('{author,moderator,admin}', m.role)), p.id`
)

/** To those of the demo who have none. */
const givePasswords = Effect.gen(function* () {
  const sql = yield* SqlClient
  const without = yield* sql<{ id: number }>`
    SELECT p.id FROM person p WHERE p.email LIKE '%@demo.example' AND NOT EXISTS (SELECT FROM password w WHERE w.person_id = p.id)`
  if (without.length === 0) return
  const passwords = yield* Passwords
  const hash = yield* passwords.hash(Redacted.make(DEMO_PASSWORD))
  for (const { id } of without) yield* sql`SELECT put_password(${id}, ${hash})`
})
