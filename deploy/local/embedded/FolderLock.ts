/**
 * One starter a data folder. The lock is a socket with an abstract name (Linux): the kernel frees it with the process,
 * however that ends, so there is no stale lock to reason about; and whoever comes second can ask the holder where its
 * server is.
 */

import { createHash } from "node:crypto"
import { connect, createServer, type Server } from "node:net"
import { Effect, type Scope } from "effect"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"

export interface FolderLock {
  /** What a second starter is told. */
  readonly announce: (where: string) => void
}

/** Held until the scope closes. Fails with `running`, saying where, when another process holds it. */
export const lockFolder = (folder: string): Effect.Effect<FolderLock, EmbeddedPostgresError, Scope.Scope> => {
  const path = `\0countersign-postgres-${createHash("sha256").update(folder).digest("hex").slice(0, 32)}`
  let where = "still starting"
  return Effect.acquireRelease(
    listen(path, () => `process ${process.pid}, ${where}`),
    (server) => Effect.callback<void>((resume) => void server.close(() => resume(Effect.void)))
  ).pipe(
    Effect.catchCause(() => Effect.flatMap(ask(path), (answer) => Effect.fail(running(folder, answer)))),
    Effect.as({
      announce: (text: string) => {
        where = text
      }
    })
  )
}

const running = (folder: string, answer: string) =>
  new EmbeddedPostgresError({
    reason: "running",
    message: `the database in ${folder} is already running (${answer}); use that one, stop it first, or give DATABASE_URL`
  })

const listen = (path: string, answer: () => string) =>
  Effect.callback<Server, Error>((resume) => {
    const server = createServer((socket) => void socket.on("error", () => {}).end(answer()))
    server.once("error", (error) => resume(Effect.fail(error)))
    // Not a reason for the process to stay.
    server.listen(path, () => resume(Effect.succeed(server.unref())))
  })

/** A holder whose event loop is busy may take its time; one second, and we go without its answer. */
const ask = (path: string): Effect.Effect<string> =>
  Effect.callback<string>((resume) => {
    let answer = ""
    const socket = connect(path)
    socket.setEncoding("utf8")
    socket.on("data", (text: string) => {
      answer += text
    })
    socket.on("error", () => resume(Effect.succeed("in another process")))
    socket.on("end", () => resume(Effect.succeed(answer)))
    return Effect.sync(() => void socket.destroy())
  }).pipe(Effect.timeoutOrElse({ duration: "1 second", orElse: () => Effect.succeed("in another process") }))
