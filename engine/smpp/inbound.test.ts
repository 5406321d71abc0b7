import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { inboundMessage, textOf } from "./inbound.ts"
import { decode, encode, type Pdu, type PduToSend } from "./Pdu.ts"
import { tlv } from "./tlv.ts"

const inbound = (pdu: Partial<PduToSend<"deliver_sm">>) =>
  inboundMessage(
    Result.getOrThrow(
      decode(Result.getOrThrow(encode({ ...pdu, command: "deliver_sm", sequence_number: 1 })))
    ) as Pdu<"deliver_sm">
  )

describe("inboundMessage", () => {
  it("reads the text in its alphabet", () => {
    assert.strictEqual(inbound({ short_message: Buffer.from("STOP") }).text, "STOP")
    assert.strictEqual(inbound({ short_message: Buffer.of(0x1b, 0x65, 0x00) }).text, "€@")
    assert.strictEqual(inbound({ data_coding: 3, short_message: Buffer.of(0xe9) }).text, "é")
    assert.strictEqual(
      inbound({ data_coding: 8, short_message: Buffer.from("042104220d83dde00", "hex") }).text?.slice(0, 2),
      "СТ"
    )
  })

  it("reads UCS-2 with surrogate pairs, and ignores half a character at the end", () => {
    assert.strictEqual(textOf(Buffer.from("d83dde0000", "hex"), 8), "😀")
  })

  it("calls no text what isn't", () => {
    for (const data_coding of [2, 4, 5, 0xf4, 0xf5]) assert.isUndefined(textOf(Buffer.from("x"), data_coding))
    assert.strictEqual(textOf(Buffer.from("x"), 0xf1), "x")
  })

  it("says which part of which message it is, by header or by TLVs", () => {
    const part = { reference: 7, total: 2, part: 1 }
    const byHeader = inbound({ esm_class: 0x40, short_message: Buffer.from([5, 0, 3, 7, 2, 1, 0x41]) })
    assert.deepStrictEqual([byHeader.part, byHeader.text], [part, "A"])
    const tlvs = [tlv("sar_msg_ref_num", 7), tlv("sar_total_segments", 2), tlv("sar_segment_seqnum", 1)]
    assert.deepStrictEqual(inbound({ short_message: Buffer.from("A"), tlvs }).part, part)
    assert.isUndefined(inbound({ short_message: Buffer.from("A"), tlvs: tlvs.slice(1) }).part)
  })

  it("takes a broken header for text", () => {
    const message = inbound({ esm_class: 0x40, short_message: Buffer.from("AB") })
    assert.isUndefined(message.udh)
    assert.strictEqual(message.text, "AB")
  })

  it("takes message_payload when short_message is empty", () => {
    assert.strictEqual(inbound({ tlvs: [tlv("message_payload", Buffer.from("STOP"))] }).text, "STOP")
  })
})
