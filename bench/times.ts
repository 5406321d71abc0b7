/** How long things take one after the other: the first, which may have to plan and to look up, apart from the rest. */
import { Clock, Effect } from "effect"

/** Milliseconds. */
export interface Times {
  readonly first: number
  readonly median: number
  readonly least: number
  readonly most: number
}

const rounded = (ms: number) => Number(ms.toFixed(2))

export const timesOf = Effect.fnUntraced(function* <E, R>(effects: ReadonlyArray<Effect.Effect<unknown, E, R>>) {
  const times: Array<number> = []
  for (const effect of effects) {
    const began = yield* Clock.currentTimeNanos
    yield* effect
    times.push(Number((yield* Clock.currentTimeNanos) - began) / 1e6)
  }
  const [first = 0, ...rest] = times
  const sorted = rest.toSorted((a, b) => a - b)
  const at = (share: number) => rounded(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
  return { first: rounded(first), median: at(0.5), least: at(0), most: at(1) } satisfies Times
})

/** A line for people. */
export const shown = (what: string, { first, least, median, most }: Times): string =>
  `  ${what.padEnd(44)} median ${median} ms (${least} to ${most}); first ${first} ms`
