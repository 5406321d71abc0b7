import { assert, describe, it } from "@effect/vitest"
import { connected, due, type LinkTimes, type TimerLimits } from "./timers.ts"

const limits: TimerLimits = {
  session_init: 10_000,
  enquire_link: 30_000,
  inactivity: Number.POSITIVE_INFINITY,
  response: 5000
}
const start = 1_000_000
const bound = (change: Partial<LinkTimes> = {}): LinkTimes => ({ ...connected(start), boundAt: start, ...change })

describe("timers of a connection", () => {
  it("that isn't bound: closes when session_init is over", () => {
    assert.deepStrictEqual(due(connected(start), limits, start), { do: "wait", until: start + 10_000 })
    assert.deepStrictEqual(due(connected(start), limits, start + 9999), { do: "wait", until: start + 10_000 })
    assert.deepStrictEqual(due(connected(start), limits, start + 10_000), { do: "close", reason: "session_init" })
  })

  it("whose bind isn't answered: closes after the response time", () => {
    const times = { ...connected(start), bindSentAt: start + 100 }
    assert.deepStrictEqual(due(times, limits, start + 200), { do: "wait", until: start + 5100 })
    assert.deepStrictEqual(due(times, limits, start + 5100), { do: "close", reason: "bind_unanswered" })
  })

  it("that hears nothing: asks after enquire_link, and closes when nobody answers", () => {
    const times = bound({ receivedAt: start + 1000 })
    assert.deepStrictEqual(due(times, limits, start + 2000), { do: "wait", until: start + 31_000 })
    assert.deepStrictEqual(due(times, limits, start + 31_000), { do: "enquire_link" })
    times.enquiredAt = start + 31_000
    assert.deepStrictEqual(due(times, limits, start + 31_000), { do: "wait", until: start + 36_000 })
    assert.deepStrictEqual(due(times, limits, start + 36_000), { do: "close", reason: "enquire_link_unanswered" })
  })

  it("that hears anything after its question: waits for the next silence", () => {
    for (const after of [0, 3000]) {
      const times = bound({ enquiredAt: start + 30_000, receivedAt: start + 30_000 + after })
      assert.deepStrictEqual(due(times, limits, start + 40_000), { do: "wait", until: start + 60_000 + after })
    }
  })

  it("with requests that wait too long: gives those up and stays", () => {
    const times = bound({ oldestRequestAt: start + 1000 })
    assert.deepStrictEqual(due(times, limits, start + 2000), { do: "wait", until: start + 6000 })
    assert.deepStrictEqual(due(times, limits, start + 6500), { do: "give_up", sentUntil: start + 1500 })
    times.oldestRequestAt = undefined
    assert.deepStrictEqual(due(times, limits, start + 6500), { do: "wait", until: start + 30_000 })
  })

  it("with inactivity on: closes without transactions, whatever enquire_link hears", () => {
    const idle = { ...limits, inactivity: 60_000 }
    const times = bound({ receivedAt: start + 59_000, transactionAt: start })
    assert.deepStrictEqual(due(times, idle, start + 59_500), { do: "wait", until: start + 60_000 })
    assert.deepStrictEqual(due(times, idle, start + 60_000), { do: "close", reason: "inactivity" })
  })

  it("that unbinds: waits the response time for the answer and for nothing else", () => {
    const times = bound({ unbindSentAt: start + 100_000, oldestRequestAt: start })
    assert.deepStrictEqual(due(times, limits, start + 101_000), { do: "wait", until: start + 105_000 })
    assert.deepStrictEqual(due(times, limits, start + 105_000), { do: "close", reason: "unbind_unanswered" })
  })

  it("with every timer off: waits for ever", () => {
    const off = Number.POSITIVE_INFINITY
    const none = { session_init: off, enquire_link: off, inactivity: off, response: off }
    assert.deepStrictEqual(due(bound({ oldestRequestAt: start }), none, start + 1e12), { do: "wait", until: off })
    assert.deepStrictEqual(due(connected(start), none, start + 1e12), { do: "wait", until: off })
  })

  it("never says to wait until a time that is over", () => {
    for (let now = start; now < start + 100_000; now += 777)
      for (const times of [
        connected(start),
        bound(),
        bound({ oldestRequestAt: start }),
        bound({ enquiredAt: start + 1 })
      ]) {
        const todo = due(times, limits, now)
        if (todo.do === "wait") assert.isAbove(todo.until, now)
      }
  })
})
