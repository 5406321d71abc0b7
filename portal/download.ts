/**
 * A file that is made while it is sent, however long it is: what makes it is asked for more only as fast as the browser takes it.
 *
 * Promises: what is refused before the first piece is an error's page as anywhere; what fails later breaks the download off, so that
 * nobody takes half a file for a whole one; who takes nothing for a minute, or has gone away, ends it.
 */
import { Deferred, Effect, Exit, Fiber } from "effect"
import type { Asked } from "./visit.ts"

/**
 * The header that names a downloaded file (RFC 6266). Whatever the name is made of, it is a name and nothing else: it ends no line, no
 * quotes, and leads to no folder; what a header can't say as it is comes a second time, encoded (RFC 8187).
 */
export const attachment = (name: string): string => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not pass
  const safe = name.toWellFormed().replace(/[\x00-\x1f\x7f-\x9f/\\\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "_")
  const plain = safe.replace(/[^\x20-\x7e]|["%]/g, "_")
  const encoded = encodeURIComponent(safe).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  return `attachment; filename="${plain}"${plain === safe ? "" : `; filename*=UTF-8''${encoded}`}`
}

/** Takes the file's text, piece by piece. */
export type Take = (text: string) => Effect.Effect<void>

export interface DownloadedAs {
  readonly name: string
  readonly type: string
}

export const download = <E, R>(
  c: Asked,
  { name, type }: DownloadedAs,
  make: (take: Take) => Effect.Effect<unknown, E, R>
): Effect.Effect<Response, E, R> =>
  Effect.map(poured(make), (readable) => {
    c.header("Content-Type", type)
    c.header("Content-Disposition", attachment(name))
    return c.body(readable)
  })

/** What is written, as it is written; once there is something of it. */
export const poured = <E, R>(
  make: (take: Take) => Effect.Effect<unknown, E, R>
): Effect.Effect<ReadableStream<Uint8Array>, E, R> =>
  Effect.gen(function* () {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const begun = yield* Deferred.make<void>()
    const encoder = new TextEncoder()
    const take: Take = (text) =>
      Effect.andThen(
        Deferred.succeed(begun, undefined),
        Effect.tryPromise(() => writer.write(encoder.encode(text))).pipe(
          Effect.timeout("1 minute"),
          // nobody is there any more to be told
          Effect.catch(() => Effect.interrupt)
        )
      )
    const end = (exit: Exit.Exit<unknown, unknown>) =>
      Effect.ignore(
        Effect.tryPromise(() => (Exit.isSuccess(exit) ? writer.close() : writer.abort(new Error("the file broke off"))))
      )
    // also while there is nothing to write
    const gone = Effect.andThen(Effect.ignore(Effect.tryPromise(() => writer.closed)), Effect.interrupt)
    // it goes on when this handler has answered
    const making = yield* Effect.forkDetach(Effect.onExit(Effect.raceFirst(make(take), gone), end))
    yield* Effect.onInterrupt(Effect.raceFirst(Deferred.await(begun), Fiber.join(making)), () =>
      Fiber.interrupt(making)
    )
    return readable
  })
