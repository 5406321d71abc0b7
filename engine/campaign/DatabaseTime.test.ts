import { assert, describe, it } from "@effect/vitest"
import { DatabaseTime } from "./DatabaseTime.ts"

describe("the database's time", () => {
  it("is what the quickest answer told, carried on by our own clock", () => {
    let now = 50
    const time = new DatabaseTime({ now: () => now })
    time.heard(1_000_000)
    now += 500
    assert.strictEqual(time.nowMs, 1_000_500)
    // came 200 ms after it was said
    time.heard(1_000_300)
    assert.strictEqual(time.nowMs, 1_000_499)
    time.heard(1_000_520)
    assert.strictEqual(time.nowMs, 1_000_520)
  })

  it("follows a clock that was set, forward and back, at once", () => {
    const time = new DatabaseTime({ now: () => 0 })
    time.heard(5_000_000)
    time.heard(1_000_000)
    assert.strictEqual(time.nowMs, 1_000_000)
    time.heard(9_000_000)
    assert.strictEqual(time.nowMs, 9_000_000)
  })
})
