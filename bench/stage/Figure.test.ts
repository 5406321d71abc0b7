import { assert, describe, it } from "@effect/vitest"
import { exactly, type Figure, summed } from "./Figure.ts"

const ms = (value: number): Figure => ({ name: "ms", what: "how long", value, most: 300 })

describe("figures of several runs", () => {
  it("are medians with their range, and a bound is asked of the median", () => {
    const [found] = summed([[ms(100)], [ms(900)], [ms(200)]])
    assert.deepInclude(found, { value: 200, range: [100, 900], holds: true })
    assert.isFalse(summed([[ms(100)], [ms(900)], [ms(400)]])[0]!.holds)
  })

  it("hold exactly only if every run does", () => {
    const twice = (n: number) => exactly("twice", "sent twice", n, 0)
    assert.isFalse(summed([[twice(0)], [twice(1)], [twice(0)]])[0]!.holds)
  })

  it("that are no numbers are within no bounds", () => {
    assert.isFalse(summed([[ms(Number.NaN)]])[0]!.holds)
    assert.isTrue(summed([[{ name: "told", what: "only told", value: Number.NaN }]])[0]!.holds)
  })
})
