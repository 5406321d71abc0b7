/**
 * Asks for pages at a steady pace, as people do who don't know of each other: who waits long is not waited for by the next.
 */
import { Agent, request } from "node:http"
import { Clock, Effect } from "effect"
import type { Page } from "./pages.ts"

/** A page with the times that it took, in ms. */
export type Asking = ReadonlyArray<{
  readonly what: string
  readonly ms: ReadonlyArray<number>
  readonly wrong: number
}>

/** Connections that browsers hold open, together. */
const CONNECTIONS = 64

/** perSecond: pages in turn, so many a second, for so many seconds. */
export const askAll = (
  origin: string,
  pages: ReadonlyArray<Page>,
  perSecond: number,
  seconds: number
): Effect.Effect<Asking> =>
  Effect.scoped(
    Effect.gen(function* () {
      const agent = yield* Effect.acquireRelease(
        Effect.sync(() => new Agent({ keepAlive: true, maxSockets: CONNECTIONS })),
        (one) => Effect.sync(() => one.destroy())
      )
      const found = pages.map(({ what }) => ({ what, ms: [] as Array<number>, wrong: 0 }))
      const from = yield* Clock.currentTimeMillis
      const count = perSecond * seconds
      yield* Effect.forEach(
        Array.from({ length: count }, (_, nth) => nth),
        (nth) =>
          Effect.gen(function* () {
            yield* Effect.sleep(Math.max(0, from + (nth * 1_000) / perSecond - (yield* Clock.currentTimeMillis)))
            const at = nth % pages.length
            const { ms, status } = yield* ask(agent, origin, pages[at]!)
            found[at]!.ms.push(ms)
            if (status !== 200) found[at]!.wrong++
          }),
        { concurrency: "unbounded", discard: true }
      )
      return found
    })
  )

const ask = (agent: Agent, origin: string, { cookie, path }: Page) =>
  Effect.callback<{ readonly ms: number; readonly status: number }>((resume) => {
    const began = performance.now()
    const done = (status: number) => resume(Effect.succeed({ ms: performance.now() - began, status }))
    const headers = { cookie, "accept-language": "en" }
    const asked = request(new URL(path, origin), { agent, headers }, (answer) => {
      answer.on("end", () => done(answer.statusCode ?? 0)).resume()
    })
    asked.on("error", () => done(0)).end()
    return Effect.sync(() => asked.destroy())
  })
