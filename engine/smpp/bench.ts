/**
 * What the wire costs a message, in nanoseconds: `node engine/smpp/bench.ts`. One process, warm; median of nine rounds.
 */
import { Result } from "effect"
import { commandId } from "./command.ts"
import { FrameDecoder } from "./Frame.ts"
import { key, messageIdAt } from "./MessageId.ts"
import { encode } from "./Pdu.ts"
import { ReceiptReader } from "./receipt.ts"
import { writeDeliverSmResp } from "./respond.ts"
import { SubmitTemplate } from "./submit.ts"
import { tlv } from "./tlv.ts"

const each = 200_000
const rounds = 9

/** What a measured loop makes goes here, so that the compiler can't leave it out. */
let sink = 0

const measure = (name: string, loop: (times: number) => number) => {
  for (let i = 0; i < 3; i++) sink += loop(each)
  const nanoseconds = Array.from({ length: rounds }, () => {
    const from = process.hrtime.bigint()
    sink += loop(each)
    return Number(process.hrtime.bigint() - from) / each
  }).sort((a, b) => a - b)
  console.log(`${name.padEnd(44)} ${nanoseconds[rounds >> 1]!.toFixed(0).padStart(6)} ns`)
}

const text = Buffer.from("Planned maintenance tonight from 22:00 to 23:30. Questions: call 1234.")
const options = {
  source_addr_ton: 5,
  source_addr: "CorpIT",
  dest_addr_ton: 1,
  dest_addr_npi: 1,
  registered_delivery: 1
}
const digits = Buffer.from("447700900123")
const target = Buffer.alloc(64 * 1024)

const template = Result.getOrThrow(SubmitTemplate.make(options, text))
measure(`submit_sm, ${template.lengthFor(digits.length)} octets`, (times) => {
  let at = 0
  for (let i = 0; i < times; i++) {
    if (at + template.mostOctets > target.length) at = 0
    at = template.write(target, at, i, digits, 0, digits.length)
  }
  return at
})

const long = Result.getOrThrow(SubmitTemplate.parts(options, [Buffer.alloc(153, 65), Buffer.alloc(20, 65)]))
measure(`submit_sm, one part of two, ${long[0]!.lengthFor(12)} octets`, (times) => {
  let at = 0
  for (let i = 0; i < times; i++) {
    if (at + 512 > target.length) at = 0
    at = long[0]!.write(target, at, i, digits, 0, digits.length, i)
  }
  return at
})

const answer = Result.getOrThrow(encode({ command: "submit_sm_resp", sequence_number: 7, message_id: "4f8a01c9b2" }))
const answers = Buffer.concat(Array.from({ length: 1000 }, () => answer))
measure("submit_sm_resp, cut out and id read", (times) => {
  const decoder = new FrameDecoder()
  let seen = 0
  for (let i = 0; i < times; i += 1000) {
    decoder.push(answers)
    while (decoder.next()) seen += messageIdAt(decoder.buffer, decoder.start, decoder.end).length + decoder.sequence
  }
  return seen
})

const receipt = (tlvs: boolean) =>
  Result.getOrThrow(
    encode({
      command: "deliver_sm",
      sequence_number: 9,
      source_addr_ton: 1,
      source_addr_npi: 1,
      source_addr: "447700900123",
      destination_addr: "CorpIT",
      esm_class: 4,
      short_message: Buffer.from(
        "id:4f8a01c9b2 sub:001 dlvrd:001 submit date:2511221702 done date:2511221703 stat:DELIVRD err:000 text:Planned main"
      ),
      tlvs: tlvs ? [tlv("receipted_message_id", "4f8a01c9b2"), tlv("message_state", 2)] : []
    })
  )

for (const withTlvs of [false, true]) {
  const chunk = Buffer.concat(Array.from({ length: 500 }, () => receipt(withTlvs)))
  const reader = new ReceiptReader()
  measure(`receipt${withTlvs ? " with TLVs" : ""}, cut out and read`, (times) => {
    const decoder = new FrameDecoder()
    let seen = 0
    for (let i = 0; i < times; i += 500) {
      decoder.push(chunk)
      while (decoder.next())
        if (reader.read(decoder.buffer, decoder.start, decoder.end) === "receipt") seen += reader.state + reader.number
    }
    return seen
  })
  measure(`receipt${withTlvs ? " with TLVs" : ""}, and its key and error`, (times) => {
    const decoder = new FrameDecoder()
    let seen = 0
    for (let i = 0; i < times; i += 500) {
      decoder.push(chunk)
      while (decoder.next()) {
        reader.read(decoder.buffer, decoder.start, decoder.end)
        seen += key(reader.message_id, "same").length + reader.error.length
      }
    }
    return seen
  })
}

measure("deliver_sm_resp", (times) => {
  let at = 0
  for (let i = 0; i < times; i++) {
    if (at + 32 > target.length) at = 0
    at = writeDeliverSmResp(target, at, i)
  }
  return at + commandId.deliver_sm
})

if (Number.isNaN(sink)) console.log("nothing was measured")
