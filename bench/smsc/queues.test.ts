// What waits: things due later, receipts without an answer, tokens of a rate.

import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { Account } from "./Account.ts"
import { DueWheel } from "./DueWheel.ts"
import { noRow, ReceiptWindow } from "./ReceiptWindow.ts"
import { RowQueue } from "./RowQueue.ts"

describe("the wheel", () => {
  it("gives out everything once, never early, at most a millisecond late", () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            wait: fc.integer({ min: 0, max: 50 }),
            delay: fc.constantFrom(0, 0.4, 1, 7, 30, 40_000, 100_000)
          })
        ),
        (steps) => {
          const wheel = new DueWheel()
          const due: Array<number> = []
          const out: Array<number> = []
          let now = 1_000_000.25
          const turn = () =>
            wheel.turn(now, (row, kind, argument) => {
              assert.deepStrictEqual([kind, argument], [row * 2, 0xffff_ffff - row])
              assert.isAtLeast(now, due[row]!)
              out.push(row)
            })
          for (const { wait, delay } of steps) {
            now += wait
            turn()
            for (const [row, at] of due.entries()) if (at <= now - 1) assert.include(out, row)
            wheel.add(now, now + delay, due.length, due.length * 2, 0xffff_ffff - due.length)
            due.push(now + delay)
          }
          assert.strictEqual(wheel.size, due.length - out.length)
          for (let i = 0; i < 5; i++) {
            now += 30_000
            turn()
          }
          assert.strictEqual(wheel.size, 0)
          assert.deepStrictEqual(
            [...out].sort((a, b) => a - b),
            [...due.keys()]
          )
        }
      )
    ))

  it("takes what is added while it turns", () => {
    const wheel = new DueWheel()
    let rounds = 0
    wheel.add(10, 10, 0, 0, 0)
    for (let now = 10; rounds < 5; now++) wheel.turn(now, () => rounds++ < 5 && wheel.add(now, now, 0, 0, 0))
    assert.isAtMost(wheel.size, 1)
  })
})

describe("the window of receipts", () => {
  it("gives each row back for its own sequence number, once", () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 40 })), (steps) => {
        const window = new ReceiptWindow(1000)
        const open = new Map<number, number>()
        for (const [i, step] of steps.entries()) {
          const sequences = [...open.keys()]
          if (step >= 0 && step < sequences.length) {
            const sequence = sequences[step]!
            assert.strictEqual(window.take(sequence), open.get(sequence))
            assert.strictEqual(window.take(sequence), noRow)
            open.delete(sequence)
          } else {
            if (step < 0) window.skip()
            const sequence = window.put(-1 - i, i)
            assert.isFalse(open.has(sequence))
            open.set(sequence, -1 - i)
          }
          assert.strictEqual(window.size, open.size)
        }
        const left: Array<number> = []
        window.takeOlder(Number.POSITIVE_INFINITY, (row) => left.push(row))
        assert.deepStrictEqual(left, [...open.values()])
        assert.strictEqual(window.size, 0)
      })
    ))

  it("grows to its limit and keeps the order of sending", () => {
    const window = new ReceiptWindow(5000)
    for (let i = 0; i < 5000; i++) assert.strictEqual(window.put(i, i), i + 1)
    assert.isTrue(window.full)
    const old: Array<number> = []
    window.takeOlder(3000, (row) => old.push(row))
    assert.deepStrictEqual(
      old,
      Array.from({ length: 3000 }, (_, i) => i)
    )
    assert.strictEqual(window.size, 2000)
  })
})

describe("the queue of rows", () => {
  it("is first in, first out", () =>
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 2000 }), (steps) => {
        const queue = new RowQueue()
        const model: Array<number> = []
        for (const [i, push] of steps.entries()) {
          if (push || model.length === 0) {
            queue.push(i)
            model.push(i)
          } else assert.strictEqual(queue.shift(), model.shift())
          assert.strictEqual(queue.length, model.length)
        }
      })
    ))
})

describe("the rate of an account", () => {
  it("is never exceeded by more than the burst over any time", () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 300 }), (waits) => {
        const account = new Account("tester")
        const admitted: Array<number> = []
        let now = 1000
        for (const wait of waits) {
          now += wait
          if (account.admits(20, 5, now)) admitted.push(now)
        }
        for (const [i, from] of admitted.entries())
          for (let j = i; j < admitted.length; j++)
            assert.isAtMost(j - i + 1, 5 + ((admitted[j]! - from) * 20) / 1000 + 1e-6)
      })
    ))
})
