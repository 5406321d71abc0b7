// The simulator's control over HTTP, for benchmarks and whoever wants to see it misbehave on demand.
//
//   GET  /counts         counts as JSON
//   GET  /received       what was received, one JSON object a line (`ReceivedRow`)
//   GET  /received.bin   the same, packed (`receivedBin.ts`)
//   GET  /arrivals       { from, windowMs, counts }: submits in each window of ?window=100 milliseconds
//   GET  /control        the options in force
//   POST /control        a patch of options as JSON
//   POST /cut /unbind /pause /resume /reset
//   POST /malformed      { "kind": "huge" }
//   POST /mo             { "from": "4915112345678", "to": "CorpIT", "text": "STOP" }
//
// Nonsense is answered 400 with { "error" }, an unknown path 404.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { Readable } from "node:stream"
import type { PhoneMessage } from "./fromPhone.ts"
import { type MalformedKind, malformedKinds } from "./malformed.ts"
import { OptionsError } from "./Options.ts"
import { packReceived } from "./receivedBin.ts"
import type { Smsc } from "./Smsc.ts"

type Face = Omit<Smsc, "port" | "httpPort" | "warning" | "close">

const longestBody = 1_000_000
/** So many rows are made into text or octets at once. */
const rowsAtOnce = 8192

export const httpFace = (smsc: Face): Server =>
  createServer((request, response) => {
    answer(smsc, request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy()
      json(response, error instanceof OptionsError ? 400 : 500, {
        error: error instanceof Error ? error.message : error
      })
    })
  })

const answer = async (smsc: Face, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const url = new URL(request.url ?? "/", "http://simulator")
  switch (`${request.method} ${url.pathname}`) {
    case "GET /counts":
      return json(response, 200, smsc.counts())
    case "GET /received":
      return stream(response, "application/x-ndjson", lines(smsc))
    case "GET /received.bin":
      return stream(response, "application/octet-stream", packed(smsc))
    case "GET /arrivals": {
      const windowMs = Number(url.searchParams.get("window") ?? 100)
      if (!(windowMs >= 1)) throw new OptionsError("window is a number of milliseconds, at least 1")
      return json(response, 200, smsc.received().arrivals(windowMs))
    }
    case "GET /control":
      return json(response, 200, smsc.settings())
    case "POST /control":
      smsc.control(await body(request))
      return json(response, 200, smsc.settings())
    case "POST /cut":
      return json(response, 200, { cut: smsc.cutSockets() })
    case "POST /unbind":
      smsc.unbind()
      return json(response, 200, {})
    case "POST /pause":
      smsc.pause()
      return json(response, 200, {})
    case "POST /resume":
      smsc.resume()
      return json(response, 200, {})
    case "POST /reset":
      smsc.reset()
      return json(response, 200, {})
    case "POST /malformed": {
      const { kind } = await body(request)
      if (!malformedKinds.includes(kind as MalformedKind))
        throw new OptionsError(`kind is one of ${malformedKinds.join(", ")}`)
      smsc.malformed(kind as MalformedKind)
      return json(response, 200, {})
    }
    case "POST /mo": {
      const { from, to, text, systemId } = await body(request)
      if (typeof from !== "string" || typeof to !== "string" || typeof text !== "string")
        throw new OptionsError("a message from a phone has from, to and text")
      const message: PhoneMessage = { from, to, text, ...(typeof systemId === "string" ? { systemId } : {}) }
      smsc.fromPhone(message)
      return json(response, 200, {})
    }
    default:
      return json(response, 404, { error: `nothing at ${request.method} ${url.pathname}` })
  }
}

const json = (response: ServerResponse, status: number, value: unknown) => {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(`${JSON.stringify(value)}\n`)
}

const stream = (response: ServerResponse, type: string, parts: Iterable<Buffer | string>) => {
  response.writeHead(200, { "content-type": type })
  const source = Readable.from(parts, { objectMode: true, highWaterMark: 1 })
  response.on("close", () => source.destroy())
  source.on("error", () => response.destroy())
  source.pipe(response)
}

// Both listings end where they ended when they were asked for, however much arrives meanwhile.

function* lines(smsc: Face): Generator<string> {
  const received = smsc.received()
  const rows = received.length
  for (let from = 0; from < rows; from += rowsAtOnce) {
    const to = Math.min(rows, from + rowsAtOnce)
    let text = ""
    for (let row = from; row < to; row++) text += `${JSON.stringify(received.at(row))}\n`
    yield text
  }
}

function* packed(smsc: Face): Generator<Buffer> {
  const received = smsc.received()
  const rows = received.length
  const idBase = smsc.idBase()
  let from = 0
  do {
    const to = Math.min(rows, from + rowsAtOnce)
    yield packReceived(received, from, to, rows, idBase)
    from = to
  } while (from < rows)
}

const body = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const parts: Array<Buffer> = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > longestBody) throw new OptionsError("the body is too long")
    parts.push(part)
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(parts).toString("utf8"))
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw new OptionsError("the body is not a JSON object")
}
