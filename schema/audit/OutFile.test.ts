import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { inFile, writeTo } from "./OutFile.ts"
import { folder } from "./testing/folder.ts"

describe("a file of a command", () => {
  it.live("is there when all of it was written, for its owner's eyes, and not before", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "export.jsonl")
      yield* inFile(path, false, (write) => Effect.andThen(write("one\n"), write("zwölf\n")))
      assert.strictEqual(readFileSync(path, "utf8"), "one\nzwölf\n")
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
    })
  )

  it.live("is not there after a failure", () =>
    Effect.gen(function* () {
      const within = yield* folder
      const failing = inFile(join(within, "a"), false, (write) => Effect.andThen(write("half"), Effect.fail("broken")))
      assert.strictEqual(yield* Effect.flip(failing), "broken")
      assert.deepStrictEqual(readdirSync(within), [])
    })
  )

  it.live("is not written over, and nothing is fetched for it; when forced, only once all is there", () =>
    Effect.gen(function* () {
      const within = yield* folder
      const path = join(within, "a")
      writeFileSync(path, "mine")
      let fetched = false
      const refused = yield* Effect.flip(inFile(path, false, () => Effect.sync(() => void (fetched = true))))
      assert.deepStrictEqual([refused.reason, fetched], ["there already", false])

      yield* Effect.flip(inFile(path, true, (write) => Effect.andThen(write("half"), Effect.fail("broken"))))
      assert.strictEqual(readFileSync(path, "utf8"), "mine")
      yield* inFile(path, true, (write) =>
        Effect.andThen(
          write("new"),
          Effect.sync(() => assert.strictEqual(readFileSync(path, "utf8"), "mine"))
        )
      )
      assert.strictEqual(readFileSync(path, "utf8"), "new")
      assert.isFalse(existsSync(`${path}.part`))
    })
  )

  it.live("can't be where there is no folder", () =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(inFile(join(yield* folder, "none", "a"), false, (write) => write("")))
      assert.strictEqual(refused.reason, "not writable")
      assert.match(refused.message, /none.a can't be written: there is no such folder$/)
    })
  )

  it.live("can't be a folder, also when forced, and then nothing is fetched", () =>
    Effect.gen(function* () {
      const path = yield* folder
      for (const force of [false, true]) {
        const refused = yield* Effect.flip(inFile(path, force, () => Effect.die("fetched")))
        assert.deepStrictEqual(
          [refused.reason, refused.message],
          ["not writable", `${path} can't be written: it is a folder`]
        )
      }
    })
  )

  it.live("that is there already is told of together with what to do", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "a")
      writeFileSync(path, "mine")
      const refused = yield* Effect.flip(writeTo({ path, force: false }, (write) => write("")))
      assert.strictEqual(
        refused.message,
        `${path} is there already, and stays as it is; give another --out, or --force`
      )
    })
  )
})
