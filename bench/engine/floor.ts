/**
 * The floor: what the engine is measured against. A bare loop over the same tables and functions (claim_block,
 * record_outcomes), without Effect, without the engine's classes and without everything that makes an engine one: it knows no
 * pace, no retry, no second part, no lost answer, no other campaign; whatever is out of order ends it. What it does, it
 * does as fast as we know how.
 *
 * A process: it binds, says "bound", waits until the campaign is approved, sends it, and waits to be ended.
 */
import { connect, type Socket } from "node:net"
import { parseArgs } from "node:util"
import { type Block, block, emptied, released, writeInt16, writeInt32, writeText } from "./floorBlock.ts"
import { flushArguments } from "./floorFlush.ts"
import { connection } from "./floorPostgres.ts"

const { values: flags } = parseArgs({
  options: {
    campaign: { type: "string", default: "" },
    lane: { type: "string", default: "" },
    channel: { type: "string", default: "" },
    port: { type: "string", default: "" },
    binds: { type: "string", default: "2" },
    window: { type: "string", default: "100" }
  }
})
const { campaign, channel, lane } = flags
const url = process.env.ENGINE_DATABASE_URL!
/** As the engine: recipients claimed ahead, and how long a flush waits for company. */
const AHEAD = 4_000
const FLUSH_MS = 20

const door = await connection(url, {
  take: "SELECT take_channel($1)",
  state: "SELECT state FROM campaign WHERE id = $1",
  open: "SELECT move_campaign($1, 'open')",
  content: `SELECT c.text, r.saddr, r.source_addr_ton, r.source_addr_npi, r.dest_addr_ton, r.dest_addr_npi
              FROM campaign c JOIN sender_revision r ON r.id = c.sender_revision_id WHERE c.id = $1`,
  claim: "SELECT block_id, month, recipients, numbers FROM claim_block($1, $2, $3, 1000)"
})
const journal = await connection(url, {
  flush: `SELECT record_outcomes(${Array.from({ length: 38 }, (_, i) => `$${i + 1}`)})`
})
const epoch = (await door.run("take", [channel]))[0]![0]!

// ------------------------------------------------------------------------------------------------- what goes out

const [[text, saddr, ...addresses]] = (await door.run("content", [campaign])) as [Array<string>]
const [sourceTon, sourceNpi, destTon, destNpi] = addresses.map(Number) as [number, number, number, number]
const head = Buffer.concat([
  Buffer.from([0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, sourceTon, sourceNpi]),
  Buffer.from(`${saddr}\0`),
  Buffer.from([destTon, destNpi])
])
const tail = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, text!.length]), Buffer.from(text!, "latin1")])
/** The PDU to a number of so many digits, but for number and sequence. */
const images = Array.from({ length: 16 }, (_, digits) => {
  const image = Buffer.concat([head, Buffer.alloc(digits), tail])
  image.writeUInt32BE(image.length, 0)
  return image
})

interface Link {
  readonly number: number
  readonly socket: Socket
  /** token and time of each submit that waits for its answer, by the low bits of its sequence_number */
  readonly tokens: Int32Array
  readonly sentAt: Float64Array
  sequence: number
  outstanding: number
  out: Buffer
  length: number
  rest: Buffer | undefined
  /** sequence_numbers of receipts to be acknowledged after the next commit */
  owed: Array<number>
}

const window = Number(flags.window)
/** Answers come nearly in order: four windows are room enough. */
const RING = 2 ** Math.ceil(Math.log2(window * 4))
const OUT = 64 * 1024
const MOST_OUT = OUT - 512

const blocks: Array<Block> = []
const freeSlots: Array<number> = []
const queue: Array<Block> = []
const ids = new Map<string, number>()
/** Receipts that came before their answer: the simulator sends some over the other bind when one is full. */
const early = new Map<string, () => void>()
const links: Array<Link> = []
let dirty: Array<Block> = []
let waiting = 0
let claiming = false
let exhausted = false

const send = (link: Link): void => {
  if (link.length === 0) return
  link.socket.write(link.out.subarray(0, link.length))
  link.out = Buffer.allocUnsafe(OUT)
  link.length = 0
}

const fill = (link: Link, now: number): void => {
  while (link.outstanding < window && queue.length > 0) {
    const b = queue[0]!
    const { digits, next, starts } = b
    const from = starts[next]!
    const to = starts[next + 1]! - 1
    if (++b.next === b.size) queue.shift()
    if (to === from) continue
    waiting--
    if (link.length > MOST_OUT) send(link)
    const { out } = link
    let at = link.length
    const image = images[to - from]!
    out.set(image, at)
    link.length = at + image.length
    const sequence = ++link.sequence
    out[at + 12] = sequence >>> 24
    out[at + 13] = sequence >>> 16
    out[at + 14] = sequence >>> 8
    out[at + 15] = sequence
    at += head.length
    for (let i = from; i < to; i++) out[at++] = digits[i]!
    const place = sequence & (RING - 1)
    link.tokens[place] = (b.slot << 10) | next
    link.sentAt[place] = now
    link.outstanding++
  }
  if (waiting < AHEAD && !claiming && !exhausted) claim()
}

const claim = (): void => {
  claiming = true
  door.run("claim", [channel, epoch, lane]).then((rows) => {
    claiming = false
    if (rows.length === 0) {
      exhausted = true
      return
    }
    const [id, month, size, numbers] = rows[0] as [string, string, string, string]
    const b = block(id, month, Number(size), numbers)
    b.slot = freeSlots.pop() ?? blocks.length
    blocks[b.slot] = b
    waiting += b.open
    if (b.open > 0) queue.push(b)
    else touch(b)
    const now = performance.now()
    for (const link of links) {
      fill(link, now)
      send(link)
    }
    if (waiting < AHEAD && !claiming) claim()
  }, failed)
}

// -------------------------------------------------------------------------------------------------- what comes in

const SUBMIT_SM_RESP = 0x80000004
const DELIVER_SM = 5
const ACCEPTED = 0x61
const COLON = 0x3a
/** Letters of block.outcomes, by message_state (SMPP 3.4, 5.2.28). */
const DELIVERED = 2
const EXPIRED = 3
const UNDELIVERABLE = 5
const LETTERS = Buffer.from("  deuu", "latin1")

const touch = (b: Block): void => {
  if (b.dirty) return
  b.dirty = true
  dirty.push(b)
}

const failed = (error: unknown): void => {
  process.stderr.write(`the floor gave up: ${error instanceof Error ? error.message : error}\n`)
  process.exit(1)
}

const answered = (link: Link, bytes: Buffer, start: number, end: number, sequence: number, now: number): void => {
  if (bytes.readUInt32BE(start + 8) !== 0) failed("a submit was refused")
  const place = sequence & (RING - 1)
  const token = link.tokens[place]!
  link.outstanding--
  const id = bytes.toString("latin1", start + 16, end - 1)
  ids.set(id, token)
  const b = blocks[token >> 10]!
  const a = b.attempts
  const i = a.n++
  writeInt16(a.nth, i, token & 1023)
  writeInt16(a.part, i, 1)
  writeInt16(a.try, i, 1)
  writeInt16(a.bind, i, link.number)
  a.verdict[i * 5 + 4] = ACCEPTED
  writeInt32(a.status, i, 0)
  a.idEnd = writeText(a.id, a.idEnd, bytes, start + 16, end - 1)
  writeInt32(a.submitted, i, link.sentAt[place]! - b.claimedAt)
  writeInt32(a.answered, i, now - b.claimedAt)
  b.open--
  touch(b)
  if (early.size === 0) return
  const waited = early.get(id)
  early.delete(id)
  waited?.()
}

const receipted = (link: Link, bytes: Buffer, start: number, end: number, sequence: number, now: number): void => {
  // three addresses, esm_class and two after it, two times, five octets; then the text, then the TLVs
  let at = start + 16
  while (bytes[at] !== 0) at++
  at += 3
  while (bytes[at] !== 0) at++
  at += 3
  while (bytes[at] !== 0) at++
  at += 4
  while (bytes[at] !== 0) at++
  at++
  while (bytes[at] !== 0) at++
  at += 5
  const textFrom = at + 1
  const textTo = textFrom + bytes[at]!
  let id = ""
  let state = 0
  for (at = textTo; at < end; ) {
    const tag = (bytes[at]! << 8) | bytes[at + 1]!
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
    at += 4
    if (tag === 0x001e) id = bytes.toString("latin1", at, at + length - 1)
    else if (tag === 0x0427) state = bytes[at]!
    at += length
  }
  // "… err:000 text:": the code is what stands before the last word
  let errorTo = textTo - 1
  while (bytes[errorTo] !== 0x20) errorTo--
  let errorFrom = errorTo
  while (bytes[errorFrom - 1] !== COLON) errorFrom--

  const token = ids.get(id)
  if (token !== undefined) return noted(link, id, token, state, bytes, errorFrom, errorTo, sequence, now)
  const error = Buffer.from(bytes.subarray(errorFrom, errorTo))
  early.set(id, () => noted(link, id, ids.get(id)!, state, error, 0, error.length, sequence, now))
}

const noted = (
  link: Link,
  id: string,
  token: number,
  state: number,
  bytes: Buffer,
  errorFrom: number,
  errorTo: number,
  sequence: number,
  now: number
): void => {
  ids.delete(id)
  const b = blocks[token >> 10]!
  const nth = token & 1023
  const r = b.receipts
  const i = r.n++
  writeInt16(r.nth, i, nth)
  writeInt16(r.part, i, 1)
  writeInt16(r.state, i, state)
  r.errorEnd = writeText(r.error, r.errorEnd, bytes, errorFrom, errorTo)
  writeInt32(r.received, i, now - b.claimedAt)
  if (state === DELIVERED) b.grown.delivered++
  else if (state === UNDELIVERABLE) b.grown.undelivered++
  else if (state === EXPIRED) b.grown.expired++
  else failed(`a receipt of state ${state}`)
  b.letters[nth] = LETTERS[state]!
  b.moving--
  touch(b)
  link.owed.push(sequence)
}

const read = (link: Link, chunk: Buffer): void => {
  const now = performance.now()
  const bytes = link.rest === undefined ? chunk : Buffer.concat([link.rest, chunk])
  let at = 0
  while (at + 16 <= bytes.length) {
    const end = at + bytes.readUInt32BE(at)
    if (end > bytes.length) break
    const command = bytes.readUInt32BE(at + 4)
    const sequence = bytes.readUInt32BE(at + 12)
    if (command === SUBMIT_SM_RESP) answered(link, bytes, at, end, sequence, now)
    else if (command === DELIVER_SM) receipted(link, bytes, at, end, sequence, now)
    else failed(`command_id ${command} came`)
    at = end
  }
  link.rest = at < bytes.length ? bytes.subarray(at) : undefined
  fill(link, now)
  send(link)
}

// ------------------------------------------------------------------------------------------------ what is written

const flushOnce = async (number: number): Promise<void> => {
  const all = dirty
  dirty = []
  const committed = journal.run("flush", flushArguments(channel, epoch, number, all))
  const owed = links.map((link) => {
    const acknowledgements = link.owed
    link.owed = []
    return acknowledgements
  })
  for (const b of all) {
    emptied(b)
    if (b.moving > 0) continue
    released(b)
    blocks[b.slot] = undefined as never
    freeSlots.push(b.slot)
  }
  await committed
  links.forEach((link, i) => {
    for (const sequence of owed[i]!) {
      if (link.length > MOST_OUT) send(link)
      const { length, out } = link
      // deliver_sm_resp with its empty message_id
      out.writeUInt32BE(17, length)
      out.writeUInt32BE(0x80000005, length + 4)
      out.writeUInt32BE(0, length + 8)
      out.writeUInt32BE(sequence, length + 12)
      out[length + 16] = 0
      link.length = length + 17
    }
    send(link)
  })
}

// ------------------------------------------------------------------------------------------------------- and run

const bound = (number: number) =>
  new Promise<Link>((resolve, reject) => {
    const socket = connect(Number(flags.port), "127.0.0.1").setNoDelay(true)
    const body = Buffer.concat([Buffer.from("bench\0bench\0\0", "latin1"), Buffer.from([0x34, 0, 0, 0])])
    const pdu = Buffer.concat([Buffer.from([0, 0, 0, 16 + body.length, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1]), body])
    socket.on("error", reject).on("close", () => failed("the operator closed a connection"))
    socket.write(pdu)
    socket.once("data", () => {
      const link: Link = {
        number,
        socket,
        tokens: new Int32Array(RING),
        sentAt: new Float64Array(RING),
        sequence: 1,
        outstanding: 0,
        out: Buffer.allocUnsafe(OUT),
        length: 0,
        rest: undefined,
        owed: []
      }
      socket.on("data", (chunk: Buffer) => read(link, chunk))
      resolve(link)
    })
  })

const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms))

process.once("SIGTERM", () => process.exit(0))
for (let n = 1; n <= Number(flags.binds); n++) links.push(await bound(n))
process.stdout.write("bound\n")
while ((await door.run("state", [campaign]))[0]![0] !== "scheduled") await pause(10)
await door.run("open", [campaign])
claim()
for (let n = 1; ; ) {
  await pause(FLUSH_MS)
  if (dirty.length > 0) await flushOnce(n++)
}
