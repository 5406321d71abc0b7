import { assert, describe, it } from "@effect/vitest"
import { TestClient, textOf, withSmsc } from "./TestClient.ts"

const idOf = (text: string) => /^id:(\S+) /.exec(text)![1]!

describe("receipts", () => {
  it("come only when asked for, of failures only when that was asked for", () =>
    withSmsc({ receiptMix: "DELIVRD=1" }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      client.submit("491511", { registered_delivery: 0 })
      client.submit("491512", { registered_delivery: 2 })
      client.submit("491513", { registered_delivery: 1 })
      const [only] = await client.count("deliver_sm", 1)
      assert.strictEqual(only!.source_addr, "491513")
      smsc.control({ receiptMix: "UNDELIV=1" })
      client.submit("491514", { registered_delivery: 2 })
      await client.count("deliver_sm", 2)
      smsc.control({ receiptsUnasked: true })
      client.submit("491515", { registered_delivery: 0 })
      await client.count("deliver_sm", 3)
      await smsc.until((counts) => counts.receiptsSent === 3)
    }))

  it("come before the answer, twice, after a delay or on another bind, as asked", () =>
    withSmsc({ early: "1" }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      await client.answer(client.submit("491511"))
      assert.deepStrictEqual(
        client.pdus.slice(1).map((pdu) => pdu.command),
        ["deliver_sm", "submit_sm_resp"]
      )
      smsc.control({ early: "0", duplicate: "1" })
      client.submit("491512")
      const twice = await client.count("deliver_sm", 3)
      assert.strictEqual(textOf(twice[1]!), textOf(twice[2]!))
      smsc.control({ duplicate: "0", receiptDelay: "40" })
      const asked = performance.now()
      client.submit("491513")
      await client.count("deliver_sm", 4)
      assert.isAtLeast(performance.now() - asked, 38)
      smsc.control({ receiptDelay: "0", stray: "100%" })
      const other = await TestClient.bound(smsc.port)
      client.submit("491514")
      assert.strictEqual((await other.count("deliver_sm", 1))[0]!.source_addr, "491514")
    }))

  it("wear another dress than the answer", () =>
    withSmsc({ idBase: 0xbeef00, id: "HEX", idWidth: 8, receiptId: "decimal", receiptIdWidth: 12 }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      const exchange = async () => {
        const before = client.of("deliver_sm").length
        const resp = await client.answer(client.submit("491511"))
        const receipts = await client.count("deliver_sm", before + 1)
        return [resp.command === "submit_sm_resp" && resp.message_id, idOf(textOf(receipts[before]!))]
      }
      assert.deepStrictEqual(await exchange(), ["00BEEF00", "000012513024"])
      smsc.control({ id: "decimal", idWidth: 0, receiptId: "hex", receiptIdWidth: 0 })
      assert.deepStrictEqual(await exchange(), ["12513025", "beef01"])
      smsc.control({ id: "uuid", receiptId: "same" })
      const [answered, receipted] = await exchange()
      assert.match(String(answered), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.strictEqual(answered, receipted)
    }))

  it("keep to their window, and what was not acknowledged comes again on the next bind", () =>
    withSmsc({ receiptWindow: 2 }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      for (let i = 0; i < 5; i++) client.submit(`49151${i}`)
      await client.count("submit_sm_resp", 5)
      const sent = await client.count("deliver_sm", 2)
      assert.deepInclude(smsc.counts(), { receiptsUnacked: 2, receiptsWaiting: 3 })
      client.acknowledge(sent[0]!.sequence_number)
      await client.count("deliver_sm", 3)
      client.close()
      await smsc.until((counts) => counts.receiptsWaiting === 4)
      const next = await TestClient.bound(smsc.port)
      const numbers = new Set<string>()
      for (let i = 0; i < 4; i++) {
        const receipt = (await next.count("deliver_sm", i + 1))[i]!
        numbers.add(receipt.source_addr)
        next.acknowledge(receipt.sequence_number)
      }
      await smsc.until((counts) => counts.receiptsAcked === 5)
      assert.deepStrictEqual([...numbers].sort(), ["491511", "491512", "491513", "491514"])
    }))

  it("wait for a receiver when the account has only a transmitter", () =>
    withSmsc({}, async (smsc) => {
      const transmitter = await TestClient.connect(smsc.port)
      await transmitter.bind("bind_transmitter")
      await transmitter.answer(transmitter.submit("491511"))
      assert.strictEqual(smsc.counts().receiptsWaiting, 1)
      const receiver = await TestClient.connect(smsc.port)
      await receiver.bind("bind_receiver")
      await receiver.count("deliver_sm", 1)
    }))

  it("come again when they are refused for now or not answered in time", () =>
    withSmsc({ receiptTimeout: 100 }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      client.submit("491511")
      const receipts = await client.count("deliver_sm", 2)
      client.acknowledge(receipts[1]!.sequence_number, 0x64)
      await client.count("deliver_sm", 3)
      client.acknowledge(client.of("deliver_sm")[2]!.sequence_number, 0x65)
      await smsc.until((counts) => counts.receiptsRefused === 1)
    }))
})
