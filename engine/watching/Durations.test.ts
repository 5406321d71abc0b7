import { assert, describe, it } from "@effect/vitest"
import { BOUNDS_MS, Durations } from "./Durations.ts"

describe("Durations", () => {
  it("puts what took exactly a bound into that bound's bucket, and what took longer into the next", () => {
    for (const [i, bound] of BOUNDS_MS.entries()) {
      const durations = new Durations()
      durations.add(bound)
      durations.add(bound + 0.001)
      assert.deepStrictEqual([durations.counts[i], durations.counts[i + 1]], [1, 1], `${bound} ms`)
    }
  })

  it("keeps no time at all, and hours, and their sum", () => {
    const durations = new Durations()
    for (const ms of [0, 0.5, 3_600_000]) durations.add(ms)
    assert.strictEqual(durations.counts[0], 2)
    assert.strictEqual(durations.counts.at(-1), 1)
    assert.strictEqual(durations.sumMs, 3_600_000.5)
  })
})
