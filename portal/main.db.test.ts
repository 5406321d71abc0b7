/** The portal as the process that it is in production. */
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { tokenOf } from "#schema/testing/session.ts"
import { SESSION_COOKIE } from "./visit.ts"

/** Until the scope closes; gives where it listens. */
const started = Effect.gen(function* () {
  const { accessUrl, portalUrl } = yield* TestDatabase
  const env = {
    ...process.env,
    PORTAL_DATABASE_URL: Redacted.value(portalUrl),
    ACCESS_DATABASE_URL: Redacted.value(accessUrl),
    COUNTERSIGN_SECRET_KEY: randomBytes(32).toString("base64"),
    PORTAL_PORT: "0"
  }
  const main = new URL("./main.ts", import.meta.url).pathname
  const portal = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [main], { env, stdio: ["ignore", "pipe", "inherit"] })),
    (process_) =>
      Effect.callback<void>((resume) => {
        process_.once("exit", () => resume(Effect.void))
        process_.kill("SIGTERM")
      })
  )
  return yield* Effect.callback<string>((resume) => {
    let said = ""
    portal.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text
      const at = /listens on (\S+),/.exec(said)
      if (at !== null) resume(Effect.succeed(`http://${at[1]}`))
    })
    portal.once("exit", (code) => resume(Effect.die(new Error(`the portal ended with ${code}: ${said}`))))
  })
})

layer(TestDatabase.layer, { excludeTestServices: true })("npm run start:portal", (it) => {
  it.effect("shows somebody who is signed in their pages, for as long as it runs", () =>
    Effect.gen(function* () {
      const { authorId, workspaceId } = yield* sampleWorkspace()
      const token = Redacted.value(yield* tokenOf(authorId))
      const origin = yield* started
      const headers = { cookie: `${SESSION_COOKIE}=${token}` }
      for (const path of ["", "/campaigns"]) {
        const answer = yield* Effect.promise(() => fetch(`${origin}/w/${workspaceId}${path}`, { headers }))
        assert.strictEqual(answer.status, 200)
      }
    })
  )
})
