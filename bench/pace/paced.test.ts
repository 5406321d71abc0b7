import { assert, describe, it } from "@effect/vitest"
import { paced } from "./paced.ts"

const every = (ms: number, n: number) => Float64Array.from({ length: n }, (_, i) => 1_000 + i * ms)

describe("whether arrivals kept a pace", () => {
  it("holds for a steady stream at the contract's rate", () => {
    const steady = paced(every(10, 1_050), [], 100, 10)
    assert.strictEqual(steady.perSecond, 100)
    assert.strictEqual(steady.most100ms, 10)
    assert.isTrue(steady.holds)
  })

  it("does not hold two percent beside it, on either side", () => {
    assert.isFalse(paced(every(9.8, 1_050), [], 100, 10).holds)
    assert.isFalse(paced(every(10.2, 1_050), [], 100, 10).holds)
  })

  it("finds a burst wherever it begins", () => {
    const bursty = every(10, 1_050)
    for (let i = 500; i < 515; i++) bursty[i] = bursty[500]! + (i - 500) * 0.1
    const { holds, most100ms } = paced(bursty, [], 100, 10)
    assert.isAbove(most100ms, 12)
    assert.isFalse(holds)
  })

  it("does not take for a burst what it could not see come", () => {
    const late = every(10, 1_050)
    for (let i = 500; i < 515; i++) late[i] = late[515]! - 1
    assert.isFalse(paced(late, [], 100, 10).holds)
    assert.isTrue(paced(late, [{ from: late[499]! + 1, to: late[515]! - 2 }], 100, 10).holds)
  })

  it("does not hold for a stream that stops short", () => {
    assert.isFalse(paced(every(10, 900), [], 100, 10).holds)
  })
})
