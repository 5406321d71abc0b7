// An SMSC to talk to: it takes binds from anybody, answers submits, sends receipts, and misbehaves in every way an operator
// can. For tests and benchmarks, in this process; `main.ts` runs it as a process of its own.
//
// It keeps what it received, so that a test can compare it number by number with the ledger.

import { readFileSync } from "node:fs"
import { createServer, type Server, type Socket } from "node:net"
import { createServer as createTlsServer } from "node:tls"
import { Effect, Schema } from "effect"
import { commandId } from "#engine/smpp/command.ts"
import { type ControlPatch, readPatch } from "./ControlPatch.ts"
import { type PhoneMessage, phonePdu } from "./fromPhone.ts"
import { httpFace } from "./Http.ts"
import { Link } from "./Link.ts"
import { type MalformedKind, malformed } from "./malformed.ts"
import { Operator } from "./Operator.ts"
import { OptionsError, readOptions, type Settings, type SmscOptions, settingsOf, writtenSettings } from "./Options.ts"
import { readOwed, writeOwed } from "./Owed.ts"
import type { Received } from "./Received.ts"
import type { Counts } from "./Tally.ts"

/** The simulator could not start: nonsense was asked for, a port is taken, a certificate can't be read. */
export class SmscError extends Schema.TaggedError<SmscError>()("SmscError", { message: Schema.String }) {}

export interface Smsc {
  readonly port: number
  /** 0 when there is no control over HTTP. */
  readonly httpPort: number
  /** What was wrong with the file of the option `owed`, for a person; "" when nothing was. */
  readonly warning: string
  /** The message id of the first row, before it is dressed; the n-th row has this plus n. */
  readonly idBase: () => number
  readonly counts: () => Counts
  /** What was received, row by row; it grows on while you look. */
  readonly received: () => Received
  /** The last submits octet for octet, as many as the option `keep` says. */
  readonly kept: () => ReadonlyArray<Buffer>
  /** Every option that is in force, as it would be written. */
  readonly settings: () => Readonly<Record<string, string | number | boolean>>
  /** Changes options while it runs; throws `OptionsError` on nonsense, and then changes nothing. */
  readonly control: (patch: ControlPatch) => void
  /** Resolves at the end of the first turn after which this holds; rejects when the simulator is closed before. */
  readonly until: (reached: (counts: Counts) => boolean) => Promise<void>
  /** Destroys every connection; what was not written is lost. Returns how many. */
  readonly cutSockets: () => number
  /** Sends unbind on every bind. */
  readonly unbind: () => void
  /** Sends octets that no operator should send, on every bind. */
  readonly malformed: (kind: MalformedKind) => void
  /** A message from a phone; throws `OptionsError` if it can't be one. */
  readonly fromPhone: (message: PhoneMessage) => void
  /** Freezes: reads nothing, says nothing. */
  readonly pause: () => void
  readonly resume: () => void
  /** Forgets what was received and what was to come; connections and options stay. */
  readonly reset: () => void
  /**
   * Ends at once, with every connection and both ports. Gives how many receipts and messages were kept for the next start
   * (option `owed`); rejects with `SmscError` when they could not be written.
   */
  readonly close: () => Promise<number>
}

/** Starts a simulator; rejects with `SmscError`. */
export const makeSmsc = async (given: SmscOptions = {}): Promise<Smsc> => {
  const settings = read(() => settingsOf(readOptions(given)))
  const tls = certificate(settings)
  const operator = new Operator(settings)
  const sockets = new Set<Socket>()
  const smpp = listener(operator, tls, sockets)
  const smsc: Omit<Smsc, "port" | "httpPort" | "warning" | "close"> = {
    idBase: () => operator.idBase,
    counts: () => operator.counts(),
    received: () => operator.received,
    kept: () => operator.kept,
    settings: () => writtenSettings(operator.settings),
    control: (patch) => {
      const { settings, script } = readPatch(patch)
      Object.assign(operator.script, script)
      operator.apply({ ...operator.settings, ...settings })
    },
    until: (reached) => operator.until(reached),
    cutSockets: () => {
      const cut = sockets.size
      for (const link of operator.links) link.close()
      for (const socket of sockets) socket.destroy()
      return cut
    },
    unbind: () => {
      for (const link of operator.links)
        if (link.account !== undefined) link.header(commandId.unbind, 0, link.unacknowledged.skip())
    },
    malformed: (kind) => {
      for (const link of operator.links) if (link.account !== undefined) link.raw(malformed(kind))
    },
    fromPhone: (message) => {
      const pdu = phonePdu(message)
      if (pdu === undefined)
        throw new OptionsError("a message from a phone needs from, to and a text of at most 254 octets")
      operator.receipts.fromPhone(message.systemId, pdu)
    },
    pause: () => {
      operator.paused = true
      for (const link of operator.links) link.socket.pause()
    },
    resume: () => {
      operator.paused = false
      for (const link of operator.links) link.readOn()
      operator.touch()
    },
    reset: () => operator.reset()
  }
  const http = settings.http < 0 ? undefined : httpFace(smsc)
  const end = async () => {
    operator.stop()
    for (const socket of sockets) socket.destroy()
    http?.closeAllConnections()
    await Promise.all([closed(smpp), http === undefined ? undefined : closed(http)])
  }
  const close = async () => {
    await end()
    return keepOwed(operator)
  }
  try {
    const httpPort = http === undefined ? 0 : await listening(http, settings.http, settings.host)
    const port = await listening(smpp, settings.port, settings.host)
    // Not before both ports are ours, and before anybody can have connected.
    return { ...smsc, port, httpPort, warning: resume(operator), close }
  } catch (error) {
    await end()
    throw error
  }
}

/** A simulator for as long as the scope lives. onClosed: told how much was kept for the next start. */
export const scopedSmsc = (options: SmscOptions = {}, onClosed: (kept: number) => void = () => {}) =>
  Effect.acquireRelease(
    inWords(() => makeSmsc(options)),
    (smsc) =>
      inWords(() => smsc.close()).pipe(
        Effect.map(onClosed),
        Effect.catch((error) => Effect.logWarning(error.message))
      )
  ).pipe(Effect.tap(({ warning }) => (warning === "" ? Effect.void : Effect.logWarning(warning))))

const inWords = <A>(attempt: () => Promise<A>) =>
  Effect.tryPromise({
    try: attempt,
    catch: (error) => (error instanceof SmscError ? error : new SmscError({ message: String(error) }))
  })

/** Takes on what the file of the option `owed` says; gives what was wrong with it. */
const resume = (operator: Operator): string => {
  const { owed: path } = operator.settings
  if (path === "") return ""
  try {
    const { owed, warning } = readOwed(path)
    operator.resume(owed)
    return warning ?? ""
  } catch (error) {
    throw new SmscError({ message: `what is owed can't be read from ${path}: ${(error as Error).message}` })
  }
}

const keepOwed = ({ owed, settings }: Operator): number => {
  if (settings.owed === "") return 0
  try {
    writeOwed(settings.owed, owed)
    return owed.pdus.length
  } catch (error) {
    throw new SmscError({ message: `${owed.pdus.length} receipts are forgotten: ${(error as Error).message}` })
  }
}

const read = <A>(settings: () => A): A => {
  try {
    return settings()
  } catch (error) {
    throw error instanceof OptionsError ? new SmscError({ message: error.message }) : error
  }
}

const listener = (operator: Operator, tls: ReturnType<typeof certificate>, sockets: Set<Socket>): Server => {
  let number = 0
  const accept = (socket: Socket) => void new Link(operator, socket, number++)
  const server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept)
  // A client that fails its handshake is its own affair.
  server.on("tlsClientError", () => {})
  server.on("connection", (socket: Socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    socket.on("close", () => sockets.delete(socket))
  })
  return server
}

const certificate = ({ tlsCert, tlsKey }: Settings) => {
  if (tlsCert === "" && tlsKey === "") return undefined
  if (tlsCert === "" || tlsKey === "") throw new SmscError({ message: "TLS needs a certificate and its key" })
  try {
    return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) }
  } catch (error) {
    throw new SmscError({ message: `the certificate can't be read: ${(error as Error).message}` })
  }
}

const listening = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "the port is taken" : error.message
      reject(new SmscError({ message: `can't listen on ${host} port ${port}: ${why}` }))
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(address !== null && typeof address === "object" ? address.port : port)
    })
  })

const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
