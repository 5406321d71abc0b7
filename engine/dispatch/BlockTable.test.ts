import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { BlockInHand, Rank } from "./BlockInHand.ts"
import { BlockTable, nthOf, partOf, SLOTS, tokenOf } from "./BlockTable.ts"

const blockOf = (id: number) =>
  new BlockInHand(
    {
      id,
      month: "2026-11-01",
      laneId: 1,
      firstSeq: 1,
      recipients: 1,
      resend: false,
      fingerprint: "",
      delayMs: 0,
      spacingMs: 0,
      numbers: "998901234567"
    },
    { fingerprint: "", campaignId: 1, templates: [undefined as never], onLostAnswer: "hold" },
    0
  )

describe("BlockTable", () => {
  it("packs slot, part and recipient into one small integer and unpacks them", () => {
    const within = (most: number) => fc.integer({ min: 0, max: most })
    fc.assert(
      fc.property(within(SLOTS - 1), within(254), within(999), (slot, part, nth) => {
        const token = tokenOf(slot, part, nth)
        assert.isAtLeast(token, 0)
        assert.isBelow(token, 2 ** 31)
        assert.deepStrictEqual([partOf(token), nthOf(token)], [part, nth])
      })
    )
  })

  it("finds blocks by token, and uses the slot of one that is gone again", () => {
    const table = new BlockTable()
    const [a, b, c] = [blockOf(1), blockOf(2), blockOf(3)]
    table.add(a)
    table.add(b)
    assert.strictEqual(table.blockOf(tokenOf(b.slot, 0, 0)), b)
    table.remove(a)
    table.add(c)
    assert.strictEqual(table.blockOf(tokenOf(c.slot, 0, 0)), c)
    assert.strictEqual(table.size, 2)
  })

  it("forgets blocks together with every id that leads to them, and no other", () => {
    const table = new BlockTable()
    const [a, b] = [blockOf(1), blockOf(2)]
    table.add(a)
    table.add(b)
    table.learn("1f", tokenOf(a.slot, 0, 0))
    table.learn("20", tokenOf(b.slot, 0, 0))
    table.forget([a])
    assert.isUndefined(table.tokenFor("1f"))
    assert.strictEqual(table.tokenFor("20"), tokenOf(b.slot, 0, 0))
    assert.deepStrictEqual(Array.from(table), [b])
  })

  it("offers only closed blocks with nothing left to flush, oldest first", () => {
    const table = new BlockTable()
    const blocks = Array.from({ length: 20 }, (_, i) => blockOf(20 - i))
    for (const block of blocks) {
      table.add(block)
      block.partFailed(0, Rank.unknown)
    }
    blocks.at(-1)!.dirty = true
    assert.deepStrictEqual(
      table.forgettable().map((b) => b.id),
      [2, 3]
    )
  })

  it("has room again once it is full of small blocks that are on record", () => {
    const table = new BlockTable()
    for (let id = 1; !table.full; id++) {
      const block = blockOf(id)
      table.add(block)
      if (id % 2 === 0) block.partFailed(0, Rank.unknown)
    }
    table.makeRoom()
    assert.isFalse(table.full || table.crowded)
  })
})
