import { assert, describe, it } from "@effect/vitest"
import { TestClient, textOf, withSmsc } from "./TestClient.ts"

describe("misbehaviour", () => {
  it("malformed octets of each kind are sent as they are, and the simulator lives on", () =>
    withSmsc({}, async (smsc) => {
      const client = await TestClient.connect(smsc.port)
      await client.bind("bind_transceiver")
      client.socket.removeAllListeners("data")
      const octets: Array<Buffer> = []
      const came = new Promise<void>((resolve) =>
        client.socket.on("data", (chunk: Buffer) => {
          octets.push(chunk)
          if (Buffer.concat(octets).length >= 56) resolve()
        })
      )
      smsc.malformed("huge")
      smsc.malformed("half")
      await came
      const all = Buffer.concat(octets)
      assert.strictEqual(all.readUInt32BE(0), 0x7fffffff)
      assert.strictEqual(all.readUInt32BE(16), 200)
    }))

  it("a client's impossible frame is nacked and the connection closed", () =>
    withSmsc({}, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      client.socket.write(Buffer.from([0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 9]))
      assert.strictEqual((await client.first((pdu) => pdu.command === "generic_nack")).command_status, 0x02)
      await client.closed
      assert.strictEqual(smsc.counts().malformed, 1)
    }))

  it("cuts the connection at the n-th submit", () =>
    withSmsc({ closeAfter: 3 }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      for (let i = 0; i < 5; i++) client.submit(`49151${i}`)
      await client.closed
      assert.strictEqual(smsc.received().length, 3)
      assert.strictEqual(smsc.received().at(2).command_status, null)
    }))

  it("cuts all sockets at once; an answer that was still to come is not counted as written", () =>
    withSmsc({ latency: "20" }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      client.submit("491511")
      await smsc.until((counts) => counts.pending === 1)
      assert.strictEqual(smsc.cutSockets(), 1)
      await client.closed
      await smsc.until((counts) => counts.pending === 0)
      assert.deepInclude(smsc.received().at(0), { command_status: 0, written: false })
      assert.strictEqual(smsc.counts().receiptsWaiting, 1)
    }))

  it("frozen, it says nothing; thawed, it goes on", () =>
    withSmsc({}, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      smsc.pause()
      const sequence = client.submit("491511")
      const silence = await TestClient.connect(smsc.port)
      assert.strictEqual(client.of("submit_sm_resp").length, 0)
      silence.close()
      smsc.resume()
      assert.strictEqual((await client.answer(sequence)).command_status, 0)
    }))

  it("a message from a phone arrives as deliver_sm and is acknowledged", () =>
    withSmsc({}, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      smsc.fromPhone({ from: "4915112345678", to: "CorpIT", text: "STOP" })
      const [message] = await client.count("deliver_sm", 1)
      assert.deepStrictEqual(
        [message!.source_addr, message!.destination_addr, textOf(message!), message!.esm_class],
        ["4915112345678", "CorpIT", "STOP", 0]
      )
      client.acknowledge(message!.sequence_number)
      await smsc.until((counts) => counts.moAcked === 1)
    }))

  it("keeps the last submits whole when asked", () =>
    withSmsc({ keep: 2 }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      for (const text of ["one", "two", "three"]) client.submit("491511", { short_message: Buffer.from(text) })
      await client.count("submit_sm_resp", 3)
      assert.deepStrictEqual(
        smsc.kept().map((pdu) => pdu.includes("two") || pdu.includes("three")),
        [true, true]
      )
    }))

  it("answers neither binds, enquire_link nor submits when told so; a submit can get its receipt all the same", () =>
    withSmsc({ silent: "1", silentReceipts: true, silentEnquire: true }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      client.send({ command: "enquire_link", sequence_number: 0 })
      client.submit("491511")
      await client.count("deliver_sm", 1)
      smsc.control({ silentBinds: true })
      const other = await TestClient.connect(smsc.port)
      other.bind("bind_transceiver").catch(() => {})
      await client.ask({ command: "submit_multi", sequence_number: 0 })
      assert.deepStrictEqual(
        client.pdus.slice(1).map((pdu) => pdu.command),
        ["deliver_sm", "submit_multi_resp"]
      )
      assert.deepInclude(smsc.counts(), { binds: 1, silent: 1, enquired: 1 })
      assert.strictEqual(smsc.received().at(0).command_status, null)
    }))
})
