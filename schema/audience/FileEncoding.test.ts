import { assert, describe, it } from "@effect/vitest"
import { FileEncoding } from "./FileEncoding.ts"

const decode = (bytes: Uint8Array, pieces: number) => {
  const encoding = new FileEncoding()
  const out: Array<Uint8Array> = []
  for (let at = 0; at < bytes.length; at += pieces) {
    const decoded = encoding.push(bytes.subarray(at, at + pieces))
    if (decoded !== undefined && "binary" in decoded) return decoded.binary
    if (decoded !== undefined) out.push(decoded.bytes)
  }
  const last = encoding.end()
  if (last !== undefined && "binary" in last) return last.binary
  if (last !== undefined) out.push(last.bytes)
  return Buffer.concat(out).toString("utf8")
}

const text = `447700900123\r\n${"447700900124,Zoë 😀\n".repeat(400)}`
const le = Buffer.from(text, "utf16le")
const be = Buffer.from(le).swap16()
const all = [1, 7, 4096, 1_000_000]

describe("FileEncoding", () => {
  it("reads UTF-8 with and without its mark, in pieces of any size", () => {
    for (const size of all) {
      assert.strictEqual(decode(Buffer.from(text), size), text)
      assert.strictEqual(decode(Buffer.from(`\ufeff${text}`), size), text)
    }
  })

  it("reads UTF-16 of either order with and without its mark", () => {
    for (const size of all) {
      assert.strictEqual(decode(Buffer.concat([Buffer.of(0xff, 0xfe), le]), size), text)
      assert.strictEqual(decode(Buffer.concat([Buffer.of(0xfe, 0xff), be]), size), text)
      assert.strictEqual(decode(le, size), text)
      assert.strictEqual(decode(be, size), text)
    }
    assert.strictEqual(decode(Buffer.from("447700900123", "utf16le"), 100), "447700900123")
  })

  it("tells what is no text", () => {
    assert.strictEqual(decode(Buffer.from("4477\u0000009001\n".repeat(3)), 10), "unknown")
    assert.strictEqual(decode(Buffer.from(`${"447700900123\n".repeat(1000)}\u0000`), 500), "unknown")
    assert.strictEqual(decode(Buffer.from("PK\u0003\u0004....xl/worksheets/sheet1.xml"), 10), "spreadsheet")
    assert.strictEqual(decode(Buffer.from("PK\u0003\u0004....numbers.txt"), 10), "archive")
    assert.strictEqual(decode(Buffer.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1), 10), "spreadsheet")
    assert.strictEqual(decode(Buffer.from("%PDF-1.7"), 10), "document")
  })
})
