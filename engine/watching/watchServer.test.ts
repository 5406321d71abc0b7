import { createServer, request } from "node:http"
import { connect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Logger } from "effect"
import { Watched, Watching } from "./Watched.ts"
import { watchedAt, watchServer } from "./watchServer.ts"

const FREE = { host: "127.0.0.1", port: 0 }

/** An engine that has read nothing yet; and no log. */
const unread = Layer.merge(Watched.layer, Logger.layer([]))

/** A server of an engine that has read its rows, for as long as the scope lives. */
const served = Effect.gen(function* () {
  const watching = new Watching()
  watching.readChannels([], [])
  watching.readCampaigns([])
  const url = yield* watchServer(FREE).pipe(Effect.provideService(Watched, watching), Effect.provide(Logger.layer([])))
  return { watching, url }
})

interface Answer {
  readonly status: number
  readonly type: string
  readonly headers: NodeJS.Dict<string | Array<string>>
  readonly body: string
}

const ask = (url: string, method = "GET") =>
  Effect.callback<Answer>((resume) => {
    request(url, { method, agent: false }, (response) => {
      let body = ""
      response.setEncoding("utf8").on("data", (text) => {
        body += text
      })
      response.on("end", () => {
        const { headers, statusCode } = response
        resume(Effect.succeed({ status: statusCode!, type: headers["content-type"] ?? "", headers, body }))
      })
    }).end()
  })

const withEnvironment = (environment: Record<string, string>) =>
  Effect.provide(watchedAt, ConfigProvider.layer(ConfigProvider.fromUnknown(environment)))

describe("where an engine is watched", () => {
  it.live("it gives Prometheus' text at /metrics, with the process's figures and ours", () =>
    Effect.gen(function* () {
      const { url } = yield* served
      const { body, status, type } = yield* ask(`${url}/metrics`)
      assert.strictEqual(status, 200)
      assert.match(type, /^text\/plain; version=0\.0\.4/)
      assert.match(body, /^countersign_ready 1$/m)
      assert.match(body, /^process_resident_memory_bytes \d+$/m)
      assert.isTrue(body.endsWith("\n"))
    })
  )

  it.live("it is live as soon as it listens, and ready when progress is made; else it says what is wrong", () =>
    Effect.gen(function* () {
      const { url, watching } = yield* served
      const well = yield* ask(`${url}/ready`)
      assert.deepStrictEqual([well.status, JSON.parse(well.body)], [200, { ready: true, problems: [] }])
      watching.readChannels([], [{ id: 1, name: "North", why: "its key is away" }])
      const ill = yield* ask(`${url}/ready?from=somewhere`)
      assert.strictEqual(ill.status, 503)
      assert.strictEqual(ill.headers["cache-control"], "no-store")
      assert.strictEqual(JSON.parse(ill.body).problems[0].where, "North")
      assert.strictEqual((yield* ask(`${url}/live`)).status, 200)
    })
  )

  it.live("it answers nothing but GET, and says what there is instead of what there isn't", () =>
    Effect.gen(function* () {
      const { url } = yield* served
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
        const { headers, status } = yield* ask(`${url}/metrics`, method)
        assert.deepStrictEqual([status, headers.allow], [405, "GET"], method)
      }
      for (const path of ["/", "/metrics/", "/toString", "/__proto__", `/${"x".repeat(3_000)}`]) {
        const { body, status } = yield* ask(`${url}${path}`)
        assert.strictEqual(status, 404, path)
        assert.match(JSON.parse(body).error, /there are \/metrics, \/live, \/ready$/)
        assert.isBelow(body.length, 300)
      }
    })
  )

  it.live("a port that is taken is told with what to set", () =>
    Effect.gen(function* () {
      const other = yield* Effect.acquireRelease(
        Effect.callback<ReturnType<typeof createServer>>((resume) => {
          const server = createServer().listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close())
      )
      const { port } = other.address() as { port: number }
      const error = yield* watchServer({ host: "127.0.0.1", port }).pipe(Effect.provide(unread), Effect.flip)
      assert.strictEqual(error.reason, "PortTaken")
      assert.match(error.message, new RegExp(`^port ${port} on 127.0.0.1, .* Set ENGINE_METRICS_PORT to another one$`))
    })
  )

  it.live("an address that isn't ours is told too", () =>
    Effect.gen(function* () {
      const error = yield* watchServer({ host: "192.0.2.1", port: 0 }).pipe(Effect.provide(unread), Effect.flip)
      assert.strictEqual(error.reason, "CannotListen")
      assert.match(error.message, /192\.0\.2\.1:0 .*see to ENGINE_METRICS_HOST/)
    })
  )

  it.live("it is gone with its scope, even while somebody asks without end", () =>
    Effect.gen(function* () {
      const { open, url } = yield* Effect.scoped(
        Effect.gen(function* () {
          const { url } = yield* served
          const open = yield* Effect.callback<ReturnType<typeof connect>>((resume) => {
            const { hostname, port } = new URL(url)
            const socket = connect(Number(port), hostname, () => {
              socket.write("POST /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n")
            }).on("error", () => {})
            socket.once("data", () => resume(Effect.succeed(socket)))
          })
          return { open, url }
        })
      )
      open.destroy()
      const again = yield* watchServer({ host: "127.0.0.1", port: Number(new URL(url).port) }).pipe(
        Effect.provide(unread)
      )
      assert.strictEqual(again, url)
    })
  )

  it.effect("listens on this machine at 9464 unless told otherwise, and refuses a port that is none", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* withEnvironment({}), { host: "127.0.0.1", port: 9464 })
      const told = { ENGINE_METRICS_HOST: "0.0.0.0", ENGINE_METRICS_PORT: "0" }
      assert.deepStrictEqual(yield* withEnvironment(told), { host: "0.0.0.0", port: 0 })
      for (const port of ["-1", "65536", "http", "9464.5", "0x10"]) {
        const error = yield* Effect.flip(withEnvironment({ ENGINE_METRICS_PORT: port }))
        assert.match(error.message, new RegExp(`^ENGINE_METRICS_PORT is "${port}"; give it a port`))
      }
    })
  )
})
