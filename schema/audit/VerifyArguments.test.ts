import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { readArguments } from "./VerifyArguments.ts"

const key = "AB".repeat(32)

describe("VerifyArguments", () => {
  it("understands what can be asked", () => {
    const asked = (...args: ReadonlyArray<string>) => Result.getOrThrow(readArguments(args))
    assert.deepStrictEqual(asked(), { _tag: "Database", workspace: undefined, key: undefined })
    assert.deepStrictEqual(asked("--workspace", "Pay"), { _tag: "Database", workspace: "Pay", key: undefined })
    assert.deepStrictEqual(
      asked("e.jsonl", "--checkpoint", "a.json", "--checkpoint", "b.json", "--proof", "p.json", "--key", key),
      {
        _tag: "Export",
        path: "e.jsonl",
        checkpoints: ["a.json", "b.json"],
        proofs: ["p.json"],
        key: key.toLowerCase()
      }
    )
    assert.deepStrictEqual(asked("-h"), { _tag: "Help" })
  })

  it("refuses the rest in a line", () => {
    const refused = [
      ["--workspace", ""],
      ["--workspace", "-1"],
      ["--key", "abc"],
      ["e.jsonl", "--key", key],
      ["--checkpoint", "c.json"],
      ["--proof", "p.json"],
      ["a.jsonl", "b.jsonl"],
      ["a.jsonl", "--workspace", "3"],
      ["--nonsense"]
    ]
    for (const args of refused) {
      const read = readArguments(args)
      assert.isTrue(Result.isFailure(read) && !read.failure.message.includes("\n"), args.join(" "))
    }
  })
})
