import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { parse } from "csv-parse/sync"
import { Effect, Stream } from "effect"
import fc from "fast-check"
import type { AuditRow } from "./AuditRow.ts"
import { Chain } from "./Chain.ts"
import { csv, csvCell, exportHeader, jsonLines, rowLine } from "./Export.ts"
import { type ExportError, ExportReader, LONGEST_LINE, readExport } from "./ExportReader.ts"
import { anyChain } from "./testing/arbitraryChain.ts"
import { SampleChain } from "./testing/SampleChain.ts"

const about = { workspace_id: 5, workspace: "Зарплата “1”", exported_at: "2026-11-01T00:00:00Z" }

const headerOf = (rows: ReadonlyArray<AuditRow>) => exportHeader(about, rows[0], rows.at(-1)?.seq ?? 0)

const written = (rows: ReadonlyArray<AuditRow>): string =>
  Effect.runSync(Stream.mkString(jsonLines(headerOf(rows), Stream.fromIterable([rows.slice(0, 2), rows.slice(2)]))))

/** Read in pieces of `size` bytes. */
const read = (bytes: Uint8Array, size: number) => {
  const reader = new ExportReader()
  const rows: Array<AuditRow> = []
  let error: ExportError | undefined
  for (let at = 0; at <= bytes.length && error === undefined; at += size) {
    const step = at < bytes.length ? reader.push(bytes.subarray(at, at + size)) : { rows: [], error: undefined }
    rows.push(...step.rows)
    error = step.error
  }
  const last = error === undefined ? reader.end() : { rows: [], error }
  return { header: reader.header, rows: [...rows, ...last.rows], error: last.error }
}

const ofText = (text: string, size = 1000) => read(Buffer.from(text), size)

const three = () => {
  const chain = new SampleChain(5)
  return [chain.say(), chain.say({ personal: { note: "=1+1" } }), chain.say({ facts: { text: 'a "b"\n, c' } })]
}

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "export-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

describe("Export", () => {
  it("reads back what it wrote, however it is cut into pieces", () => {
    const property = fc.property(anyChain, fc.integer({ min: 1, max: 700 }), (rows, size) => {
      assert.deepStrictEqual(ofText(written(rows), size), { header: headerOf(rows), rows: [...rows], error: undefined })
    })
    fc.assert(property)
    assert.deepStrictEqual(ofText(written([])).header, headerOf([]))
  })

  it("does not hide a change of any one byte of any row", () => {
    const property = fc.property(anyChain, fc.nat(), fc.integer({ min: 1, max: 255 }), (rows, where, turned) => {
      const bytes = Buffer.from(written(rows))
      const begin = bytes.indexOf("\n") + 1
      // without the last line end, which says nothing
      bytes[begin + (where % (bytes.length - 1 - begin))]! ^= turned
      const { error, rows: found } = read(bytes, 1000)
      const chain = new Chain(5)
      const fault = found.map((row) => chain.take(row)).find((one) => one !== undefined) ?? chain.end()
      assert.isTrue(error !== undefined || fault !== undefined, bytes.toString())
    })
    fc.assert(property, { numRuns: 3_000 })
  })

  it("names the line that is not as an export writes it", () => {
    const lines = written(three()).split("\n")
    const row = JSON.parse(lines[2]!) as AuditRow
    const others: Record<string, string> = {
      "nothing at all": "",
      "no JSON": "hello",
      "no object": "[]",
      null: "null",
      "spaces between": JSON.stringify(row, null, 1).replaceAll("\n", ""),
      "a key twice": lines[2]!.replace('"role"', '"role":"admin","role"'),
      "a key more": `${lines[2]!.slice(0, -1)},"x":1}`,
      "keys in another order": JSON.stringify(Object.fromEntries(Object.entries(row).toReversed())),
      "a letter spelled otherwise": lines[2]!.replace("campaign", "c\\u0061mpaign"),
      "a byte order mark": `\ufeff${lines[2]!}`,
      "a carriage return": `${lines[2]!}\r`,
      "half a surrogate pair": rowLine({ ...row, role: "\ud800" }),
      "a number as text": lines[2]!.replace('"seq":2', '"seq":"2"'),
      "upper-case hex": rowLine({ ...row, hash: row.hash.toUpperCase() }),
      "a short hash": rowLine({ ...row, hash: row.hash.slice(2) }),
      "a salt of another length": rowLine({ ...row, salt: "00" }),
      "a time with a sign": rowLine({ ...row, at_us: "+1" })
    }
    for (const [what, line] of Object.entries(others)) {
      const { error, rows } = ofText(lines.with(2, line).join("\n"))
      assert.deepStrictEqual([error?.reason, error?.line, rows.length], ["line", 3, 1], what)
      assert.include(error!.message, "Line 3 ", what)
    }
    // read leniently, these bytes would be the same character as those that were hashed
    const bytes = Buffer.from(written([new SampleChain(5).say({ role: "r\ufffd" })]))
    assert.isUndefined(read(bytes, 1000).error)
    Buffer.from("f09f98", "hex").copy(bytes, bytes.indexOf("\ufffd"))
    assert.strictEqual(read(bytes, 1000).error?.line, 2)
  })

  it("refuses a file that is no export", () => {
    const [header, ...rows] = written(three()).split("\n")
    for (const first of [
      "",
      "seq,at",
      "{}",
      header!.replace("export/1", "export/2"),
      header!.replace(":5,", ":5.0,")
    ]) {
      const { error } = ofText([first, ...rows].join("\n"))
      assert.deepStrictEqual([error?.reason, error?.line], ["not an export", 1], first)
    }
    assert.deepStrictEqual(ofText("").error?.reason, "not an export")
    // as some editors begin a file that they save
    const { error } = ofText(`\ufeff${written(three())}`)
    assert.deepStrictEqual([error?.reason, error?.line], ["not an export", 1])
  })

  it("holds no more than a line, and no line that is too long", () => {
    const text = written(three())
    assert.strictEqual(ofText(`${text}${"x".repeat(LONGEST_LINE + 1)}`, 65_536).error?.line, 5)
  })

  it.live("reads a file larger than a read, and tells of one that is not there", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "export.jsonl")
      const chain = new SampleChain(5)
      const rows = Array.from({ length: 1_000 }, () => chain.say({ personal: { note: "я".repeat(50) } }))
      writeFileSync(path, written(rows))
      const batches = yield* Stream.runCollect(readExport(path))
      assert.isAbove(batches.length, 5)
      assert.deepStrictEqual(
        batches.flatMap((batch) => batch.rows),
        rows
      )
      const missing = yield* Effect.flip(Stream.runDrain(readExport(`${path}.not`)))
      assert.strictEqual(missing.reason, "not readable")
    })
  )

  it.live("hands out the rows before the line that can't be read, and an export without rows", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "export.jsonl")
      writeFileSync(path, `${written(three())}oops\n`)
      const seen: Array<number> = []
      const tell = Stream.runForEach(readExport(path), ({ rows }) =>
        Effect.sync(() => void seen.push(...rows.map((row) => row.seq)))
      )
      assert.strictEqual((yield* Effect.flip(tell)).line, 5)
      assert.deepStrictEqual(seen, [1, 2, 3])
      writeFileSync(path, written([]))
      assert.isTrue(
        (yield* Stream.runCollect(readExport(path))).every(
          ({ header, rows }) => header.last_seq === 0 && rows.length === 0
        )
      )
    })
  )
})

describe("Export as CSV", () => {
  it("is read back by a CSV reader as it was, but for what a spreadsheet would take for a formula", () => {
    const property = fc.property(anyChain, (rows) => {
      const text = Effect.runSync(Stream.mkString(csv(Stream.fromIterable([rows]))))
      const records: ReadonlyArray<Record<string, string>> = parse(text, { columns: true, record_delimiter: "\r\n" })
      assert.strictEqual(records.length, rows.length)
      for (const [i, row] of rows.entries()) {
        const guarded = /^[=+\-@\t\r\n]/.test(row.role) ? `'${row.role}` : row.role
        assert.deepStrictEqual(
          [records[i]!.seq, records[i]!.role, records[i]!.facts, records[i]!.personal, records[i]!.hash],
          [`${row.seq}`, guarded, row.facts, row.personal ?? "", row.hash]
        )
      }
    })
    fc.assert(property)
  })

  it("leaves no cell that begins a formula", () => {
    for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")']) {
      assert.match(csvCell(text), /^"?'/)
    }
    assert.strictEqual(csvCell('say "no"'), '"say ""no"""')
    assert.strictEqual(csvCell(null), "")
    assert.strictEqual(csvCell(-5), "-5")
  })

  it("tells times to the microsecond", () => {
    const row = new SampleChain(5).say({ atUs: 1_767_225_600_000_001 })
    const text = Effect.runSync(Stream.mkString(csv(Stream.succeed([row]))))
    assert.include(text, "2026-01-01 00:00:00.000001 UTC")
  })
})
