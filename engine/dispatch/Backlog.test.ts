import { assert, describe, it } from "@effect/vitest"
import { Backlog } from "./Backlog.ts"
import { BlockInHand } from "./BlockInHand.ts"
import { BlockTable, partOf } from "./BlockTable.ts"
import { Ceiling } from "./Ceilings.ts"
import type { Content } from "./Content.ts"

const contentOf = (parts: number) =>
  ({ campaignId: 1, fingerprint: "", templates: Array.from({ length: parts }), onLostAnswer: "resend" }) as Content

interface Wanted {
  readonly recipients?: number
  /** from one recipient's message to the next one's; 0: as fast as they go */
  readonly spacingMs?: number
  readonly parts?: number
  readonly isUrgent?: boolean
}

/** A backlog, and what adds a block of a lane to it at moment 0. */
const backlog = () => {
  const table = new BlockTable()
  const made = new Backlog(table)
  let id = 0
  const add = (laneId: number, { isUrgent = false, parts = 1, recipients = 1, spacingMs = 0 }: Wanted = {}) => {
    const numbers = Array.from({ length: recipients }, (_, i) => `${998_900_000_000 + i}`).join(",")
    const run = { id: ++id, month: "2026-11-01", laneId, firstSeq: 1, recipients, resend: false, fingerprint: "" }
    const block = new BlockInHand({ ...run, numbers, delayMs: 0, spacingMs }, contentOf(parts), 0, isUrgent)
    table.add(block)
    made.add(block)
    return block
  }
  const laneOf = (token: number) => (token < 0 ? undefined : table.blockOf(token).laneId)
  return { backlog: made, add, laneOf }
}

/** A backlog with one block of a lane. */
const backlogOf = (laneId: number, recipients: number, spacingMs: number) => {
  const { add, backlog: made } = backlog()
  return { backlog: made, block: add(laneId, { recipients, spacingMs }) }
}

const nobody = () => {}

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
    assert.isFalse(backlog.isEmpty)
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
      assert.isTrue(backlog.isEmpty)
    }
  })

  it("has what is urgent and has a time leave ahead of what waits to be sent again, and of all that is late", () => {
    const { add, backlog: made, laneOf } = backlog()
    for (let lane = 1; lane <= 100; lane++) add(lane, { recipients: 50, spacingMs: 1 })
    const refused = made.next(0)
    made.retries.atOnce(refused, 5)
    made.again(refused)
    assert.isFalse(made.hasUrgent(40))
    add(999, { spacingMs: 20, isUrgent: true })
    assert.isTrue(made.hasUrgent(40))
    assert.strictEqual(laneOf(made.next(40)), 999)
    assert.isFalse(made.hasUrgent(40))
  })

  it("completes what is half out when its block is taken back, below its ceilings, and gives up what comes too late", () => {
    const { add, backlog: made } = backlog()
    made.limit(new Map([[1, [new Ceiling(3, 0)]]]))
    const block = add(1, { recipients: 4, spacingMs: 5_000, parts: 5 })
    assert.isAtLeast(made.next(0), 0)
    const givenUp: Array<number> = []
    const takeBack = (now: number) =>
      made.takeBack(
        () => true,
        (token) => givenUp.push(partOf(token)),
        now
      )
    assert.deepStrictEqual(
      takeBack(10).map(({ ranges }) => ranges),
      [[{ from: 2, to: 5 }]]
    )
    made.limit(new Map())
    const left = Array.from({ length: 600 }, (_, ms) => made.next(10 + ms)).filter((token) => token >= 0)
    assert.deepStrictEqual(left.map(partOf), [1, 2])
    assert.deepStrictEqual(takeBack(620), [])
    assert.deepStrictEqual(givenUp, [3, 4])
    assert.isTrue(made.isEmpty)
    assert.strictEqual(block.left, 0)
  })

  it("counts no more of what is half out than of what has left, so that slow messages keep no others from being claimed", () => {
    const { add, backlog: made } = backlog()
    for (let lane = 1; lane <= 50; lane++) add(lane, { spacingMs: 10_000, parts: 10 })
    assert.strictEqual(made.timed, 500)
    for (let lane = 1; lane <= 50; lane++) assert.isAtLeast(made.next(0), 0)
    assert.deepStrictEqual([made.timed, made.untimed], [0, 0])
    add(99, { recipients: 3, parts: 2 })
    assert.strictEqual(made.untimed, 6)
    made.next(0)
    assert.strictEqual(made.untimed, 5)
    made.takeNew(() => true)
    assert.deepStrictEqual([made.timed, made.untimed], [0, 0])
  })

  it("tells how much of a lane waits to be sent again, and how much of it was", () => {
    const { add, backlog: made } = backlog()
    add(1, { recipients: 3 })
    const tokens = [made.next(0), made.next(0), made.next(0)]
    for (const token of tokens) {
      made.retries.later(token, 0)
      made.again(token)
    }
    assert.deepStrictEqual([made.refusedOf(1), made.untimed], [3, 0])
    assert.strictEqual(made.next(999), -1)
    assert.strictEqual(made.next(1_000), tokens[0])
    assert.deepStrictEqual([made.refusedOf(1), made.takeResubmitted(1), made.takeResubmitted(1)], [2, 1, 0])
    made.takeBack(() => true, nobody, 1_000)
    assert.strictEqual(made.refusedOf(1), 0)
    assert.isTrue(made.isEmpty)
  })

  it("sends what was refused again before a slot that is an hour away, and the next at its own time", () => {
    const { add, backlog: made } = backlog()
    const hour = 3_600_000
    add(1, { recipients: 2, spacingMs: hour })
    const first = made.next(0)
    made.retries.later(first, 100)
    made.again(first)
    assert.strictEqual(made.next(1_099), -1)
    assert.strictEqual(made.next(1_100), first)
    assert.strictEqual(made.next(hour - 1), -1)
    assert.isAtLeast(made.next(hour), 0)
  })
})
