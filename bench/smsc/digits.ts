// Numbers into octets without a string between.

/** Decimal digits of a whole number from 0 to 2^53. */
export const decimalLength = (value: number): number => {
  let digits = 1
  for (let limit = 10; value >= limit; limit *= 10) digits++
  return digits
}

/** Writes exactly `width` decimal digits, with leading zeros if the number has fewer. */
export const writeDecimal = (out: Uint8Array, at: number, value: number, width: number) => {
  let end = at + width
  // In 32-bit pieces, because division of integers is several times cheaper than of doubles.
  const high = Math.floor(value / 100_000_000)
  let v = (value - high * 100_000_000) | 0
  const cut = Math.max(at, end - 8)
  while (end > cut) {
    const q = (v / 10) | 0
    out[--end] = 48 + v - q * 10
    v = q
  }
  v = high | 0
  while (end > at) {
    const q = (v / 10) | 0
    out[--end] = 48 + v - q * 10
    v = q
  }
}

const lower = Buffer.from("0123456789abcdef", "latin1")
const upper = Buffer.from("0123456789ABCDEF", "latin1")

export const hexLength = (value: number): number => {
  let digits = 1
  for (let limit = 16; value >= limit; limit *= 16) digits++
  return digits
}

/** Writes exactly `width` hexadecimal digits, with leading zeros if the number has fewer. */
export const writeHex = (out: Uint8Array, at: number, value: number, width: number, capitals: boolean) => {
  const digits = capitals ? upper : lower
  const high = Math.floor(value / 0x1000000)
  let v = value - high * 0x1000000
  let end = at + width
  const cut = Math.max(at, end - 6)
  while (end > cut) {
    out[--end] = digits[v & 15]!
    v >>>= 4
  }
  v = high >>> 0
  while (end > at) {
    out[--end] = digits[v & 15]!
    v >>>= 4
  }
}

export const writeUint32 = (out: Uint8Array, at: number, value: number) => {
  out[at] = value >>> 24
  out[at + 1] = value >>> 16
  out[at + 2] = value >>> 8
  out[at + 3] = value
}

export const readUint32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
