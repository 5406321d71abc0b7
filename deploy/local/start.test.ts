/** `npm start` on a machine with nothing: the embedded server under it, and what happens when that dies. */
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { file, folder, running, tellSimulator } from "./TestProgram.ts"

const alone = { DATABASE_URL: undefined }

describe("npm start", () => {
  it.live("starts nothing for a question or an option that it hasn't", () =>
    Effect.gen(function* () {
      const cwd = yield* folder
      for (const [option, code, words] of [
        ["--help", 0, /DATABASE_URL puts a server of yours/],
        ["--nope", 1, /^Unknown option '--nope'; --help lists the options$/m]
      ] as const) {
        const asked = yield* running("start.ts", [option], cwd, alone)
        const ended = yield* Effect.promise(() => asked.ended)
        assert.strictEqual(ended.code, code, ended.said)
        assert.match(ended.said, words)
        assert.isFalse(existsSync(join(cwd, "data/postgres")))
      }
    })
  )

  it.live("outlives the death of its Postgres, and sends after it", () =>
    Effect.gen(function* () {
      const cwd = yield* folder
      const start = yield* running("start.ts", ["--no-history"], cwd, alone)
      yield* Effect.promise(() => start.says(/Ready after/))
      const elsewhere = yield* running(
        "send.ts",
        ["--sender", "CorpIT", "--text", "Hello", "--yes", "--numbers", file(cwd, "b.txt", "+998901234567\n")],
        cwd,
        { DATABASE_URL: "postgres://somebody@127.0.0.1:1/elsewhere" }
      )
      const refused = yield* Effect.promise(() => elsewhere.ended)
      assert.strictEqual(refused.code, 1)
      assert.match(refused.said, /npm start runs here on another database than the one of DATABASE_URL/)
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

  it.live("is stopped and started again under a sending person, who is told, and loses nothing", () =>
    Effect.gen(function* () {
      const cwd = yield* folder
      const first = yield* running("start.ts", ["--no-history"], cwd, alone)
      yield* Effect.promise(() => first.says(/Ready after/))
      yield* Effect.promise(() => tellSimulator(cwd, { receiptDelay: "3000" }))
      const args = [
        "--sender",
        "CorpIT",
        "--text",
        "Hello",
        "--yes",
        "--numbers",
        file(cwd, "a.txt", "+998901234567\n")
      ]
      const send = yield* running("send.ts", args, cwd, alone)
      yield* Effect.promise(() => first.says(/campaign 1 .*is done/))
      first.child.kill("SIGINT")
      const stopped = yield* Effect.promise(() => first.ended)
      assert.match(stopped.said, /the 1 receipt it still owes will come after the next start/)
      yield* Effect.promise(() => send.says(/Postgres doesn't answer/))
      rmSync(join(cwd, "data/audit.key"))
      const second = yield* running("start.ts", ["--no-history"], cwd, alone)
      yield* Effect.promise(() =>
        second.says(/signed by another key from now on[\s\S]*audit:verify -- --key [0-9a-f]{64}/)
      )
      const { code, said } = yield* Effect.promise(() => send.ended)
      assert.strictEqual(code, 0, said)
      assert.match(said, /Postgres answers again[\s\S]*The ledger adds up: 1 recipient, each with one outcome/)
    })
  )
})
