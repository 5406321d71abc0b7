import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { commandId, commandNames } from "./command.ts"
import { fields } from "./fields.ts"
import { anyPdu } from "./Pdu.arbitrary.ts"
import { decode, encode, type Pdu } from "./Pdu.ts"
import { mostKeptOctets, type PduError } from "./PduError.ts"
import { status } from "./status.ts"
import { tlv, tlvValue, vendorTlv } from "./tlv.ts"

const octets = (text: string) => Buffer.from(text.replaceAll(/[^0-9a-f]/g, ""), "hex")
const faultOf = (bytes: Uint8Array): PduError => {
  const decoded = decode(bytes)
  assert.isTrue(Result.isFailure(decoded))
  return (decoded as Result.Failure<Pdu, PduError>).failure
}
const encoded = (pdu: Parameters<typeof encode>[0]) => Result.getOrThrow(encode(pdu))
/** The same octets with another command_length. */
const withLength = (bytes: Uint8Array, length = bytes.length) => {
  const copy = Buffer.from(bytes)
  copy.writeUInt32BE(length, 0)
  return copy
}
const submit = () =>
  encoded({
    command: "submit_sm",
    sequence_number: 3,
    source_addr: "CorpIT",
    destination_addr: "447700900123",
    short_message: Buffer.from("Hello")
  })

describe("Pdu", () => {
  it("encodes the bind_transmitter that the specification shows as its example", () => {
    const bytes = encoded({
      command: "bind_transmitter",
      sequence_number: 1,
      system_id: "SMPP3TEST",
      password: "secret08",
      system_type: "SUBMIT1",
      interface_version: 0x00,
      addr_ton: 1,
      addr_npi: 1
    })
    const expected = octets(
      "0000002f 00000002 00000000 00000001" + "534d50503354455354 00 7365637265743038 00 5355424d495431 00 00 01 01 00"
    )
    assert.deepStrictEqual(Buffer.from(bytes), expected)
  })

  it("gives back whatever it encoded, TLVs of vendors included, in their order", () => {
    fc.assert(
      fc.property(anyPdu(), (pdu) => {
        const bytes = encoded(pdu)
        assert.strictEqual(bytes.readUInt32BE(0), bytes.length)
        assert.deepStrictEqual(Result.getOrThrow(decode(bytes)), pdu)
      }),
      { numRuns: 3000 }
    )
  })

  it("knows the fields of every command", () => {
    assert.deepStrictEqual(Object.keys(fields).sort(), [...commandNames].sort())
  })

  it("fills in what was left out", () => {
    const pdu = Result.getOrThrow(decode(encoded({ command: "submit_sm", sequence_number: 1 }))) as Pdu<"submit_sm">
    assert.strictEqual(pdu.service_type, "")
    assert.strictEqual(pdu.data_coding, 0)
    assert.strictEqual(pdu.short_message.length, 0)
    assert.deepStrictEqual(pdu.tlvs, [])
  })

  it("writes a response with an error without body, and reads it", () => {
    const bytes = encoded({ command: "submit_sm_resp", command_status: status.ESME_RTHROTTLED, sequence_number: 9 })
    assert.deepStrictEqual(Buffer.from(bytes), octets("00000010 80000004 00000058 00000009"))
    const pdu = Result.getOrThrow(decode(bytes)) as Pdu<"submit_sm_resp">
    assert.strictEqual(pdu.message_id, "")
  })

  it("keeps the body of a response with an error that has one", () => {
    const pdu = { command: "submit_sm_resp", command_status: 8, sequence_number: 9, message_id: "x", tlvs: [] } as const
    assert.deepStrictEqual(Result.getOrThrow(decode(encoded(pdu))), pdu)
  })

  it("takes a deliver_sm_resp without body though its status is ESME_ROK", () => {
    const pdu = Result.getOrThrow(decode(octets("00000010 80000005 00000000 00000009")))
    assert.strictEqual((pdu as Pdu<"deliver_sm_resp">).message_id, "")
  })

  it("takes a receipted_message_id whose final zero is missing, or that is padded with zeros", () => {
    for (const rest of ["001e 0003 616263", "001e 0004 61626300", "001e 0008 6162630000000000"]) {
      const bytes = withLength(Buffer.concat([submit(), octets(rest)]))
      assert.strictEqual(tlvValue(Result.getOrThrow(decode(bytes)).tlvs, "receipted_message_id"), "abc")
    }
  })

  it("keeps repeated TLVs apart", () => {
    const tlvs = [
      tlv("callback_num", octets("000131")),
      vendorTlv(0x1400, octets("ff")),
      tlv("callback_num", octets("000132"))
    ]
    const bytes = encoded({ command: "submit_sm", sequence_number: 1, tlvs })
    assert.deepStrictEqual(
      Result.getOrThrow(decode(bytes)).tlvs.map(({ tag }) => tag),
      [0x0381, 0x1400, 0x0381]
    )
  })

  it("doesn't hold on to the octets it was given", () => {
    const bytes = submit()
    const pdu = Result.getOrThrow(decode(bytes)) as Pdu<"submit_sm">
    bytes.fill(0)
    assert.strictEqual(Buffer.from(pdu.short_message).toString(), "Hello")
  })

  it("refuses to encode what the specification forbids, with the field's own status", () => {
    const refused = (pdu: Parameters<typeof encode>[0]) => {
      const result = encode(pdu)
      assert.isTrue(Result.isFailure(result))
      const { reason, command_status } = (result as Result.Failure<Buffer, PduError>).failure
      return [reason, command_status]
    }
    const header = { command: "submit_sm", sequence_number: 1 } as const
    assert.deepStrictEqual(refused({ ...header, source_addr: "A".repeat(21) }), ["too_long", status.ESME_RINVSRCADR])
    assert.deepStrictEqual(refused({ ...header, short_message: Buffer.alloc(255) }), [
      "too_long",
      status.ESME_RINVMSGLEN
    ])
    assert.deepStrictEqual(refused({ ...header, destination_addr: "12\u000034" }), [
      "invalid_value",
      status.ESME_RINVDSTADR
    ])
    assert.deepStrictEqual(refused({ ...header, source_addr: "Ж" }), ["invalid_value", status.ESME_RINVSRCADR])
    assert.deepStrictEqual(refused({ ...header, esm_class: 256 }), ["invalid_value", status.ESME_RSYSERR])
    assert.deepStrictEqual(refused({ ...header, esm_class: 1.5 }), ["invalid_value", status.ESME_RSYSERR])
    assert.deepStrictEqual(refused({ ...header, tlvs: [{ tag: 0x0423, value: octets("01") }] }), [
      "tlv_length",
      status.ESME_RINVPARLEN
    ])
    assert.deepStrictEqual(refused({ ...header, tlvs: [{ tag: 0x0427, value: "2" }] }), [
      "invalid_value",
      status.ESME_RINVOPTPARAMVAL
    ])
    const list = Array.from({ length: 255 }, () => ({ dl_name: "all" }))
    assert.deepStrictEqual(refused({ command: "submit_multi", sequence_number: 1, dest_address: list }), [
      "too_long",
      status.ESME_RINVNUMDESTS
    ])
  })
})

describe("a malformed PDU", () => {
  it("with an unknown command_id is answered by generic_nack with its sequence_number", () => {
    const fault = faultOf(octets("00000010 000000ff 00000000 0000002a"))
    assert.strictEqual(fault.reason, "unknown_command")
    assert.deepStrictEqual(fault.answer, {
      command_id: commandId.generic_nack,
      command_status: status.ESME_RINVCMDID,
      sequence_number: 42
    })
  })

  it("with a command_length that isn't its length is answered by generic_nack", () => {
    for (const length of [0, 15, 16, submit().length - 1, submit().length + 1, 0xffffffff]) {
      const fault = faultOf(withLength(submit(), length))
      assert.strictEqual(fault.reason, "header")
      assert.deepStrictEqual(fault.answer, {
        command_id: commandId.generic_nack,
        command_status: status.ESME_RINVCMDLEN,
        sequence_number: 3
      })
    }
  })

  it("shorter than a header is answered with sequence_number 0", () => {
    assert.strictEqual(faultOf(octets("0000000f 00")).answer?.sequence_number, 0)
    assert.strictEqual(faultOf(new Uint8Array(0)).command_status, status.ESME_RINVCMDLEN)
  })

  it("that is a request is answered by its own response", () => {
    const fault = faultOf(withLength(submit().subarray(0, 24)))
    assert.strictEqual(fault.reason, "truncated")
    assert.deepStrictEqual(fault.answer, {
      command_id: commandId.submit_sm_resp,
      command_status: status.ESME_RINVCMDLEN,
      sequence_number: 3
    })
  })

  it("that is a response is never answered", () => {
    const response = encoded({ command: "submit_sm_resp", sequence_number: 3, message_id: "abc" })
    assert.isUndefined(faultOf(withLength(response.subarray(0, -1))).answer)
  })

  it("that has no response of its own is answered by generic_nack", () => {
    const fault = faultOf(octets("00000012 00000102 00000000 00000007 0101"))
    assert.strictEqual(fault.answer?.command_id, commandId.generic_nack)
  })

  it("whose short_message runs past the end says so with ESME_RINVMSGLEN", () => {
    const fault = faultOf(withLength(submit().subarray(0, -2)))
    assert.deepStrictEqual([fault.reason, fault.command_status], ["truncated", status.ESME_RINVMSGLEN])
  })

  it("with an address that is too long says so with the field's status", () => {
    const bytes = Buffer.concat([submit().subarray(0, 19), Buffer.alloc(21, 0x31), submit().subarray(19)])
    const fault = faultOf(withLength(bytes))
    assert.deepStrictEqual([fault.reason, fault.command_status], ["too_long", status.ESME_RINVSRCADR])
    assert.strictEqual(fault.at, 19)
  })

  it("whose end is no TLV, or cuts one off, says so with ESME_RINVOPTPARSTREAM", () => {
    for (const rest of ["00", "0204 00", "0424 0005 0102"]) {
      const fault = faultOf(withLength(Buffer.concat([submit(), octets(rest)])))
      assert.deepStrictEqual([fault.reason, fault.command_status], ["tlv_stream", status.ESME_RINVOPTPARSTREAM])
    }
  })

  it("with a TLV of a wrong length says so with ESME_RINVPARLEN", () => {
    for (const rest of ["0427 0002 0202", "0204 0001 01", "0017 0000", "130c 0001 01", "0423 0002 0101"]) {
      const fault = faultOf(withLength(Buffer.concat([submit(), octets(rest)])))
      assert.deepStrictEqual([fault.reason, fault.command_status], ["tlv_length", status.ESME_RINVPARLEN])
    }
  })

  it("with a dest_flag that doesn't exist says so with ESME_RINVDESTFLAG", () => {
    const fault = faultOf(octets("00000016 00000021 00000000 00000001 00 0000 00 01 03"))
    assert.strictEqual(fault.command_status, status.ESME_RINVDESTFLAG)
  })

  it("is kept for the log, but no more than its first octets, and as a copy", () => {
    const bytes = Buffer.alloc(5000, 0x41)
    const fault = faultOf(bytes)
    bytes.fill(0)
    assert.strictEqual(fault.bytes.length, mostKeptOctets)
    assert.strictEqual(fault.bytes[0], 0x41)
  })
})
