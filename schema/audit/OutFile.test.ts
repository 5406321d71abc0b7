import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { lstatSync, openSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { inFile, putInPlace, writeTo } from "./OutFile.ts"
import { folder } from "./testing/folder.ts"

describe("a file of a command", () => {
  it.live("is there when all of it was written, for its owner's eyes, and not before", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "export.jsonl")
      const within = dirname(path)
      yield* inFile(path, false, (write) =>
        Effect.gen(function* () {
          yield* write("one\n")
          const [part, ...more] = readdirSync(within)
          assert.deepStrictEqual([part === "export.jsonl", more.length], [false, 0])
          assert.strictEqual(statSync(join(within, part!)).mode & 0o777, 0o600)
          yield* write("zwölf\n")
        })
      )
      assert.deepStrictEqual(readdirSync(within), ["export.jsonl"])
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
      assert.deepStrictEqual(readdirSync(within), ["a"])
    })
  )

  it.live("does not take the place of one that appeared while it was written", () =>
    Effect.gen(function* () {
      const within = yield* folder
      const path = join(within, "a")
      const writing = inFile(path, false, (write) =>
        Effect.andThen(
          write("new"),
          Effect.sync(() => writeFileSync(path, "mine"))
        )
      )
      assert.strictEqual((yield* Effect.flip(writing)).reason, "there already")
      assert.deepStrictEqual([readFileSync(path, "utf8"), readdirSync(within)], ["mine", ["a"]])
    })
  )

  it.live("leaves alone what somebody else has under a name like that of a part of it", () =>
    Effect.gen(function* () {
      const within = yield* folder
      const path = join(within, "a")
      writeFileSync(path, "old")
      writeFileSync(`${path}.part`, "theirs")
      yield* inFile(path, true, (write) => write("new"))
      assert.deepStrictEqual([readFileSync(path, "utf8"), readFileSync(`${path}.part`, "utf8")], ["new", "theirs"])
    })
  )

  it.live("is put in place also where the disk knows no links, and then takes nobody's place either", () =>
    Effect.gen(function* () {
      const within = yield* folder
      const [part, path] = [join(within, "part"), join(within, "a")]
      const noLinks = () => {
        throw Object.assign(new Error("operation not permitted"), { code: "EPERM" })
      }
      writeFileSync(part, "new")
      putInPlace(part, path, false, noLinks)
      assert.deepStrictEqual([readFileSync(path, "utf8"), readdirSync(within)], ["new", ["a"]])
      writeFileSync(part, "newer")
      assert.throws(() => putInPlace(part, path, false, noLinks), /EEXIST/)
      assert.strictEqual(readFileSync(path, "utf8"), "new")
    })
  )

  it.live("may be a link to nothing, which is there too: only a forced one takes its place", () =>
    Effect.gen(function* () {
      const within = yield* folder
      const path = join(within, "a")
      symlinkSync(join(within, "none"), path)
      const refused = yield* Effect.flip(inFile(path, false, () => Effect.die("fetched")))
      assert.strictEqual(refused.reason, "there already")
      yield* inFile(path, true, (write) => write("new"))
      assert.deepStrictEqual([readFileSync(path, "utf8"), readdirSync(within)], ["new", ["a"]])
    })
  )

  it.live("that is a pipe or a device is written to when forced, and stays one", () =>
    Effect.gen(function* () {
      const within = yield* folder
      const [pipe, link, got] = [join(within, "pipe"), join(within, "link"), join(within, "got")]
      execFileSync("mkfifo", [pipe])
      const refused = yield* Effect.flip(inFile(pipe, false, () => Effect.die("fetched")))
      assert.strictEqual(refused.reason, "there already")
      const reader = yield* Effect.acquireRelease(
        Effect.sync(() => spawn("cat", [pipe], { stdio: ["ignore", openSync(got, "w"), "inherit"] })),
        (cat) => Effect.sync(() => cat.kill())
      )
      yield* inFile(pipe, true, (write) => Effect.andThen(write("one\n"), write("two\n")))
      assert.isTrue(lstatSync(pipe).isFIFO())
      yield* Effect.promise(() => once(reader, "exit"))
      assert.strictEqual(readFileSync(got, "utf8"), "one\ntwo\n")

      symlinkSync("/dev/null", link)
      yield* inFile(link, true, (write) => write("nobody reads this"))
      assert.isTrue(lstatSync(link).isSymbolicLink() && statSync(link).isCharacterDevice())
      assert.deepStrictEqual(readdirSync(within).toSorted(), ["got", "link", "pipe"])
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
