import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { commandId } from "./command.ts"
import { encode, type PduToSend } from "./Pdu.ts"
import * as respond from "./respond.ts"

const target = Buffer.alloc(128)
const at = 5
const same = (end: number, pdu: PduToSend) =>
  assert.strictEqual(target.toString("hex", at, end), Result.getOrThrow(encode(pdu)).toString("hex"), pdu.command)

describe("respond", () => {
  it("writes each PDU as the careful encoder does", () => {
    const sequence_number = 0x7ffffffe
    same(respond.writeDeliverSmResp(target, at, sequence_number), { command: "deliver_sm_resp", sequence_number })
    same(respond.writeDataSmResp(target, at, sequence_number), { command: "data_sm_resp", sequence_number })
    same(respond.writeEnquireLink(target, at, sequence_number), { command: "enquire_link", sequence_number })
    same(respond.writeEnquireLinkResp(target, at, sequence_number), { command: "enquire_link_resp", sequence_number })
    same(respond.writeUnbind(target, at, sequence_number), { command: "unbind", sequence_number })
    same(respond.writeUnbindResp(target, at, sequence_number), { command: "unbind_resp", sequence_number })
    same(respond.writeGenericNack(target, at, sequence_number, 3), {
      command: "generic_nack",
      command_status: 3,
      sequence_number
    })
    same(respond.writeError(target, at, commandId.submit_sm_resp, sequence_number, 0x58), {
      command: "submit_sm_resp",
      command_status: 0x58,
      sequence_number
    })
    same(respond.writeSubmitSmResp(target, at, sequence_number, Buffer.from("xx4f8axx"), 2, 6), {
      command: "submit_sm_resp",
      sequence_number,
      message_id: "4f8a"
    })
    same(respond.writeAnswer(target, at, { command_id: commandId.data_sm_resp, command_status: 8, sequence_number }), {
      command: "data_sm_resp",
      command_status: 8,
      sequence_number
    })
  })
})
