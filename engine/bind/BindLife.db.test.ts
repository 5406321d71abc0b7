import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { assert, layer } from "@effect/vitest"
import { Effect, Result } from "effect"
import smpp, { type ForeignPdu, type ForeignSession } from "smpp"
import { cert, key } from "#bench/smsc/localhostCertificate.ts"
import { type MalformedKind, malformedKinds } from "#bench/smsc/malformed.ts"
import { scopedSmsc } from "#bench/smsc/Smsc.ts"
import { encode } from "#engine/smpp/Pdu.ts"
import { eventually, isOver, makeCampaign, makeChannel, outcomes, tally } from "#engine/TestCampaigns.ts"
import { says, TestEngine } from "#engine/TestEngine.ts"

const bound = (smsc: { counts: () => { binds: number } }, binds: number) =>
  eventually(
    `${binds} binds are up`,
    Effect.sync(() => smsc.counts().binds === binds)
  )

/** An operator of a few lines: each connection's first octets, the bind, are answered ESME_ROK, and then `after` has it. */
const crudeOperator = (after: (socket: Socket, connection: number) => void) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      let connections = 0
      const sockets = new Set<Socket>()
      const server = createServer((socket) => {
        const connection = ++connections
        sockets.add(socket)
        socket.on("error", () => {})
        socket.once("data", () => {
          socket.write(
            Result.getOrThrow(encode({ command: "bind_transceiver_resp", sequence_number: 1, system_id: "crude" }))
          )
          after(socket, connection)
        })
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      const { port } = server.address() as { port: number }
      return { port, server, sockets, connections: () => connections }
    }),
    ({ server, sockets }) =>
      Effect.promise(() => {
        for (const socket of sockets) socket.destroy()
        return new Promise<void>((resolve) => server.close(() => resolve()))
      })
  )

layer(TestEngine.layer, { excludeTestServices: true })("binds", (it) => {
  it.effect("raise an alarm at a wrong password, and try once in minutes only", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, password: "another" })
      yield* makeChannel(house, smsc.port, { binds: 1 })
      const { log } = yield* start
      yield* says(log, /ALARM .* ESME_RINVPASWD/)
      const line = log.find((l) => l.includes("ALARM"))!
      assert.match(line, /^Error /)
      const seconds = Number(/again in ([\d.]+) s/.exec(line)![1])
      assert.isAtLeast(seconds, 240)
      assert.strictEqual(smsc.counts().bindsRefused, 1)
    })
  )

  it.effect("speak TLS to an operator whose certificate is trusted, and to no other", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const folder = mkdtempSync(join(tmpdir(), "tls-"))
      const tlsCert = join(folder, "cert.pem")
      const tlsKey = join(folder, "key.pem")
      writeFileSync(tlsCert, cert)
      writeFileSync(tlsKey, key)
      const smsc = yield* scopedSmsc({ port: 0, tlsCert, tlsKey })
      rmSync(folder, { recursive: true })
      const channel = yield* makeChannel(house, smsc.port, { tls: true, host: "localhost", binds: 1 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 100 })
      const { log } = yield* start
      yield* says(log, /self-signed certificate/)
      assert.strictEqual(smsc.counts().bindsEver, 0)
      const before = getCACertificates("default")
      yield* Effect.acquireRelease(
        Effect.sync(() => setDefaultCACertificates([...before, cert])),
        () => Effect.sync(() => setDefaultCACertificates(before))
      )
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 100 })
    })
  )

  it.effect("are cut when the operator doesn't even answer enquire_link, and come back", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, silentEnquire: true })
      const channel = yield* makeChannel(house, smsc.port, { enquire_link_seconds: 1, response_seconds: 1, binds: 1 })
      const { log } = yield* start
      yield* says(log, /fell silent \(enquire_link_unanswered\)/)
      assert.isAtLeast(smsc.counts().enquired, 1)
      smsc.control({ silentEnquire: false })
      yield* Effect.promise(() => smsc.until(({ bindsEver }) => bindsEver >= 2))
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 100 })
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      const enquired = smsc.counts().enquired
      yield* Effect.promise(() => smsc.until((counts) => counts.enquired > enquired))
      assert.strictEqual(smsc.counts().bindsEver, 2)
    })
  )

  it.effect("come back when the operator unbinds or cuts them, and nothing that was not in the air is in doubt", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, latency: "5" })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 4_000 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 10_000 })
      yield* start
      yield* Effect.promise(() => smsc.until(({ submits }) => submits >= 2_000))
      smsc.unbind()
      yield* Effect.promise(() => smsc.until(({ submits }) => submits >= 6_000))
      smsc.cutSockets()
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      const ledger = tally(yield* outcomes(campaign.laneId))
      assert.strictEqual(ledger.delivered! + (ledger.unknown ?? 0), 10_000)
      // two losses of both windows
      assert.isAtMost(ledger.unknown ?? 0, 2 * 2 * 100)
      const numbers = Array.from(smsc.received(), (row) => row.destination)
      assert.strictEqual(new Set(numbers).size, numbers.length)
      assert.strictEqual(smsc.counts().bindsEver, 6)
    })
  )

  it.effect("survive octets that no operator should send, of every kind, and send on", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, {
        binds: 1,
        enquire_link_seconds: 1,
        response_seconds: 1
      })
      const { log } = yield* start
      const fatal: ReadonlyArray<MalformedKind> = ["short", "huge", "garbage"]
      for (const kind of malformedKinds.filter((kind) => kind !== "half")) {
        yield* bound(smsc, 1)
        const { bindsEver } = smsc.counts()
        smsc.malformed(kind)
        // where the next PDU begins is lost: only a new connection helps
        if (fatal.includes(kind)) yield* Effect.promise(() => smsc.until((counts) => counts.bindsEver > bindsEver))
        const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 20 })
        yield* eventually(`sent after ${kind}`, isOver(campaign.campaignId))
        assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 20 })
      }
      yield* says(log, /unexpected command_id 0x333.*: 00000010/)
      assert.strictEqual(smsc.counts().bindsEver, 1 + fatal.length)
      // half a PDU swallows the answers behind it, which are then unknown, until it is plain that the stream is out of step
      smsc.malformed("half")
      const swallowed = yield* makeCampaign(house, { channels: [channel], numbers: 200 })
      yield* eventually("the swallowed are over", isOver(swallowed.campaignId))
      assert.isAtLeast(tally(yield* outcomes(swallowed.laneId)).unknown!, 1)
      yield* bound(smsc, 1)
      const last = yield* makeCampaign(house, { channels: [channel], numbers: 20 })
      yield* eventually("the last is over", isOver(last.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(last.laneId)), { delivered: 20 })
    })
  )

  it.effect("survive an operator that cuts them in the very moment after it has bound them", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const operator = yield* crudeOperator((socket) => socket.resetAndDestroy())
      yield* makeChannel(house, operator.port, { binds: 8 })
      yield* start
      yield* eventually(
        "all have come twice",
        Effect.sync(() => operator.connections() >= 16)
      )
    })
  )

  it.effect("take a receipt that came in one packet with the answer to the bind", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const heard: Array<number> = []
      const operator = yield* crudeOperator((socket) => {
        socket.write(
          Result.getOrThrow(
            encode({
              command: "deliver_sm",
              sequence_number: 77,
              esm_class: 4,
              source_addr: "998901234567",
              destination_addr: "CorpIT",
              short_message: Buffer.from("id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:")
            })
          )
        )
        socket.on("data", (chunk: Buffer) => {
          if (chunk.readUInt32BE(4) === 0x80000005) heard.push(chunk.readUInt32BE(12))
        })
      })
      yield* makeChannel(house, operator.port, { binds: 1 })
      yield* start
      yield* eventually(
        "it is acknowledged",
        Effect.sync(() => heard.includes(77))
      )
    })
  )

  it.effect("get on with a foreign operator: the npm package smpp", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sessions: Array<ForeignSession> = []
      const submitted: Array<ForeignPdu> = []
      const acknowledged: Array<ForeignPdu> = []
      const nacked: Array<ForeignPdu> = []
      const server = smpp.createServer((session) => {
        sessions.push(session)
        session.on("error", () => {})
        session.on("bind_transceiver", (pdu: ForeignPdu) => session.send(pdu.response({ system_id: "foreign" })))
        session.on("enquire_link", (pdu: ForeignPdu) => session.send(pdu.response()))
        session.on("unbind", (pdu: ForeignPdu) => {
          session.send(pdu.response())
          session.close()
        })
        session.on("generic_nack", (pdu: ForeignPdu) => nacked.push(pdu))
        session.on("submit_sm", (pdu: ForeignPdu) => {
          const id = submitted.push(pdu)
          session.send(pdu.response({ message_id: `f${id}` }))
          session.deliver_sm(
            {
              source_addr: pdu.destination_addr,
              destination_addr: pdu.source_addr,
              esm_class: 4,
              receipted_message_id: `f${id}`,
              message_state: 2,
              short_message: `id:f${id} sub:001 dlvrd:001 submit date:2611221200 done date:2611221200 stat:DELIVRD err:000 text:`
            },
            (answer) => acknowledged.push(answer)
          )
        })
      })
      yield* Effect.acquireRelease(
        Effect.promise(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))),
        () =>
          Effect.promise(() => {
            for (const session of sessions) session.close()
            return new Promise<void>((resolve) => server.close(resolve))
          })
      )
      const channel = yield* makeChannel(house, server.address().port, { binds: 1, enquire_link_seconds: 1 })
      const first = yield* makeCampaign(house, { channels: [channel], numbers: 300, text: "Привет, мир" })
      const { log } = yield* start
      yield* eventually("the first is over", isOver(first.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(first.laneId)), { delivered: 300 })
      yield* eventually(
        "all is acknowledged",
        Effect.sync(() => acknowledged.length === 300)
      )
      assert.isTrue(acknowledged.every((pdu) => pdu.command === "deliver_sm_resp" && pdu.command_status === 0))
      const { short_message } = submitted[0]!
      assert.strictEqual(
        typeof short_message === "object" && "message" in short_message ? short_message.message : "",
        "Привет, мир"
      )
      // what a client has no use for: outbind is refused, alert_notification passed over, a phone's message taken
      const [session] = sessions
      session!.send(new smpp.PDU("outbind", { system_id: "foreign", password: "x" }) as unknown as ForeignPdu)
      session!.send(
        new smpp.PDU("alert_notification", {
          source_addr: "998901234567",
          esme_addr: "CorpIT"
        }) as unknown as ForeignPdu
      )
      const taken = acknowledged.length
      session!.deliver_sm(
        { source_addr: "998901234567", destination_addr: "CorpIT", short_message: "STOP" },
        (answer) => acknowledged.push(answer)
      )
      yield* eventually(
        "the message is taken",
        Effect.sync(() => acknowledged.length === taken + 1)
      )
      yield* eventually(
        "the outbind is refused",
        Effect.sync(() => nacked.length === 1)
      )
      assert.strictEqual(nacked[0]!.command_status, 3)
      yield* says(log, /unexpected outbind/)
      const second = yield* makeCampaign(house, { channels: [channel], numbers: 50 })
      yield* eventually("the second is over", isOver(second.campaignId))
      assert.strictEqual(sessions.length, 1)
    })
  )
})
