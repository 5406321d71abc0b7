import { assert, describe, it } from "@effect/vitest"
import { Backlog } from "./Backlog.ts"
import { BlockInHand } from "./BlockInHand.ts"
import { BlockTable } from "./BlockTable.ts"
import type { Content } from "./Content.ts"

const content = {
  campaignId: 1,
  fingerprint: "",
  templates: Array.from({ length: 1 }),
  onLostAnswer: "resend"
} as Content

/** A backlog with one block of a lane: its messages 100 ms apart, or as fast as they go. */
const backlogOf = (laneId: number, recipients: number, spacingMs: number) => {
  const table = new BlockTable()
  const backlog = new Backlog(table)
  const numbers = Array.from({ length: recipients }, (_, i) => `${998_900_000_000 + i}`).join(",")
  const claimed = {
    id: 1,
    month: "2026-11-01",
    laneId,
    firstSeq: 1,
    recipients,
    resend: false,
    fingerprint: "",
    numbers
  }
  const block = new BlockInHand({ ...claimed, delayMs: 0, spacingMs }, content, 0)
  table.add(block)
  backlog.add(block)
  return { backlog, block }
}

const nobody = { finish: () => {}, giveUp: () => {} }

describe("a backlog", () => {
  it("submits what was refused again at its lane's pace, and not beside it", () => {
    const { backlog } = backlogOf(1, 3, 100)
    const first = backlog.next(0)
    backlog.retries.atOnce(first, 10)
    backlog.again(first)
    assert.strictEqual(backlog.next(10), -1)
    assert.strictEqual(backlog.next(100), first)
    assert.strictEqual(backlog.next(150), -1)
    assert.notStrictEqual(backlog.next(200), -1)
    assert.strictEqual(backlog.waiting, 1)
  })

  it("submits nothing again of a campaign that was taken back before its answer came", () => {
    for (const spacingMs of [0, 100]) {
      const { backlog } = backlogOf(1, 2, spacingMs)
      const first = backlog.next(0)
      const isUnwanted = (block: BlockInHand) => block.laneId === 1
      assert.strictEqual(backlog.takeBack(isUnwanted, nobody, 10).length, 1)
      backlog.retries.lost(first, 30_000)
      backlog.again(first)
      assert.deepStrictEqual([backlog.next(30_000), backlog.next(30_500), backlog.next(31_000)], [-1, -1, -1])
      const back = backlog.takeBack(isUnwanted, nobody, 31_100)
      assert.deepStrictEqual(
        back.map(({ ranges, resend }) => ({ ranges, resend })),
        [{ ranges: [{ from: 1, to: 2 }], resend: true }]
      )
      assert.strictEqual(backlog.waiting, 0)
    }
  })
})
