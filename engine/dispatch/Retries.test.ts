import { assert, describe, it } from "@effect/vitest"
import { RETRY_WAITS_MS, Retries } from "./Retries.ts"

describe("Retries", () => {
  it("gives a throttled message back at once and a failed one after its wait", () => {
    const retries = new Retries()
    retries.later(1, 0)
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
    for (const wait of RETRY_WAITS_MS) {
      assert.isTrue(retries.later(1, 0))
      assert.strictEqual(retries.wait(0), wait)
      assert.strictEqual(retries.due(wait), 1)
    }
    assert.isFalse(retries.later(1, 0))
  })

  it("counts each part of a message for itself, and nothing that was no failure of its own", () => {
    const retries = new Retries()
    for (let i = 0; i < 10; i++) retries.uncounted(1, 0)
    for (let part = 1; part <= 5; part++) assert.isTrue(retries.later(part, 0))
    retries.settled(1)
    for (const _ of RETRY_WAITS_MS) assert.isTrue(retries.later(1, 0))
  })

  it("keeps its order and its size when what comes out goes in again, however long it is throttled", () => {
    const retries = new Retries()
    for (let token = 0; token < 7; token++) retries.atOnce(token, 0)
    for (let turn = 0; turn < 50_000; turn++) {
      const token = retries.due(turn)
      if (token !== turn % 7) assert.fail(`turn ${turn} gave ${token}`)
      retries.atOnce(token, turn)
    }
    assert.strictEqual(retries.size, 7)
  })

  it("takes out what is wanted no more and keeps the rest in order", () => {
    const retries = new Retries()
    for (let token = 0; token < 10; token++) retries.later(token, token)
    assert.deepStrictEqual(
      retries.takeAll((token) => token % 2 === 0),
      [0, 2, 4, 6, 8]
    )
    assert.strictEqual(retries.size, 5)
    assert.deepStrictEqual([retries.due(5_000), retries.due(5_000)], [1, 3])
  })
})
