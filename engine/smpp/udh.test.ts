import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { concatenation8, concatenation16, decodeUdh, encodeUdh } from "./udh.ts"

describe("udh", () => {
  it("joins parts by 8 and by 16 bits of reference", () => {
    const place = { reference: 0xbeef, total: 3, part: 2 }
    assert.deepStrictEqual([...concatenation8(place)], [0x05, 0x00, 0x03, 0xef, 3, 2])
    assert.deepStrictEqual([...concatenation16(place)], [0x06, 0x08, 0x04, 0xbe, 0xef, 3, 2])
    assert.deepStrictEqual(decodeUdh(concatenation8(place))?.concatenation, { ...place, reference: 0xef })
    assert.deepStrictEqual(decodeUdh(concatenation16(place))?.concatenation, place)
  })

  it("gives back any elements, and where the text begins", () => {
    const element = fc.record({ identifier: fc.nat(255), data: fc.uint8Array({ maxLength: 20 }) })
    fc.assert(
      fc.property(fc.array(element, { maxLength: 8 }), fc.uint8Array({ maxLength: 20 }), (elements, text) => {
        const header = encodeUdh(elements)!
        const read = decodeUdh(Buffer.concat([header, text]))
        assert.strictEqual(read?.length, header.length)
        assert.deepStrictEqual(read?.elements, elements)
      })
    )
  })

  it("has no more than 255 octets", () => {
    assert.isUndefined(encodeUdh([{ identifier: 0, data: new Uint8Array(254) }]))
    assert.strictEqual(encodeUdh([{ identifier: 0, data: new Uint8Array(253) }])?.length, 256)
  })

  it("is text where it doesn't hold together", () => {
    for (const octets of [[], [5], [5, 0, 3, 1, 2], [2, 0, 3, 1, 2, 1], [1, 0]])
      assert.isUndefined(decodeUdh(Uint8Array.from(octets)), String(octets))
  })

  it("passes over a part that can't be", () => {
    for (const [total, part] of [
      [2, 0],
      [2, 3],
      [0, 1]
    ])
      assert.isUndefined(decodeUdh(Uint8Array.of(5, 0, 3, 1, total!, part!))?.concatenation)
  })

  it("throws at nothing", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => void decodeUdh(octets)))
  })
})
