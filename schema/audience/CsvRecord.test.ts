import { assert, describe, it } from "@effect/vitest"
import { parse } from "csv-parse/sync"
import fc from "fast-check"
import { cellsOf, csvOptions, delimiterOf, delimiters } from "./CsvRecord.ts"

describe("CsvRecord", () => {
  it("cuts a record exactly as csv-parse does, quotes in all the wrong places included", () => {
    const character = fc.constantFrom("a", "b", "1", '"', '"', '""', " ", "\t", ",", ";", "|", "\u00a0", "é")
    const tidy = fc.constantFrom('"a"', '"a,b;c|d"', '"x ""y"""', "plain", " blank ", "", '""')
    const delimiter = fc.constantFrom(...delimiters)
    const record = fc.oneof(
      fc.array(character, { minLength: 1, maxLength: 12 }).map((parts) => parts.join("")),
      fc.tuple(fc.array(tidy, { minLength: 1, maxLength: 5 }), delimiter).map(([cells, between]) => cells.join(between))
    )
    fc.assert(
      fc.property(record, delimiter, (text, between) => {
        let expected: unknown
        try {
          expected = parse(text, csvOptions(between))[0] ?? [""]
        } catch {
          expected = "open"
        }
        assert.deepStrictEqual(cellsOf(text, between), expected as never, JSON.stringify([text, between]))
      }),
      { numRuns: 3_000 }
    )
  })

  it("sees that a quote is open, and closed by a later line", () => {
    assert.strictEqual(cellsOf('1,"Main street', ","), "open")
    assert.deepStrictEqual(cellsOf('1,"Main street\nLondon",x', ","), ["1", "Main street\nLondon", "x"])
  })

  it("finds the delimiter from the first line, outside quotes", () => {
    assert.strictEqual(delimiterOf("phone;name;city"), ";")
    assert.strictEqual(delimiterOf("phone\tname"), "\t")
    assert.strictEqual(delimiterOf('"a;b;c;d",name'), ",")
    assert.strictEqual(delimiterOf("447700900123"), ",")
  })
})
