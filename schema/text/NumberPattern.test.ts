import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { NumberPattern } from "./NumberPattern.ts"

const patterns = [
  "[1-357-9]\\d{9}|[18]\\d{8}|8\\d{6}",
  "[2579]\\d{5,14}|49(?:[34]0|69|8\\d)\\d\\d?|49(?:37|49|60|7[089]|9\\d)\\d{1,3}|(?:1|[368]\\d|4[0-8])\\d{3,13}",
  "(?:0|90)(?:(1[245]|2[1-35]|31|4[13]|[56]5|99)(\\d{10,11}))?",
  "0|180020",
  "([457]\\d{6})$|1",
  "00(?:30|5[09]|[126-9]?)"
]
const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 14 })

describe("NumberPattern", () => {
  it("answers as RegExp does when every digit is known", () => {
    fc.assert(
      fc.property(fc.constantFrom(...patterns), digits, (source, text) => {
        const pattern = new NumberPattern(source)
        const whole = new RegExp(`^(?:${source})$`).test(text)
        assert.strictEqual(pattern.matchesWhole(text), whole ? "all" : "none")
        const start = new RegExp(`^(?:${source})`).exec(text)
        const captured = start?.slice(1).some((group) => group !== undefined)
        assert.strictEqual(pattern.takesFromStart(text), start === null ? "none" : captured ? "open" : start[0].length)
      })
    )
  })

  it("is never wrong about digits it does not know", () => {
    fc.assert(
      fc.property(fc.constantFrom(...patterns), digits, fc.nat(14), (source, text, known) => {
        const pattern = new NumberPattern(source)
        const masked = text.slice(0, known).padEnd(text.length, "?")
        const whole = pattern.matchesWhole(masked)
        if (whole !== "some") assert.strictEqual(pattern.matchesWhole(text), whole)
        const start = pattern.takesFromStart(masked)
        if (start !== "open") assert.strictEqual(pattern.takesFromStart(text), start)
      }),
      { numRuns: 1_000 }
    )
  })

  it("refuses syntax that it does not know", () => {
    for (const source of ["(?=1)2", "[^0]", "a", "\\w", "1*?", "(1", "^1"]) {
      assert.throws(() => new NumberPattern(source), SyntaxError)
    }
  })
})
