import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { getExampleNumber } from "libphonenumber-js/min"
import examples from "libphonenumber-js/mobile/examples"
import { explanations, isCountry, makeNormaliser, type Normaliser, type Reason, reasonOf, reasons } from "./Msisdn.ts"
import { countries } from "./NumberingPlan.ts"

const gb = makeNormaliser("GB")
const show = (result: number) => (result > 0 ? result : reasonOf(result))
const read = (normaliser: Normaliser, text: string) => show(normaliser.ofText(text))

describe("Msisdn", () => {
  it("understands a number however it is written", () => {
    const ways = [
      "447700900123",
      "+447700900123",
      "00447700900123",
      "07700900123",
      "7700900123",
      "+44 7700 900-123",
      "+44 (0)7700 900123",
      "(+44) 7700 900123",
      "07700.900.123",
      " \t07700 900123 ",
      "0044 (7700) 900/123",
      "\u202a+44 7700 900123\u202c",
      "+44\u00a07700\u00a0900123",
      "'+447700900123",
      "tel:+447700900123",
      "\uff0b\uff14\uff14\uff17\uff17\uff10\uff10\uff19\uff10\uff10\uff11\uff12\uff13",
      "٠٧٧٠٠٩٠٠١٢٣",
      "۰۷۷۰۰۹۰۰۱۲۳",
      "০৭৭০০৯০০১২৩"
    ]
    for (const way of ways) assert.strictEqual(read(gb, way), 447_700_900_123, way)
  })

  it("understands foreign numbers with and without their plus", () => {
    assert.strictEqual(read(gb, "14155550123"), 14_155_550_123)
    assert.strictEqual(read(gb, "+33 6 12 34 56 78"), 33_612_345_678)
    assert.strictEqual(read(gb, "4915112345678"), 4_915_112_345_678)
    assert.strictEqual(read(makeNormaliser("US"), "00447700900123"), 447_700_900_123)
    assert.strictEqual(read(makeNormaliser("US"), "011 44 7700 900123"), 447_700_900_123)
    assert.strictEqual(read(makeNormaliser("RU"), "8 (912) 345-67-89"), 79_123_456_789)
    assert.strictEqual(read(makeNormaliser("DE"), "0151 12345678"), 4_915_112_345_678)
    assert.strictEqual(read(makeNormaliser("IT"), "06 1234 5678"), 390_612_345_678)
  })

  it("says why something is no number", () => {
    const wrong: ReadonlyArray<readonly [string, Reason]> = [
      ["", "empty"],
      ["  \t", "empty"],
      ["Anna", "not a number"],
      ["07700 900123 Anna", "not a number"],
      ["call 07700900123", "not a number"],
      ["1-800-FLOWERS", "not a number"],
      ["+44 7700 900123 ext. 5", "not a number"],
      ["++447700900123", "not a number"],
      ["447700900123;phone-context=+44", "not a number"],
      ["447700900123,447700900124", "not a number"],
      ["1", "too short"],
      ["12345", "too short"],
      ["+44", "too short"],
      ["1".repeat(40), "too long"],
      ["1".repeat(400), "too long"],
      ["x".repeat(400), "not a number"],
      ["447700900123 / 447700900124", "too long"],
      ["+4477009001234", "too long"],
      ["+9991234567", "no such country code"],
      ["+0447700900123", "no such country code"],
      ["+4477009001", "not possible for its country"],
      ["4.47701E+11", "damaged by a spreadsheet"],
      ["447700900123.0", "damaged by a spreadsheet"]
    ]
    for (const [text, reason] of wrong) assert.strictEqual(read(gb, text), reason, text)
  })

  it("has a sentence for every reason", () => {
    for (const reason of reasons) assert.isAbove(explanations[reason].length, 20)
  })

  it("knows countries, and refuses what is none", () => {
    assert.isTrue(isCountry("GB"))
    assert.isFalse(isCountry("UK"))
    assert.throws(() => makeNormaliser("XX"), RangeError)
  })

  it("reads bytes where they stand", () => {
    const bytes = new TextEncoder().encode("x,+44 7700 900123;y")
    assert.strictEqual(gb.ofBytes(bytes, 2, 17), 447_700_900_123)
  })

  it("answers as libphonenumber does, in every country, whatever the digits and separators", () => {
    const normalisers = new Map(countries.map((country) => [country, makeNormaliser(country)]))
    const callingCodes = [
      "1",
      "7",
      "20",
      "27",
      "39",
      "44",
      "49",
      "43",
      "54",
      "55",
      "61",
      "86",
      "358",
      "599",
      "800",
      "881"
    ]
    const prefix = fc.constantFrom(
      "",
      "",
      "+",
      "00",
      "0",
      "8",
      "011",
      "810",
      "90",
      "06",
      ...callingCodes,
      "+44",
      "+1",
      "+49 0",
      "+7 8"
    )
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 16 })
    const separated = fc
      .array(fc.constantFrom(..."00112233445566778899 -.()/"), { maxLength: 20 })
      .map((characters) => characters.join(""))
    fc.assert(
      fc.property(fc.constantFrom(...countries), prefix, fc.oneof(digits, separated), (country, start, rest) => {
        const normaliser = normalisers.get(country)!
        const text = start + rest
        assert.strictEqual(show(normaliser.ofText(text)), show(normaliser.ofTextByLibrary(text)), `${country} ${text}`)
      }),
      { numRuns: 5_000 }
    )
  })

  // Not a law of all numbers: of +43 0…, which is merely possible, the library takes a national prefix off at each reading.
  it("gives back what it gave: a mobile number of any country is its own normal form", () => {
    for (const country of countries) {
      const example = getExampleNumber(country, examples)
      if (example === undefined) continue
      const number = Number(example.number.slice(1))
      for (const reader of [gb, makeNormaliser(country)])
        assert.strictEqual(show(reader.ofText(example.number)), number, country)
    }
  })
})
