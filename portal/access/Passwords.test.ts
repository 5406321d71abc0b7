import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Redacted } from "effect"
import { Passwords } from "./Passwords.ts"
import { CHEAP } from "./testing/cheap.ts"

const password = Redacted.make("mauve staples grazing")
const cheap = (atOnce: number) => Passwords.layer({ cost: CHEAP, atOnce })

describe("passwords", () => {
  it.live("fit the hash that was made of them and no other, however their characters are composed", () =>
    Effect.gen(function* () {
      const { hash, verify } = yield* Passwords
      const made = yield* hash(Redacted.make("caf\u00e9 au lait noir"))
      const fits = (typed: string, h: string | null = made) =>
        Effect.map(verify(Effect.succeed({ hash: h }), Redacted.make(typed)), (found) => found !== undefined)
      assert.isTrue(yield* fits("cafe\u0301 au lait noir"))
      assert.isFalse(yield* fits("cafe au lait noir"))
      assert.isFalse(yield* fits("cafe\u0301 au lait noir", null))
      assert.notStrictEqual(yield* hash(password), yield* hash(password))
    }).pipe(Effect.provide(cheap(1)))
  )

  it.live("of nobody are checked too, and fit nothing", () =>
    Effect.gen(function* () {
      const { verify } = yield* Passwords
      assert.isUndefined(yield* verify(Effect.succeed({ hash: null }), password))
      assert.isUndefined(yield* verify(Effect.succeed({ hash: null }), Redacted.make("")))
    }).pipe(Effect.provide(cheap(1)))
  )

  it.live(
    "are checked so many at once, so many wait, and who is one too many is sent away before anything is asked",
    () =>
      Effect.gen(function* () {
        const { verify } = yield* Passwords
        const gate = yield* Deferred.make<void>()
        let asked = 0
        let most = 0
        let inside = 0
        const ask = Effect.gen(function* () {
          asked++
          most = Math.max(most, ++inside)
          yield* Deferred.await(gate)
          inside--
          return { hash: null }
        })
        const outcome = Effect.match(verify(ask, password), {
          onSuccess: () => "checked",
          onFailure: ({ reason }) => reason
        })
        const fibers = yield* Effect.forEach(Array(100), () => Effect.forkChild(outcome, { startImmediately: true }))
        assert.strictEqual(asked, 2)
        yield* Deferred.succeed(gate, undefined)
        const outcomes = yield* Effect.forEach(fibers, Fiber.join)
        assert.strictEqual(outcomes.filter((it) => it === "checked").length, 82)
        assert.strictEqual(outcomes.filter((it) => it === "Busy").length, 18)
        assert.strictEqual(asked, 82)
        assert.strictEqual(most, 2)
        assert.isUndefined(yield* verify(Effect.succeed({ hash: null }), password), "and there is room again")
      }).pipe(Effect.provide(cheap(2)))
  )

  it.live("are stale when their hash was made at another cost", () =>
    Effect.gen(function* () {
      const { hash, isStale } = yield* Passwords
      assert.isFalse(isStale(yield* hash(password)))
      for (const parameters of ["m=9,t=1,p=1", "m=8,t=2,p=1", "m=16,t=1,p=2"]) {
        assert.isTrue(isStale((yield* hash(password)).replace("m=8,t=1,p=1", parameters)), parameters)
      }
    }).pipe(Effect.provide(cheap(1)))
  )
})
