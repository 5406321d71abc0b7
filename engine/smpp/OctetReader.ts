/**
 * Reads the parts of a PDU one after another. The first fault stays, and what is read after it is empty: a reader of a
 * broken PDU ends like any other, without exceptions, and is asked at the end.
 */
import { type Destination, emptyValue, type Failure, type FieldSpec, type FieldValue } from "./fields.ts"
import type { PduErrorReason } from "./PduError.ts"
import { status } from "./status.ts"
import { type Tlv, tlvName, tlvSpec } from "./tlv.ts"

export interface Fault {
  readonly reason: PduErrorReason
  readonly message: string
  readonly command_status: number
  readonly at: number
}

/** 4.5.1: number_of_dests. */
export const mostDestinations = 254
const flagAddress = 1
const flagList = 2

export class OctetReader {
  private readonly bytes: Buffer
  private at: number
  fault: Fault | undefined = undefined

  constructor(bytes: Uint8Array, from: number) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = from
  }

  get done(): boolean {
    return this.fault !== undefined || this.at >= this.bytes.length
  }

  field(spec: FieldSpec): FieldValue {
    switch (spec.kind) {
      case "int1":
        return this.int1(spec.name)
      case "int4":
        return this.int4(spec.name)
      case "cstring":
        return this.cstring(spec.name, spec.max, spec.wrong)
      case "octets":
        return this.counted(spec.name, spec.max, spec.wrong)
      case "destinations":
        return this.destinations(spec.name)
      case "failures":
        return this.failures(spec.name)
    }
  }

  /** One TLV (5.3.1): tag, length, value. */
  tlv(): Tlv | undefined {
    const left = this.bytes.length - this.at
    if (left < 4)
      return this.broken("tlv_stream", `${left} octets where a TLV should begin`, status.ESME_RINVOPTPARSTREAM)
    const tag = this.bytes.readUInt16BE(this.at)
    const length = this.bytes.readUInt16BE(this.at + 2)
    const from = this.at + 4
    if (length > left - 4)
      return this.broken("tlv_stream", `${tlvName(tag)} runs past the end`, status.ESME_RINVOPTPARSTREAM)
    const value = this.tlvValue(tag, from, length)
    if (value === undefined)
      return this.broken("tlv_length", `${tlvName(tag)} can't be ${length} octets long`, status.ESME_RINVPARLEN)
    this.at = from + length
    return { tag, value }
  }

  private tlvValue(tag: number, from: number, length: number): Tlv["value"] | undefined {
    const bytes = this.bytes
    const spec = tlvSpec(tag)
    switch (spec?.kind) {
      case undefined:
        return copy(bytes, from, from + length)
      case "none":
        return length === 0 ? true : undefined
      case "int1":
        return length === 1 ? bytes[from]! : undefined
      case "int2":
        return length === 2 ? bytes.readUInt16BE(from) : undefined
      case "int4":
        return length === 4 ? bytes.readUInt32BE(from) : undefined
      case "octets":
        return length < spec.min || length > spec.max ? undefined : copy(bytes, from, from + length)
      case "cstring": {
        // what some pad with zeros ends at the first
        const zero = bytes.subarray(from, from + length).indexOf(0)
        const end = zero === -1 ? from + length : from + zero
        return end - from >= spec.max ? undefined : bytes.toString("latin1", from, end)
      }
    }
  }

  private int1(name: string): number {
    if (this.fault !== undefined) return 0
    if (this.at >= this.bytes.length) return this.ended(name) ?? 0
    return this.bytes[this.at++]!
  }

  private int4(name: string): number {
    if (this.fault !== undefined) return 0
    if (this.at + 4 > this.bytes.length) return this.ended(name) ?? 0
    const value = this.bytes.readUInt32BE(this.at)
    this.at += 4
    return value
  }

  private cstring(name: string, max: number, wrong: number): string {
    if (this.fault !== undefined) return ""
    const end = this.bytes.indexOf(0, this.at)
    if (end === -1) return this.ended(name) ?? ""
    if (end - this.at >= max)
      return (
        this.broken("too_long", `${name} has ${end - this.at} characters, at most ${max - 1} are allowed`, wrong) ?? ""
      )
    const value = this.bytes.toString("latin1", this.at, end)
    this.at = end + 1
    return value
  }

  private counted(name: string, max: number, wrong: number): Uint8Array {
    const length = this.int1(`the length of ${name}`)
    if (this.fault !== undefined) return none
    if (length > max)
      return this.broken("too_long", `${name} has ${length} octets, at most ${max} are allowed`, wrong) ?? none
    if (this.at + length > this.bytes.length)
      return this.broken("truncated", `${name} runs past the end`, wrong) ?? none
    const from = this.at
    this.at += length
    return copy(this.bytes, from, from + length)
  }

  private destinations(name: string): ReadonlyArray<Destination> {
    const count = this.int1(`the number of ${name}`)
    if (count > mostDestinations)
      this.broken("too_long", `${name} holds at most ${mostDestinations} destinations`, status.ESME_RINVNUMDESTS)
    const read: Array<Destination> = []
    for (let i = 0; i < count && this.fault === undefined; i++) {
      const flag = this.int1("dest_flag")
      if (flag === flagAddress)
        read.push({
          dest_addr_ton: this.int1("dest_addr_ton"),
          dest_addr_npi: this.int1("dest_addr_npi"),
          destination_addr: this.cstring("destination_addr", 21, status.ESME_RINVDSTADR)
        })
      else if (flag === flagList) read.push({ dl_name: this.cstring("dl_name", 21, status.ESME_RINVDLNAME) })
      else this.broken("invalid_value", `dest_flag ${flag} is neither 1 nor 2`, status.ESME_RINVDESTFLAG)
    }
    return read
  }

  private failures(name: string): ReadonlyArray<Failure> {
    const count = this.int1(`the number of ${name}`)
    const read: Array<Failure> = []
    for (let i = 0; i < count && this.fault === undefined; i++)
      read.push({
        dest_addr_ton: this.int1("dest_addr_ton"),
        dest_addr_npi: this.int1("dest_addr_npi"),
        destination_addr: this.cstring("destination_addr", 21, status.ESME_RINVDSTADR),
        error_status_code: this.int4("error_status_code")
      })
    return read
  }

  private ended(name: string): undefined {
    return this.broken("truncated", `the PDU ends in ${name}`, status.ESME_RINVCMDLEN)
  }

  private broken(reason: PduErrorReason, message: string, command_status: number): undefined {
    this.fault ??= { reason, message, command_status, at: this.at }
    return undefined
  }
}

const none = emptyValue("octets") as Uint8Array

// The buffer of a socket is used again, so that a value that outlives the frame is copied.
const copy = (bytes: Buffer, from: number, to: number): Uint8Array => Uint8Array.prototype.slice.call(bytes, from, to)
