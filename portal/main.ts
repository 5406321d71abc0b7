/**
 * The portal as a process: PORTAL_DATABASE_URL and ACCESS_DATABASE_URL say where, COUNTERSIGN_SECRET_KEY seals what is secret, PORTAL_URL is
 * the address by which people reach it. SIGTERM or Ctrl-C end it once what is under way is answered.
 */
import "./jsx.ts"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Context, Effect, Layer } from "effect"
import { Passwords } from "#portal/access/Passwords.ts"
import { Site } from "#portal/access/Site.ts"
import { Mail } from "#portal/mail/Mail.ts"
import { readOptions } from "#schema/audit/CommandLine.ts"
import { configWords } from "#schema/DatabaseUrl.ts"
import { AccessDatabaseUrl, PortalDatabaseUrl } from "#schema/LoginRole.ts"
import { Secrets } from "#schema/Secrets.ts"
import { Desk } from "./Desk.ts"
import { portalAt } from "./portalAt.ts"
import { refuseDemo } from "./production.ts"

const help = `npm run start:portal: serves the portal of PORTAL_DATABASE_URL and ACCESS_DATABASE_URL until SIGTERM or Ctrl-C. It takes no options.
COUNTERSIGN_SECRET_KEY seals secrets at rest; PORTAL_HOST, PORTAL_PORT (127.0.0.1:8080) say where it listens, PORTAL_URL how people reach it.`

const DeskLayer = Layer.unwrap(
  Effect.map(Effect.all({ portal: PortalDatabaseUrl, access: AccessDatabaseUrl }), Desk.layer)
)

const serving = Effect.scoped(
  Effect.gen(function* () {
    // only now: its views need what jsx.ts has set up
    const { portal } = yield* Effect.promise(() => import("./Portal.ts"))
    const at = yield* portalAt
    const url = at.url ?? new URL(`http://localhost:${at.port}`)
    const standing = Layer.mergeAll(DeskLayer, Passwords.layer(), Secrets.layer, Mail.layer, Site.layer(url))
    // built here, so that they live as long as what is served
    const services = yield* Layer.build(standing)
    yield* Context.get(services, Desk).asAccess(refuseDemo)
    const { port } = yield* Effect.provide(portal(at), services)
    yield* Console.log(`the portal listens on ${at.host}:${port}, and is reached by ${url.href}`)
    return yield* Effect.never
  })
)

Effect.gen(function* () {
  const { values } = yield* Effect.fromResult(readOptions(process.argv.slice(2), {}))
  if (values.help === true) return yield* Console.log(help)
  return yield* serving
}).pipe(
  Effect.catchTag(["ConfigError", "SecretsError", "PortalError", "DemoRefused", "ArgumentsError"], (error) =>
    Effect.andThen(
      Console.error(error._tag === "ConfigError" ? configWords(error) : error.message),
      Effect.sync(() => {
        process.exitCode = 1
      })
    )
  ),
  NodeRuntime.runMain
)
