/**
 * A second witness: Wireshark's dissector (Debian's package `tshark`). Generated PDUs of ours are written as a capture, one
 * TCP segment each, and tshark has to see in each the command, status and sequence number that we meant, and no fault.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { commandId, commandNames } from "./command.ts"
import { anyPdu, knownTlv, otherTlv } from "./Pdu.arbitrary.ts"
import { encode, type Pdu } from "./Pdu.ts"
import { SubmitTemplate } from "./submit.ts"
import { tlvs } from "./tlv.ts"
import { udhIndicator } from "./udh.ts"

const tshark = spawnSync("tshark", ["--version"], { encoding: "utf8" })
const missing = tshark.error !== undefined || tshark.status !== 0
const reason = missing ? " (skipped: tshark is not installed)" : ""

/** Link type "raw IPv4" (101) and a microsecond clock: the libpcap file format. */
const fileHeader = () => {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b2c3d4, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(0x40000, 16)
  header.writeUInt32LE(101, 20)
  return header
}

/** One TCP segment from 10.0.0.1 to port 2775 of 10.0.0.2; its checksums are zero, which tshark doesn't look at. */
const packet = (payload: Uint8Array, tcpSequence: number, index: number) => {
  const length = 40 + payload.length
  const record = Buffer.alloc(16 + 40)
  record.writeUInt32LE(1_700_000_000 + index, 0)
  record.writeUInt32LE(length, 8)
  record.writeUInt32LE(length, 12)
  const ip = record.subarray(16)
  ip.set([0x45, 0], 0)
  ip.writeUInt16BE(length, 2)
  ip.set([64, 6], 8)
  ip.set([10, 0, 0, 1], 12)
  ip.set([10, 0, 0, 2], 16)
  const tcp = ip.subarray(20)
  tcp.writeUInt16BE(40_000, 0)
  tcp.writeUInt16BE(2775, 2)
  tcp.writeUInt32BE(tcpSequence, 4)
  tcp.writeUInt32BE(1, 8)
  tcp.set([0x50, 0x18, 0xff, 0xff], 12)
  return Buffer.concat([record, payload])
}

const capture = (payloads: ReadonlyArray<Uint8Array>) => {
  let tcpSequence = 1
  const packets = payloads.map((payload, index) => {
    const made = packet(payload, tcpSequence, index)
    tcpSequence += payload.length
    return made
  })
  return Buffer.concat([fileHeader(), ...packets])
}

const columns = ["command_id", "command_status", "sequence_number"].map((name) => `smpp.${name}`)

/** A row a packet: the columns, then what tshark complains about. */
const dissect = (payloads: ReadonlyArray<Uint8Array>, more: ReadonlyArray<string> = []) => {
  const folder = mkdtempSync(join(tmpdir(), "smpp-"))
  try {
    const file = join(folder, "ours.pcap")
    writeFileSync(file, capture(payloads))
    const fields = [...columns, "_ws.malformed", "_ws.expert.message", ...more].flatMap((field) => ["-e", field])
    const options = ["-r", file, "-d", "tcp.port==2775,smpp", "-T", "fields", "-E", "separator=|", ...fields]
    const run = spawnSync("tshark", options, { encoding: "utf8", maxBuffer: 1 << 28 })
    assert.strictEqual(run.status, 0, run.stderr)
    return run.stdout
      .trimEnd()
      .split("\n")
      .map((row) => row.split("|"))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const sample = (count: number) => {
  const pdus = commandNames.flatMap((command) =>
    fc.sample(anyPdu({ commands: [command], lastCode: 0x7e, tlv: fc.oneof(knownTlv(0x7e), otherTlv) }), {
      numRuns: Math.ceil(count / commandNames.length),
      seed: 11
    })
  )
  return pdus.map(sensible)
}

/**
 * tshark looks deeper than the codec: random octets make no user data header, and a message is in short_message or in
 * message_payload, once.
 */
const sensible = (pdu: Pdu): Pdu => {
  const tlvsLeft = pdu.tlvs.filter(({ tag }) => tag !== tlvs.message_payload.tag)
  const plain = { ...pdu, tlvs: tlvsLeft } as Pdu
  return "esm_class" in plain ? ({ ...plain, esm_class: plain.esm_class & ~udhIndicator } as Pdu) : plain
}

describe.skipIf(missing)(`tshark${reason}`, () => {
  it("dissects every PDU of ours as what it is", { timeout: 60_000 }, () => {
    const pdus = sample(540)
    const rows = dissect(pdus.map((pdu) => Result.getOrThrow(encode(pdu))))
    assert.strictEqual(rows.length, pdus.length)
    pdus.forEach((pdu, index) => {
      const [id, command_status, sequence, malformed, complaint] = rows[index]!
      assert.strictEqual(Number(id), commandId[pdu.command])
      assert.strictEqual(Number(command_status), pdu.command_status)
      assert.strictEqual(Number(sequence), pdu.sequence_number)
      assert.deepStrictEqual([malformed, complaint], ["", ""], JSON.stringify(pdu))
    })
  })

  it("finds number, text and parts in what the fast way writes", { timeout: 60_000 }, () => {
    const options = { source_addr_ton: 5, source_addr: "CorpIT", dest_addr_ton: 1, dest_addr_npi: 1 }
    const parts = [Buffer.from("first "), Buffer.from("second")]
    const templates = Result.getOrThrow(SubmitTemplate.parts(options, parts))
    const target = Buffer.alloc(1024)
    const payloads = templates.map((template, index) =>
      Buffer.from(target.subarray(0, template.write(target, 0, index + 1, Buffer.from("447700900123"), 0, 12, 0x5a)))
    )
    const rows = dissect(payloads, [
      "smpp.source_addr",
      "smpp.destination_addr",
      "gsm_sms.udh.mm.msg_id",
      "gsm_sms.udh.mm.msg_part"
    ])
    assert.deepStrictEqual(
      rows.map((row) => row.slice(3).map((cell) => cell.trim())),
      [1, 2].map((part) => ["", "", "CorpIT", "447700900123", String(0x5a), String(part)])
    )
  })
})
