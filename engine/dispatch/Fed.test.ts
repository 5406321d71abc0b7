import { assert, describe, it } from "@effect/vitest"
import { BlockInHand } from "./BlockInHand.ts"
import { Fed } from "./Fed.ts"

const block = (laneId: number, firstSeq: number, recipients: number, spacingMs = 0) => {
  const numbers = Array.from({ length: recipients }, (_, i) => 447_700_900_000 + i).join(",")
  const run = { id: 1, month: "2026-11-01", laneId, firstSeq, recipients, resend: false, fingerprint: "", numbers }
  const content = { campaignId: 1, fingerprint: "", templates: [], onLostAnswer: "hold" } as never
  return new BlockInHand({ ...run, delayMs: 0, spacingMs }, content, 0, true)
}

describe("what is fed", () => {
  it("waits until what is claimed reaches the last that was heard of", () => {
    const fed = new Fed()
    assert.isUndefined(fed.upto(1))
    fed.heard(1, 5)
    fed.heard(1, 3)
    assert.strictEqual(fed.upto(1), 5)
    fed.took(block(1, 1, 4))
    assert.strictEqual(fed.upto(1), 5)
    fed.took(block(1, 5, 1))
    assert.isUndefined(fed.upto(1))
  })

  it("waits until nothing is given, where nobody said up to where", () => {
    const fed = new Fed()
    fed.heard(1)
    fed.heard(1, 5)
    fed.took(block(1, 1, 1_000))
    assert.isDefined(fed.upto(1))
    fed.rest(1)
    assert.isUndefined(fed.upto(1))
  })

  it("is forgotten with its lane", () => {
    const fed = new Fed()
    fed.heard(1, 5)
    fed.heard(2, 5)
    fed.keep(new Set([2]))
    assert.isUndefined(fed.upto(1))
    assert.strictEqual(fed.upto(2), 5)
  })

  it("is in hand until it has left", () => {
    const fed = new Fed()
    const [one, two] = [block(1, 1, 4), block(2, 1, 3)]
    fed.took(one)
    fed.took(two)
    assert.strictEqual(fed.inHandWaiting, 7)
    one.nextNth = 4
    two.nextNth = 1
    assert.strictEqual(fed.inHandWaiting, 2)
  })

  it("doesn't hold others up while it waits for its own time", () => {
    const fed = new Fed()
    fed.took(block(1, 1, 4, 1_000))
    assert.strictEqual(fed.inHandWaiting, 0)
  })
})
