import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { makeNormaliser } from "../text/Msisdn.ts"
import { explanations } from "./AudienceBatch.ts"
import { type AudienceOptions, AudienceReader, type AudienceStep } from "./AudienceReader.ts"
import { LONGEST_LINE } from "./Lines.ts"
import { PartCounter } from "./PartCounter.ts"

const normaliser = makeNormaliser("GB")

const read = (content: string | Uint8Array, options: Partial<AudienceOptions> = {}, pieces = 1_000_000) => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
  const reader = new AudienceReader({ format: "txt", normaliser, ...options })
  const steps: Array<AudienceStep> = []
  for (let at = 0; at < bytes.length; at += pieces) steps.push(reader.push(bytes.slice(at, at + pieces)))
  steps.push(reader.end())
  const batches = steps.flatMap((step) => step.batches)
  return {
    batches,
    columns: reader.columns,
    counts: reader.counts,
    numbers: batches.flatMap((batch) => [...batch.numbers]),
    lines: batches.flatMap((batch) => [...batch.lines]),
    values: reader.columns.map((_, column) => batches.flatMap((batch) => batch.values![column]!)),
    rejected: batches.flatMap((batch) => batch.rejected),
    problem: steps.at(-1)!.problem
  }
}

const number = (index: number) => 447_700_900_000 + index

describe("AudienceReader, txt", () => {
  it("keeps the first occurrence, and says of every other line what it was", () => {
    const found = read("447700900001\n07700 900002\n\n+44 7700 900001\nAnna\n447700900003")
    assert.deepStrictEqual(found.numbers, [number(1), number(2), number(3)])
    assert.deepStrictEqual(found.lines, [1, 2, 6])
    assert.deepStrictEqual(found.rejected, [
      { line: 4, reason: "duplicate", raw: "+44 7700 900001" },
      { line: 5, reason: "not a number", raw: "Anna" }
    ])
    assert.deepStrictEqual(found.counts, { lines: 6, valid: 3, duplicates: 1, invalid: 1, empty: 1 })
    assert.strictEqual(found.problem, undefined)
  })

  it("ends lines at LF, CRLF and lone CR, wherever the pieces are cut", () => {
    const content = "447700900001\r\n447700900002\r447700900003\n\r\n447700900004\r\r447700900005\r\n"
    for (let pieces = 1; pieces < 30; pieces++) {
      const found = read(content, {}, pieces)
      assert.deepStrictEqual(found.numbers, [1, 2, 3, 4, 5].map(number))
      assert.deepStrictEqual(found.lines, [1, 2, 3, 5, 7])
      assert.deepStrictEqual(found.counts, { lines: 7, valid: 5, duplicates: 0, invalid: 0, empty: 2 })
    }
  })

  it("tells the same of a file however it is cut, and counts every line once", () => {
    const line = fc.constantFrom(
      "447700900001",
      "07700900002",
      "+44 7700 900003",
      "",
      " ",
      "x",
      "12",
      "é",
      "447700900001"
    )
    const file = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r"))).map((lines) => lines.flat().join(""))
    fc.assert(
      fc.property(file, fc.integer({ min: 1, max: 50 }), (content, pieces) => {
        const cut = read(content, { batchSize: 3 }, pieces)
        const whole = read(content)
        for (const part of ["numbers", "lines", "rejected", "counts", "problem"] as const) {
          assert.deepStrictEqual(cut[part], whole[part])
        }
        const { duplicates, empty, invalid, lines, valid } = cut.counts
        assert.strictEqual(lines, valid + duplicates + invalid + empty)
        assert.strictEqual(cut.numbers.length, valid)
        assert.strictEqual(cut.rejected.length, duplicates + invalid)
        for (const batch of cut.batches) assert.isAtMost(Math.max(batch.numbers.length, batch.rejected.length), 3)
      })
    )
  })

  it("reads files with a byte order mark and in UTF-16", () => {
    const content = "447700900001\r\n447700900002"
    const utf16 = Buffer.from(content, "utf16le")
    const ways = [
      Buffer.from(`\ufeff${content}`),
      utf16,
      Buffer.concat([Buffer.of(0xff, 0xfe), utf16]),
      Buffer.concat([Buffer.of(0xfe, 0xff), Buffer.from(utf16).swap16()])
    ]
    for (const bytes of ways) assert.deepStrictEqual(read(bytes, {}, 5).numbers, [number(1), number(2)])
  })

  it("hands a rejected line on cut to 100 characters, and survives a line of megabytes", () => {
    const found = read(`${"7".repeat(5_000_000)}\n447700900001\n${"y".repeat(LONGEST_LINE)}\n`, {}, 65_536)
    assert.deepStrictEqual(found.numbers, [number(1)])
    assert.deepStrictEqual(
      found.rejected.map(({ line, raw, reason }) => [line, reason, raw.length]),
      [
        [1, "line too long", 100],
        [3, "not a number", 100]
      ]
    )
  })

  it("rejects a line that is not UTF-8, and only it", () => {
    const bytes = Buffer.concat([Buffer.from("447700900001\n"), Buffer.of(0xe9, 0x31), Buffer.from("\n447700900002\n")])
    const found = read(bytes)
    assert.deepStrictEqual(found.numbers, [number(1), number(2)])
    assert.strictEqual(found.rejected[0]!.reason, "not UTF-8")
    assert.isTrue(found.rejected[0]!.raw.isWellFormed())
  })

  it("hands out a million bad lines in batches and keeps none", () => {
    const reader = new AudienceReader({ format: "txt", normaliser })
    const chunk = new TextEncoder().encode("not a number at all\n".repeat(10_000))
    let handedOut = 0
    for (let round = 0; round < 100; round++) {
      for (const batch of reader.push(chunk).batches) {
        assert.isAtMost(batch.rejected.length, 1_000)
        handedOut += batch.rejected.length
      }
    }
    const last = reader.end()
    assert.strictEqual(handedOut + last.batches.reduce((sum, batch) => sum + batch.rejected.length, 0), 1_000_000)
    assert.strictEqual(last.problem?.reason, "no valid number")
  })

  it("says what is wrong with a file as a whole", () => {
    const reasonOf = (content: string | Uint8Array, options: Partial<AudienceOptions> = {}) =>
      read(content, options).problem?.reason
    assert.strictEqual(reasonOf(""), "empty")
    assert.strictEqual(reasonOf("\ufeff"), "empty")
    assert.strictEqual(reasonOf("\r\n \n\n"), "empty")
    assert.strictEqual(reasonOf("Anna\nBen\n"), "no valid number")
    assert.strictEqual(reasonOf(new Uint8Array(100_000)), "binary")
    assert.strictEqual(reasonOf("phone,name\n", { format: "csv" }), "empty")
    assert.match(read(Buffer.from("PK\u0003\u0004 xl/")).problem!.message, /Save it as “CSV UTF-8”/)
  })

  it("stops at binary bytes late in the file, and keeps saying so", () => {
    const reader = new AudienceReader({ format: "txt", normaliser })
    reader.push(new TextEncoder().encode("447700900001\n".repeat(1_000)))
    assert.strictEqual(reader.push(Uint8Array.of(0x34, 0x00)).problem?.reason, "binary")
    assert.strictEqual(reader.push(new TextEncoder().encode("\n447700900002\n")).problem?.reason, "binary")
    assert.strictEqual(reader.end().problem?.reason, "binary")
  })

  it("has a sentence for every rejection", () => {
    for (const sentence of Object.values(explanations)) assert.match(sentence, /^[A-Z].*\.$/)
  })
})

describe("AudienceReader, csv", () => {
  const csv = (content: string, options: Partial<AudienceOptions> = {}, pieces?: number) =>
    read(content, { format: "csv", ...options }, pieces)

  it("takes the first column and keeps the others as values under their headers", () => {
    const found = csv("phone,name,city\n07700900001,Anna,London\n07700900002, Ben ,\n07700900003,Cy\n")
    assert.deepStrictEqual(found.columns, ["name", "city"])
    assert.deepStrictEqual(found.numbers, [1, 2, 3].map(number))
    assert.deepStrictEqual(found.lines, [2, 3, 4])
    assert.deepStrictEqual(found.values, [
      ["Anna", "Ben", "Cy"],
      ["London", "", ""]
    ])
    assert.deepStrictEqual(found.counts, { lines: 3, valid: 3, duplicates: 0, invalid: 0, empty: 0 })
  })

  it("takes a named column, whatever its case, and says which there are when it is missing", () => {
    const content = "name;Mobile;city\nAnna;07700900001;London\n"
    const found = csv(content, { column: "mobile" })
    assert.deepStrictEqual(found.numbers, [number(1)])
    assert.deepStrictEqual(found.columns, ["name", "city"])
    const missing = csv(content, { column: "phone" })
    assert.strictEqual(missing.problem?.reason, "no such column")
    assert.include(missing.problem!.message, "name, Mobile, city")
  })

  it("does not take the first column in silence when another holds the numbers", () => {
    const asked = read("id,name,phone\n1,Ann,07700900001\n", { format: "csv" })
    assert.deepInclude(asked.problem, { reason: "which column" })
    assert.match(
      asked.problem!.message,
      /first column, “id”, holds no numbers, but “phone” seems to.*: id, name, phone\./
    )
    assert.deepInclude(asked.problem, { columns: ["id", "name", "phone"], likely: "phone" })
    assert.deepStrictEqual(asked.numbers, [])
    const parts = new PartCounter("Dear ((Name))", ["gsm7"])
    const ofText = read("name,phone\nAnn,07700900001\n", { format: "csv", parts })
    assert.deepInclude(ofText.problem, { reason: "which column", likely: "phone" })
    assert.deepStrictEqual(read("id,phone\n1,07700900001\n", { format: "csv", column: "phone" }).numbers, [number(1)])
    const sure = read("phone,badge\n07700900001,x\nnone,07700900002\n", { format: "csv" })
    assert.deepStrictEqual([sure.problem, sure.numbers], [undefined, [number(1)]])
  })

  it("does without a header when the first row holds a number, and names columns apart", () => {
    assert.deepStrictEqual(csv("07700900001,Anna\n07700900002,Ben\n").columns, ["column 2"])
    assert.deepStrictEqual(csv("07700900001,Anna\n07700900002,Ben\n").numbers, [number(1), number(2)])
    assert.deepStrictEqual(csv("phone,name,,name\n07700900001,a,b,c\n").columns, ["name", "column 3", "name 2"])
  })

  it("drops no first row that is a bad number instead of a header", () => {
    const found = csv("44770,Anna\n07700900002,Ben\n")
    assert.deepStrictEqual(found.rejected, [{ line: 1, reason: "too short", raw: "44770,Anna" }])
    assert.deepStrictEqual(found.numbers, [number(2)])
  })

  it("follows the line in which Excel names the delimiter", () => {
    const found = csv("sep=;\nphone;name\n07700900001;Anna, Dr\n")
    assert.deepStrictEqual(found.values, [["Anna, Dr"]])
    assert.deepStrictEqual(found.lines, [3])
  })

  it("reads quoted cells with delimiters, quotes and line ends in them, wherever the pieces are cut", () => {
    const content =
      'phone,name,address\r\n"07700900001","Anna ""Nan"" O, Dr","1 Main Street\r\nLondon"\r\n07700900002,Ben,x\r\n'
    for (let pieces = 1; pieces < 40; pieces++) {
      const found = csv(content, {}, pieces)
      assert.deepStrictEqual(found.values, [
        ['Anna "Nan" O, Dr', "Ben"],
        ["1 Main Street\nLondon", "x"]
      ])
      assert.deepStrictEqual(found.lines, [2, 4])
    }
  })

  it("rejects only the line whose quote is never closed", () => {
    const rest = Array.from({ length: 200 }, (_, index) => `${number(index + 10)},x`).join("\n")
    const found = csv(`phone,name\n447700900001,"Anna\n${rest}\n`)
    assert.deepStrictEqual(found.rejected, [{ line: 2, reason: "quote not closed", raw: '447700900001,"Anna' }])
    assert.strictEqual(found.counts.valid, 200)
    assert.deepStrictEqual(found.lines.slice(0, 2), [3, 4])
    const last = csv('phone,name\n447700900001,Anna\n447700900002,"Ben\n447700900003,Cy')
    assert.deepStrictEqual(last.numbers, [number(1), number(3)])
  })

  it("tells a row without a number from an empty one", () => {
    const found = csv("phone,name\n,Anna\n,\n\n07700900001,Ben\n")
    assert.deepStrictEqual(found.rejected, [{ line: 2, reason: "empty", raw: ",Anna" }])
    assert.deepStrictEqual(found.counts, { lines: 4, valid: 1, duplicates: 0, invalid: 1, empty: 2 })
  })

  it("never takes a value that is not UTF-8", () => {
    const bytes = Buffer.concat([
      Buffer.from("phone,name\n07700900001,Jos"),
      Buffer.of(0xe9),
      Buffer.from("\n07700900002,Ben\n")
    ])
    const found = read(bytes, { format: "csv" })
    assert.deepStrictEqual(found.numbers, [number(2)])
    assert.strictEqual(found.rejected[0]!.reason, "not UTF-8")
  })
})

describe("AudienceReader, for a text with placeholders", () => {
  const placeholders = (content: string, text: string, options: Partial<AudienceOptions> = {}) => {
    const parts = new PartCounter(text, ["gsm7"])
    return { ...read(content, { format: "csv", parts, ...options }), parts }
  }

  it("takes no row that lacks a value the text needs, and says why; other columns may be empty", () => {
    const found = placeholders(
      "phone,First Name,city\n07700900001,Anna,\n07700900002, ,London\n07700900003\n07700900002,Ben,\n",
      "Hi (( first name ))"
    )
    assert.deepStrictEqual(found.numbers, [number(1), number(2)])
    assert.deepStrictEqual(found.values, [
      ["Anna", "Ben"],
      ["", ""]
    ])
    assert.deepStrictEqual(found.rejected, [
      { line: 3, reason: "no value", raw: "07700900002, ,London" },
      { line: 4, reason: "no value", raw: "07700900003" }
    ])
    assert.deepStrictEqual(found.counts, { lines: 4, valid: 2, duplicates: 0, invalid: 2, empty: 0 })
  })

  it("keeps only the text's columns when that is asked, and none of a text without any", () => {
    const content = "phone,name,city,note\n07700900001,Anna,London,x\n"
    const kept = placeholders(content, "((note)) ((name))", { keep: "placeholders" })
    assert.deepStrictEqual(
      [kept.columns, kept.values],
      [
        ["name", "note"],
        [["Anna"], ["x"]]
      ]
    )
    const none = placeholders(content, "Hi", { keep: "placeholders" })
    assert.deepStrictEqual([none.columns, none.batches[0]!.values], [[], undefined])
  })

  it("counts the messages of each row that is taken, by the alphabet its own text needs", () => {
    const rows = ["Anna", "Жанна", "n".repeat(200), "Жанна"]
    const content = `phone,name\n${rows.map((name, i) => `${number(i)},${name}`).join("\n")}\n${number(1)},${"ж".repeat(200)}\n`
    const { counts, parts } = placeholders(content, `((name))${"x".repeat(60)}`)
    // 64 septets; 65 UCS-2 units; 260 septets; the last line is a duplicate
    assert.deepStrictEqual([parts.most, parts.messages, counts.duplicates], [2, 5, 1])
  })

  it("takes no row whose values are too long, or make the text too long", () => {
    const long = "x".repeat(251)
    const content = `phone,name,note\n07700900001,Anna,${long}\n07700900002,${"y".repeat(250)},\n07700900003,Ben,\n`
    const found = placeholders(content, "((name))".repeat(7))
    assert.deepStrictEqual(
      found.rejected.map(({ line, reason }) => [line, reason]),
      [
        [2, "value too long"],
        [3, "text too long"]
      ]
    )
    assert.deepStrictEqual(found.numbers, [number(3)])
  })

  it("refuses in words a file that has no such column, and takes the number's for none", () => {
    const content = "phone,name\n07700900001,Anna\n"
    const message = (text: string, options: Partial<AudienceOptions> = {}, of = content) =>
      placeholders(of, text, options).problem?.message
    assert.strictEqual(
      message("((Name)) ((City)) ((phone))"),
      "The text has ((city)), ((phone)), and the file has no such column. Its columns beside the one with the numbers are: name. Change the text, or give a .csv file with such a column."
    )
    const bare = "The text has ((name)), and the file has no such column. It has nothing but numbers."
    assert.include(message("((name))", { format: "txt" }), bare)
    assert.include(message("((name))", {}, "phone\n07700900001\n"), bare)
  })

  it("refuses a file with more columns than can be kept, unless the text needs only some", () => {
    const header = Array.from({ length: 21 }, (_, i) => `c${i}`).join(",")
    const content = `phone,${header}\n07700900001${",x".repeat(21)}\n`
    assert.deepInclude(placeholders(content, "((c3))").problem, { reason: "too many columns" })
    assert.isUndefined(placeholders(content, "((c3))", { keep: "placeholders" }).problem)
  })
})
