// Draws, distributions and mixes: chance that can be repeated and has the shape that was asked for.

import { assert, describe, it } from "@effect/vitest"
import { type Distribution, distribution, normal } from "./Distribution.ts"
import { draw, salt } from "./draw.ts"
import { share, shares, weights } from "./Mix.ts"
import { stateCode } from "./states.ts"
import { statusCode } from "./statuses.ts"

const rows = Array.from({ length: 50_000 }, (_, row) => row)
const draws = rows.map((row) => draw(1, row, salt.latency)).sort((a, b) => a - b)

describe("a draw", () => {
  it("spreads evenly over 0 to 1, and depends on seed, row and question", () => {
    for (const [i, u] of draws.entries()) assert.closeTo(u, i / rows.length, 0.01)
    assert.strictEqual(draw(1, 5, salt.error), draw(1, 5, salt.error))
    assert.notStrictEqual(draw(1, 5, salt.error), draw(2, 5, salt.error))
    assert.notStrictEqual(draw(1, 5, salt.error), draw(1, 6, salt.error))
    assert.notStrictEqual(draw(1, 5, salt.error), draw(1, 5, salt.state))
  })
})

describe("a distribution", () => {
  const quantile = (d: Distribution, q: number) => d.at(draws[Math.floor(q * rows.length)]!)

  it("is fixed, uniform or lognormal, as written", () => {
    assert.strictEqual(distribution("20")!.at(0.7), 20)
    assert.isTrue(distribution("0")!.zero)
    assert.closeTo(quantile(distribution("10..50")!, 0.25), 20, 1)
    const spread = distribution("20/200")!
    assert.closeTo(quantile(spread, 0.5), 20, 1)
    assert.closeTo(quantile(spread, 0.99), 200, 15)
  })

  it("is not read from anything else", () => {
    for (const text of ["", "-1", "5..", "..5", "9..5", "0/10", "10/5", "1/2/3", "fast", "1e3", "999999999"])
      assert.isUndefined(distribution(text), text)
  })

  it("knows the normal deviates of the tables", () => {
    for (const [u, z] of [
      [0.5, 0],
      [0.975, 1.959964],
      [0.99, 2.326348],
      [0.001, -3.090232]
    ] as const)
      assert.closeTo(normal(u), z, 1e-5)
  })
})

describe("a mix", () => {
  it("falls on each code as often as its share, and else on nothing", () => {
    const mix = shares("ESME_RSYSERR=1%,0x58=0.2", statusCode)!
    const fates = draws.map((u) => mix.pick(u, 0))
    assert.closeTo(fates.filter((s) => s === 0x08).length / rows.length, 0.01, 0.002)
    assert.closeTo(fates.filter((s) => s === 0x58).length / rows.length, 0.2, 0.005)
    assert.isTrue(shares("", statusCode)!.empty)
  })

  it("shares everything out when it is written in weights", () => {
    const mix = weights("DELIVRD=95,UNDELIV=4,EXPIRED=1", stateCode)!
    const states = draws.map((u) => mix.pick(u, -1))
    assert.closeTo(states.filter((s) => s === 2).length / rows.length, 0.95, 0.005)
    assert.isFalse(states.includes(-1))
  })

  it("is not read from anything else", () => {
    for (const text of [
      "ESME_RSYSERR",
      "ESME_NONE=1%",
      "ESME_RSYSERR=101%",
      "ESME_RSYSERR=60%,ESME_RMSGQFUL=60%",
      "=1"
    ])
      assert.isUndefined(shares(text, statusCode), text)
    for (const text of ["", "DELIVRD=0", "LOST=1", "DELIVRD=-1"]) assert.isUndefined(weights(text, stateCode), text)
    assert.isUndefined(share("1.5"))
  })
})
