import { assert, describe, it } from "@effect/vitest"
import { fuzz } from "./fuzz.ts"

describe("what reads from a peer", () => {
  it("survives 20,000 mutated and random streams, and gets to the bottom of many", { timeout: 60_000 }, () => {
    const fuzzed = fuzz(20_000, 7)
    assert.deepStrictEqual(fuzzed.escapes, [])
    assert.strictEqual(fuzzed.streams, 20_000)
    // A fuzzer that is always turned away at the door finds nothing.
    for (const depth of ["decoded", "refused", "receipts", "messages", "broken"] as const)
      assert.isAbove(fuzzed[depth], 1000, depth)
  })

  it("sees the same streams for the same seed", () => {
    const counts = () => {
      const { slowestMs: _, ...rest } = fuzz(300, 3)
      return rest
    }
    assert.deepStrictEqual(counts(), counts())
  })
})
