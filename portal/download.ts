/**
 * A file that is made while it is sent, however long it is: what makes it is asked for more only as fast as the browser takes it.
 *
 * Promises: what is refused before the first piece is an error's page as anywhere; what fails later breaks the download off, so that
 * nobody takes half a file for a whole one; who takes nothing for a minute, or has gone away, ends it.
 */
import { Deferred, Effect, Exit, Fiber } from "effect"
import type { Asked } from "./visit.ts"

/** Takes the file's text, piece by piece. */
export type Take = (text: string) => Effect.Effect<void>

export interface DownloadedAs {
  /** ASCII, without quotes. */
  readonly name: string
  readonly type: string
}

export const download = <E, R>(
  c: Asked,
  { name, type }: DownloadedAs,
  make: (take: Take) => Effect.Effect<unknown, E, R>
): Effect.Effect<Response, E, R> =>
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
    // it goes on when this handler has answered
    const making = yield* Effect.forkDetach(Effect.onExit(make(take), end))
    yield* Effect.onInterrupt(Effect.raceFirst(Deferred.await(begun), Fiber.join(making)), () =>
      Fiber.interrupt(making)
    )
    c.header("Content-Type", type)
    c.header("Content-Disposition", `attachment; filename="${name}"`)
    return c.body(readable)
  })
