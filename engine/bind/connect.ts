/**
 * From nothing to a bound socket: TCP or TLS, then bind_* and its answer (SMPP 3.4, 4.1).
 *
 * Promises: within `session_init` there is either a bound socket, owned by the scope, or one of a closed set of reasons;
 * octets that came right behind the bind's answer are not lost.
 */
import { connect as connectTcp, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"
import { Effect, Redacted, Result, Schema } from "effect"
import { interfaceVersion } from "#engine/smpp/command.ts"
import { defaultLongest } from "#engine/smpp/Frame.ts"
import { decode, encode } from "#engine/smpp/Pdu.ts"
import type { BindMode } from "#engine/smpp/SessionOwner.ts"
import { statusOf } from "#engine/smpp/status.ts"

/** SMPP 3.4, 2.7 (session_init_timer): from connecting to being bound. */
const SESSION_INIT = "10 seconds"

export class BindError extends Schema.TaggedError<BindError>()("BindError", {
  reason: Schema.Literals(["Unreachable", "Timeout", "WrongCredentials", "Rejected", "NotSmpp"]),
  message: Schema.String
}) {}

export interface Account {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly system_id: string
  readonly password: Redacted.Redacted<string>
  readonly system_type: string
}

/** A bound, paused socket; its sequence numbers go on from 1, which the bind used. */
export const connect = Effect.fnUntraced(function* (account: Account, mode: BindMode) {
  const bound = Effect.gen(function* () {
    const socket = yield* open(account)
    yield* bind(socket, account, mode)
    return socket
  })
  return yield* bound.pipe(
    Effect.timeoutOrElse({
      duration: SESSION_INIT,
      orElse: () =>
        Effect.fail(
          new BindError({
            reason: "Timeout",
            message: `no answer from ${account.host}:${account.port} within ${SESSION_INIT}`
          })
        )
    })
  )
})

const open = (account: Account) =>
  Effect.acquireRelease(
    Effect.callback<Socket, BindError>((resume) => {
      const { host, port } = account
      // the operator's certificate is checked against the system's authorities (or NODE_EXTRA_CA_CERTS)
      const socket = account.tls ? connectTls({ host, port, servername: host }) : connectTcp({ host, port })
      socket.setNoDelay(true)
      // whoever listens besides: an error between two listeners must not be nobody's
      socket.on("error", () => {})
      socket.once(account.tls ? "secureConnect" : "connect", () => {
        resume(Effect.succeed(socket))
      })
      socket.once("error", (error) =>
        resume(Effect.fail(new BindError({ reason: "Unreachable", message: `${host}:${port}: ${error.message}` })))
      )
      return Effect.sync(() => socket.destroy())
    }),
    (socket) => Effect.sync(() => socket.destroy()),
    { interruptible: true }
  )

const bind = (socket: Socket, account: Account, mode: BindMode) =>
  Effect.callback<void, BindError>((resume) => {
    const fail = (reason: BindError["reason"], message: string) =>
      resume(Effect.fail(new BindError({ reason, message })))
    const request = encode({
      command: `bind_${mode}`,
      sequence_number: 1,
      system_id: account.system_id,
      password: Redacted.value(account.password),
      system_type: account.system_type,
      interface_version: interfaceVersion
    })
    if (Result.isFailure(request)) return fail("Rejected", request.failure.message)

    let got: Buffer = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      got = Buffer.concat([got, chunk])
      if (got.length < 4) return
      const length = got.readUInt32BE(0)
      if (length < 16 || length > defaultLongest)
        return fail("NotSmpp", `the answer to the bind is no PDU (command_length ${length})`)
      if (got.length < length) return
      unhear()
      socket.pause()
      if (got.length > length) socket.unshift(got.subarray(length))
      const answer = decode(got.subarray(0, length))
      if (Result.isFailure(answer)) return fail("NotSmpp", `the answer to the bind: ${answer.failure.message}`)
      const { command, command_status } = answer.success
      if (command_status !== 0) {
        const name = statusOf(command_status).name
        const wrong = name === "ESME_RINVPASWD" || name === "ESME_RINVSYSID"
        return fail(
          wrong ? "WrongCredentials" : "Rejected",
          `the operator refused bind_${mode} as "${account.system_id}": ${name}`
        )
      }
      if (command !== `bind_${mode}_resp`) return fail("NotSmpp", `${command} came instead of bind_${mode}_resp`)
      resume(Effect.void)
    }
    const onError = (error: Error) => fail("Unreachable", error.message)
    const onClose = () => fail("Unreachable", "the operator closed the connection before it answered the bind")
    const unhear = () => socket.off("data", onData).off("error", onError).off("close", onClose)
    socket.on("data", onData).on("error", onError).on("close", onClose)
    socket.write(request.success)
    return Effect.sync(unhear)
  })
