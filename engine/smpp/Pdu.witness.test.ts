/**
 * An independent witness: the npm package `smpp` 0.5.1 decodes what we encode, and we decode what it encodes.
 *
 * Its known faults, which the generator keeps away from:
 * - of a text it chooses the data_coding by itself, plain text becomes 1, and characters that it can't encode become `@`;
 *   it is given octets, and reads them back as octets only under a data_coding whose low half is not 0, 1, 3 or 8;
 * - with esm_class 0x40 (or 0x43, so any with that bit) it takes the message apart, and wrongly if the header is broken;
 * - times become `Date` objects, with the century and the zone of the machine; strings lose their eighth bit;
 * - TLVs that it has no name for are dropped when it encodes (when it decodes they are kept under their number);
 * - alert_on_message_delivery gets a value though it has none, source_telematics_id two octets instead of one (5.3.2.8),
 *   callback_num, callback_num_atag become objects that are encoded into something else when they are short;
 * - a TLV that is named like a mandatory field of the same PDU overwrites it;
 * - a body beside an error status is dropped when it encodes, and PDUs above 16 KiB throw.
 */

import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import smpp from "smpp"
import { commandId } from "./command.ts"
import { fields } from "./fields.ts"
import { anyPdu, knownTlv, otherTlv } from "./Pdu.arbitrary.ts"
import { decode, encode, type Pdu } from "./Pdu.ts"
import { type Tlv, tlvName, tlvSpec, tlvs } from "./tlv.ts"

/** What the witness calls otherwise. */
const itsName = (tag: number): string => {
  if (tag === tlvs.destination_port.tag) return "dest_port"
  return tlvName(tag)
}

const avoided = new Set<number>(
  [
    tlvs.alert_on_message_delivery,
    tlvs.source_telematics_id,
    tlvs.callback_num,
    tlvs.callback_num_atag,
    tlvs.callback_num_pres_ind,
    tlvs.ussd_service_op,
    tlvs.ms_validity,
    tlvs.message_state
  ].map(({ tag }) => tag)
)

const harmlessCoding = (pdu: Record<string, unknown>) => {
  const coding = Number(pdu.data_coding ?? 4)
  return ![0, 1, 3, 8].includes(coding & 0x0f)
}

/** The same PDU without what the witness can't do. */
const forWitness = (pdu: Pdu): Pdu => {
  const changed: Record<string, unknown> = { ...pdu }
  for (const time of ["schedule_delivery_time", "validity_period", "final_date"])
    if (time in changed) changed[time] = ""
  if ("esm_class" in changed) changed.esm_class = Number(changed.esm_class) & ~0x40
  if ("data_coding" in changed && !harmlessCoding(changed)) changed.data_coding = 0xf4
  const seen = new Set<number>()
  changed.tlvs = pdu.tlvs.filter(({ tag }) => !avoided.has(tag) && !seen.has(tag) && seen.add(tag))
  return changed as unknown as Pdu
}

const ascii = 0x7f
const pdus = anyPdu({ lastCode: ascii, tlv: fc.oneof(knownTlv(ascii), otherTlv) }).map(forWitness)

/** A value of the witness as ours: messages come wrapped. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex")
  if (typeof value === "object" && value !== null && "message" in value) return plain(value.message)
  if (Array.isArray(value)) return value.map((one) => ({ ...one }))
  return value
}

const same = (witness: Record<string, unknown>, pdu: Pdu) => {
  assert.strictEqual(witness.command_id, commandId[pdu.command])
  assert.strictEqual(witness.command_status, pdu.command_status)
  assert.strictEqual(witness.sequence_number, pdu.sequence_number)
  const ours = pdu as unknown as Record<string, unknown>
  const bodiless = pdu.command_status !== 0
  for (const { name } of bodiless ? [] : fields[pdu.command])
    assert.deepStrictEqual(plain(witness[name]), plain(ours[name]), name)
  for (const { tag, value } of pdu.tlvs) {
    const name = tlvSpec(tag) === undefined ? String(tag) : itsName(tag)
    assert.deepStrictEqual(plain(witnessTlv(witness, tag, name)), plain(value), name)
  }
}

// Those of SMPP 5.0 it knows by names of its own and in types of its own, which 3.4 doesn't tell: octets are compared.
const witnessTlv = (witness: Record<string, unknown>, tag: number, name: string): unknown =>
  name in witness ? witness[name] : witness[String(tag)]

/** Tags of SMPP 5.0 that the witness reads in its own way. */
const laterTag = (tag: number) => (tag >= 0x0600 && tag <= 0x0613) || tag === 0x0428

describe("the npm package smpp", () => {
  it("decodes what we encode", () => {
    fc.assert(
      fc.property(pdus, (pdu) => {
        const sent = { ...pdu, tlvs: pdu.tlvs.filter(({ tag }) => !laterTag(tag)) } as Pdu
        same(new smpp.PDU(Buffer.from(Result.getOrThrow(encode(sent)))), sent)
      }),
      { numRuns: 2000 }
    )
  })

  it("encodes what we decode", () => {
    const named = (tlvs: ReadonlyArray<Tlv>) => tlvs.filter(({ tag }) => tlvSpec(tag) !== undefined)
    fc.assert(
      fc.property(pdus, (pdu) => {
        const expected = { ...pdu, tlvs: named(pdu.tlvs) } as Pdu
        const { command, tlvs, ...rest } = expected
        const options: Record<string, unknown> = { ...rest }
        for (const [name, value] of Object.entries(options))
          if (value instanceof Uint8Array) options[name] = Buffer.from(value)
        for (const { tag, value } of tlvs)
          options[itsName(tag)] = value instanceof Uint8Array ? Buffer.from(value) : value
        const decoded = Result.getOrThrow(decode(new smpp.PDU(command, options).toBuffer()))
        const byTag = (a: Tlv, b: Tlv) => a.tag - b.tag
        assert.deepStrictEqual(
          { ...decoded, tlvs: [...decoded.tlvs].sort(byTag) },
          { ...expected, tlvs: [...tlvs].sort(byTag) }
        )
      }),
      { numRuns: 2000 }
    )
  })

  it("reads our text of either alphabet as the text it was", () => {
    const read = (data_coding: number, short_message: Uint8Array) => {
      const bytes = Result.getOrThrow(encode({ command: "submit_sm", sequence_number: 1, data_coding, short_message }))
      return (new smpp.PDU(bytes).short_message as { message: string }).message
    }
    assert.strictEqual(read(0, Buffer.from("Planned maintenance")), "Planned maintenance")
    assert.strictEqual(read(8, Buffer.from("041f04400438043204350442", "hex")), "Привет")
    assert.strictEqual(read(3, Buffer.from("Zürich", "latin1")), "Zürich")
  })
})
