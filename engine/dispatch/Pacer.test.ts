import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { Pacer } from "./Pacer.ts"

/** Takes whatever it gets for so many seconds, looking every millisecond; gives messages a second. */
const drive = (pacer: Pacer, fromMs: number, seconds: number): number => {
  let n = 0
  for (let t = fromMs; t < fromMs + seconds * 1000; t++) n += pacer.take(1_000, t)
  return n / seconds
}

describe("Pacer", () => {
  it("keeps the contract", () => {
    const pacer = new Pacer(200, undefined, 0)
    assert.approximately(drive(pacer, 0, 10), 200, 1)
  })

  it("exceeds it in no second, however late and irregularly it is asked, nor after a rest", () => {
    const delays = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 500, max: 3_000 })), {
      minLength: 200,
      maxLength: 400
    })
    fc.assert(
      fc.property(fc.constantFrom(1, 7, 50, 1_000), delays, (contract, waits) => {
        const pacer = new Pacer(contract, undefined, 0)
        const left: Array<number> = []
        let now = 0
        for (const wait of waits) {
          now += wait
          const granted = pacer.take(contract, now)
          // some are given back, as when there is nothing to send
          const used = Math.ceil(granted / 2)
          pacer.giveBack(granted - used, now)
          for (let i = 0; i < used; i++) left.push(now)
        }
        for (let i = contract; i < left.length; i++) assert.isAbove(left[i]! - left[i - contract]!, 1_000)
      })
    )
  })

  it("lets a burst through on top where the contract allows one", () => {
    const pacer = new Pacer(100, 50, 0)
    assert.strictEqual(pacer.take(1_000, 0), 50)
    assert.approximately(drive(pacer, 0, 1), 100, 1)
  })

  it("says how long a contract that is used up makes it wait, and no longer", () => {
    const pacer = new Pacer(100, undefined, 0)
    let now = 0
    let n = 0
    while (n < 1_000) {
      const wait = pacer.wait(now)
      assert.isAtMost(wait, 1_005)
      now += wait
      const granted = pacer.take(1, now)
      assert.strictEqual(granted, 1, `after ${n} at ${now}`)
      n++
    }
    assert.approximately((n * 1000) / now, 99.5, 0.3)
  })

  it("holds nothing back without a contract", () => {
    const pacer = new Pacer(undefined, undefined, 0)
    assert.strictEqual(pacer.take(5_000, 0), 5_000)
    assert.strictEqual(pacer.wait(0), 0)
  })

  it("halves the pace at a complaint, once for all answers of a window, and is back at the contract in 20 s", () => {
    const pacer = new Pacer(100, undefined, 0)
    pacer.complain(1_000)
    for (let i = 0; i < 50; i++) pacer.complain(1_000 + i)
    assert.strictEqual(pacer.perSecond, 50)
    drive(pacer, 1_000, 21)
    assert.strictEqual(pacer.perSecond, 100)
  })

  it("goes down to one a second and no further", () => {
    const pacer = new Pacer(10, undefined, 0)
    for (let i = 0; i < 100; i++) pacer.complain(i * 1_000)
    assert.strictEqual(pacer.perSecond, 1)
  })

  it("without a contract finds its pace from what was going out when the operator complained", () => {
    const pacer = new Pacer(undefined, undefined, 0)
    for (let t = 0; t < 1_000; t++) pacer.take(4, t)
    pacer.complain(1_000)
    assert.approximately(pacer.perSecond, 2_000, 1)
    assert.strictEqual(pacer.take(10, 1_000), 0)
    drive(pacer, 1_000, 15)
    assert.strictEqual(pacer.perSecond, Number.POSITIVE_INFINITY)
  })
})
