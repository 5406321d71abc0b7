import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { lastSequence, nextSequence } from "./sequence.ts"
import { Window } from "./Window.ts"

describe("Window", () => {
  it("finds each request by its sequence_number, once", () => {
    const window = new Window(10)
    window.put(5, 77, 1_000)
    const place = window.take(5)
    assert.deepStrictEqual([window.token(place), window.sentAt(place)], [77, 1_000])
    assert.strictEqual(window.take(5), -1)
    assert.strictEqual(window.take(6), -1)
    assert.strictEqual(window.take(0), -1)
  })

  it("gives up what was written until a time, and says what waits longest", () => {
    const window = new Window(10)
    for (let i = 1; i <= 5; i++) window.put(i, i, i * 100)
    assert.strictEqual(window.oldest(), 100)
    const lost: Array<number> = []
    window.expire(300, (token) => lost.push(token))
    assert.deepStrictEqual(lost, [1, 2, 3])
    assert.strictEqual(window.oldest(), 400)
    assert.strictEqual(window.outstanding, 2)
  })

  it("keeps every request apart while answers come in any order, also where sequence numbers begin anew", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 }), { maxLength: 300 }), (picks) => {
        const window = new Window(10)
        const waiting = new Map<number, number>()
        let sequence = lastSequence - 20
        let token = 0
        for (const pick of picks) {
          if (window.room > 0) {
            do sequence = nextSequence(sequence)
            while (window.taken(sequence))
            window.put(sequence, token, 0)
            waiting.set(sequence, token++)
          }
          // one stays unanswered while the others run around the ring
          const answered = [...waiting.keys()].slice(1)[pick]
          if (answered === undefined) continue
          assert.strictEqual(window.token(window.take(answered)), waiting.get(answered))
          waiting.delete(answered)
        }
        assert.strictEqual(window.outstanding, waiting.size)
      })
    )
  })
})
