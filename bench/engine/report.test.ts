import { assert, describe, it } from "@effect/vitest"
import type { Figures } from "./Run.ts"
import { promises } from "./report.ts"

const run = (figures: Partial<Figures> = {}): Figures => ({
  sender: "engine",
  messages: 1_000_000,
  sent: 999_000,
  seconds: 10,
  perSecond: 99_900,
  microsPerMessage: 4,
  simulatorMicros: 3,
  postgresMicros: 3,
  rssMb: 200,
  loadPerSecond: 200_000,
  bytesPerMessage: 15,
  p50Ms: 1,
  p99Ms: 2,
  unknown: 0,
  missing: 0,
  duplicates: 0,
  differences: 0,
  examples: [],
  ...figures
})

describe("the promises of the engine", () => {
  const broken = (...args: Parameters<typeof promises>) =>
    promises(...args)
      .filter(({ kept }) => !kept)
      .map(({ fails, what }) => `${fails ? "fails" : "told"}: ${what}`)

  it("are kept by a run at the floor's speed", () => {
    assert.deepStrictEqual(broken([run()], [run()], [run({ rssMb: 249 })]), [])
    assert.strictEqual(promises([run()], [run()], [run()]).length, 4)
  })

  it("are told where they weren't, and only time is forgiven", () => {
    assert.deepStrictEqual(broken([run({ perSecond: 69_000 })], [run()], []), [
      "told: a ratio of 0.691, and at least 0.7 is promised"
    ])
    assert.deepStrictEqual(broken([run({ bytesPerMessage: 25 })], [], []), [
      "fails: 25.0 bytes a message, and fewer than 25 are promised"
    ])
    assert.deepStrictEqual(broken([run()], [run({ missing: 1 })], []), [
      "fails: the ledger and the simulator disagree in 1 runs"
    ])
    for (const rssMb of [251, 149])
      assert.match(broken([run()], [], [run({ rssMb })])[0]!, /^fails: 200 MB of memory, then \d+ MB/)
    assert.lengthOf(broken([run({ rssMb: 390 })], [], [run({ rssMb: 400 })]), 1)
  })

  it("of bytes a message are not asked of a campaign too small to tell", () => {
    assert.deepStrictEqual(broken([run({ messages: 1_000, bytesPerMessage: 300 })], [], []), [])
  })
})
