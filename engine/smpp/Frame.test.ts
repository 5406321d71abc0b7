import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { commandId } from "./command.ts"
import { defaultLongest, FrameDecoder } from "./Frame.ts"
import { anyPdu } from "./Pdu.arbitrary.ts"
import { encode } from "./Pdu.ts"
import { status } from "./status.ts"

const frame = (length: number, sequence = 1) => {
  const bytes = Buffer.alloc(length, sequence & 0xff)
  bytes.writeUInt32BE(length, 0)
  bytes.writeUInt32BE(commandId.enquire_link, 4)
  bytes.writeUInt32BE(0, 8)
  bytes.writeUInt32BE(sequence, 12)
  return bytes
}

/** Copies of all frames that the chunks held. */
const read = (decoder: FrameDecoder, chunks: ReadonlyArray<Buffer>): Array<string> => {
  const frames: Array<string> = []
  for (const chunk of chunks) {
    decoder.push(chunk)
    while (decoder.next()) frames.push(decoder.buffer.toString("hex", decoder.start, decoder.end))
  }
  return frames
}

describe("FrameDecoder", () => {
  it("gives the same PDUs however the stream is split", () => {
    const stream = fc.array(
      anyPdu().map((pdu) => Result.getOrThrow(encode(pdu))),
      { minLength: 1, maxLength: 12 }
    )
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })
    fc.assert(
      fc.property(stream, cuts, (pdus, cuts) => {
        const whole = Buffer.concat(pdus)
        const places = [0, ...cuts.map((cut) => Math.floor(cut * whole.length)).sort((a, b) => a - b), whole.length]
        const chunks = places.slice(1).map((to, index) => Buffer.from(whole.subarray(places[index], to)))
        const decoder = new FrameDecoder()
        assert.deepStrictEqual(
          read(decoder, chunks),
          pdus.map((pdu) => pdu.toString("hex"))
        )
        assert.strictEqual(decoder.waiting, 0)
        assert.isUndefined(decoder.error)
      }),
      { numRuns: 500 }
    )
  })

  it("takes a stream octet by octet", () => {
    const whole = Buffer.concat([frame(16, 1), frame(40, 2), frame(5000, 3), frame(16, 4)])
    const chunks = Array.from(whole, (octet) => Buffer.of(octet))
    assert.strictEqual(read(new FrameDecoder(), chunks).join(""), whole.toString("hex"))
  })

  it("hands out the header of each", () => {
    const decoder = new FrameDecoder()
    decoder.push(Result.getOrThrow(encode({ command: "generic_nack", command_status: 3, sequence_number: 0x7fffffff })))
    assert.isTrue(decoder.next())
    assert.deepStrictEqual(
      [decoder.commandId, decoder.status, decoder.sequence],
      [commandId.generic_nack, status.ESME_RINVCMDID, 0x7fffffff]
    )
    assert.isFalse(decoder.next())
  })

  it("copies no frame that lies whole in its chunk", () => {
    const decoder = new FrameDecoder()
    const chunk = Buffer.concat([frame(16), frame(200), frame(30).subarray(0, 20)])
    decoder.push(chunk)
    for (const [start, end] of [
      [0, 16],
      [16, 216]
    ]) {
      assert.isTrue(decoder.next())
      assert.strictEqual(decoder.buffer, chunk)
      assert.deepStrictEqual([decoder.start, decoder.end], [start, end])
    }
    assert.isFalse(decoder.next())
    assert.strictEqual(decoder.waiting, 20)
  })

  it("doesn't need the chunk any more once it has nothing more to give", () => {
    const decoder = new FrameDecoder()
    const whole = frame(100, 7)
    const chunk = Buffer.from(whole.subarray(0, 60))
    assert.deepStrictEqual(read(decoder, [chunk]), [])
    chunk.fill(0)
    assert.deepStrictEqual(read(decoder, [whole.subarray(60)]), [whole.toString("hex")])
  })

  it("joins chunks that come before the last one was read out", () => {
    const decoder = new FrameDecoder()
    const whole = Buffer.concat([frame(16, 1), frame(300, 2), frame(16, 3)])
    decoder.push(whole.subarray(0, 100))
    assert.isTrue(decoder.next())
    assert.deepStrictEqual(read(decoder, [whole.subarray(100)]), [
      frame(300, 2).toString("hex"),
      frame(16, 3).toString("hex")
    ])
  })

  it("ends at a command_length below a header, whatever follows, and says what to answer", () => {
    for (const length of [0, 1, 15]) {
      const decoder = new FrameDecoder()
      const bad = frame(16, 77)
      bad.writeUInt32BE(length, 0)
      assert.strictEqual(read(decoder, [Buffer.concat([frame(16), bad, frame(16)])]).length, 1)
      assert.strictEqual(decoder.error?.reason, "too_short")
      assert.strictEqual(decoder.error?.bytes.length, 16)
      assert.deepStrictEqual(decoder.error?.answer, {
        command_id: commandId.generic_nack,
        command_status: status.ESME_RINVCMDLEN,
        sequence_number: 77
      })
      assert.deepStrictEqual(read(decoder, [frame(16)]), [])
      assert.strictEqual(decoder.waiting, 0)
    }
  })

  it("refuses a command_length above the bound with its first four octets, and keeps nothing for it", () => {
    for (const length of [defaultLongest + 1, 0x7fffffff, 0xffffffff]) {
      const decoder = new FrameDecoder()
      const bad = Buffer.alloc(4)
      bad.writeUInt32BE(length, 0)
      assert.deepStrictEqual(read(decoder, [bad.subarray(0, 2), bad.subarray(2)]), [])
      assert.strictEqual(decoder.error?.reason, "too_long")
      assert.strictEqual(decoder.error?.commandLength, length)
      assert.strictEqual(decoder.error?.answer.sequence_number, 0)
      assert.strictEqual(decoder.waiting, 0)
    }
  })

  it("takes a PDU at the bound, in pieces", () => {
    const whole = frame(defaultLongest, 5)
    const chunks = [0, 1, 2, 3].map((quarter) => whole.subarray(quarter * 16384, (quarter + 1) * 16384))
    assert.deepStrictEqual(read(new FrameDecoder(), chunks), [whole.toString("hex")])
  })
})
