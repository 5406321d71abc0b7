import { assert, describe, it } from "@effect/vitest"
import type { Happened, NumberLife, Submitted } from "#schema/ledger/NumberLife.ts"
import { storyOf } from "./story.ts"

const begin = Date.parse("2026-11-14T13:00:00Z")
const at = (seconds: number) => new Date(begin + seconds * 1_000)

const submitted = (seconds: number, over: Partial<Submitted> = {}): Happened => ({
  ...{ at: at(seconds), what: "submitted", channel: "Main", part: 1, try: 1, bind: 0, verdict: "a", command_status: 0 },
  ...{ message_id: "7f", answer_ms: 60 },
  ...over
})

const claimed = (seconds: number, resend = false): Happened => ({
  at: at(seconds),
  what: "claimed",
  channel: "Main",
  resend
})

const receipt = (seconds: number, part = 1): Happened => ({
  ...{ at: at(seconds), what: "receipt", part, state: 2, error: "000", odd: null }
})

const move = (seconds: number, action: string, person: string | null = null) => ({
  at: at(seconds),
  ...{ action, person, note: null }
})

const life = (over: Partial<NumberLife> & { readonly mode?: string; readonly per_second?: number }): NumberLife => ({
  ...{ number: "99890•••••12", outcome: "delivered", lane_id: 1, seq: 41, recipients: 100 },
  campaign: {
    ...{ id: 1, name: "Lunch", state: "done", mode: over.mode ?? "on_demand", saddr: "Corp", author: "Dana" },
    ...{ opened_at: at(0), per_second: over.per_second ?? null, is_sealed: false }
  },
  approved: [],
  moves: [],
  happened: [],
  ...over
})

/** Without what is the same in all. */
const told = (of: NumberLife) => storyOf(of).map(({ kind }) => kind)
const leftIn = (of: NumberLife) => storyOf(of).find((line) => line.kind === "left")!

describe("the story of a number", () => {
  it("is told in its order, from who uploaded it to its receipt", () => {
    const of = life({
      approved: [{ at: at(-10), person: "Ivan", signed: true }],
      moves: [move(-60, "submit", "Dana"), move(-10, "approve"), move(0, "open")],
      happened: [{ at: at(-99), what: "uploaded", person: "Dana" }, claimed(247), submitted(247.4), receipt(250.5)]
    })
    assert.deepStrictEqual(told(of), [
      ...["uploaded", "move", "approved", "move", "left", "paced", "submitted", "receipt"]
    ])
    assert.deepInclude(leftIn(of), { waited_ms: 247_000, paused_ms: 0, why: "queue", before: 40 })
    const [paced, , last] = storyOf(of).slice(-3)
    assert.deepInclude(paced, { kind: "paced", waited_ms: 400 })
    assert.deepInclude(last, { kind: "receipt", after_ms: 3_100, parts: 1 })
  })

  it("says why it left when it did", () => {
    const happened = [claimed(10)]
    assert.strictEqual(leftIn(life({ happened, mode: "spread" })).why, "spread")
    assert.strictEqual(leftIn(life({ happened, per_second: 5 })).why, "ceiling")
    const asked: Happened = { at: at(8), what: "asked", person: "Shop", key: "order 7" }
    const fed = leftIn(life({ mode: "trigger", happened: [asked, ...happened] }))
    assert.deepInclude(fed, { why: "asked", waited_ms: 2_000 })
  })

  it("counts the pauses that it waited through, and no others", () => {
    const moves = [
      ...[move(-30, "pause"), move(-20, "resume"), move(10, "pause"), move(25, "resume")],
      ...[move(40, "rest"), move(45, "wake"), move(90, "pause")]
    ]
    assert.strictEqual(leftIn(life({ moves, happened: [claimed(60)] })).paused_ms, 20_000)
    assert.strictEqual(leftIn(life({ moves: [move(50, "pause")], happened: [claimed(60)] })).paused_ms, 10_000)
  })

  it("tells a try again with its wait, and parts that leave together with none", () => {
    const refused = submitted(1, { verdict: "t", command_status: 0x58 })
    const lines = storyOf(
      life({ happened: [claimed(1), refused, submitted(2.56, { try: 2 }), submitted(2.6, { part: 2 })] })
    )
    assert.deepStrictEqual(
      lines.map(({ kind }) => kind),
      ["left", "submitted", "retried", "submitted", "submitted"]
    )
    assert.deepInclude(lines[2], { waited_ms: 1_500 })
    assert.deepInclude(lines[4], { part: 2, parts: 2 })
  })

  it("tells what came back, was claimed again, or was kept back", () => {
    const back: Happened = { at: at(1), what: "returned", channel: "Main", resend: false }
    assert.deepStrictEqual(told(life({ happened: [back, claimed(2), submitted(2)] })), [
      "returned",
      "again",
      "submitted"
    ])
    const kept: Happened = { at: at(3), what: "kept_back", channel: "Main", resend: false, cause: "STOP" }
    assert.deepStrictEqual(told(life({ outcome: "suppressed", happened: [kept] })), ["kept_back"])
  })

  it("ends with the stop for whom it stopped, and doesn't mention it to whom it came too late", () => {
    const moves = [move(-9, "submit", "Dana"), move(30, "stop", "Ivan")]
    assert.deepStrictEqual(told(life({ outcome: "cancelled", moves })), ["move", "move"])
    assert.deepStrictEqual(told(life({ moves, happened: [claimed(5), submitted(5)] })), ["move", "left", "submitted"])
  })

  it("begins with the last submission", () => {
    const moves = [move(-90, "submit"), move(-80, "request_changes"), move(-70, "submit"), move(0, "open")]
    assert.deepStrictEqual(
      storyOf(life({ outcome: "waiting", moves })).map((line) => (line.kind === "move" ? line.action : line.kind)),
      ["submit", "open"]
    )
  })
})
