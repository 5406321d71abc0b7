import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { absoluteTime, instantOf, relativeTime } from "./time.ts"

describe("time", () => {
  it("writes validity as so much from now", () => {
    assert.strictEqual(relativeTime(4 * 3_600_000), "000000040000000R")
    assert.strictEqual(relativeTime(((2 * 24 + 3) * 60 + 4) * 60_000 + 5000), "000002030405000R")
  })

  it("has no relative time below a second or above 31 days", () => {
    for (const milliseconds of [-1, 0, 499, 31 * 86_400_000 + 1000, Number.NaN])
      assert.isUndefined(relativeTime(milliseconds))
    assert.strictEqual(relativeTime(31 * 86_400_000), "000031000000000R")
  })

  it("writes an instant in UTC and reads any quarter of an hour", () => {
    const instant = Date.UTC(2025, 10, 22, 17, 2, 3, 400)
    assert.strictEqual(absoluteTime(instant), "251122170203400+")
    assert.strictEqual(instantOf("251122170203400+", 0), instant)
    assert.strictEqual(instantOf("251122190203408+", 0), instant)
    assert.strictEqual(instantOf("251122120203420-", 0), instant)
  })

  it("reads back what it wrote", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 31 * 86_400 }), fc.integer({ min: 0, max: 4e12 }), (seconds, now) => {
        assert.strictEqual(instantOf(relativeTime(seconds * 1000)!, now), now + seconds * 1000)
      })
    )
  })

  it("says that what is no time is none", () => {
    for (const text of ["", "251122170203400", "251322170203400+", "251122250203400+", "251122170203449+", "yesterday"])
      assert.isUndefined(instantOf(text, 0), text)
  })
})
