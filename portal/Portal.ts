/**
 * The portal as a server, for as long as the scope lives: assets are made, both roles' pools opened, and requests answered. At the end
 * it takes no more, and gives those under way a moment.
 *
 * Node can run the views only when jsx.ts was imported before.
 */
import { serve } from "@hono/node-server"
import { type Context, Effect, Schema } from "effect"
import type { Passwords } from "#portal/access/Passwords.ts"
import type { Site } from "#portal/access/Site.ts"
import type { Mail } from "#portal/mail/Mail.ts"
import type { SqlClient } from "#schema/Database.ts"
import type { Secrets } from "#schema/Secrets.ts"
import { app } from "./app.tsx"
import { makeAssets } from "./assets.ts"
import type { Desk, Standing } from "./Desk.ts"

export class PortalError extends Schema.TaggedError<PortalError>()("PortalError", {
  reason: Schema.Literals(["PortTaken", "NoPort"]),
  message: Schema.String
}) {}

/** Requests under way at the end get so long. */
const LEAVE_MS = 5_000

/** host and port: where it listens; port 0: any. Gives the port. */
export const portal = Effect.fn("Portal")(function* ({ host, port }: { readonly host: string; readonly port: number }) {
  const standing: Context.Context<Standing> = yield* Effect.context<
    SqlClient | Desk | Passwords | Secrets | Mail | Site
  >()
  const assets = yield* Effect.promise(makeAssets)
  const { fetch } = app(standing, assets)
  return yield* Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly close: Effect.Effect<void> }, PortalError>((resume) => {
      const server = serve({ fetch, hostname: host, port }, (at) =>
        resume(
          Effect.succeed({
            port: at.port,
            close: Effect.callback<void>((closed) => {
              const late = setTimeout(() => "closeAllConnections" in server && server.closeAllConnections(), LEAVE_MS)
              server.close(() => {
                clearTimeout(late)
                closed(Effect.void)
              })
              if ("closeIdleConnections" in server) server.closeIdleConnections()
            })
          })
        )
      )
      server.on("error", (error: NodeJS.ErrnoException) => resume(Effect.fail(refused(error, host, port))))
    }),
    ({ close }) => close
  )
})

const refused = (error: NodeJS.ErrnoException, host: string, port: number): PortalError =>
  error.code === "EADDRINUSE"
    ? new PortalError({
        reason: "PortTaken",
        message: `port ${port} is taken; PORTAL_PORT names another, and 0 takes any`
      })
    : new PortalError({ reason: "NoPort", message: `the portal can't listen on ${host}:${port}: ${error.message}` })
