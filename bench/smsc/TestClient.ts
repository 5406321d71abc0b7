// A client for tests of the simulator: sends any PDU or any octets, and waits for what comes back. Everything that arrives is
// kept in `pdus`; nothing is answered by itself.

import { connect as connectTcp, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"
import { Result } from "effect"
import type { CommandName } from "#engine/smpp/command.ts"
import { FrameDecoder } from "#engine/smpp/Frame.ts"
import { decode, encode, type Pdu, type PduToSend } from "#engine/smpp/Pdu.ts"

import type { SmscOptions } from "./Options.ts"
import { makeSmsc, type Smsc } from "./Smsc.ts"

export class TestClient {
  readonly pdus: Array<Pdu> = []
  readonly socket: Socket
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>
  private readonly decoder = new FrameDecoder()
  private sequence = 0
  private readonly awaited: Array<() => boolean> = []

  private constructor(socket: Socket) {
    this.socket = socket
    this.closed = new Promise((resolve) => socket.on("close", () => resolve()))
    socket.on("error", () => {})
    socket.on("data", (chunk: Buffer) => this.receive(chunk))
  }

  static connect(port: number, tls = false): Promise<TestClient> {
    return new Promise((resolve, reject) => {
      const options = { port, host: "127.0.0.1", noDelay: true, rejectUnauthorized: false }
      const socket = tls ? connectTls(options) : connectTcp(options)
      socket.once("error", reject)
      socket.once(tls ? "secureConnect" : "connect", () => resolve(new TestClient(socket)))
    })
  }

  /** Connects and binds as a transceiver; rejects when the bind is refused. */
  static async bound(port: number, system_id = "tester", password = "secret"): Promise<TestClient> {
    const client = await TestClient.connect(port)
    const resp = await client.bind("bind_transceiver", system_id, password)
    if (resp.command_status !== 0) throw new Error(`bind refused: ${resp.command_status}`)
    return client
  }

  bind(
    command: "bind_transmitter" | "bind_receiver" | "bind_transceiver",
    system_id = "tester",
    password = "secret"
  ): Promise<Pdu> {
    return this.ask({ command, sequence_number: 0, system_id, password, interface_version: 0x34 })
  }

  /** A submit_sm that asks for a receipt; returns its sequence number. */
  submit(destination_addr: string, more: Partial<PduToSend<"submit_sm">> = {}): number {
    return this.send({
      command: "submit_sm",
      sequence_number: 0,
      source_addr_ton: 5,
      source_addr: "CorpIT",
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr,
      registered_delivery: 1,
      short_message: Buffer.from("hello", "latin1"),
      ...more
    })
  }

  /** Sends with the next sequence number, unless one is given, and returns it. */
  send(pdu: PduToSend): number {
    const sequence_number = pdu.sequence_number === 0 ? ++this.sequence : pdu.sequence_number
    this.socket.write(Result.getOrThrow(encode({ ...pdu, sequence_number })))
    return sequence_number
  }

  /** Sends, and resolves with the PDU of the same sequence number that comes back. */
  ask(pdu: PduToSend): Promise<Pdu> {
    return this.answer(this.send(pdu))
  }

  answer(sequence: number): Promise<Pdu> {
    return this.first((pdu) => pdu.sequence_number === sequence && pdu.command !== "deliver_sm")
  }

  /** Resolves with the first PDU, of those that came and those that come, of which this holds. */
  async first(holds: (pdu: Pdu) => boolean): Promise<Pdu> {
    await this.until(() => this.pdus.some(holds))
    return this.pdus.find(holds)!
  }

  /** All that came of one command. */
  of<Name extends CommandName>(command: Name): Array<Pdu<Name>> {
    return this.pdus.filter((pdu) => pdu.command === command) as unknown as Array<Pdu<Name>>
  }

  /** Resolves when so many of one command have come. */
  async count<Name extends CommandName>(command: Name, n: number): Promise<Array<Pdu<Name>>> {
    await this.until(() => this.of(command).length >= n)
    return this.of(command)
  }

  acknowledge(sequence_number: number, command_status = 0) {
    this.send({ command: "deliver_sm_resp", sequence_number, command_status })
  }

  close() {
    this.socket.destroy()
  }

  private until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.awaited.push(() => {
        if (!holds()) return false
        resolve()
        return true
      })
      this.closed.then(() => reject(new Error("the connection was closed")))
    })
  }

  private receive(chunk: Buffer) {
    this.decoder.push(chunk)
    while (this.decoder.next())
      this.pdus.push(Result.getOrThrow(decode(this.decoder.buffer.subarray(this.decoder.start, this.decoder.end))))
    for (let i = this.awaited.length - 1; i >= 0; i--) if (this.awaited[i]!()) this.awaited.splice(i, 1)
  }
}

/** A simulator on a free port for the time of a test. */
export const withSmsc = async (options: SmscOptions, test: (smsc: Smsc) => Promise<void>) => {
  const smsc = await makeSmsc({ port: 0, enquire: 0, ...options })
  try {
    await test(smsc)
  } finally {
    await smsc.close()
  }
}

/** short_message as Latin-1. */
export const textOf = (pdu: { readonly short_message: Uint8Array }) => Buffer.from(pdu.short_message).toString("latin1")
