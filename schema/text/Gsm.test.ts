import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { decodeGsm, encodeGsm, isGsm, septetLength } from "./Gsm.ts"

/** The 127 characters of the default alphabet and the 10 of its extension table. */
const alphabet = Array.from({ length: 0x3000 }, (_, point) => String.fromCharCode(point)).filter(isGsm)
const gsmText = fc.array(fc.constantFrom(...alphabet)).map((characters) => characters.join(""))

describe("Gsm", () => {
  it("knows 127 basic characters and 10 extension characters", () => {
    assert.strictEqual(alphabet.filter((character) => septetLength(character) === 1).length, 127)
    assert.strictEqual(alphabet.filter((character) => septetLength(character) === 2).join(""), "\f[\\]^{|}~€")
  })

  it("has the septets of 3GPP 23.038", () => {
    const pairs: ReadonlyArray<readonly [string, ReadonlyArray<number>]> = [
      ["@", [0x00]],
      ["_", [0x11]],
      ["Δ", [0x10]],
      ["Ξ", [0x1a]],
      ["É", [0x1f]],
      ["¤", [0x24]],
      ["¡", [0x40]],
      ["Ü", [0x5e]],
      ["§", [0x5f]],
      ["¿", [0x60]],
      ["à", [0x7f]],
      ["\n", [0x0a]],
      ["€", [0x1b, 0x65]],
      ["\\", [0x1b, 0x2f]]
    ]
    for (const [text, septets] of pairs) assert.deepStrictEqual([...encodeGsm(text)], [...septets])
  })

  it("gives back every text that it accepts", () => {
    fc.assert(
      fc.property(gsmText, (text) => {
        const octets = encodeGsm(text)
        assert.strictEqual(decodeGsm(octets), text)
        assert.strictEqual(octets.length, septetLength(text))
      })
    )
  })

  it("refuses what the alphabet lacks instead of replacing it", () => {
    for (const text of ["ş", "`", "ç", "α", "’", "日", "😀", "\u001b"]) {
      assert.isFalse(isGsm(text), text)
      assert.strictEqual(septetLength(text), undefined)
      assert.throws(() => encodeGsm(text), RangeError)
    }
  })

  it("shows an unknown extension as the basic character, a doubled escape as a space", () => {
    assert.strictEqual(decodeGsm(Uint8Array.of(0x1b, 0x41)), "A")
    assert.strictEqual(decodeGsm(Uint8Array.of(0x41, 0x1b, 0x1b, 0x42)), "A B")
    assert.strictEqual(decodeGsm(Uint8Array.of(0x41, 0x1b)), "A")
  })
})
