import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { encode, type PduToSend } from "./Pdu.ts"
import { messageState, ReceiptReader } from "./receipt.ts"
import { type Tlv, tlv } from "./tlv.ts"

const reader = new ReceiptReader()

/** Reads a deliver_sm that lies between other octets, as it does in a chunk. */
const read = (pdu: Partial<PduToSend<"deliver_sm">>) => {
  const bytes = Result.getOrThrow(
    encode({ esm_class: 4, source_addr: "447700900123", ...pdu, command: "deliver_sm", sequence_number: 1 })
  )
  const chunk = Buffer.concat([Buffer.alloc(9, 0x31), bytes, Buffer.from("31 id:999 stat:DELETED")])
  return reader.read(chunk, 9, 9 + bytes.length)
}
const readText = (text: string, tlvs: ReadonlyArray<Tlv> = []) => {
  assert.strictEqual(read({ short_message: Buffer.from(text, "latin1"), tlvs }), "receipt")
  return reader.copy()
}

const usual =
  "id:4f8a01c9b2 sub:001 dlvrd:001 submit date:2511221702 done date:2511221705 stat:DELIVRD err:000 text:Planned maint"

describe("ReceiptReader", () => {
  it("reads the text of Appendix B", () => {
    assert.deepStrictEqual(readText(usual), {
      message_id: "4f8a01c9b2",
      number: 447_700_900_123,
      state: messageState.delivered,
      error: "000",
      intermediate: false,
      odd: undefined
    })
    assert.deepStrictEqual([reader.sub, reader.dlvrd], [1, 1])
    assert.strictEqual(reader.submit_date, Date.UTC(2025, 10, 22, 17, 2))
    assert.strictEqual(reader.done_date, Date.UTC(2025, 10, 22, 17, 5))
    assert.strictEqual(reader.wholeText, usual)
  })

  it("knows every state, and the longer words that some operators write", () => {
    const words: Array<[string, number]> = [
      ["ENROUTE", 1],
      ["DELIVRD", 2],
      ["DELIVERED", 2],
      ["EXPIRED", 3],
      ["DELETED", 4],
      ["UNDELIV", 5],
      ["UNDELIVERABLE", 5],
      ["ACCEPTD", 6],
      ["UNKNOWN", 7],
      ["REJECTD", 8],
      ["rejected", 8]
    ]
    for (const [word, state] of words) {
      const receipt = readText(`id:1 stat:${word} err:0`)
      assert.strictEqual(receipt.state, state, word)
      assert.isUndefined(receipt.odd, word)
    }
  })

  it("keeps the text of what it doesn't understand", () => {
    for (const text of ["id:1 stat:BANANAS", "id:1", "stat:DELIVRD", "delivered, thanks", ""]) {
      const receipt = readText(text)
      assert.strictEqual(receipt.odd, text)
      if (!text.includes("DELIVRD")) assert.strictEqual(receipt.state, messageState.unknown)
    }
  })

  it("takes fields in any case and order, with others between", () => {
    const receipt = readText("ERR:027 Stat:Undeliv x:y ID:0000AB net:3 done_date:251122170533 SUB:001")
    assert.deepStrictEqual([receipt.message_id, receipt.state, receipt.error], ["0000AB", 5, "027"])
    assert.strictEqual(reader.done_date, Date.UTC(2025, 10, 22, 17, 5, 33))
    assert.isNaN(reader.submit_date)
    assert.isNaN(reader.dlvrd)
  })

  it("takes commas, a space after the colon, and names without their space", () => {
    const receipt = readText("id: 77,sub: 001,submitdate: 2511221702,donedate:2511221705,stat: EXPIRED,err: ,text:")
    assert.deepStrictEqual([receipt.message_id, receipt.state, receipt.error], ["77", 3, ""])
    assert.strictEqual(reader.submit_date, Date.UTC(2025, 10, 22, 17, 2))
    assert.strictEqual(reader.done_date, Date.UTC(2025, 10, 22, 17, 5))
  })

  it("doesn't take the next field for an empty one's value", () => {
    const receipt = readText("id: submit date: done date: stat:DELIVRD err: text: hello")
    assert.deepStrictEqual([receipt.message_id, receipt.state, receipt.error], ["", 2, ""])
    assert.isNaN(reader.submit_date)
  })

  it("believes no field that the message itself pretends to be", () => {
    assert.strictEqual(readText("id:1 stat:UNDELIV err:001 text:id:2 stat:DELIVRD").state, 5)
    assert.strictEqual(readText("id:1 text:stat:DELIVRD stat:UNDELIV err:001").state, 5)
    assert.strictEqual(readText("text:id:2 stat:DELIVRD id:1 stat:UNDELIV").message_id, "1")
  })

  it("keeps ids with underscores and dashes whole", () => {
    assert.strictEqual(readText("id:ab_cd-12_ stat:DELIVRD").message_id, "ab_cd-12_")
  })

  it("lets TLVs win over the text", () => {
    const receipt = readText(usual, [
      tlv("receipted_message_id", "TLV-1"),
      tlv("message_state", messageState.rejected),
      tlv("network_error_code", Buffer.of(3, 0, 34))
    ])
    assert.deepStrictEqual([receipt.message_id, receipt.state, receipt.error], ["TLV-1", 8, "034"])
  })

  it("takes from the text what the TLVs leave open", () => {
    const both = [tlv("receipted_message_id", "TLV-1"), tlv("message_state", messageState.undeliverable)]
    const receipt = readText("id:1 stat:DELIVRD err:027", both)
    assert.deepStrictEqual([receipt.message_id, receipt.state, receipt.error], ["TLV-1", 5, "027"])
    assert.strictEqual(readText("id:1 stat:DELIVRD err:028", [both[0]!]).state, 2)
    assert.strictEqual(readText("id:2 stat:DELIVRD err:029", [both[1]!]).message_id, "2")
  })

  it("lives on TLVs alone, also in a data_sm and with an esm_class that says nothing", () => {
    const tlvs = [tlv("receipted_message_id", "9"), tlv("message_state", 2)]
    assert.strictEqual(read({ esm_class: 0, tlvs }), "receipt")
    const data = Result.getOrThrow(
      encode({ command: "data_sm", sequence_number: 1, esm_class: 4, source_addr: "+4477", tlvs })
    )
    assert.strictEqual(reader.read(data, 0, data.length), "receipt")
    assert.deepStrictEqual(reader.copy(), {
      message_id: "9",
      number: 4477,
      state: 2,
      error: "",
      intermediate: false,
      odd: undefined
    })
  })

  it("reads the text from message_payload when short_message is empty", () => {
    assert.strictEqual(read({ tlvs: [tlv("message_payload", Buffer.from(usual))] }), "receipt")
    assert.strictEqual(reader.message_id, "4f8a01c9b2")
  })

  it("tells notifications in between from final receipts", () => {
    assert.strictEqual(read({ esm_class: 0x20, short_message: Buffer.from("id:1 stat:ENROUTE") }), "receipt")
    assert.isTrue(reader.intermediate)
  })

  it("takes for a message what a phone sent, whatever it says", () => {
    for (const esm_class of [0x00, 0x40, 0x08, 0x10, 0x18, 0x80])
      assert.strictEqual(read({ esm_class, short_message: Buffer.from(usual) }), "message")
    assert.strictEqual(read({ esm_class: 0, tlvs: [tlv("receipted_message_id", "9")] }), "message")
  })

  it("has no number where the address is none", () => {
    for (const source_addr of ["CorpIT", "", "+", "44x7", "1234567890123456", "447700 900"]) {
      read({ source_addr, short_message: Buffer.from(usual) })
      assert.strictEqual(reader.number, -1, source_addr)
      assert.strictEqual(reader.odd, usual)
    }
    read({ source_addr: "123456789012345", short_message: Buffer.from(usual) })
    assert.strictEqual(reader.number, 123_456_789_012_345)
  })

  it("skips a user data header", () => {
    read({
      esm_class: 0x44,
      short_message: Buffer.concat([Buffer.of(5, 0, 3, 1, 1, 1), Buffer.from("id:5 stat:DELIVRD")])
    })
    assert.deepStrictEqual([reader.message_id, reader.state], ["5", 2])
  })

  it("remembers nothing of the receipt before", () => {
    readText(usual, [tlv("receipted_message_id", "TLV-1"), tlv("network_error_code", Buffer.of(3, 0, 34))])
    assert.deepStrictEqual(readText("stat:EXPIRED"), {
      message_id: "",
      number: 447_700_900_123,
      state: 3,
      error: "",
      intermediate: false,
      odd: "stat:EXPIRED"
    })
    assert.isNaN(reader.sub)
  })

  it("finds any id, state and error in any text around them", () => {
    const id = fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF-"), minLength: 1, maxLength: 64 })
    const state = fc.constantFrom(
      "DELIVRD",
      "UNDELIV",
      "EXPIRED",
      "REJECTD",
      "DELETED",
      "ACCEPTD",
      "UNKNOWN",
      "ENROUTE"
    )
    const err = fc.string({ unit: fc.constantFrom(..."0123456789ABC"), minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(
        id,
        state,
        err,
        fc.nat(5),
        fc.string({ unit: "binary-ascii", maxLength: 20 }),
        (id, state, err, turn, text) => {
          const fields = [
            `id:${id}`,
            "sub:001",
            "submit date:2511221702",
            `stat:${state}`,
            "done date:2511221705",
            `err:${err}`
          ]
          const turned = [...fields.slice(turn), ...fields.slice(0, turn)]
          const receipt = readText(`${turned.join(" ")} text:${text}`)
          assert.deepStrictEqual([receipt.message_id, receipt.error, receipt.odd], [id, err, undefined])
        }
      )
    )
  })
})
