/** A body that arrives, piece by piece, for as long as somebody takes it and it does not fall silent. */

/** A body of which nothing came for so long is given up. */
export const SILENT_MS = 30_000

/** end: all of it was taken; silent: nothing came any more; broken: its connection did; stopped: nobody took it any more. */
export type Poured = "end" | "silent" | "broken" | "stopped"

/** take: settles when the next piece may come; false: no more. Time that it takes itself is not the body's silence. */
export const pour = async (
  body: AsyncIterable<Uint8Array>,
  take: (piece: Uint8Array) => Promise<boolean>,
  silentMs: number = SILENT_MS
): Promise<Poured> => {
  const pieces = body[Symbol.asyncIterator]()
  const over = (how: Poured) => {
    // not waited for: of one that is silent it may never settle
    pieces.return?.().catch(() => {})
    return how
  }
  while (true) {
    const next = await within(silentMs, pieces.next())
    if (next === "silent" || next === "broken") return over(next)
    if (next.done === true) return "end"
    if (!(await take(next.value))) return over("stopped")
  }
}

const within = async <A>(ms: number, promise: Promise<A>): Promise<A | "silent" | "broken"> => {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<"silent">((resolve) => {
    timer = setTimeout(() => resolve("silent"), ms)
  })
  try {
    return await Promise.race([promise, silence])
  } catch {
    return "broken"
  } finally {
    clearTimeout(timer)
  }
}
