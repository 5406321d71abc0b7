import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { charactersForcingUcs2, dataCoding, encode, encodingOf, withReplacements } from "./Encoding.ts"

describe("Encoding", () => {
  it("prefers GSM, falls to UCS-2, and takes Latin-1 only where the channel asks for it", () => {
    assert.strictEqual(encodingOf("Shift at 6, 5 € bonus"), "gsm7")
    assert.strictEqual(encodingOf("Şirket"), "ucs2")
    assert.strictEqual(encodingOf("façade"), "ucs2")
    assert.strictEqual(encodingOf("façade", "latin1"), "latin1")
    assert.strictEqual(encodingOf("5 €", "latin1"), "ucs2")
    assert.strictEqual(encodingOf(""), "gsm7")
  })

  it("has the data_coding of SMPP 3.4, 5.2.19", () => {
    assert.deepStrictEqual(dataCoding, { gsm7: 0, latin1: 3, ucs2: 8 })
  })

  it("writes UCS-2 big-endian, surrogate pairs included", () => {
    assert.deepStrictEqual([...encode("Aя😀", "ucs2")], [0x00, 0x41, 0x04, 0x4f, 0xd8, 0x3d, 0xde, 0x00])
    assert.throws(() => encode("€", "latin1"), RangeError)
  })

  it("names each forcing character once, with its place and a replacement", () => {
    const found = charactersForcingUcs2("It’s « ready » – it’s… 日 😀")
    assert.deepStrictEqual(
      found.map(({ character, count, firstAt, replacement }) => [character, count, firstAt, replacement]),
      [
        ["’", 2, 2, "'"],
        ["«", 1, 5, '"'],
        ["»", 1, 13, '"'],
        ["–", 1, 15, "-"],
        ["…", 1, 21, "..."],
        ["日", 1, 23, undefined],
        ["😀", 1, 25, undefined]
      ]
    )
    assert.strictEqual(found[0]!.codePoint, "U+2019")
    assert.deepStrictEqual(charactersForcingUcs2("plain text"), [])
  })

  it("sees a letter and its combining mark as the one character they show", () => {
    const [found] = charactersForcingUcs2("cafe\u0301")
    assert.strictEqual(found!.character, "e\u0301")
    assert.strictEqual(found!.codePoint, "U+0065 U+0301")
    assert.strictEqual(found!.replacement, "é")
  })

  it("offers a letter without its accent, never another script's", () => {
    assert.strictEqual(charactersForcingUcs2("ş")[0]!.replacement, "s")
    assert.strictEqual(charactersForcingUcs2("й")[0]!.replacement, undefined)
    assert.strictEqual(charactersForcingUcs2("ά")[0]!.replacement, undefined)
  })

  it("offers only what the channel's own charset holds, and all of it makes the text fit unless something has no offer", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.constantFrom("gsm7" as const, "latin1" as const),
        (text, charset) => {
          const forcing = charactersForcingUcs2(text, charset)
          assert.strictEqual(forcing.length > 0, encodingOf(text, charset) === "ucs2")
          const open = forcing.some((character) => character.replacement === undefined)
          assert.strictEqual(encodingOf(withReplacements(text, charset), charset) === "ucs2", open)
        }
      )
    )
  })
})
