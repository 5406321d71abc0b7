/**
 * The least that talks to Postgres: one socket, prepared statements, one at a time, parameters as they go on the wire. It
 * is the floor's own, so that the floor owes nothing to the driver that is measured against it. Not the npm package `pg`,
 * which is here only because another package brings it: it copies each parameter once more, and we don't depend on it.
 *
 * PostgreSQL's documentation, chapter "Frontend/Backend Protocol"; passwords by SCRAM-SHA-256 (RFC 5802), in the clear, or none.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto"
import { connect, type Socket } from "node:net"

/** Text goes as text; runs of octets go one after the other, as one binary value. */
export type Parameter = string | null | ReadonlyArray<Uint8Array>
type Row = ReadonlyArray<string | null>

export interface Connection {
  /** Rows as text. Rejects with what the server says. */
  readonly run: (statement: string, parameters: ReadonlyArray<Parameter>) => Promise<ReadonlyArray<Row>>
  readonly end: () => void
}

const octets = (text: string) => Buffer.from(text, "utf8")
const int32 = (n: number) => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32BE(n)
  return bytes
}
const message = (type: string, ...parts: ReadonlyArray<Buffer>) => {
  const body = Buffer.concat(parts)
  return Buffer.concat([octets(type), int32(body.length + 4), body])
}

/** Connects, and prepares the statements under their names. */
export const connection = async (url: string, statements: Readonly<Record<string, string>>): Promise<Connection> => {
  const { hostname, password, pathname, port, username } = new URL(url)
  const socket = connect(Number(port || 5432), hostname).setNoDelay(true)
  let rows: Array<Row> = []
  let failure: Error | undefined
  let turn = Promise.withResolvers<ReadonlyArray<Row>>()
  const sasl = scram(decodeURIComponent(password))
  socket.on("error", (error) => turn.reject(error))
  socket.on("close", () => turn.reject(failure ?? new Error("Postgres closed the connection")))
  frames(socket, (type, body) => {
    switch (type) {
      case "R":
        return authenticate(socket, sasl, body)
      case "D":
        return void rows.push(values(body))
      case "E":
        failure = new Error(body.toString("utf8").split("\0").join(" "))
        return
      case "Z": {
        const { reject, resolve } = turn
        if (failure === undefined) resolve(rows)
        else reject(failure)
        failure = undefined
      }
    }
  })
  const ask = (bytes: Buffer) => {
    turn = Promise.withResolvers()
    rows = []
    socket.write(bytes)
    return turn.promise
  }
  const startup = octets(
    `user\0${decodeURIComponent(username)}\0database\0${decodeURIComponent(pathname.slice(1))}\0\0`
  )
  await ask(Buffer.concat([int32(startup.length + 8), int32(196_608), startup]))
  for (const [name, text] of Object.entries(statements))
    await ask(Buffer.concat([message("P", octets(`${name}\0${text}\0\0\0`)), message("S")]))
  const tail = Buffer.concat([message("E", octets("\0"), int32(0)), message("S")])
  return {
    run: (statement, parameters) => ask(Buffer.concat([bind(statement, parameters), tail])),
    end: () => socket.destroy()
  }
}

const bind = (statement: string, parameters: ReadonlyArray<Parameter>): Buffer => {
  const sizes = parameters.map((p) =>
    p === null ? 0 : typeof p === "string" ? Buffer.byteLength(p) : p.reduce((sum, run) => sum + run.length, 0)
  )
  const size =
    1 +
    statement.length +
    1 +
    2 +
    2 * parameters.length +
    2 +
    4 * parameters.length +
    sizes.reduce((a, b) => a + b, 0) +
    2
  const out = Buffer.allocUnsafe(5 + size)
  out.write("B", 0)
  out.writeInt32BE(size + 4, 1)
  let at = 5
  at += out.write(`\0${statement}\0`, at)
  at = out.writeInt16BE(parameters.length, at)
  for (const p of parameters) at = out.writeInt16BE(typeof p === "string" || p === null ? 0 : 1, at)
  at = out.writeInt16BE(parameters.length, at)
  parameters.forEach((p, i) => {
    at = out.writeInt32BE(p === null ? -1 : sizes[i]!, at)
    if (p === null) return
    if (typeof p === "string") at += out.write(p, at)
    else
      for (const run of p) {
        out.set(run, at)
        at += run.length
      }
  })
  out.writeInt16BE(0, at)
  return out
}

const frames = (socket: Socket, take: (type: string, body: Buffer) => void): void => {
  let rest: Buffer = Buffer.alloc(0)
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= 5) {
      const end = 1 + rest.readInt32BE(1)
      if (rest.length < end) return
      const body = rest.subarray(5, end)
      const type = String.fromCharCode(rest[0]!)
      rest = rest.subarray(end)
      take(type, body)
    }
  })
}

const values = (body: Buffer): Row => {
  let at = 2
  return Array.from({ length: body.readInt16BE(0) }, () => {
    const length = body.readInt32BE(at)
    at += 4 + Math.max(0, length)
    return length < 0 ? null : body.toString("utf8", at - length, at)
  })
}

const authenticate = (socket: Socket, sasl: ReturnType<typeof scram>, body: Buffer): void => {
  switch (body.readInt32BE(0)) {
    case 3:
      return void socket.write(message("p", octets(`${sasl.password}\0`)))
    case 10:
      return void socket.write(message("p", octets("SCRAM-SHA-256\0"), int32(sasl.first.length), octets(sasl.first)))
    case 11:
      return void socket.write(message("p", octets(sasl.final(body.toString("utf8", 4)))))
  }
}

const scram = (password: string) => {
  const bare = `n=,r=${randomBytes(18).toString("base64")}`
  const final = (challenge: string): string => {
    const [, nonce, salt, rounds] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(challenge)!
    const salted = pbkdf2Sync(password, Buffer.from(salt!, "base64"), Number(rounds), 32, "sha256")
    const key = createHmac("sha256", salted).update("Client Key").digest()
    const stored = createHash("sha256").update(key).digest()
    const signed = createHmac("sha256", stored).update(`${bare},${challenge},c=biws,r=${nonce}`).digest()
    return `c=biws,r=${nonce},p=${Buffer.from(key.map((octet, i) => octet ^ signed[i]!)).toString("base64")}`
  }
  return { password, first: `n,,${bare}`, final }
}
