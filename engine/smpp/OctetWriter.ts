/**
 * Writes the parts of a PDU one after another, refusing what the specification forbids. As with the reader the first
 * fault stays and is asked for at the end.
 */
import type { Destination, Failure, FieldSpec, FieldValue } from "./fields.ts"
import { type Fault, mostDestinations } from "./OctetReader.ts"
import type { PduErrorReason } from "./PduError.ts"
import { status } from "./status.ts"
import { type Tlv, tlvName, tlvSpec } from "./tlv.ts"

/** Most PDUs of ours fit, so that most never grow. */
const firstSize = 512

export class OctetWriter {
  private bytes = Buffer.allocUnsafeSlow(firstSize)
  private length = 0
  fault: Fault | undefined = undefined

  /** What was written; the writer is not to be used after it. */
  take(): Buffer {
    return this.bytes.subarray(0, this.length)
  }

  header(id: number, command_status: number, sequence: number) {
    this.int4("command_length", 0)
    this.int4("command_id", id)
    this.int4("command_status", command_status)
    this.int4("sequence_number", sequence)
  }

  commandLength() {
    this.bytes.writeUInt32BE(this.length, 0)
  }

  field(spec: FieldSpec, value: FieldValue) {
    switch (spec.kind) {
      case "int1":
        return this.int1(spec.name, value as number)
      case "int4":
        return this.int4(spec.name, value as number)
      case "cstring":
        return this.cstring(spec.name, value as string, spec.max, spec.wrong)
      case "octets":
        return this.counted(spec.name, value as Uint8Array, spec.max, spec.wrong)
      case "destinations":
        return this.destinations(spec.name, value as ReadonlyArray<Destination>)
      case "failures":
        return this.failures(spec.name, value as ReadonlyArray<Failure>)
    }
  }

  tlv(one: Tlv) {
    const name = tlvName(one.tag)
    this.int2("tag", one.tag)
    const lengthAt = this.length
    this.int2("length", 0)
    const from = this.length
    const { value } = one
    const spec = tlvSpec(one.tag)
    const kind = spec?.kind ?? "octets"
    if (kind === "int1" && typeof value === "number") this.int1(name, value)
    else if (kind === "int2" && typeof value === "number") this.int2(name, value)
    else if (kind === "int4" && typeof value === "number") this.int4(name, value)
    else if (spec?.kind === "cstring" && typeof value === "string")
      this.cstring(name, value, spec.max, status.ESME_RINVPARLEN)
    else if (kind === "octets" && value instanceof Uint8Array) {
      const [min, max] = spec?.kind === "octets" ? [spec.min, spec.max] : [0, 0xffff]
      if (value.length < min || value.length > max)
        this.broken("tlv_length", `${name} can't be ${value.length} octets long`, status.ESME_RINVPARLEN)
      else this.octets(value)
    } else if (kind !== "none" || value !== true)
      this.broken("invalid_value", `${name} doesn't take such a value`, status.ESME_RINVOPTPARAMVAL)
    if (this.fault === undefined) this.bytes.writeUInt16BE(this.length - from, lengthAt)
  }

  private int1(name: string, value: number) {
    if (!this.fits(name, value, 0xff)) return
    this.room(1)
    this.bytes[this.length++] = value
  }

  private int2(name: string, value: number) {
    if (!this.fits(name, value, 0xffff)) return
    this.room(2)
    this.length = this.bytes.writeUInt16BE(value, this.length)
  }

  private int4(name: string, value: number) {
    if (!this.fits(name, value, 0xffffffff)) return
    this.room(4)
    this.length = this.bytes.writeUInt32BE(value, this.length)
  }

  private cstring(name: string, value: string, max: number, wrong: number) {
    if (value.length >= max)
      return this.broken("too_long", `${name} has ${value.length} characters, at most ${max - 1} are allowed`, wrong)
    this.room(value.length + 1)
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i)
      if (code === 0 || code > 0xff)
        return this.broken("invalid_value", `${name} can't hold character ${i + 1} of its value`, wrong)
      this.bytes[this.length++] = code
    }
    this.bytes[this.length++] = 0
  }

  private counted(name: string, value: Uint8Array, max: number, wrong: number) {
    if (value.length > max)
      return this.broken("too_long", `${name} has ${value.length} octets, at most ${max} are allowed`, wrong)
    this.int1(name, value.length)
    this.octets(value)
  }

  private octets(value: Uint8Array) {
    this.room(value.length)
    this.bytes.set(value, this.length)
    this.length += value.length
  }

  private destinations(name: string, value: ReadonlyArray<Destination>) {
    if (value.length > mostDestinations)
      return this.broken("too_long", `${name} holds at most ${mostDestinations} destinations`, status.ESME_RINVNUMDESTS)
    this.int1(name, value.length)
    for (const one of value) {
      if ("dl_name" in one) {
        this.int1("dest_flag", 2)
        this.cstring("dl_name", one.dl_name, 21, status.ESME_RINVDLNAME)
      } else {
        this.int1("dest_flag", 1)
        this.address(one)
      }
    }
  }

  private failures(name: string, value: ReadonlyArray<Failure>) {
    if (value.length > 255) return this.broken("too_long", `${name} holds at most 255`, status.ESME_RINVNUMDESTS)
    this.int1(name, value.length)
    for (const one of value) {
      this.address(one)
      this.int4("error_status_code", one.error_status_code)
    }
  }

  private address(one: { dest_addr_ton: number; dest_addr_npi: number; destination_addr: string }) {
    this.int1("dest_addr_ton", one.dest_addr_ton)
    this.int1("dest_addr_npi", one.dest_addr_npi)
    this.cstring("destination_addr", one.destination_addr, 21, status.ESME_RINVDSTADR)
  }

  private fits(name: string, value: number, max: number): boolean {
    if (Number.isInteger(value) && value >= 0 && value <= max) return true
    this.broken("invalid_value", `${name} is ${value}, not a whole number up to ${max}`, status.ESME_RSYSERR)
    return false
  }

  private room(octets: number) {
    if (this.length + octets <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + octets))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }

  private broken(reason: PduErrorReason, message: string, command_status: number) {
    this.fault ??= { reason, message, command_status, at: 0 }
  }
}
