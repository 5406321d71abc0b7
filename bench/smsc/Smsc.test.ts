import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { statusOf } from "#engine/smpp/status.ts"
import type { SmscOptions } from "./Options.ts"
import { makeSmsc, type Smsc, SmscError, scopedSmsc } from "./Smsc.ts"
import { TestClient } from "./TestClient.ts"

/** A simulator on a free port for the time of a test. */
const withSmsc = async (options: SmscOptions, test: (smsc: Smsc) => Promise<void>) => {
  const smsc = await makeSmsc({ port: 0, enquire: 0, ...options })
  try {
    await test(smsc)
  } finally {
    await smsc.close()
  }
}

const textOf = (pdu: { readonly short_message: Uint8Array }) => Buffer.from(pdu.short_message).toString("latin1")
const idOf = (text: string) => /^id:(\S+) /.exec(text)![1]!

describe("binding", () => {
  it("anybody may bind in any of the three ways, and is counted until they leave", () =>
    withSmsc({}, async (smsc) => {
      for (const command of ["bind_transmitter", "bind_receiver", "bind_transceiver"] as const) {
        const client = await TestClient.connect(smsc.port)
        const resp = await client.bind(command)
        assert.strictEqual(resp.command, `${command}_resp`)
        assert.strictEqual(resp.command_status, 0)
        assert.strictEqual(smsc.counts().binds, 1)
        assert.strictEqual((await client.ask({ command: "unbind", sequence_number: 0 })).command, "unbind_resp")
        await client.closed
        await smsc.until((counts) => counts.binds === 0)
      }
      assert.strictEqual(smsc.counts().bindsEver, 3)
    }))

  it("a wrong name, a wrong password and a bind too many are refused with their own status", () =>
    withSmsc({ systemId: "tester", password: "secret", maxBinds: 1 }, async (smsc) => {
      const status = async (name: string, password: string) => {
        const client = await TestClient.connect(smsc.port)
        return statusOf((await client.bind("bind_transceiver", name, password)).command_status).name
      }
      assert.strictEqual(await status("other", "secret"), "ESME_RINVSYSID")
      assert.strictEqual(await status("tester", "wrong"), "ESME_RINVPASWD")
      assert.strictEqual(await status("tester", "secret"), "ESME_ROK")
      assert.strictEqual(await status("tester", "secret"), "ESME_RALYBND")
      smsc.control({ tooManyBinds: "ESME_RBINDFAIL" })
      assert.strictEqual(await status("tester", "secret"), "ESME_RBINDFAIL")
    }))

  it("who isn't bound, or bound as a receiver, can't submit", () =>
    withSmsc({}, async (smsc) => {
      const client = await TestClient.connect(smsc.port)
      assert.strictEqual((await client.answer(client.submit("491511"))).command_status, 0x04)
      await client.bind("bind_receiver")
      assert.strictEqual((await client.answer(client.submit("491511"))).command_status, 0x04)
      assert.strictEqual(smsc.received().length, 0)
    }))

  it("enquire_link is answered, submit_multi is refused, an unknown command gets generic_nack", () =>
    withSmsc({}, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      assert.strictEqual(
        (await client.ask({ command: "enquire_link", sequence_number: 0 })).command,
        "enquire_link_resp"
      )
      const multi = await client.ask({ command: "submit_multi", sequence_number: 0 })
      assert.deepStrictEqual([multi.command, multi.command_status], ["submit_multi_resp", 0x03])
      client.socket.write(Buffer.from([0, 0, 0, 16, 0, 0, 0x0b, 0xad, 0, 0, 0, 0, 0, 0, 0, 99]))
      const nack = await client.answer(99)
      assert.deepStrictEqual([nack.command, nack.command_status], ["generic_nack", 0x03])
    }))

  it("the simulator enquires of an idle client and closes when nothing comes back", () =>
    withSmsc({ enquire: 200 }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      await client.count("enquire_link", 1)
      await client.closed
    }))

  it("the simulator unbinds and closes after the answer", () =>
    withSmsc({}, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      smsc.unbind()
      const [unbind] = await client.count("unbind", 1)
      client.send({ command: "unbind_resp", sequence_number: unbind!.sequence_number })
      await client.closed
    }))
})

describe("submits", () => {
  it("each gets an id and a receipt that names it, in text and in TLVs", () =>
    withSmsc({ idBase: 5_000_000_000 }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      const resp = await client.answer(client.submit("4915112345678"))
      assert.strictEqual(resp.command === "submit_sm_resp" && resp.message_id, "5000000000")
      const [receipt] = await client.count("deliver_sm", 1)
      assert.match(
        textOf(receipt!),
        /^id:5000000000 sub:001 dlvrd:001 submit date:\d{10} done date:\d{10} stat:DELIVRD err:000 text:$/
      )
      assert.deepStrictEqual(
        [receipt!.source_addr, receipt!.destination_addr, receipt!.esm_class],
        ["4915112345678", "CorpIT", 4]
      )
      assert.deepStrictEqual(
        receipt!.tlvs.map(({ tag, value }) => [tag, value]),
        [
          [0x001e, "5000000000"],
          [0x0427, 2]
        ]
      )
      assert.strictEqual(smsc.counts().receiptsUnacked, 1)
      client.acknowledge(receipt!.sequence_number)
      await smsc.until((counts) => counts.receiptsAcked === 1)
      const row = smsc.received().at(0)
      assert.deepInclude(row, { destination: "4915112345678", command_status: 0, written: true, acknowledged: 1 })
    }))

  it("data_sm is a submit too", () =>
    withSmsc({}, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      const resp = await client.ask({
        command: "data_sm",
        sequence_number: 0,
        source_addr: "CorpIT",
        destination_addr: "4915112345678",
        registered_delivery: 1,
        tlvs: [{ tag: 0x0424, value: Buffer.from("hello") }]
      })
      assert.deepStrictEqual([resp.command, resp.command_status], ["data_sm_resp", 0])
      await client.count("deliver_sm", 1)
    }))

  it("what can't be a number is refused, and its row says so", () =>
    withSmsc({}, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      for (const bad of ["", "0800CALL", "1234567890123456"])
        assert.strictEqual((await client.answer(client.submit(bad))).command_status, 0x0b)
      assert.strictEqual(smsc.counts().byStatus.ESME_RINVDSTADR, 3)
    }))

  it("a status, a state or a list of statuses can be scripted", () =>
    withSmsc({}, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      smsc.control({
        nextStatuses: ["ESME_RTHROTTLED", "ESME_RMSGQFUL"],
        statusByNumber: { "491513": "ESME_RINVDSTADR" },
        stateByNumber: { "491515": "EXPIRED" }
      })
      const statuses = []
      for (const number of ["491511", "491512", "491513", "491514", "491515"])
        statuses.push((await client.answer(client.submit(number))).command_status)
      assert.deepStrictEqual(statuses, [0x58, 0x14, 0x0b, 0, 0])
      const receipts = await client.count("deliver_sm", 2)
      assert.match(textOf(receipts[1]!), /dlvrd:000 .* stat:EXPIRED err:027/)
    }))

  it("more than the rate is throttled", () =>
    withSmsc({ rate: 1, burst: 3 }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      for (let i = 0; i < 10; i++) client.submit(`49151${i}`)
      await client.count("submit_sm_resp", 10)
      const { byStatus } = smsc.counts()
      assert.isAtMost(byStatus.ESME_ROK!, 4)
      assert.isAtLeast(byStatus.ESME_RTHROTTLED!, 6)
    }))

  it("beyond the window a submit is throttled, or waits unread", () =>
    withSmsc({ window: 2, latency: "30" }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      for (let i = 0; i < 5; i++) client.submit(`49151${i}`)
      await client.count("submit_sm_resp", 5)
      assert.strictEqual(smsc.counts().byStatus.ESME_RTHROTTLED, 3)
      smsc.reset()
      smsc.control({ windowFull: "stall" })
      for (let i = 0; i < 5; i++) client.submit(`49151${i}`)
      await smsc.until((counts) => counts.submits === 2)
      assert.strictEqual(smsc.counts().pending, 2)
      await client.count("submit_sm_resp", 10)
      assert.deepStrictEqual(smsc.counts().byStatus, { ESME_ROK: 5 })
    }))

  it("the mix of errors is met, and the same seed gives the same fates", () => {
    const run = async (seed: number) => {
      let fates: Array<number | null> = []
      await withSmsc({ seed, errors: "ESME_RSYSERR=10%,ESME_RINVDSTADR=0.05", silent: "2%" }, async (smsc) => {
        const client = await TestClient.bound(smsc.port)
        for (let i = 0; i < 2000; i++) client.submit(`49151${1_000_000 + i}`)
        await smsc.until((counts) => counts.submits === 2000 && counts.pending === 0)
        fates = [...smsc.received()].map((row) => row.command_status)
      })
      return fates
    }
    return Promise.all([run(7), run(7), run(8)]).then(([one, same, other]) => {
      assert.deepStrictEqual(one, same)
      assert.notDeepEqual(one, other)
      assert.closeTo(one.filter((s) => s === 0x08).length, 196, 50)
      assert.closeTo(one.filter((s) => s === 0x0b).length, 98, 40)
      assert.closeTo(one.filter((s) => s === null).length, 40, 25)
    })
  })

  it("the parts of a long message are told apart by UDH and by sar TLVs", () =>
    withSmsc({}, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      const udh = (...octets: Array<number>) => Buffer.concat([Buffer.from(octets), Buffer.from("text")])
      client.submit("491511", { esm_class: 0x40, short_message: udh(5, 0, 3, 200, 3, 2) })
      client.submit("491512", { esm_class: 0x40, short_message: udh(6, 8, 4, 1, 44, 4, 3) })
      client.submit("491513", {
        tlvs: [
          { tag: 0x020c, value: 301 },
          { tag: 0x020e, value: 5 },
          { tag: 0x020f, value: 4 }
        ]
      })
      await client.count("submit_sm_resp", 3)
      assert.deepStrictEqual(
        [...smsc.received()].map(({ ref, part, parts }) => [ref, part, parts]),
        [
          [200, 2, 3],
          [300, 3, 4],
          [301, 4, 5]
        ]
      )
    }))
})

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
})

describe("life", () => {
  it("a taken port and nonsense are told clearly", async () => {
    const first = await makeSmsc({ port: 0 })
    const fails = async (options: SmscOptions) => {
      const error = await makeSmsc(options).then(
        () => assert.fail("it started"),
        (error: unknown) => error
      )
      assert.instanceOf(error, SmscError)
      return error.message
    }
    assert.match(await fails({ port: first.port }), /the port is taken/)
    assert.match(await fails({ latency: "soon" }), /latency: "soon" is not milliseconds/)
    assert.match(await fails({ tlsCert: "nowhere.pem", tlsKey: "nowhere.pem" }), /certificate can't be read/)
    await first.close()
  })

  it("reset forgets rows and counts, and never gives an id twice", () =>
    withSmsc({ idBase: 100 }, async (smsc) => {
      const client = await TestClient.bound(smsc.port)
      await client.answer(client.submit("491511"))
      smsc.reset()
      assert.strictEqual(smsc.received().length, 0)
      const resp = await client.answer(client.submit("491512"))
      assert.strictEqual(resp.command === "submit_sm_resp" && resp.message_id, "101")
      assert.strictEqual(smsc.counts().submits, 1)
    }))

  it("closes at once with clients bound, and frees its port", async () => {
    const smsc = await makeSmsc({ port: 0, latency: "60000" })
    const client = await TestClient.bound(smsc.port)
    client.submit("491511")
    await smsc.until((counts) => counts.submits === 1)
    const waiting = smsc
      .until((counts) => counts.submits === 2)
      .then(
        () => "reached",
        () => "closed"
      )
    await smsc.close()
    assert.strictEqual(await waiting, "closed")
    await client.closed
    const again = await makeSmsc({ port: smsc.port })
    await again.close()
  })

  it.effect("lives as long as its scope", () =>
    Effect.gen(function* () {
      const port = yield* Effect.scoped(Effect.map(scopedSmsc({ port: 0 }), (smsc) => smsc.port))
      yield* Effect.scoped(Effect.map(scopedSmsc({ port }), (smsc) => assert.strictEqual(smsc.port, port)))
    })
  )
})
