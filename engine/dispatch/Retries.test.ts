import { assert, describe, it } from "@effect/vitest"
import { RETRY_WAITS_MS, Retries } from "./Retries.ts"

describe("Retries", () => {
  it("gives a throttled message back at once and a failed one after its wait", () => {
    const retries = new Retries()
    retries.later(1, 1, 0)
    retries.atOnce(2, 0)
    assert.strictEqual(retries.due(0), 2)
    assert.strictEqual(retries.due(0), -1)
    assert.strictEqual(retries.wait(0), 1_000)
    assert.strictEqual(retries.due(1_000), 1)
    assert.strictEqual(retries.size, 0)
    assert.isUndefined(retries.wait(1_000))
  })

  it("ends with the table of waits", () => {
    const retries = new Retries()
    assert.isTrue(retries.later(1, RETRY_WAITS_MS.length, 0))
    assert.isFalse(retries.later(1, RETRY_WAITS_MS.length + 1, 0))
  })

  it("takes out what is wanted no more and keeps the rest in order", () => {
    const retries = new Retries()
    for (let token = 0; token < 10; token++) retries.later(token, 1, token)
    assert.deepStrictEqual(
      retries.takeAll((token) => token % 2 === 0),
      [0, 2, 4, 6, 8]
    )
    assert.strictEqual(retries.size, 5)
    assert.deepStrictEqual([retries.due(5_000), retries.due(5_000)], [1, 3])
  })
})
