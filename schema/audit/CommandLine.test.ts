import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { readOptions } from "./CommandLine.ts"

describe("options", () => {
  it("are understood, or refused in a line", () => {
    const options = { out: { type: "string" }, force: { type: "boolean" } } as const
    const read = (...args: ReadonlyArray<string>) =>
      Result.map(readOptions(args, options), ({ values }) => ({ ...values }))
    assert.deepStrictEqual(Result.getOrThrow(read("--out", "a", "--force")), { out: "a", force: true })
    assert.deepStrictEqual(Result.getOrThrow(read("-h")), { help: true })
    for (const args of [["--nonsense"], ["--out"], ["--force=1"], ["beside"]]) {
      const refused = Result.getOrThrow(Result.flip(read(...args)))
      assert.match(refused.message, /^[^\n]+; --help lists the options$/, args.join(" "))
    }
  })
})
