/**
 * Throws rubbish at everything that reads what a peer sends: streams of valid PDUs that were mutated, and random octets,
 * split at random places, into the frame decoder, the codec, the receipt reader and the reader of inbound messages.
 *
 * What must hold for each stream, and is reported as an escape where it doesn't: nothing throws; every PDU moves on, so
 * that there are never more of them than octets allow; what waits for its rest stays below the decoder's bound; what the
 * receipt reader calls malformed the codec refuses too, with an answer if it was a request; and what the codec takes it
 * can also write.
 *
 *     node engine/smpp/fuzz.ts --iterations 1000000 --seed 1
 *
 * prints counts, seconds and the heap before and after, and exits with 1 after any escape, growth or a stream that took
 * longer than a second. The same seed gives the same streams.
 */

import { parseArgs } from "node:util"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Result } from "effect"
import { commandId, isResponse } from "./command.ts"
import { defaultLongest, FrameDecoder } from "./Frame.ts"
import { FuzzStreams } from "./fuzzStreams.ts"
import { inboundMessage } from "./inbound.ts"
import { isEvidence, messageIdAt } from "./MessageId.ts"
import { decode, encode, headerLength } from "./Pdu.ts"
import { ReceiptReader } from "./receipt.ts"
import { smallest, writeAnswer } from "./respond.ts"

export interface Fuzzed {
  streams: number
  octets: number
  frames: number
  decoded: number
  refused: number
  receipts: number
  messages: number
  /** Streams that ended by a command_length that can't be. */
  broken: number
  slowestMs: number
  /** What didn't hold, with the stream in hexadecimal; the first ten. */
  readonly escapes: Array<string>
}

const mostEscapes = 10

export const fuzz = (iterations: number, seed: number): Fuzzed => {
  const result: Fuzzed = {
    streams: 0,
    octets: 0,
    frames: 0,
    decoded: 0,
    refused: 0,
    receipts: 0,
    messages: 0,
    broken: 0,
    slowestMs: 0,
    escapes: []
  }
  const streams = new FuzzStreams(seed)
  const reader = new ReceiptReader()
  for (let i = 0; i < iterations && result.escapes.length < mostEscapes; i++) {
    const stream = streams.next()
    const from = performance.now()
    try {
      readStream(stream, streams, reader, result)
    } catch (thrown) {
      const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
      result.escapes.push(`stream ${i}, seed ${seed}: ${what}\n${stream.toString("hex")}`)
    }
    result.slowestMs = Math.max(result.slowestMs, performance.now() - from)
    result.streams++
    result.octets += stream.length
  }
  return result
}

const readStream = (stream: Buffer, streams: FuzzStreams, reader: ReceiptReader, result: Fuzzed) => {
  const decoder = new FrameDecoder()
  const most = Math.floor(stream.length / headerLength)
  let frames = 0
  for (const chunk of streams.split(stream)) {
    decoder.push(chunk)
    while (decoder.next()) {
      if (++frames > most) throw new Error("more PDUs than there can be")
      readFrame(decoder, reader, result)
    }
    if (decoder.waiting > defaultLongest) throw new Error(`${decoder.waiting} octets wait`)
  }
  result.frames += frames
  if (decoder.error !== undefined) {
    result.broken++
    writeAnswer(answers, 0, decoder.error.answer)
    decoder.push(stream)
    if (decoder.next() || decoder.waiting > 0) throw new Error("went on after an error")
  }
}

const answers = Buffer.alloc(smallest)

const readFrame = (decoder: FrameDecoder, reader: ReceiptReader, result: Fuzzed) => {
  const { buffer, commandId: id, end, start } = decoder
  if (end - start < headerLength || end > buffer.length) throw new Error(`a PDU at ${start} to ${end}`)
  const decoded = decode(buffer.subarray(start, end))
  if (Result.isFailure(decoded)) {
    result.refused++
    const { answer } = decoded.failure
    if (answer === undefined && !isResponse(id)) throw new Error("a request without an answer")
    if (answer !== undefined) writeAnswer(answers, 0, answer)
  } else {
    result.decoded++
    if (Result.isFailure(encode(decoded.success))) throw new Error("taken, but not to be written")
  }
  if (id === commandId.submit_sm_resp) isEvidence(messageIdAt(buffer, start, end))
  if (id !== commandId.deliver_sm && id !== commandId.data_sm) return
  const kind = reader.read(buffer, start, end)
  if (kind === "malformed" && Result.isSuccess(decoded)) throw new Error("malformed, but decoded")
  if (kind === "receipt") {
    result.receipts++
    const said = {
      ...reader.copy(),
      submitted: reader.submit_date,
      done: reader.done_date,
      of: [reader.sub, reader.dlvrd]
    }
    if (said.state < 0 || said.number < -1) throw new Error(`a receipt that says ${JSON.stringify(said)}`)
  }
  if (kind === "message") result.messages++
  if (Result.isFailure(decoded)) return
  const pdu = decoded.success
  if (pdu.command === "deliver_sm" || pdu.command === "data_sm") inboundMessage(pdu)
}

/** More than this beside what the program itself needs is growth: the garbage of a million streams is several GB. */
const mostGrowthMb = 8
const mostSlowMs = 1000

const main = () => {
  const { values } = parseArgs({
    options: { iterations: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } }
  })
  setFlagsFromString("--expose-gc")
  const collect = runInNewContext("gc") as () => void
  const heapMb = () => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return (heapUsed + external) / 2 ** 20
  }
  fuzz(2000, Number(values.seed) + 1)
  const before = heapMb()
  const from = performance.now()
  const { escapes, ...counts } = fuzz(Number(values.iterations), Number(values.seed))
  const seconds = (performance.now() - from) / 1000
  const after = heapMb()
  for (const escape of escapes) console.error(escape)
  const rounded = (value: number) => Number(value.toFixed(2))
  console.log(
    JSON.stringify({
      ...counts,
      slowestMs: rounded(counts.slowestMs),
      seconds: rounded(seconds),
      heapMbBefore: rounded(before),
      heapMbAfter: rounded(after),
      escapes: escapes.length
    })
  )
  if (escapes.length > 0 || after - before > mostGrowthMb || counts.slowestMs > mostSlowMs) process.exitCode = 1
}

if (import.meta.main) main()
