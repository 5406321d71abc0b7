// The bluntest client there is, to see what the simulator costs: it keeps a window of submits full on a few binds, acknowledges
// every receipt, and does nothing else. Submits are made once; only number and sequence are patched in.
//
//   node bench/smsc/hammer.ts --port 2775 --messages 1000000 --binds 2 --window 100
//
// Prints one line of JSON. The simulator's own CPU time is asked of it by `--pid` (Linux: /proc), a process of its own.

import { readFileSync } from "node:fs"
import { connect } from "node:net"
import { parseArgs } from "node:util"
import { readUint32, writeDecimal, writeUint32 } from "./digits.ts"

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "2775" },
    messages: { type: "string", default: "1000000" },
    binds: { type: "string", default: "2" },
    window: { type: "string", default: "100" },
    receipts: { type: "boolean", default: true },
    pid: { type: "string", default: "" }
  },
  allowNegative: true
})
const messages = Number(values.messages)
const binds = Number(values.binds)
const window = Number(values.window)

const bind = Buffer.concat([Buffer.alloc(16), Buffer.from("hammer\0pw\0\0", "latin1"), Buffer.from([0x34, 0, 0, 0])])
writeUint32(bind, 0, bind.length)
writeUint32(bind, 4, 0x00000009)
writeUint32(bind, 12, 1)

const text = Buffer.from("Planned maintenance tonight from 22:00. Your service is back at 23:00.", "latin1")
const submit = Buffer.concat([
  Buffer.alloc(16),
  Buffer.from([0, 5, 0]),
  Buffer.from("CorpIT\0", "latin1"),
  Buffer.from([1, 1]),
  Buffer.from("491511000000\0", "latin1"),
  Buffer.from([0, 0, 0, 0, 0, values.receipts ? 1 : 0, 0, 0, 0, text.length]),
  text
])
writeUint32(submit, 0, submit.length)
writeUint32(submit, 4, 0x00000004)
const numberAt = 16 + 3 + 7 + 2

let sent = 0
let answered = 0
let receipts = 0
let finish = () => {}
const finished = new Promise<void>((resolve) => {
  finish = resolve
})

const run = () =>
  new Promise<void>((bound) => {
    const out = Buffer.alloc(1 << 20)
    let length = 0
    let carry: Buffer | undefined
    let sequence = 1
    const socket = connect({ port: Number(values.port), host: "127.0.0.1", noDelay: true })
    const fill = (n: number) => {
      for (let i = 0; i < n && sent < messages; i++) {
        out.set(submit, length)
        writeUint32(out, length + 12, ++sequence)
        writeDecimal(out, length + numberAt, 491_511_000_000 + sent++, 12)
        length += submit.length
      }
    }
    const flush = () => {
      if (length > 0) socket.write(Buffer.from(out.subarray(0, length)))
      length = 0
    }
    starts.push(() => {
      fill(window)
      flush()
    })
    socket.on("data", (chunk: Buffer) => {
      const bytes = carry === undefined ? chunk : Buffer.concat([carry, chunk])
      let at = 0
      let free = 0
      while (bytes.length - at >= 16) {
        const end = at + readUint32(bytes, at)
        if (end > bytes.length) break
        const command_id = readUint32(bytes, at + 4)
        if (command_id === 0x80000004) {
          answered++
          free++
        } else if (command_id === 0x00000005) {
          receipts++
          writeUint32(out, length, 17)
          writeUint32(out, length + 4, 0x80000005)
          writeUint32(out, length + 8, 0)
          writeUint32(out, length + 12, readUint32(bytes, at + 12))
          out[length + 16] = 0
          length += 17
        } else if (command_id === 0x80000009) bound()
        at = end
      }
      carry = at < bytes.length ? Buffer.from(bytes.subarray(at)) : undefined
      fill(free)
      flush()
      if (answered >= messages && (!values.receipts || receipts >= messages)) finish()
    })
    socket.write(bind)
    ended.push(() => socket.destroy())
  })

/** CPU milliseconds of a process so far. */
const cpu = (): number => {
  if (values.pid === "") return 0
  const fields = readFileSync(`/proc/${values.pid}/stat`, "latin1").split(") ")[1]!.split(" ")
  return (Number(fields[11]) + Number(fields[12])) * 10
}

const starts: Array<() => void> = []
const ended: Array<() => void> = []
await Promise.all(Array.from({ length: binds }, run))
const before = cpu()
const from = performance.now()
for (const start of starts) start()
await finished
const seconds = (performance.now() - from) / 1000
const own = process.cpuUsage()
process.stdout.write(
  `${JSON.stringify({
    messages,
    perSecond: Math.round(messages / seconds),
    simulatorMicrosPerMessage: values.pid === "" ? null : Number((((cpu() - before) * 1000) / messages).toFixed(2)),
    hammerMicrosPerMessage: Number(((own.user + own.system) / messages).toFixed(2)),
    receipts
  })}\n`
)
for (const end of ended) end()
