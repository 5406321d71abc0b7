import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { SubmitTemplate } from "#engine/smpp/submit.ts"
import { BlockInHand, Rank } from "./BlockInHand.ts"

const parts = (n: number) =>
  Array.from({ length: n }, () => Result.getOrThrow(SubmitTemplate.make({}, Buffer.from("hi"))))

const blockOf = (numbers: ReadonlyArray<number | undefined>, segments = 1) =>
  new BlockInHand(
    {
      id: 7,
      month: "2026-11-01",
      laneId: 1,
      firstSeq: 101,
      recipients: numbers.length,
      resend: false,
      fingerprint: "",
      delayMs: 0,
      spacingMs: 0,
      numbers: numbers.map((n) => n ?? "").join(",")
    },
    { campaignId: 1, fingerprint: "", templates: parts(segments), onLostAnswer: "hold" },
    0
  )

describe("BlockInHand", () => {
  it("finds each recipient's digits", () => {
    const block = blockOf([998901234567, 4915112345678, 15551234567])
    assert.deepStrictEqual(
      [block.msisdn(0), block.msisdn(1), block.msisdn(2)],
      [998901234567, 4915112345678, 15551234567]
    )
    assert.strictEqual(block.digits.toString("latin1", block.starts[1]!, block.starts[2]! - 1), "4915112345678")
  })

  it("counts out those whom the door kept back", () => {
    const block = blockOf([undefined, 998901234567, undefined])
    assert.strictEqual(block.open, 1)
    assert.isTrue(block.seek())
    assert.strictEqual(block.nextNth, 1)
    block.partFailed(1, Rank.rejected)
    assert.isTrue(block.closed && block.finished)
    assert.strictEqual(block.outcomes(), "srs")
  })

  it("is complete from the start when all were kept back", () => {
    const block = blockOf([undefined])
    assert.isTrue(block.closed && block.finished)
    assert.isFalse(block.seek())
    assert.strictEqual(block.outcomes(), "s")
  })

  it("closes when all have answered and finishes when all receipts are in", () => {
    const block = blockOf([998901234567, 998901234568])
    block.partAccepted(0)
    block.partAccepted(1)
    assert.isTrue(block.closed)
    assert.isFalse(block.finished)
    block.partReceipted(1, Rank.undelivered)
    assert.strictEqual(block.outcomes(), "au")
    block.partReceipted(0, Rank.delivered)
    assert.isTrue(block.finished)
    assert.strictEqual(block.outcomes(), "du")
    assert.deepStrictEqual([block.accepted, block.delivered, block.undelivered], [2, 1, 1])
  })

  it("gives a recipient of several parts the outcome of its worst part, once all are known, in any order", () => {
    const ranks = fc.constantFrom(...Object.values(Rank))
    fc.assert(
      fc.property(fc.array(ranks, { minLength: 1, maxLength: 6 }), fc.boolean(), (outcomes, receiptsFirst) => {
        const block = blockOf([998901234567], outcomes.length)
        const accepted = outcomes.filter((rank) => rank !== Rank.rejected)
        if (receiptsFirst)
          for (const rank of accepted) {
            block.partAccepted(0)
            block.partReceipted(0, rank)
          }
        else {
          for (const _ of accepted) block.partAccepted(0)
          for (const rank of accepted) block.partReceipted(0, rank)
        }
        for (const rank of outcomes) if (rank === Rank.rejected) block.partFailed(0, rank)
        assert.isTrue(block.finished)
        assert.strictEqual(block.outcomes(), "dkeur"[Math.max(...outcomes)])
        assert.strictEqual(block.delivered + block.unknown + block.expired + block.undelivered + block.rejected, 1)
      })
    )
  })

  it("passes over what the cursor has not come to, around those whom the door kept back, and is done once that is back", () => {
    const block = blockOf([998901234561, 998901234562, undefined, 998901234564])
    block.seek()
    block.nextNth = 1
    const rest = block.passOverRest()
    assert.deepStrictEqual(rest, [
      { from: 102, to: 103 },
      { from: 104, to: 105 }
    ])
    assert.isFalse(block.seek())
    block.partFailed(0, Rank.unknown)
    assert.isFalse(block.closed)
    block.gaveBack(rest)
    assert.isTrue(block.closed && block.finished)
    assert.strictEqual(block.outcomes(), "k-s-")
  })
})
