/**
 * The portal as a server, for as long as the scope lives: assets are made, both roles' pools opened, and requests answered. At the end
 * it takes no more, and gives those under way a moment.
 *
 * Node can run the views only when jsx.ts was imported before.
 */
import type { IncomingMessage } from "node:http"
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
import { Live } from "./live/Live.ts"

export class PortalError extends Schema.TaggedError<PortalError>()("PortalError", {
  reason: Schema.Literals(["PortTaken", "NoPort"]),
  message: Schema.String
}) {}

/** Requests under way at the end get so long. */
const LEAVE_MS = 5_000

/** How long a request may take to come: its head, and the form in its body. Whoever is slower is cut off. */
const PATIENCE = { headMs: 15_000, bodyMs: 60_000 }

/** A file may take its hours; who reads it sees to it that something comes (portal/upload). */
const FILE = /^\/w\/\d+\/campaigns\/\d+\/audience(?:\/pieces)?(?:\?|$)/

/** host and port: where it listens; port 0: any. Gives the port. */
export const portal = Effect.fn("Portal")(function* ({
  host,
  patience = PATIENCE,
  port
}: {
  readonly host: string
  readonly port: number
  readonly patience?: typeof PATIENCE
}) {
  const standing: Context.Context<Standing> = yield* Effect.context<
    SqlClient | Desk | Live | Passwords | Secrets | Mail | Site
  >()
  const live = yield* Live
  const assets = yield* Effect.promise(makeAssets)
  const { fetch } = app(standing, assets)
  return yield* Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly close: Effect.Effect<void> }, PortalError>((resume) => {
      const serverOptions = {
        headersTimeout: patience.headMs,
        // of all of a request, and so of a file too
        requestTimeout: 0,
        connectionsCheckingInterval: Math.min(patience.headMs / 2, 5_000)
      }
      const server = serve({ fetch, hostname: host, port, serverOptions }, (at) =>
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
      server.on("request", (request: IncomingMessage) => cutOffSlow(request, patience.bodyMs))
      server.on("error", (error: NodeJS.ErrnoException) => resume(Effect.fail(refused(error, host, port))))
    }),
    // windows wait for what changes, and would be waited for
    ({ close }) => Effect.andThen(live.end, close)
  )
})

/** A form that isn't there in time isn't coming, and holds nobody's connection up. */
const cutOffSlow = (request: IncomingMessage, ms: number) => {
  if (FILE.test(request.url ?? "")) return
  const late = setTimeout(() => request.complete || request.socket.destroy(), ms).unref()
  request.once("close", () => clearTimeout(late))
}

const refused = (error: NodeJS.ErrnoException, host: string, port: number): PortalError =>
  error.code === "EADDRINUSE"
    ? new PortalError({
        reason: "PortTaken",
        message: `port ${port} is taken; PORTAL_PORT names another, and 0 takes any`
      })
    : new PortalError({ reason: "NoPort", message: `the portal can't listen on ${host}:${port}: ${error.message}` })
