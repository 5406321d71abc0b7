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
  })

  it("names what is no text by its first octets", () => {
    const kinds: Readonly<Record<string, ReadonlyArray<string>>> = {
      spreadsheet: [
        "PK\x03\x04....xl/worksheets/sheet1.xml",
        "PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK"
      ],
      document: ["PK\x03\x04....[Content_Types].xml....word/document.xml", "{\\rtf1\\ansi 998901234567}"],
      archive: ["PK\x03\x04....numbers.txt", "\x1f\x8b\x08", "Rar!\x1a\x07\x01", "7z\xbc\xaf\x27\x1c"],
      "old office": ["\xd0\xcf\x11\xe0\xa1"],
      pdf: ["%PDF-1.7\n"],
      picture: ["\x89PNG\r\n\x1a\n", "\xff\xd8\xff\xe0..JFIF", "GIF89a", "RIFF....WEBPVP8", "....ftypheic"],
      page: ["\xef\xbb\xbf\n<html><body>", "<!DOCTYPE html>", "<table border=1><tr>"]
    }
    for (const [kind, begins] of Object.entries(kinds))
      for (const begin of begins)
        for (const size of all) assert.strictEqual(decode(Buffer.from(begin, "latin1"), size), kind, begin)
    for (const text of ["BM 998901234567\n", "PK 12\n", "<998901234567>\n"])
      assert.strictEqual(decode(Buffer.from(text), 10), text)
  })
})
