import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { TokenBucket } from "./TokenBucket.ts"

describe("TokenBucket", () => {
  it("lets a cold bucket's burst through, then keeps the rate", () => {
    const bucket = new TokenBucket(10, 3, 0)
    assert.strictEqual(bucket.take(5, 0), 3)
    assert.strictEqual(bucket.wait(0), 100)
    assert.strictEqual(bucket.take(5, 99), 0)
    assert.strictEqual(bucket.take(5, 100), 1)
  })

  it("loses nothing to a caller that is late by less than a token", () => {
    const bucket = new TokenBucket(10, 1, 0)
    let granted = 0
    // always 30 ms late: 100 calls in 10 s
    for (let i = 0; i < 100; i++) granted += bucket.take(1, i * 100 + 30)
    assert.strictEqual(granted, 100)
  })

  it("saves up no more than the burst", () => {
    const bucket = new TokenBucket(1000, 20, 0)
    bucket.take(20, 0)
    assert.strictEqual(bucket.take(1000, 60_000), 20)
  })

  it("takes a new rate at once and keeps what was saved", () => {
    const bucket = new TokenBucket(10, 5, 0)
    bucket.take(5, 0)
    bucket.setRate(100, 200)
    assert.strictEqual(bucket.take(9, 200), 2)
    assert.strictEqual(bucket.take(9, 220), 2)
  })

  it("gives and takes nothing when the clock steps back", () => {
    const bucket = new TokenBucket(10, 2, 1_000)
    bucket.take(2, 1_000)
    assert.strictEqual(bucket.take(1, 0), 0)
    assert.strictEqual(bucket.take(1, 100), 1)
  })

  it("never grants more than burst + 1 + rate × time, however it is asked", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.record({ after: fc.integer({ min: 0, max: 300 }), wanted: fc.integer({ min: 0, max: 500 }) })),
        (perSecond, burst, calls) => {
          const bucket = new TokenBucket(perSecond, burst, 0)
          let now = 0
          let granted = 0
          for (const { after, wanted } of calls) {
            now += after
            const got = bucket.take(wanted, now)
            assert.isAtMost(got, wanted)
            granted += got
            assert.isAtMost(granted, burst + 1 + (perSecond * now) / 1000)
          }
        }
      )
    )
  })

  it("grants the whole rate to whoever asks when told to", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 50 }), (perSecond, burst) => {
        const bucket = new TokenBucket(perSecond, burst, 0)
        let now = 0
        let granted = 0
        while (now < 10_000) {
          granted += bucket.take(1, now)
          now += bucket.wait(now)
        }
        assert.approximately(granted, perSecond * 10 + burst, burst + 1)
      })
    )
  })
})
