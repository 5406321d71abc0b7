/** The engine as a process, while its database can't be reached: it waits, and whoever watches it is told. */
import { tmpdir } from "node:os"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { noTrace, running } from "#deploy/local/TestProgram.ts"

const away = { DATABASE_URL: undefined, ENGINE_DATABASE_URL: "postgres://engine:s3cret@127.0.0.1:1/away" }

const engine = (env: Record<string, string>) => running("../../engine/main.ts", [], tmpdir(), { ...away, ...env })

const started = Effect.gen(function* () {
  const program = yield* engine({ ENGINE_METRICS_PORT: "0" })
  const said = yield* Effect.promise(() => program.says(/metrics are at \S+\/metrics/))
  return { ...program, url: /metrics are at (\S+)\/metrics/.exec(said)![1]! }
})

const ask = (url: string) =>
  Effect.promise(() => fetch(url).then(async (r) => ({ status: r.status, body: await r.text() })))

describe("the engine's process", () => {
  it.live("lives without its database, is not ready, says what to do about it and nothing secret", () =>
    Effect.gen(function* () {
      const { child, ended, url } = yield* started
      assert.strictEqual((yield* ask(`${url}/live`)).status, 200)
      const ready = yield* ask(`${url}/ready`)
      assert.strictEqual(ready.status, 503)
      assert.match(JSON.parse(ready.body).problems[0].todo, /^See that Postgres runs/)
      const metrics = yield* ask(`${url}/metrics`)
      assert.match(metrics.body, /^countersign_ready 0$/m)
      child.kill("SIGTERM")
      const { said } = yield* Effect.promise(() => ended)
      assert.notMatch(`${ready.body}${metrics.body}${said}`, /s3cret/)
    })
  )

  it.live("says what it is when asked for help, and begins nothing it was not asked for", () =>
    Effect.gen(function* () {
      for (const [option, code, words] of [
        ["--help", 0, /^npm run start:engine: drives the channels/],
        ["--wibble", 1, /^Unknown option '--wibble'; --help lists the options\n$/]
      ] as const) {
        const program = yield* running("../../engine/main.ts", [option], tmpdir(), away)
        const ended = yield* Effect.promise(() => program.ended)
        assert.strictEqual(ended.code, code)
        assert.match(ended.said, words)
      }
    })
  )

  it.live("doesn't begin where its port is taken, or is none, and says what to set", () =>
    Effect.gen(function* () {
      const { url } = yield* started
      const { port } = new URL(url)
      for (const [asked, words] of [
        [port, `port ${port} on 127.0.0.1, for metrics and health, is taken`],
        ["http", 'ENGINE_METRICS_PORT is "http"; give it a port from 1 to 65535']
      ] as const) {
        const second = yield* engine({ ENGINE_METRICS_PORT: asked })
        const { code, said } = yield* Effect.promise(() => second.ended)
        assert.strictEqual(code, 1, said)
        assert.include(said, words)
        noTrace(said)
      }
    })
  )
})
