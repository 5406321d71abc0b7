/** Generated PDUs for property tests: any command, any values that the tables of fields and TLVs allow. */
import * as fc from "fast-check"
import { type CommandName, commandId, commandNames, isResponse } from "./command.ts"
import { emptyValue, type FieldSpec, fields } from "./fields.ts"
import type { Pdu } from "./Pdu.ts"
import { lastSequence } from "./sequence.ts"
import { statuses } from "./status.ts"
import { type Tlv, type TlvSpec, tlvSpec, tlvs } from "./tlv.ts"

const byte = fc.integer({ min: 0, max: 0xff })
const word = fc.integer({ min: 0, max: 0xffff })
const double = fc.integer({ min: 0, max: 0xffffffff })

/** Strings of `max` octets with their final zero. */
const cstring = (max: number, lastCode: number) =>
  fc.array(fc.integer({ min: 1, max: lastCode }), { maxLength: max - 1 }).map((codes) => String.fromCharCode(...codes))

const octets = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max })

const field = (spec: FieldSpec, lastCode: number): fc.Arbitrary<unknown> => {
  switch (spec.kind) {
    case "int1":
      return byte
    case "int4":
      return double
    case "cstring":
      return cstring(spec.max, lastCode)
    case "octets":
      return octets(0, spec.max)
    case "destinations":
      return fc.array(
        fc.oneof(
          fc.record({ dest_addr_ton: byte, dest_addr_npi: byte, destination_addr: cstring(21, lastCode) }),
          fc.record({ dl_name: cstring(21, lastCode) })
        ),
        { maxLength: 5 }
      )
    case "failures":
      return fc.array(
        fc.record({
          dest_addr_ton: byte,
          dest_addr_npi: byte,
          destination_addr: cstring(21, lastCode),
          error_status_code: double
        }),
        { maxLength: 5 }
      )
  }
}

const tlvValue = (spec: TlvSpec, lastCode: number): fc.Arbitrary<Tlv["value"]> => {
  switch (spec.kind) {
    case "none":
      return fc.constant(true)
    case "int1":
      return byte
    case "int2":
      return word
    case "int4":
      return double
    case "cstring":
      return cstring(spec.max, lastCode)
    case "octets":
      return octets(spec.min, Math.min(spec.max, 300))
  }
}

/** TLVs of the specification. @param lastCode the highest character of strings */
export const knownTlv = (lastCode = 0xff): fc.Arbitrary<Tlv> =>
  fc.oneof(
    ...Object.values(tlvs).map((spec: TlvSpec) => tlvValue(spec, lastCode).map((value) => ({ tag: spec.tag, value })))
  )

/** TLVs that the specification doesn't have, vendors' ones more often than others. */
export const otherTlv: fc.Arbitrary<Tlv> = fc.record({
  tag: fc.oneof(fc.integer({ min: 0x1400, max: 0x3fff }), word).filter((tag) => tlvSpec(tag) === undefined),
  value: octets(0, 40)
})

export interface Wishes {
  readonly commands?: ReadonlyArray<CommandName>
  readonly tlv?: fc.Arbitrary<Tlv>
  readonly lastCode?: number
}

/** Any PDU. Responses with an error come without body, and have one otherwise, as `encode` writes them. */
export const anyPdu = (wishes: Wishes = {}): fc.Arbitrary<Pdu> => {
  const { commands = commandNames, lastCode = 0xff, tlv = fc.oneof(knownTlv(lastCode), otherTlv) } = wishes
  return fc.oneof(...commands.map((command) => pduOf(command, tlv, lastCode)))
}

const pduOf = (command: CommandName, tlv: fc.Arbitrary<Tlv>, lastCode: number): fc.Arbitrary<Pdu> => {
  const specs: ReadonlyArray<FieldSpec> = fields[command]
  const sequence_number = fc.integer({ min: 1, max: lastSequence })
  const full = fc
    .record({
      sequence_number,
      values: fc.tuple(...specs.map((spec) => field(spec, lastCode))),
      tlvs: specs.length === 0 ? fc.constant([]) : fc.array(tlv, { maxLength: 4 })
    })
    .map(({ sequence_number, values, tlvs }) => ({
      command,
      command_status: 0,
      sequence_number,
      ...Object.fromEntries(specs.map((spec, index) => [spec.name, values[index]])),
      tlvs
    }))
  const failed = fc
    .record({ sequence_number, command_status: fc.constantFrom(...statuses.slice(1).map(({ code }) => code)) })
    .map((header) => ({
      command,
      ...header,
      ...Object.fromEntries(specs.map(({ kind, name }) => [name, emptyValue(kind)])),
      tlvs: []
    }))
  const pdu = isResponse(commandId[command]) ? fc.oneof({ weight: 4, arbitrary: full }, failed) : full
  return pdu as unknown as fc.Arbitrary<Pdu>
}
