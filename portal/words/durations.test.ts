import { assert, describe, it } from "@effect/vitest"
import { sayDuration } from "./durations.ts"

describe("a duration", () => {
  it("is said in the two largest of its units, as the language has them", () => {
    for (const [ms, en, ru] of [
      [0, "0 ms", "0 мс"],
      [61, "61 ms", "61 мс"],
      [430, "0.4 sec", "0,4 с"],
      [9_949, "9.9 sec", "9,9 с"],
      [10_400, "10 sec", "10 с"],
      [59_700, "1 min", "1 мин"],
      [247_000, "4 min 7 sec", "4 мин 7 с"],
      [3_600_000 + 59_000, "1 hr", "1 ч"],
      [26 * 3_600_000, "1 day 2 hr", "1 дн. 2 ч"]
    ] as const) {
      assert.strictEqual(sayDuration(ms, "en"), en)
      assert.strictEqual(sayDuration(ms, "ru"), ru)
    }
  })
})
