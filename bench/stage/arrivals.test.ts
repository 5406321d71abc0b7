import { assert, describe, it } from "@effect/vitest"
import { between, keptFrom, mostWithin, percentile, stretches } from "./arrivals.ts"

const every = (ms: number, n: number) => Float64Array.from({ length: n }, (_, i) => 1_000 + i * ms)

describe("arrivals", () => {
  it("have their most wherever it begins", () => {
    const bursty = [...every(10, 100), 1_501, 1_502].sort((a, b) => a - b)
    assert.deepStrictEqual(mostWithin(bursty, [], 100), { most: 12, at: 1_410 })
    assert.strictEqual(mostWithin(every(10, 100), [], 100).most, 10)
  })

  it("are no burst where nobody could see them come", () => {
    const late = every(10, 100)
    for (let i = 50; i < 65; i++) late[i] = late[65]! - 1
    assert.isAbove(mostWithin(late, [], 100).most, 12)
    assert.isAtMost(mostWithin(late, [{ from: late[49]! + 1, to: late[65]! - 2 }], 100).most, 11)
  })

  it("are counted in stretches side by side, without what came before or after", () => {
    assert.deepStrictEqual(stretches([0, 100, 199, 200, 350, 400], 100, 100, 3), [2, 1, 1])
    assert.strictEqual(between([0, 100, 199, 200], 100, 200), 2)
  })

  it("keep a slower pace from the first stretch that has no more of them", () => {
    const arrived = [...every(10, 30), ...Array.from({ length: 30 }, (_, i) => 1_300 + i * 100)]
    // ten in 100 ms until 1,290; from then on one
    const from = keptFrom(arrived, 1_150, 2, 100)
    assert.isAbove(from, 1_270)
    assert.isBelow(from, 1_290)
    assert.strictEqual(keptFrom(arrived, 1_150, 20, 100), 1_150)
  })
})

describe("a percentile", () => {
  it("is the value below which such a share lies", () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1)
    assert.strictEqual(percentile(hundred, 0.99), 99)
    assert.strictEqual(percentile(hundred, 0.5), 50)
    assert.strictEqual(percentile([7], 0.99), 7)
  })
})
