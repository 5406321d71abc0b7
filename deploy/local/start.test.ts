/** `npm start` on a machine with nothing: the embedded server under it, and what happens when that dies. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { file, folder, running } from "./TestProgram.ts"

const alone = { DATABASE_URL: undefined }

describe("npm start", () => {
  it.live("outlives the death of its Postgres, and sends after it", () =>
    Effect.gen(function* () {
      const cwd = yield* folder
      const start = yield* running("start.ts", [], cwd, alone)
      yield* Effect.promise(() => start.says(/Ready after/))
      const pidFile = join(cwd, "data/postgres/cluster/postmaster.pid")
      process.kill(Number.parseInt(readFileSync(pidFile, "utf8"), 10), "SIGKILL")
      yield* Effect.promise(() => start.says(/Postgres ended \(SIGKILL\); starting it again[\s\S]*Postgres runs again/))
      const name = file(cwd, "a.txt", "+998901234567\n")
      const args = ["--sender", "CorpIT", "--text", "Hello", "--yes", "--numbers", name]
      const send = yield* running("send.ts", args, cwd, alone)
      const sent = yield* Effect.promise(() => send.ended)
      assert.strictEqual(sent.code, 0, sent.said)
      start.child.kill("SIGINT")
      const { code, said } = yield* Effect.promise(() => start.ended)
      assert.strictEqual(code, 0, said)
      assert.match(
        said,
        /Stopping[\s\S]*engine has drained[\s\S]*simulator has closed[\s\S]*Postgres has stopped[\s\S]*Stopped after/
      )
    })
  )
})
