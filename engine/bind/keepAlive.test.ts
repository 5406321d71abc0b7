import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { keepAlive } from "./keepAlive.ts"

const usual = { firstMs: 500, capMs: 30_000, resetAfterMs: 60_000, atLeastMs: () => 0 }

/** Lets lives of the given lengths (ms) end in failure; gives the waits between them. */
const waitsAfter = (
  lives: ReadonlyArray<number>,
  o: { readonly atLeastMs?: (error: string | undefined) => number } = {}
) =>
  Effect.gen(function* () {
    const waits: Array<number> = []
    let n = 0
    const life = Effect.gen(function* () {
      yield* Effect.sleep(lives[n++] ?? 1e9)
      return yield* Effect.fail("died")
    })
    const fiber = yield* Effect.forkChild(
      keepAlive<string, never>(life, {
        ...usual,
        ...o,
        onDeath: (_, waitMs) => Effect.sync(() => void waits.push(waitMs))
      })
    )
    while (waits.length < lives.length) yield* TestClock.adjust("1 second")
    yield* Fiber.interrupt(fiber)
    return waits
  })

const within = (wait: number, ms: number) => assert.isTrue(wait >= 0.8 * ms && wait <= 1.2 * ms, `${wait} of ${ms}`)

describe("keepAlive", () => {
  it.effect("waits twice as long after each early death, up to the cap", () =>
    Effect.gen(function* () {
      const waits = yield* waitsAfter(new Array(9).fill(10))
      const expected = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]
      expected.forEach((ms, i) => {
        within(waits[i]!, ms)
      })
    })
  )

  it.effect("begins with the first wait again after a long life", () =>
    Effect.gen(function* () {
      const waits = yield* waitsAfter([10, 10, 10, 10, 61_000, 10])
      within(waits[3]!, 4_000)
      within(waits[4]!, 500)
      within(waits[5]!, 1_000)
    })
  )

  it.effect("does not come back in step with others", () =>
    Effect.gen(function* () {
      const first = yield* Effect.forEach(Array.from({ length: 20 }), () => waitsAfter([10]))
      assert.isAbove(new Set(first.flat()).size, 15)
    })
  )

  it.effect("waits at least as long as the kind of death asks", () =>
    Effect.gen(function* () {
      const waits = yield* waitsAfter([10, 10], { atLeastMs: (error) => (error === "died" ? 300_000 : 0) })
      for (const wait of waits) within(wait, 300_000)
    })
  )

  it.effect("lives again after the wait, not sooner", () =>
    Effect.gen(function* () {
      const births: Array<number> = []
      const life = Effect.andThen(
        Effect.flatMap(Clock.currentTimeMillis, (at) => Effect.sync(() => births.push(at))),
        Effect.fail("died")
      )
      const waits: Array<number> = []
      const fiber = yield* Effect.forkChild(
        keepAlive<string, never>(life, { ...usual, onDeath: (_, waitMs) => Effect.sync(() => void waits.push(waitMs)) })
      )
      while (births.length < 4) yield* TestClock.adjust("100 millis")
      yield* Fiber.interrupt(fiber)
      births.slice(1).forEach((at, i) => {
        assert.isAtLeast(at - births[i]!, Math.floor(waits[i]!))
      })
    })
  )
})
