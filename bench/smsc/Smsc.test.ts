import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { statusOf } from "#engine/smpp/status.ts"
import type { SmscOptions } from "./Options.ts"
import { makeSmsc, SmscError, scopedSmsc } from "./Smsc.ts"
import { TestClient, textOf, withSmsc } from "./TestClient.ts"

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
      smsc.control({ latency: "60000" })
      for (let i = 0; i < 5; i++) client.submit(`49151${i}`)
      await smsc.until((counts) => counts.pending === 2)
      smsc.control({ windowFull: "throttle" })
      await smsc.until((counts) => counts.submits === 10)
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
