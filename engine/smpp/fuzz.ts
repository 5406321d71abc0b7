/**
 * Throws rubbish at everything that reads what a peer sends: streams of valid PDUs that were mutated, and random octets,
 * split at random places, into the frame decoder, the codec and the receipt reader.
 *
 * What must hold for each stream, and is reported as an escape where it doesn't: nothing throws; every PDU moves on, so
 * that there are never more of them than octets allow; what waits for its rest stays below the decoder's bound; what the
 * receipt reader calls malformed the codec refuses too, with an answer if it was a request; and what the codec takes it
 * can also write.
 *
 * The same seed gives the same streams. `npm run proof:fuzz` (bench/fuzz) runs it a million times and watches the heap.
 */
import { Result } from "effect"
import { commandId, isResponse } from "./command.ts"
import { defaultLongest, FrameDecoder } from "./Frame.ts"
import { FuzzStreams } from "./fuzzStreams.ts"
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

/** told: of each stream that is done, how many there were. */
export const fuzz = (iterations: number, seed: number, told: (streams: number) => void = () => {}): Fuzzed => {
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
    told(result.streams)
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
}
