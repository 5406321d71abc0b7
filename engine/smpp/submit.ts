/**
 * The fast way of submit_sm: what all recipients of a message share is encoded once, by the careful encoder, and for each
 * recipient only destination_addr, sequence_number and, in a message of several parts, their reference are written in.
 *
 * For every length of number there is a whole image of the PDU, so that writing one is one copy and a few octets.
 * Measured (`bench.ts`): about 30 ns for a PDU of 121 octets.
 */
import { Result } from "effect"
import { encode, headerLength } from "./Pdu.ts"
import { PduError } from "./PduError.ts"
import { status } from "./status.ts"
import type { Tlv } from "./tlv.ts"
import { concatenation, referenceAt, udhIndicator } from "./udh.ts"

/** destination_addr holds at most 20 characters (4.4.1). */
export const mostDigits = 20

/** What a submit_sm may say (4.4.1); what is left out is zero or empty, which is the operator's default. */
export interface SubmitOptions {
  readonly service_type?: string
  readonly source_addr_ton?: number
  readonly source_addr_npi?: number
  readonly source_addr?: string
  readonly dest_addr_ton?: number
  readonly dest_addr_npi?: number
  readonly esm_class?: number
  readonly protocol_id?: number
  readonly priority_flag?: number
  /** `absoluteTime` or `relativeTime`. */
  readonly schedule_delivery_time?: string
  readonly validity_period?: string
  readonly registered_delivery?: number
  readonly replace_if_present_flag?: number
  readonly data_coding?: number
  readonly sm_default_msg_id?: number
  readonly tlvs?: ReadonlyArray<Tlv>
}

export class SubmitTemplate {
  /** The PDU up to where destination_addr begins, and from its final zero on. */
  private readonly prefix: Uint8Array
  private readonly suffix: Uint8Array
  /** Where in the suffix the reference is; -1 for a message of one part. */
  private readonly referenceAt: number
  private readonly images: Array<Buffer | undefined> = new Array(mostDigits + 1).fill(undefined)

  private constructor(pdu: Uint8Array, addressAt: number, referenceAt: number) {
    this.prefix = new Uint8Array(pdu.subarray(0, addressAt))
    this.suffix = new Uint8Array(pdu.subarray(addressAt))
    this.referenceAt = referenceAt
  }

  /** A message of one part. Fails as `encode` does. */
  static make(options: SubmitOptions, message: Uint8Array): Result.Result<SubmitTemplate, PduError> {
    return SubmitTemplate.build(options, message, false)
  }

  /**
   * One template a part. One part alone goes without a user data header. Fails as `encode` does, and with `too_long` above
   * 255 parts.
   */
  static parts(
    options: SubmitOptions,
    parts: ReadonlyArray<Uint8Array>
  ): Result.Result<ReadonlyArray<SubmitTemplate>, PduError> {
    if (parts.length === 1) return Result.map(SubmitTemplate.make(options, parts[0]!), (template) => [template])
    if (parts.length === 0 || parts.length > 0xff)
      return Result.fail(
        new PduError("too_long", `a message can't have ${parts.length} parts`, status.ESME_RINVMSGLEN, 0x04, 0)
      )
    const esm_class = (options.esm_class ?? 0) | udhIndicator
    return Result.all(
      parts.map((text, index) => {
        const header = concatenation(parts.length, index + 1)
        return SubmitTemplate.build({ ...options, esm_class }, Buffer.concat([header, text]), true)
      })
    )
  }

  /** Octets of one PDU to a number of so many digits. */
  lengthFor(digits: number): number {
    return this.prefix.length + digits + this.suffix.length
  }

  /** Octets of its longest PDU: so much room there has to be before `write`. */
  get mostOctets(): number {
    return this.lengthFor(mostDigits)
  }

  /**
   * Writes the submit_sm to the number `digits[from..to)` at `offset`, where there must be room, and returns where it
   * ends. A number of more than 20 digits, or no room, is a bug of the caller and throws `RangeError`.
   *
   * @param reference of the message, for several parts: the same for all parts to this recipient; its low 8 bits count
   */
  write(
    target: Buffer,
    offset: number,
    sequence: number,
    digits: Buffer,
    from: number,
    to: number,
    reference = 0
  ): number {
    const image = this.images[to - from] ?? this.draw(to - from)
    target.set(image, offset)
    target[offset + 12] = sequence >>> 24
    target[offset + 13] = sequence >>> 16
    target[offset + 14] = sequence >>> 8
    target[offset + 15] = sequence
    let at = offset + this.prefix.length
    for (let i = from; i < to; i++) target[at++] = digits[i]!
    if (this.referenceAt >= 0) target[at + this.referenceAt] = reference
    return offset + image.length
  }

  private draw(digits: number): Buffer {
    if (!(digits >= 0 && digits <= mostDigits)) throw new RangeError(`A destination_addr of ${digits} digits.`)
    const image = Buffer.alloc(this.lengthFor(digits))
    image.set(this.prefix, 0)
    image.set(this.suffix, this.prefix.length + digits)
    image.writeUInt32BE(image.length, 0)
    this.images[digits] = image
    return image
  }

  private static build(
    options: SubmitOptions,
    short_message: Uint8Array,
    isPart: boolean
  ): Result.Result<SubmitTemplate, PduError> {
    return Result.map(encode({ ...options, command: "submit_sm", sequence_number: 0, short_message }), (pdu) => {
      const { service_type = "", source_addr = "", schedule_delivery_time = "", validity_period = "" } = options
      const addressAt = headerLength + service_type.length + 1 + 2 + source_addr.length + 1 + 2
      // its zero, esm_class, protocol_id, priority_flag, the times with their zeros, four octets and sm_length
      const messageAt = 1 + 3 + schedule_delivery_time.length + 1 + validity_period.length + 1 + 4 + 1
      return new SubmitTemplate(pdu, addressAt, isPart ? messageAt + referenceAt : -1)
    })
  }
}
