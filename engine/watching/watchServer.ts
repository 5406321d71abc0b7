/**
 * Where an engine is watched, over HTTP: GET /metrics for Prometheus, /live (the event loop answers) and /ready (progress is made;
 * 503 and what is wrong, where it isn't). It listens at ENGINE_METRICS_HOST (127.0.0.1) and ENGINE_METRICS_PORT (9464; 0: any free
 * one, said in the log).
 *
 * Promises: only reads, and shows no secret: no host, no login, no number, no text. Whoever asks slowly or without end is cut off.
 */
import { createServer } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import { Config, Effect, Schedule, Schema } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { monotonicClock } from "#engine/dispatch/MonotonicClock.ts"
import { Health } from "./Health.ts"
import { metricsOf, withProcess } from "./Metrics.ts"
import { Watched } from "./Watched.ts"

const HOST = "127.0.0.1"
const PORT = 9464

const LOOK_EVERY = "1 second"

/** A request has no body and a few lines of head; who takes longer for them is not a scraper. */
const REQUEST_MS = 5_000

/** Prometheus, a health check and a person; the rest is turned away at once. */
const MOST_CONNECTIONS = 50

export class WatchError extends Schema.TaggedError<WatchError>()("WatchError", {
  reason: Schema.Literals(["PortTaken", "CannotListen", "BadSetting"]),
  message: Schema.String
}) {}

/** Where to listen. */
export interface At {
  readonly host: string
  readonly port: number
}

/** As the environment says. */
export const watchedAt: Effect.Effect<At, WatchError> = Effect.gen(function* () {
  const host = yield* Config.withDefault(Config.String("ENGINE_METRICS_HOST"), HOST)
  const port = yield* Config.withDefault(Config.String("ENGINE_METRICS_PORT"), `${PORT}`)
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) return { host, port: Number(port) }
  return yield* refusal(
    "BadSetting",
    `ENGINE_METRICS_PORT is "${port}"; give it a port from 1 to 65535, or 0 for any free one`
  )
}).pipe(Effect.catchTag("ConfigError", (error) => refusal("BadSetting", error.message)))

/** Listens until the scope closes; gives the URL under which the pages are. */
export const watchServer = Effect.fn("watchServer")(function* (at: At) {
  const server = yield* Effect.mapError(listening(at), ({ cause }) => cannotListen(at, cause as NodeJS.ErrnoException))
  const watching = yield* Watched
  const health = new Health(watching)
  const { now } = monotonicClock
  const registry = withProcess(metricsOf(watching, health, now))
  yield* Effect.forkScoped(
    Effect.repeat(
      Effect.sync(() => health.look(now())),
      Schedule.spaced(LOOK_EVERY)
    )
  )
  const metrics = Effect.map(
    Effect.promise(() => registry.metrics()),
    (text) => HttpServerResponse.text(text, { contentType: registry.contentType })
  )
  const pages: Readonly<Record<string, Effect.Effect<HttpServerResponse.HttpServerResponse>>> = {
    "/metrics": metrics,
    "/live": Effect.succeed(HttpServerResponse.jsonUnsafe({ live: true })),
    "/ready": Effect.sync(() => {
      const report = health.report(now())
      return HttpServerResponse.jsonUnsafe(report, { status: report.ready ? 200 : 503, headers: NEVER_KEPT })
    })
  }
  const answer = Effect.gen(function* () {
    const { method, url } = yield* HttpServerRequest.HttpServerRequest
    const path = url.split("?")[0]!
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined
    if (page === undefined)
      return told(404, `nothing is at ${path.slice(0, 100)}; there are ${Object.keys(pages).join(", ")}`)
    return method === "GET" ? yield* page : told(405, "only GET is answered here", { allow: "GET" })
  })
  yield* server.serve(answer)
  const { address } = server
  const port = "port" in address ? address.port : at.port
  const url = `http://${at.host.includes(":") ? `[${at.host}]` : at.host}:${port}`
  yield* Effect.logInfo(`metrics are at ${url}/metrics, health at ${url}/live and ${url}/ready`)
  return url
})

const NEVER_KEPT = { "cache-control": "no-store" }

const told = (status: number, error: string, headers: Readonly<Record<string, string>> = {}) =>
  HttpServerResponse.jsonUnsafe({ error }, { status, headers })

const listening = (at: At) =>
  NodeHttpServer.make(
    () => {
      const server = createServer({
        requestTimeout: REQUEST_MS,
        headersTimeout: REQUEST_MS,
        connectionsCheckingInterval: 1_000
      })
      server.maxConnections = MOST_CONNECTIONS
      return server
    },
    { ...at, gracefulShutdownTimeout: "1 second" }
  )

const refusal = (reason: WatchError["reason"], message: string) => Effect.fail(new WatchError({ reason, message }))

const cannotListen = ({ host, port }: At, cause: NodeJS.ErrnoException): WatchError =>
  cause.code === "EADDRINUSE"
    ? new WatchError({
        reason: "PortTaken",
        message: `port ${port} on ${host}, for metrics and health, is taken: another engine may run here. Set ENGINE_METRICS_PORT to another one`
      })
    : new WatchError({
        reason: "CannotListen",
        message: `metrics and health can't listen on ${host}:${port} (${cause.message}); see to ENGINE_METRICS_HOST and ENGINE_METRICS_PORT`
      })
