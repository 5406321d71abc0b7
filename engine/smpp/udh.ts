/**
 * User data headers (3GPP TS 23.040, 9.2.3.24) at the beginning of a short_message whose esm_class has 0x40 set: one octet
 * with the length of the rest, then elements of identifier, length and data. We write the two that join parts of a long
 * message, and read any.
 */

/** esm_class bit that says that a header is there (SMPP 3.4, 5.2.12). */
export const udhIndicator = 0x40

/** Identifiers of the concatenation elements: reference of 8 and of 16 bits (23.040, 9.2.3.24.1 and .8). */
const reference8 = 0x00
const reference16 = 0x08

/** Which part of which message. Parts count from 1; all parts of one message to one recipient share the reference. */
export interface PartOfMessage {
  readonly reference: number
  readonly total: number
  readonly part: number
}

export interface UdhElement {
  readonly identifier: number
  readonly data: Uint8Array
}

export interface Udh {
  /** Octets of the header, its own length octet included: where the text begins. */
  readonly length: number
  readonly elements: ReadonlyArray<UdhElement>
  readonly concatenation: PartOfMessage | undefined
}

/** `05 00 03 rr tt pp`: 6 octets, which leave 153 septets or 67 UCS-2 characters. */
export const concatenation8 = ({ reference, total, part }: PartOfMessage): Uint8Array =>
  Uint8Array.of(5, reference8, 3, reference & 0xff, total, part)

/** `06 08 04 rr rr tt pp`: 7 octets, which leave 152 septets or 66 UCS-2 characters; references repeat less often. */
export const concatenation16 = ({ reference, total, part }: PartOfMessage): Uint8Array =>
  Uint8Array.of(6, reference16, 4, (reference >> 8) & 0xff, reference & 0xff, total, part)

/** Any header; `undefined` when it would be longer than its length octet can say. */
export const encodeUdh = (elements: ReadonlyArray<UdhElement>): Uint8Array | undefined => {
  const length = elements.reduce((sum, { data }) => sum + 2 + data.length, 0)
  if (length > 0xff) return undefined
  const octets = new Uint8Array(length + 1)
  octets[0] = length
  let at = 1
  for (const { identifier, data } of elements) {
    octets[at] = identifier
    octets[at + 1] = data.length
    octets.set(data, at + 2)
    at += 2 + data.length
  }
  return octets
}

/**
 * The header at the beginning of `octets`; `undefined` when it doesn't hold together, and then the whole is text.
 *
 * A concatenation that can't be (part 0, part beyond the total) is passed over, as 23.040 asks; of two the last counts.
 */
export const decodeUdh = (octets: Uint8Array): Udh | undefined => {
  const length = (octets[0] ?? 0) + 1
  if (octets.length < length || octets.length === 0) return undefined
  const elements: Array<UdhElement> = []
  let concatenation: PartOfMessage | undefined
  for (let at = 1; at < length; ) {
    const size = octets[at + 1] ?? 0
    if (at + 2 + size > length) return undefined
    const element = { identifier: octets[at]!, data: new Uint8Array(octets.subarray(at + 2, at + 2 + size)) }
    elements.push(element)
    concatenation = concatenationOf(element) ?? concatenation
    at += 2 + size
  }
  return { length, elements, concatenation }
}

const concatenationOf = ({ identifier, data }: UdhElement): PartOfMessage | undefined => {
  if (identifier === reference8 && data.length === 3)
    return possible({ reference: data[0]!, total: data[1]!, part: data[2]! })
  if (identifier === reference16 && data.length === 4)
    return possible({ reference: (data[0]! << 8) | data[1]!, total: data[2]!, part: data[3]! })
  return undefined
}

/** The same part, if it can be: between 1 and the total. */
export const possible = (part: PartOfMessage): PartOfMessage | undefined =>
  part.part >= 1 && part.part <= part.total ? part : undefined
