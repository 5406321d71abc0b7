import { assert, describe, it } from "@effect/vitest"
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
