import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { NumberSet } from "./NumberSet.ts"

describe("NumberSet", () => {
  it("says the same as a Set", () => {
    const numbers = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 999_999_999_999_999 }))
    )
    fc.assert(
      fc.property(numbers, (added) => {
        const ours = new NumberSet()
        const theirs = new Set<number>()
        for (const number of added) {
          assert.strictEqual(ours.has(number), theirs.has(number))
          assert.strictEqual(ours.add(number), !theirs.has(number))
          theirs.add(number)
        }
        assert.strictEqual(ours.size, theirs.size)
      })
    )
  })

  it("takes ranges, strides and both ends of the numbers without running together", () => {
    for (const stride of [1, 2, 10, 1000, 65_536, 4_294_967_296]) {
      const set = new NumberSet()
      for (let index = 1; index <= 50_000; index++) assert.isTrue(set.add(index * stride))
      for (let index = 1; index <= 50_000; index++) assert.isFalse(set.add(index * stride))
      assert.strictEqual(set.size, 50_000)
      assert.isBelow(set.byteLength, 50_000 * 8 * 2)
    }
  })
})
