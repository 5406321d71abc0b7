/** Streams for `fuzz.ts`: valid PDUs, mutated ones, and random octets; all of it follows from the seed. */
import { Result } from "effect"
import { type CommandName, commandNames } from "./command.ts"
import { type FieldSpec, type FieldValue, fields } from "./fields.ts"
import { encode, type PduToSend } from "./Pdu.ts"
import { type Tlv, tlvs } from "./tlv.ts"

const mostPdus = 6
const mostCuts = 8
const mostRandomOctets = 400

const receiptText =
  "id:4f8a01c9b2 sub:001 dlvrd:001 submit date:2511221702 done date:2511221703 stat:DELIVRD err:000 text:Hello"

/** Octets that decoders trip over: ends, signs, separators, and lengths near their bounds. */
const traps = [0x00, 0x01, 0x03, 0x04, 0x0f, 0x10, 0x20, 0x2c, 0x3a, 0x40, 0x5f, 0x7f, 0x80, 0xfe, 0xff]

export class FuzzStreams {
  private state: number
  private readonly valid: ReadonlyArray<Buffer>

  constructor(seed: number) {
    this.state = seed >>> 0
    // Those that an operator sends come more often.
    const often: ReadonlyArray<CommandName> = ["deliver_sm", "deliver_sm", "data_sm", "submit_sm_resp", "deliver_sm"]
    this.valid = Array.from({ length: 40 }, () => [...commandNames, ...often].map((name) => this.pdu(name))).flat()
  }

  /** Four streams in ten are mutated, two are truncated or joined wrongly, one is valid, three are random. */
  next(): Buffer {
    const kind = this.below(10)
    if (kind >= 7) return this.random(kind)
    const count = 1 + this.below(mostPdus)
    const stream = Buffer.concat(Array.from({ length: count }, () => this.valid[this.below(this.valid.length)]!))
    if (kind === 0) return stream
    if (kind <= 2) return this.cutOut(stream)
    for (let times = 1 + this.below(6); times > 0; times--) this.mutate(stream)
    return stream
  }

  /** The stream in chunks, as copies: some decoders see whole PDUs, some see octets. */
  split(stream: Buffer): Array<Buffer> {
    const cuts = Array.from({ length: this.below(mostCuts) }, () => this.below(stream.length + 1)).sort((a, b) => a - b)
    const places = [0, ...cuts, stream.length]
    return places.slice(1).map((to, index) => Buffer.from(stream.subarray(places[index], to)))
  }

  private random(kind: number): Buffer {
    const stream = Buffer.alloc(this.below(mostRandomOctets))
    for (let i = 0; i < stream.length; i++) stream[i] = this.below(256)
    // One with a header that holds, so that the random body is reached.
    if (kind !== 9 || stream.length < 16) return stream
    stream.writeUInt32BE(stream.length, 0)
    this.valid[this.below(this.valid.length)]!.copy(stream, 4, 4, 8)
    return stream
  }

  private cutOut(stream: Buffer): Buffer {
    const from = this.below(stream.length)
    const to = from + this.below(stream.length - from)
    const twice = this.below(2) === 0
    return Buffer.concat([stream.subarray(0, twice ? to : from), stream.subarray(twice ? from : to)])
  }

  private mutate(stream: Buffer): void {
    const at = this.below(stream.length)
    switch (this.below(5)) {
      case 0:
        stream[at] = this.below(256)
        return
      case 1:
        stream[at]! ^= 1 << this.below(8)
        return
      case 2:
        stream[at] = traps[this.below(traps.length)]!
        return
      case 3:
        stream.fill(traps[this.below(traps.length)]!, at, Math.min(stream.length, at + 1 + this.below(8)))
        return
      default:
        stream.copyWithin(at, this.below(stream.length), stream.length)
    }
  }

  private pdu(command: CommandName): Buffer {
    const values = (fields[command] as ReadonlyArray<FieldSpec>).map((spec) => [spec.name, this.value(spec)] as const)
    const pdu: Record<string, unknown> = {
      command,
      sequence_number: 1 + this.below(0x7fffffff),
      ...Object.fromEntries(values),
      tlvs: values.length === 0 ? [] : Array.from({ length: this.below(4) }, () => this.tlv())
    }
    if (command === "deliver_sm" && this.below(2) === 0) {
      pdu.esm_class = 4
      pdu.source_addr = "447700900123"
      pdu.short_message = Buffer.from(receiptText)
    }
    return Result.getOrThrow(encode(pdu as unknown as PduToSend))
  }

  private value(spec: FieldSpec): FieldValue {
    switch (spec.kind) {
      case "int1":
        return this.below(256)
      case "int4":
        return this.below(2 ** 32)
      case "cstring":
        return this.text(this.below(spec.max))
      case "octets":
        return this.octets(this.below(spec.max + 1))
      case "destinations":
        return Array.from({ length: this.below(4) }, () => ({ dl_name: this.text(this.below(21)) }))
      case "failures":
        return []
    }
  }

  private tlv(): Tlv {
    const known = Object.values(tlvs)
    const spec = known[this.below(known.length + 4)]
    switch (spec?.kind) {
      case undefined:
        return { tag: 0x1400 + this.below(0x2c00), value: this.octets(this.below(30)) }
      case "none":
        return { tag: spec.tag, value: true }
      case "cstring":
        return { tag: spec.tag, value: this.text(this.below(spec.max)) }
      case "octets":
        return { tag: spec.tag, value: this.octets(Math.min(spec.max, spec.min + this.below(60))) }
      default:
        return { tag: spec.tag, value: this.below(256) }
    }
  }

  private text(length: number): string {
    return String.fromCharCode(...Array.from({ length }, () => 1 + this.below(255)))
  }

  private octets(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }

  /** A whole number from 0 to below `bound`. The generator is mulberry32: small, and good enough to be surprised by. */
  private below(bound: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = this.state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound)
  }
}
