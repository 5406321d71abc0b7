import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { makeNormaliser } from "../text/Msisdn.ts"
import { readAudience } from "./AudienceFile.ts"

const options = { format: "txt", normaliser: makeNormaliser("GB") } as const

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "audience-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const withFile = (content: string | Uint8Array) =>
  Effect.map(folder, (path) => {
    const file = join(path, "audience.txt")
    writeFileSync(file, content)
    return file
  })

describe("AudienceFile", () => {
  it.live("streams a file larger than a read in batches of a thousand", () =>
    Effect.gen(function* () {
      const lines = Array.from({ length: 20_000 }, (_, index) => String(447_700_000_000 + index))
      const file = yield* withFile(lines.join("\n"))
      const batches = yield* Stream.runCollect(readAudience(file, options))
      assert.deepStrictEqual(
        batches.flatMap((batch) => [...batch.numbers]),
        lines.map(Number)
      )
      assert.isTrue(batches.every((batch) => batch.numbers.length === 1_000))
      assert.deepStrictEqual(batches.at(-1)!.counts, {
        lines: 20_000,
        valid: 20_000,
        duplicates: 0,
        invalid: 0,
        empty: 0
      })
      assert.strictEqual(batches.at(-1)!.bytes, lines.join("\n").length)
    })
  )

  it.live("tells the placeholder columns before the first batch", () =>
    Effect.gen(function* () {
      const file = yield* withFile("phone,name\n07700900001,Anna\n")
      const told: Array<string> = []
      const onColumns = (names: ReadonlyArray<string>) => void told.push(...names)
      const [batch] = yield* Stream.runCollect(readAudience(file, { ...options, format: "csv", onColumns }))
      assert.deepStrictEqual(told, ["name"])
      assert.deepStrictEqual(batch!.values, [["Anna"]])
    })
  )

  it.live("hands out the rejected lines before it fails for want of a valid number", () =>
    Effect.gen(function* () {
      const file = yield* withFile("Anna\nBen\n")
      const seen: Array<string> = []
      const failure = yield* readAudience(file, options).pipe(
        Stream.runForEach((batch) => Effect.sync(() => void seen.push(...batch.rejected.map((line) => line.raw)))),
        Effect.flip
      )
      assert.strictEqual(failure.reason, "no valid number")
      assert.deepStrictEqual(seen, ["Anna", "Ben"])
    })
  )

  it.live("fails with a reason and a sentence that names no path", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const fails = (file: string) => Effect.flip(Stream.runDrain(readAudience(file, options)))
      const missing = yield* fails(join(path, "gone.txt"))
      const directory = yield* fails(path)
      const empty = yield* fails(yield* withFile(""))
      const binary = yield* fails(yield* withFile(new Uint8Array(10_000)))
      assert.deepStrictEqual(
        [missing, directory, empty, binary].map((error) => error.reason),
        ["missing", "directory", "empty", "binary"]
      )
      for (const error of [missing, directory, empty, binary]) assert.notInclude(error.message, path)
    })
  )
})
