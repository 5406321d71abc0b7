import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { BlockInHand } from "./BlockInHand.ts"
import { Ceilings } from "./Ceilings.ts"
import type { Content } from "./Content.ts"
import { LATE_MS, Paced } from "./Paced.ts"

const content = (parts: number) =>
  ({ campaignId: 1, fingerprint: "", templates: Array.from({ length: parts }), onLostAnswer: "hold" }) as Content

const block = (laneId: number, recipients: number, delayMs: number, spacingMs: number, parts = 1) => {
  const numbers = Array.from({ length: recipients }, (_, i) => `${998_900_000_000 + i}`).join(",")
  const claimed = {
    id: 1,
    month: "2026-11-01",
    laneId,
    firstSeq: 1,
    recipients,
    resend: false,
    fingerprint: "",
    numbers,
    delayMs,
    spacingMs
  }
  return new BlockInHand(claimed, content(parts), 0)
}

/** Takes what is due, looking at the times given; gives when which lane's parts left. */
const drain = (paced: Paced, looks: Iterable<number>) => {
  const left: Array<{ at: number; laneId: number }> = []
  for (const at of looks) {
    for (let due = paced.due(at); due !== undefined; due = paced.due(at)) {
      left.push({ at, laneId: due.laneId })
      const parts = due.content.templates.length
      if (++due.nextPart === parts) {
        due.nextPart = 0
        due.nextNth++
      }
      paced.left(at, { isLast: due.nextPart === 0, exhausted: due.nextNth === due.size, parts })
    }
  }
  return left
}

const every = (ms: number, until: number) => Array.from({ length: Math.floor(until / ms) + 1 }, (_, i) => i * ms)

describe("paced blocks", () => {
  it("leave in their slots, each lane for itself", () => {
    const paced = new Paced()
    paced.add(block(1, 4, 100, 50))
    paced.add(block(2, 2, 120, 200))
    const left = drain(paced, every(1, 1_000))
    assert.deepStrictEqual(
      left.map(({ at, laneId }) => `${laneId}:${at}`),
      ["1:100", "2:120", "1:150", "1:200", "1:250", "2:320"]
    )
    assert.isUndefined(paced.wait(0))
  })

  it("have the parts of a message as far apart as its recipient's time allows", () => {
    const paced = new Paced()
    paced.add(block(1, 2, 0, 90, 3))
    assert.deepStrictEqual(
      drain(paced, every(1, 1_000)).map(({ at }) => at),
      [0, 30, 60, 90, 120, 150]
    )
  })

  it("have the parts of a message within a second, however slowly its recipients follow each other", () => {
    const paced = new Paced()
    paced.add(block(1, 2, 0, 60_000, 3))
    const left = drain(paced, every(5, 70_000)).map(({ at }) => at)
    assert.deepStrictEqual(left, [0, 335, 670, 60_000, 60_335, 60_670])
  })

  it("of one lane follow each other, and the second waits for its own time", () => {
    const paced = new Paced()
    paced.add(block(1, 2, 0, 10))
    paced.add(block(1, 2, 100, 10))
    assert.deepStrictEqual(
      drain(paced, every(1, 1_000)).map(({ at }) => at),
      [0, 10, 100, 110]
    )
  })

  it("that are looked at too late go on from there, and don't make up for it", () => {
    const paced = new Paced()
    paced.add(block(1, 6, 0, 30))
    const left = drain(paced, [0, 30, 300, ...every(1, 500).filter((at) => at > 300)])
    assert.deepStrictEqual(
      left.map(({ at }) => at),
      [0, 30, 300, 300 - LATE_MS + 30, 300 - LATE_MS + 60, 300 - LATE_MS + 90]
    )
  })

  it("say by how much their lane is behind, beyond what it has in hand, until a slot of later makes it good", () => {
    const paced = new Paced()
    paced.add(block(1, 3, 0, 30))
    paced.add(block(1, 2, 600, 30))
    drain(paced, [0])
    assert.strictEqual(paced.lateOf(1), 0)
    drain(paced, [290])
    assert.strictEqual(paced.lateOf(1), 290 - LATE_MS - 30 - 100)
    drain(paced, [330])
    assert.strictEqual(paced.lateOf(1), 0)
    assert.strictEqual(paced.lateOf(2), 0)
  })

  it("of one lane leave side by side where their slots are at the same time, and one after the other where they follow", () => {
    const paced = new Paced()
    paced.add(block(1, 3, 0, 100))
    paced.add(block(1, 3, 50, 100))
    paced.add(block(1, 2, 300, 100))
    const left = drain(paced, every(1, 800))
    assert.deepStrictEqual(
      left.map(({ at }) => at),
      [0, 50, 100, 150, 200, 250, 300, 400]
    )
  })

  it("of one lane follow each other also if the last was late and the second comes only then", () => {
    const paced = new Paced()
    paced.add(block(1, 2, 0, 100))
    assert.deepStrictEqual(
      drain(paced, [0, 160]).map(({ at }) => at),
      [0, 160]
    )
    paced.add(block(1, 1, 200, 100))
    assert.strictEqual(paced.wait(200), 160 - LATE_MS + 100 - 200)
  })

  it("that were refused leave again in their lane's next slot, ahead of the others, which are so much later", () => {
    const paced = new Paced()
    const refused = block(1, 4, 0, 50)
    paced.add(refused)
    assert.strictEqual(drain(paced, [0]).length, 1)
    paced.again(refused, 7, 20)
    assert.deepStrictEqual([paced.dueAgain(49), paced.dueAgain(50)], [-1, 7])
    paced.leftAgain(50)
    assert.deepStrictEqual(
      drain(paced, every(1, 500)).map(({ at }) => at),
      [100, 150, 200]
    )
  })

  it("that were refused when nothing else of their lane waits still keep its distance, and can be taken back", () => {
    const paced = new Paced()
    const refused = block(1, 1, 0, 50)
    paced.add(refused)
    drain(paced, [0])
    for (const token of [7, 8]) paced.again(refused, token, 10)
    assert.deepStrictEqual([paced.dueAgain(49), paced.dueAgain(50)], [-1, 7])
    paced.leftAgain(50)
    assert.deepStrictEqual([paced.dueAgain(99), paced.dueAgain(100)], [-1, 8])
    assert.deepStrictEqual(
      paced.takeAgain(() => true),
      [8]
    )
    assert.isUndefined(paced.wait(0))
  })

  it("say how long the next one waits", () => {
    const paced = new Paced()
    assert.isUndefined(paced.wait(0))
    paced.add(block(1, 1, 100, 10))
    assert.deepStrictEqual([paced.wait(0), paced.wait(99.5), paced.wait(500)], [100, 0.5, 0])
  })

  it("that are wanted no more are gone, the others keep their times", () => {
    const paced = new Paced()
    for (const laneId of [1, 2, 3]) paced.add(block(laneId, 2, 10 * laneId, 100))
    paced.keep(({ laneId }) => laneId !== 1)
    assert.deepStrictEqual(
      drain(paced, every(1, 1_000)).map(({ at, laneId }) => `${laneId}:${at}`),
      ["2:20", "3:30", "2:120", "3:130"]
    )
  })

  it("never leave before their time, lose none, and in no second are more than the ceilings allow that they are below", () => {
    const lanes = fc.array(
      fc.record({
        recipients: fc.integer({ min: 1, max: 60 }),
        delay: fc.nat(500),
        perSecond: fc.integer({ min: 1, max: 200 })
      }),
      { minLength: 1, maxLength: 6 }
    )
    const looks = fc.array(fc.nat(120), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(lanes, looks, fc.integer({ min: 20, max: 400 }), (asked, gaps, together) => {
        const paced = new Paced()
        const ceilings = new Ceilings()
        const belowOf = (perSecond: number, i: number) =>
          ({ campaign_id: i, workspace_id: 1, campaign_per_second: perSecond, workspace_per_second: together }) as const
        paced.limit(new Map(asked.map(({ perSecond }, i) => [i, ceilings.of(belowOf(perSecond, i), 0)])))
        // with_lateness in rules/pace.sql
        asked.forEach(({ delay, perSecond, recipients }, i) => {
          paced.add(block(i, recipients, delay, 1_005 / perSecond))
        })
        const times: Array<number> = []
        for (let at = 0, i = 0; at < 200_000 && times.length < 5_000; at += gaps[i++ % gaps.length]! + 1) times.push(at)
        for (const last = times.at(-1)!; times.length < 10_000; ) times.push(last + (times.length - 4_999) * 40)
        const left = drain(paced, times)
        const all = left.map(({ at }) => at)
        all.forEach((at, nth) => {
          const tooMany = all[nth + together]
          if (tooMany !== undefined) assert.isAtLeast(tooMany - at, 1_000 - 1e-6)
        })
        asked.forEach(({ delay, perSecond, recipients }, i) => {
          const own = left.filter(({ laneId }) => laneId === i).map(({ at }) => at)
          assert.strictEqual(own.length, recipients)
          own.forEach((at, nth) => {
            assert.isAtLeast(at + 1e-6, delay + (nth * 1_005) / perSecond)
            const tooMany = own[nth + perSecond]
            if (tooMany !== undefined) assert.isAtLeast(tooMany - at, 1_000 - 1e-6)
          })
        })
      }),
      { numRuns: 200 }
    )
  })
})
