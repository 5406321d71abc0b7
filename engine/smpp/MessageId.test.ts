import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { DressLearner, enough, isEvidence, key } from "./MessageId.ts"

describe("key", () => {
  it("is the same for leading zeros and either case", () => {
    for (const id of ["4f8a", "4F8A", "00004f8A"]) assert.strictEqual(key(id, "same"), "4f8a")
    assert.strictEqual(key("000", "same"), "0")
    assert.strictEqual(key("", "same"), "")
    assert.strictEqual(key("0", "same"), "0")
  })

  it("brings a receipt's id into the base of the answer's", () => {
    assert.strictEqual(key("20362", "hexToDecimal"), "4f8a")
    assert.strictEqual(key("0020362", "hexToDecimal"), key("4F8A", "same"))
    assert.strictEqual(key("4F8A", "decimalToHex"), key("20362", "same"))
  })

  it("is exact for ids of any length", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n }), fc.nat(4), (id, zeros) => {
        const decimal = "0".repeat(zeros) + id.toString()
        const hex = "0".repeat(zeros) + id.toString(16).toUpperCase()
        assert.strictEqual(key(decimal, "hexToDecimal"), key(hex, "same"))
        assert.strictEqual(key(hex, "decimalToHex"), key(decimal, "same"))
      })
    )
  })

  it("leaves ids alone that aren't numbers", () => {
    const id = "6BA7B810-9DAD-11D1-80B4-00C04FD430C8"
    assert.strictEqual(key(id, "hexToDecimal"), id.toLowerCase())
    assert.strictEqual(key(id, "decimalToHex"), id.toLowerCase())
    assert.strictEqual(key("4f8a", "hexToDecimal"), "4f8a")
  })
})

describe("DressLearner", () => {
  const taught = (learner: DressLearner, times: number, ...evidence: Parameters<DressLearner["learn"]>) => {
    for (let i = 0; i < times; i++) learner.learn(...evidence)
    return learner.verdict
  }

  it("settles after enough agreements in a row", () => {
    const learner = new DressLearner()
    assert.isUndefined(taught(learner, enough - 1, "hexToDecimal", true))
    assert.strictEqual(taught(learner, 1, "hexToDecimal", true), "hexToDecimal")
  })

  it("isn't taken in by readings that hit strangers", () => {
    const learner = new DressLearner()
    assert.isUndefined(taught(learner, 100, "same", false))
    taught(learner, enough - 1, "same", true)
    learner.learn("same", false)
    assert.isUndefined(taught(learner, enough - 1, "same", true))
  })

  it("starts anew when two readings agree in turn", () => {
    const learner = new DressLearner()
    for (let i = 0; i < 20; i++) learner.learn(i % 2 === 0 ? "same" : "decimalToHex", true)
    assert.isUndefined(learner.verdict)
  })

  it("keeps what is settled against a stray contradiction, and gives it up after many", () => {
    const learner = new DressLearner("same")
    for (let i = 0; i < 50; i++) {
      learner.learn("same", false)
      learner.learn("same", true)
      learner.learn("decimalToHex", false)
    }
    assert.strictEqual(learner.verdict, "same")
    assert.isUndefined(taught(learner, enough, "decimalToHex", true))
    assert.strictEqual(taught(learner, enough, "decimalToHex", true), "decimalToHex")
  })

  it("learns an operator with dense sequential ids by the numbers, where ids alone would mislead", () => {
    // ids 0x1000… in hex, receipts in decimal; both readings of most receipts hit a message
    const sent = new Map(
      Array.from({ length: 60_000 }, (_, row) => [(0x1000 + row).toString(16), 447_700_000_000 + row])
    )
    const learner = new DressLearner()
    for (let row = 0; row < 40 && learner.verdict === undefined; row++) {
      const receipt = { id: String(0x1000 + row), number: 447_700_000_000 + row }
      if (!isEvidence(receipt.id)) continue
      for (const dress of ["same", "hexToDecimal", "decimalToHex"] as const) {
        const number = sent.get(key(receipt.id, dress))
        if (number !== undefined) learner.learn(dress, number === receipt.number)
      }
    }
    assert.strictEqual(learner.verdict, "hexToDecimal")
  })

  it("knows which ids tell nothing", () => {
    assert.isFalse(isEvidence("7"))
    assert.isFalse(isEvidence("x-17"))
    assert.isTrue(isEvidence("17"))
    assert.isTrue(isEvidence("4f"))
  })
})
