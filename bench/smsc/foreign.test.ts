// The npm package `smpp` shares no line with us: what it understands, others understand.

import { assert, describe, it } from "@effect/vitest"
import smpp, { type ForeignPdu, type ForeignSession } from "smpp"
import { makeSmsc } from "./Smsc.ts"

const answer = (ask: (answered: (pdu: ForeignPdu) => void) => void) =>
  new Promise<ForeignPdu>((resolve) => ask(resolve))

const connected = (port: number) =>
  new Promise<ForeignSession>((resolve, reject) => {
    const session = smpp.connect({ url: `smpp://127.0.0.1:${port}` }, () => resolve(session))
    session.on("error", reject)
  })

const text = ({ short_message }: ForeignPdu) =>
  typeof short_message === "object" && "message" in short_message ? String(short_message.message) : ""

describe("a foreign client", () => {
  it("binds, submits, gets receipts it can read, is answered and unbinds", async () => {
    const smsc = await makeSmsc({ port: 0, receiptMix: "UNDELIV=1", enquire: 200 })
    const session = await connected(smsc.port)
    const receipts: Array<ForeignPdu> = []
    session.on("deliver_sm", (pdu: ForeignPdu) => {
      receipts.push(pdu)
      session.send(pdu.response())
    })
    const enquired = new Promise<void>((resolve) =>
      session.on("enquire_link", (pdu: ForeignPdu) => {
        session.send(pdu.response())
        resolve()
      })
    )
    const bound = await answer((answered) =>
      session.bind_transceiver({ system_id: "foreign", password: "pw" }, answered)
    )
    assert.deepStrictEqual([bound.command_status, bound.sc_interface_version], [0, 0x34])

    const resps = await Promise.all(
      Array.from({ length: 100 }, (_, i) => {
        const fields = {
          source_addr: "CorpIT",
          destination_addr: String(491_511_000_000 + i),
          short_message: `message ${i}`,
          registered_delivery: 1
        }
        return answer((answered) => session.submit_sm(fields, answered))
      })
    )
    assert.isTrue(resps.every((resp) => resp.command === "submit_sm_resp" && resp.command_status === 0))
    const ids = resps.map((resp) => resp.message_id)
    await smsc.until((counts) => counts.receiptsAcked === 100)
    assert.deepStrictEqual(
      receipts.map((pdu) => pdu.receipted_message_id),
      ids
    )
    assert.deepStrictEqual([...new Set(receipts.map((pdu) => pdu.message_state))], [5])
    assert.deepStrictEqual(
      receipts.map((pdu) => pdu.source_addr),
      Array.from({ length: 100 }, (_, i) => String(491_511_000_000 + i))
    )
    assert.isTrue(
      receipts.every((pdu, i) => text(pdu).startsWith(`id:${ids[i]} `) && text(pdu).includes("stat:UNDELIV"))
    )
    assert.deepStrictEqual(
      [...smsc.received()].map((row) => row.destination),
      receipts.map((pdu) => pdu.source_addr)
    )
    await enquired
    assert.strictEqual((await answer((answered) => session.enquire_link(answered))).command, "enquire_link_resp")
    const multi = await answer((answered) => session.submit_multi({ dest_address: [] }, answered))
    assert.strictEqual(multi.command_status, 0x03)
    const gone = new Promise((resolve) => session.on("close", resolve))
    assert.strictEqual((await answer((answered) => session.unbind(answered))).command, "unbind_resp")
    await gone
    await smsc.close()
  })

  it("reads a message from a phone, in letters that need UCS-2 too", async () => {
    const smsc = await makeSmsc({ port: 0 })
    const session = await connected(smsc.port)
    await answer((answered) => session.bind_transceiver({ system_id: "foreign", password: "pw" }, answered))
    const texts: Array<string> = []
    session.on("deliver_sm", (pdu: ForeignPdu) => {
      texts.push(text(pdu))
      session.send(pdu.response())
    })
    for (const words of ["STOP", "СТОП", "a_b@c"]) smsc.fromPhone({ from: "4915112345678", to: "CorpIT", text: words })
    await smsc.until((counts) => counts.moAcked === 3)
    assert.deepStrictEqual(texts, ["STOP", "СТОП", "a_b@c"])
    session.close()
    await smsc.close()
  })
})
