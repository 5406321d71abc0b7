import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import fc from "fast-check"
import { type Encoding, encode, encodingOf } from "./Encoding.ts"
import { ESCAPE } from "./Gsm.ts"
import { capacity, measure, split } from "./Segments.ts"

const partsOf = (text: string, encoding: Encoding = encodingOf(text)) => Result.getOrThrow(split(text, encoding, 255))

describe("Segments", () => {
  it("holds 160 septets, 70 code units or 140 octets in one message", () => {
    assert.strictEqual(partsOf("a".repeat(160)).parts, 1)
    assert.strictEqual(partsOf("я".repeat(70)).parts, 1)
    assert.strictEqual(partsOf("é".repeat(140), "latin1").parts, 1)
    assert.strictEqual(partsOf("").parts, 1)
    assert.strictEqual(partsOf("").octets[0]!.length, 0)
  })

  it("holds 153, 67 or 134 in each of several", () => {
    assert.deepStrictEqual(
      partsOf("a".repeat(161)).octets.map((part) => part.length),
      [153, 8]
    )
    assert.deepStrictEqual(
      partsOf("a".repeat(306)).octets.map((part) => part.length),
      [153, 153]
    )
    assert.deepStrictEqual(
      partsOf("a".repeat(307)).octets.map((part) => part.length),
      [153, 153, 1]
    )
    assert.deepStrictEqual(
      partsOf("я".repeat(71)).octets.map((part) => part.length),
      [134, 8]
    )
    assert.deepStrictEqual(
      partsOf("é".repeat(141), "latin1").octets.map((part) => part.length),
      [134, 7]
    )
  })

  it("counts an extension character as two and never cuts it in half", () => {
    assert.strictEqual(partsOf("€".repeat(80)).parts, 1)
    const { octets, units } = partsOf(`${"a".repeat(152)}€${"a".repeat(10)}`)
    assert.strictEqual(units, 164)
    assert.deepStrictEqual(
      octets.map((part) => part.length),
      [152, 12]
    )
    assert.strictEqual(octets[1]![0], ESCAPE)
  })

  it("never cuts a surrogate pair in half", () => {
    assert.deepStrictEqual(
      partsOf(`${"я".repeat(66)}😀яяяя`).octets.map((part) => part.length / 2),
      [66, 6]
    )
  })

  it("tells what still fits into the last part", () => {
    assert.strictEqual(Result.getOrThrow(measure("", "gsm7")).remaining, 160)
    assert.strictEqual(Result.getOrThrow(measure("a".repeat(160), "gsm7")).remaining, 0)
    assert.strictEqual(Result.getOrThrow(measure("a".repeat(161), "gsm7")).remaining, 145)
  })

  it("refuses 5,000 characters with the number of messages and what must go", () => {
    const failure = Result.getOrThrow(Result.flip(split("a".repeat(5000), "gsm7")))
    assert.deepInclude(failure, { _tag: "TextTooLong", parts: 33, maximumParts: 10, excess: 5000 - 1530 })
    assert.match(failure.message, /takes 33 messages, and may take 10. Shorten it by 3470 characters/)
    assert.isTrue(Result.isSuccess(split("a".repeat(1530), "gsm7")))
    assert.isTrue(Result.isFailure(split("a".repeat(1531), "gsm7")))
    assert.isTrue(Result.isSuccess(split("a".repeat(5000), "gsm7", 33)))
    assert.isTrue(Result.isFailure(split("a".repeat(161), "gsm7", 1)))
  })

  it("never makes more than 255 parts, whatever is asked", () => {
    assert.isTrue(Result.isSuccess(split("a".repeat(255 * 153), "gsm7", 1000)))
    assert.isTrue(Result.isFailure(split("a".repeat(255 * 153 + 1), "gsm7", 1000)))
  })

  it("refuses an encoding that lacks a character", () => {
    assert.strictEqual(Result.getOrThrow(Result.flip(split("я", "gsm7")))._tag, "TextNotEncodable")
    assert.strictEqual(Result.getOrThrow(Result.flip(measure("€", "latin1")))._tag, "TextNotEncodable")
  })

  it("loses nothing, cuts nothing in half, fills every part, and shortens by exactly the excess", () => {
    const unit = fc.constantFrom("a", "a", "a", "€", "é", "[", "я", "😀")
    const texts = fc.oneof(
      fc.array(fc.constantFrom("a", "b", "€", "é"), { maxLength: 900 }),
      fc.array(unit, { maxLength: 400 })
    )
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 4 }), (characters, maximum) => {
        const text = characters.join("")
        const encoding = encodingOf(text)
        const { octets, parts, units } = partsOf(text)
        assert.deepStrictEqual(Buffer.concat(octets), Buffer.from(encode(text, encoding)))
        assert.strictEqual(octets.length, parts)
        const room =
          (parts === 1 ? capacity[encoding].alone : capacity[encoding].concatenated) * (encoding === "ucs2" ? 2 : 1)
        octets.forEach((part, index) => {
          assert.isAtMost(part.length, room)
          if (index < parts - 1) assert.isAtLeast(part.length, room - (encoding === "ucs2" ? 2 : 1))
          if (encoding === "gsm7") assert.notStrictEqual(part.at(-1), ESCAPE)
          if (encoding === "ucs2" && part.length > 0) assert.notStrictEqual(part.at(-2)! & 0xfc, 0xd8)
        })
        const limited = split(text, encoding, maximum)
        assert.strictEqual(Result.isSuccess(limited), parts <= maximum)
        if (Result.isFailure(limited) && limited.failure._tag === "TextTooLong") {
          assert.isAbove(limited.failure.excess, 0)
          if (maximum > 1) {
            const kept =
              octets.slice(0, maximum).reduce((sum, part) => sum + part.length, 0) / (encoding === "ucs2" ? 2 : 1)
            assert.strictEqual(units - limited.failure.excess, kept)
          }
        }
      })
    )
  })
})
