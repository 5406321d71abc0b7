import { assert, describe, it } from "@effect/vitest"
import type { Alive } from "#schema/campaign/Campaigns.ts"
import { nextMove } from "./nextMove.ts"

const NOW = 1_000_000
const HOUR = 3_600_000

const campaign = (is: Partial<Alive>): Alive => ({
  id: 1,
  name: "Payroll",
  state: "scheduled",
  starts_at_ms: null,
  late_at_ms: null,
  starts_automatically: true,
  waits_for_window: false,
  window_turns_ms: null,
  has_unclaimed: null,
  exhausted: null,
  is_fed: false,
  now_ms: NOW,
  ...is
})

const sending = (is: Partial<Alive>) => campaign({ state: "sending", has_unclaimed: true, exhausted: false, ...is })
const through = { has_unclaimed: false, exhausted: true }
const next = (is: Alive) => nextMove(is, NOW)

describe("the next move of a campaign", () => {
  it("that is scheduled opens it at its start, or at once without one", () => {
    const starts_at_ms = NOW + HOUR
    assert.deepStrictEqual(next(campaign({ starts_at_ms })), { action: "open", atMs: NOW + HOUR })
    assert.deepStrictEqual(next(campaign({})), { action: "open", atMs: 0 })
  })

  it("that waits for Start, or is paused by a person, is its expiry or none", () => {
    assert.isUndefined(next(campaign({ starts_automatically: false })))
    const late = { late_at_ms: NOW + HOUR }
    const expiry = { action: "expire", atMs: NOW + HOUR } as const
    assert.deepStrictEqual(next(campaign({ starts_automatically: false, ...late })), expiry)
    assert.deepStrictEqual(next(campaign({ state: "paused", ...late })), expiry)
  })

  it("that is too late to start is its expiry, whatever else it waits for", () => {
    const late = { starts_at_ms: NOW - HOUR, late_at_ms: NOW - 1 }
    assert.strictEqual(next(campaign(late))?.action, "expire")
    assert.strictEqual(next(campaign({ ...late, starts_automatically: false }))?.action, "expire")
  })

  it("that has nothing left closes it; a trigger campaign only after its end", () => {
    assert.strictEqual(next(sending(through))?.action, "close")
    const fed = { is_fed: true, late_at_ms: NOW + HOUR }
    assert.deepStrictEqual(next(sending({ ...through, ...fed })), { action: "close", atMs: NOW + HOUR })
    assert.deepStrictEqual(next(sending({ ...through, ...fed, late_at_ms: NOW }))?.action, "close")
  })

  it("that is paused with nothing left closes it, before its window opens and at its end", () => {
    const resting = { state: "paused", waits_for_window: true, window_turns_ms: NOW + HOUR } as const
    assert.strictEqual(next(campaign({ ...resting, ...through }))?.action, "close")
    assert.strictEqual(next(campaign({ state: "paused", ...through, late_at_ms: NOW - 1 }))?.action, "close")
    const answering = campaign({ state: "paused", has_unclaimed: false, late_at_ms: NOW - 1 })
    assert.deepStrictEqual(next(answering), { action: "expire", atMs: NOW - 1 + 60_000 })
  })

  it("that is at its end expires what is left, and waits a minute for the last answers where nothing is", () => {
    const late_at_ms = NOW - 1
    assert.deepStrictEqual(next(sending({ late_at_ms })), { action: "expire", atMs: late_at_ms })
    const moving = sending({ late_at_ms, has_unclaimed: false })
    assert.deepStrictEqual(next(moving), { action: "expire", atMs: late_at_ms + 60_000 })
    assert.strictEqual(next(sending({ ...through, late_at_ms }))?.action, "close")
  })

  it("rests when its window closes, and wakes when it opens", () => {
    const turns = { window_turns_ms: NOW + HOUR }
    assert.deepStrictEqual(next(sending(turns)), { action: "rest", atMs: NOW + HOUR })
    const resting = { state: "paused", waits_for_window: true } as const
    assert.deepStrictEqual(next(campaign({ ...resting, ...turns })), { action: "wake", atMs: NOW + HOUR })
    assert.isUndefined(next(campaign({ state: "paused" })))
  })

  it("is its expiry where its end comes before its window opens again", () => {
    const turns = { window_turns_ms: NOW + 2 * HOUR, late_at_ms: NOW + HOUR }
    assert.strictEqual(next(campaign({ state: "paused", waits_for_window: true, ...turns }))?.action, "expire")
  })
})
