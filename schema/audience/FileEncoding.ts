/**
 * Turns the bytes of an uploaded file into UTF-8, whatever the program that wrote it chose, and tells text from what is
 * no text at all before anybody looks for numbers in it.
 *
 * Decided from the first 4 KiB: a byte order mark; the shape of UTF-16 without one (every other byte is NUL, since
 * digits and line ends have an upper byte of 0); else UTF-8, passed on as it is, so that a bad sequence is the fault of
 * its line and not of the file. A NUL anywhere in text means that it is none.
 */

/** What a file is that is not text, as far as its first bytes tell. */
export const binaryKinds = [
  "spreadsheet",
  "old office",
  "archive",
  "pdf",
  "document",
  "picture",
  "page",
  "unknown"
] as const
export type BinaryKind = (typeof binaryKinds)[number]

export type DecodedChunk = { readonly bytes: Uint8Array } | { readonly binary: BinaryKind } | undefined

const SAMPLE = 4096

export class FileEncoding {
  private sample: Uint8Array | undefined = new Uint8Array(0)
  private decoder: TextDecoder | undefined
  private readonly encoder = new TextEncoder()

  /** UTF-8 of what is known so far, `undefined` while the sample is still too short to decide. */
  push(chunk: Uint8Array): DecodedChunk {
    if (this.sample === undefined) return this.decode(chunk, false)
    this.sample = joined(this.sample, chunk)
    return this.sample.length < SAMPLE ? undefined : this.decide(false)
  }

  /** What is left at the end of the file. */
  end(): DecodedChunk {
    return this.sample === undefined ? this.decode(new Uint8Array(0), true) : this.decide(true)
  }

  private decide(last: boolean): DecodedChunk {
    const all = this.sample!
    this.sample = undefined
    const sample = all.subarray(0, SAMPLE)
    const magic = magicOf(sample)
    if (magic !== undefined) return { binary: magic }
    if (startsWith(sample, [0xef, 0xbb, 0xbf])) return this.decode(all.subarray(3), last)
    // Before UTF-16's: UTF-32 begins with the same two bytes, and nobody means it.
    if (startsWith(sample, [0xff, 0xfe, 0, 0])) return { binary: "unknown" }
    const utf16 = utf16Of(sample)
    // A decoder takes the byte order mark off by itself.
    if (utf16 !== undefined) this.decoder = new TextDecoder(utf16)
    return this.decode(all, last)
  }

  private decode(chunk: Uint8Array, last: boolean): DecodedChunk {
    const bytes =
      this.decoder === undefined ? chunk : this.encoder.encode(this.decoder.decode(chunk, { stream: !last }))
    return bytes.includes(0) ? { binary: "unknown" } : { bytes }
  }
}

const joined = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  if (first.length === 0) return second.slice()
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

const startsWith = (bytes: Uint8Array, start: ReadonlyArray<number>): boolean =>
  bytes.length >= start.length && start.every((byte, index) => bytes[index] === byte)

/** How they begin, in hexadecimal. */
const MAGIC: ReadonlyArray<readonly [BinaryKind, RegExp]> = [
  ["old office", /^d0cf11e0/],
  // gzip, rar, 7z, bzip2, xz, zstd, an empty zip
  ["archive", /^(1f8b|526172211a07|377abcaf271c|425a683.314159265359|fd377a585a00|28b52ffd|504b0506)/],
  ["pdf", /^255044462d/],
  // rtf
  ["document", /^7b5c727466/],
  // png, jpeg, gif, webp, bmp, tiff, heic and avif
  [
    "picture",
    /^(89504e47|ffd8ff|474946383[79]61|52494646.{8}57454250|424d.{8}00000000|49492a00|4d4d002a|.{8}66747970(686569|6d6966|617669))/
  ]
]

const magicOf = (bytes: Uint8Array): BinaryKind | undefined => {
  const hex = Buffer.from(bytes.subarray(0, 16)).toString("hex")
  const text = Buffer.from(bytes).toString("latin1")
  if (/^(\xef\xbb\xbf)?\s*<(!doctype html|html|table|meta)\b/i.test(text)) return "page"
  if (!hex.startsWith("504b0304")) return MAGIC.find(([, begin]) => begin.test(hex))?.[0]
  // an archive that names its parts in its first octets; of Office's own the first is the same for all of them
  if (/word\/|opendocument\.text/.test(text)) return "document"
  return /xl\/|\[Content_Types\]|opendocument\.spreadsheet/.test(text) ? "spreadsheet" : "archive"
}

const utf16Of = (bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined => {
  if (startsWith(bytes, [0xff, 0xfe])) return "utf-16le"
  if (startsWith(bytes, [0xfe, 0xff])) return "utf-16be"
  const pairs = bytes.length >> 1
  let evenZeros = 0
  let oddZeros = 0
  for (let index = 0; index < pairs * 2; index += 2) {
    if (bytes[index] === 0) evenZeros++
    if (bytes[index + 1] === 0) oddZeros++
  }
  // Numbers and their line ends are ASCII, names beside them may not be: at least four in ten upper bytes are 0. A
  // lower byte is 0 in few characters only (an emoji's second half), and in a file of NULs in as many as the upper.
  if (oddZeros > 0 && oddZeros >= pairs * 0.4 && evenZeros * 4 <= oddZeros) return "utf-16le"
  if (evenZeros > 0 && evenZeros >= pairs * 0.4 && oddZeros * 4 <= evenZeros) return "utf-16be"
  return undefined
}
