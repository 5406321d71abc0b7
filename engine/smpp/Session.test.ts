/** A session over a real socket, with a peer that is this test: what it answers, and how it ends. */
import { once } from "node:events"
import { createConnection, createServer, type Socket } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { commandId } from "./command.ts"
import { FrameDecoder } from "./Frame.ts"
import { decode, encode, type Pdu, type PduToSend } from "./Pdu.ts"
import { Session } from "./Session.ts"
import type { EndReason, SessionOwner } from "./SessionOwner.ts"
import { lastSequence } from "./sequence.ts"
import { status } from "./status.ts"
import { SubmitTemplate } from "./submit.ts"
import { usualLimits } from "./timers.ts"

/** A session that is bound to a peer, and what either of them saw. */
class Talk {
  readonly answered: Array<{ token: number; command_status: number; message_id: string }> = []
  readonly lost: Array<number> = []
  readonly odd: Array<string> = []
  readonly ended: Promise<EndReason>
  readonly peer: Socket
  readonly session: Session
  now = 0
  private readonly frames: Array<Buffer> = []
  private readonly decoder = new FrameDecoder()
  private came: () => void = () => {}

  private constructor(socket: Socket, peer: Socket, sequence: number) {
    const end = Promise.withResolvers<EndReason>()
    this.ended = end.promise
    this.peer = peer
    const owner: SessionOwner = {
      answered: (_, token, command_status, message_id) => this.answered.push({ token, command_status, message_id }),
      lost: (_, token) => this.lost.push(token),
      delivered: (session, buffer, start) => {
        if (buffer.readUInt32BE(start + 12) === 666) throw new Error("a bug of ours")
        session.acknowledge([buffer.readUInt32BE(start + 12)])
      },
      turned: () => {},
      odd: (_, what) => this.odd.push(what),
      ended: (_, reason) => end.resolve(reason)
    }
    this.session = new Session({
      socket,
      owner,
      number: 1,
      mode: "transceiver",
      windowSize: 10,
      sequence,
      limits: usualLimits,
      now: () => this.now
    })
    peer.on("data", (chunk) => {
      this.decoder.push(chunk as Buffer)
      while (this.decoder.next()) {
        this.frames.push(Buffer.from(this.decoder.buffer.subarray(this.decoder.start, this.decoder.end)))
      }
      this.came()
    })
  }

  static async open(sequence = 1): Promise<Talk> {
    const server = createServer()
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const accepted = once(server, "connection")
    const socket = createConnection((server.address() as { port: number }).port, "127.0.0.1")
    const [peer] = (await accepted) as [Socket]
    server.close()
    return new Talk(socket, peer, sequence)
  }

  /** The peer says something, in octets or as a PDU. */
  say(pdu: PduToSend | Buffer): void {
    this.peer.write(Buffer.isBuffer(pdu) ? pdu : Result.getOrThrow(encode(pdu)))
  }

  /** The next PDU that the session sent. */
  async heard(): Promise<Pdu> {
    while (this.frames.length === 0) await new Promise<void>((resolve) => (this.came = resolve))
    return Result.getOrThrow(decode(this.frames.shift()!))
  }

  submit(token: number): void {
    this.session.submit(hello, Buffer.from("998901234567"), 0, 12, 0, token, this.now)
    this.session.flush()
  }
}

const hello = Result.getOrThrow(SubmitTemplate.make({}, Buffer.from("hello")))
const header = (command_id: number, sequence: number, length = 16) => {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32BE(length, 0)
  bytes.writeUInt32BE(command_id, 4)
  bytes.writeUInt32BE(sequence, 12)
  return bytes
}

describe("Session", () => {
  it("matches answers with what was submitted, in any order, and tells the message id", async () => {
    const talk = await Talk.open()
    talk.submit(70)
    talk.submit(71)
    const [first, second] = [await talk.heard(), await talk.heard()]
    talk.say({ command: "submit_sm_resp", sequence_number: second.sequence_number, message_id: "b2" })
    talk.say({ command: "submit_sm_resp", sequence_number: first.sequence_number, command_status: status.ESME_RSYSERR })
    talk.say({ command: "enquire_link", sequence_number: 1 })
    await talk.heard()
    assert.deepStrictEqual(talk.answered, [
      { token: 71, command_status: 0, message_id: "b2" },
      { token: 70, command_status: status.ESME_RSYSERR, message_id: "" }
    ])
    assert.strictEqual(talk.session.outstanding, 0)
  })

  it("takes a generic_nack as the answer to what it names", async () => {
    const talk = await Talk.open()
    talk.submit(70)
    const { sequence_number } = await talk.heard()
    talk.say({ command: "generic_nack", sequence_number, command_status: status.ESME_RINVCMDLEN })
    talk.say({ command: "enquire_link", sequence_number: 1 })
    await talk.heard()
    assert.deepStrictEqual(talk.answered, [{ token: 70, command_status: status.ESME_RINVCMDLEN, message_id: "" }])
  })

  it("begins its sequence numbers anew after 0x7FFFFFFF", async () => {
    const talk = await Talk.open(lastSequence - 1)
    talk.submit(1)
    talk.submit(2)
    assert.strictEqual((await talk.heard()).sequence_number, lastSequence)
    assert.strictEqual((await talk.heard()).sequence_number, 1)
  })

  it("answers what a client doesn't serve, and passes over alert_notification", async () => {
    const talk = await Talk.open()
    talk.say({ command: "alert_notification", sequence_number: 4 })
    talk.say({ command: "submit_sm", sequence_number: 5 })
    const served = await talk.heard()
    assert.deepInclude(served, {
      command: "submit_sm_resp",
      sequence_number: 5,
      command_status: status.ESME_RINVBNDSTS
    })
    talk.say(header(0x00000f0f, 6))
    assert.deepInclude(await talk.heard(), {
      command: "generic_nack",
      sequence_number: 6,
      command_status: status.ESME_RINVCMDID
    })
    talk.say({ command: "outbind", sequence_number: 7 })
    assert.deepInclude(await talk.heard(), { command: "generic_nack", sequence_number: 7 })
    assert.lengthOf(talk.odd, 3)
    assert.isFalse(talk.session.leaving)
  })

  it("answers a PDU that is longer than the bound with generic_nack and ends, before anything of that size is made", async () => {
    const talk = await Talk.open()
    talk.say(header(commandId.deliver_sm, 9, 0x7fffffff))
    assert.deepInclude(await talk.heard(), {
      command: "generic_nack",
      sequence_number: 9,
      command_status: status.ESME_RINVCMDLEN
    })
    assert.strictEqual((await talk.ended)._tag, "Broken")
  })

  it("says goodbye to an operator that unbinds", async () => {
    const talk = await Talk.open()
    talk.say({ command: "unbind", sequence_number: 3 })
    assert.deepInclude(await talk.heard(), { command: "unbind_resp", sequence_number: 3 })
    assert.strictEqual((await talk.ended)._tag, "Unbound")
  })

  it("ends by unbinding when it is told to, and submits nothing meanwhile", async () => {
    const talk = await Talk.open()
    talk.session.unbind()
    assert.strictEqual(talk.session.room, 0)
    const { command, sequence_number } = await talk.heard()
    assert.strictEqual(command, "unbind")
    talk.say({ command: "unbind_resp", sequence_number })
    assert.strictEqual((await talk.ended)._tag, "Unbound")
  })

  it("asks a silent operator whether it is there, and ends when it isn't", async () => {
    const talk = await Talk.open()
    talk.now = usualLimits.enquire_link
    talk.session.look(talk.now)
    assert.strictEqual((await talk.heard()).command, "enquire_link")
    talk.now += usualLimits.response
    talk.session.look(talk.now)
    assert.strictEqual((await talk.ended)._tag, "Silent")
  })

  it("gives up what gets no answer in time, and keeps the link", async () => {
    const talk = await Talk.open()
    talk.submit(70)
    await talk.heard()
    talk.say({ command: "enquire_link", sequence_number: 1 })
    talk.now = usualLimits.response
    await talk.heard()
    talk.session.look(talk.now)
    assert.deepStrictEqual(talk.lost, [70])
    assert.isFalse(talk.session.leaving)
  })

  it("hands out what was never answered once it has ended", async () => {
    const talk = await Talk.open()
    talk.submit(70)
    talk.submit(71)
    await talk.heard()
    talk.peer.destroy()
    assert.strictEqual((await talk.ended)._tag, "Closed")
    const lost: Array<number> = []
    talk.session.drainOutstanding((token) => lost.push(token))
    assert.deepStrictEqual(lost, [70, 71])
  })

  it("survives a bug in the handling of one PDU: the session ends, the process doesn't", async () => {
    const talk = await Talk.open()
    talk.say({ command: "deliver_sm", sequence_number: 666 })
    assert.strictEqual((await talk.ended)._tag, "Broken")
    assert.include(talk.odd[0], "a bug of ours")
  })
})
