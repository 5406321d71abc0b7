import { assert, describe, it } from "@effect/vitest"
import type { LaneRow } from "#schema/campaign/Forecasts.ts"
import { ForecasterMemory } from "./ForecasterMemory.ts"

const row = (what: Partial<LaneRow> = {}): LaneRow => ({
  campaign_id: 1,
  workspace_id: 1,
  name: "x",
  state: "sending",
  mode: "on_demand",
  needs_person: false,
  begins_ms: 0,
  ends_ms: null,
  segments: 1,
  per_second: null,
  window_from: null,
  window_to: null,
  time_zone: "UTC",
  workspace_per_second: null,
  workspace_per_day: null,
  day_left: null,
  workspace_zone: "UTC",
  lane_id: 1,
  recipients: 1_000,
  recipients_left: 1_000,
  asked_per_second: null,
  channels: [7],
  contracts: [null],
  speeds: [null],
  accepted: [0],
  now_ms: 0,
  ...what
})

describe("a forecaster's memory", () => {
  it("measures a channel that somebody wants all of, in messages a second", () => {
    const memory = new ForecasterMemory()
    memory.measure([row({ segments: 2 }), row({ lane_id: 2, per_second: 1 })])
    const measured = memory.measure([
      row({ segments: 2, now_ms: 5_000, accepted: [100] }),
      row({ lane_id: 2, per_second: 1, now_ms: 5_000, accepted: [50] })
    ])
    assert.deepStrictEqual([...measured], [[7, 50]])
  })

  it("measures nothing where all are slower than it could be, in too short a time, or of an operator who is down", () => {
    const slow = { per_second: 10 }
    const memory = new ForecasterMemory()
    memory.measure([row(slow)])
    assert.strictEqual(memory.measure([row({ ...slow, now_ms: 5_000, accepted: [50] })]).size, 0)
    const hasty = new ForecasterMemory()
    hasty.measure([row()])
    assert.strictEqual(hasty.measure([row({ now_ms: 1_000, accepted: [50] })]).size, 0)
    assert.deepStrictEqual([...hasty.measure([row({ now_ms: 5_000, accepted: [50] })])], [[7, 10]])
    assert.strictEqual(hasty.measure([row({ now_ms: 10_000, accepted: [50] })]).size, 0)
  })

  it("says a speed again when it has changed, a part of the way, or after a while", () => {
    const memory = new ForecasterMemory()
    let accepted = 0
    const speeds = (seconds: number, messages: number) =>
      [...memory.measure([row({ now_ms: seconds * 1000, accepted: [(accepted += messages)] })])].map(
        ([, speed]) => speed
      )
    speeds(0, 0)
    assert.deepStrictEqual(speeds(10, 1_000), [100])
    assert.deepStrictEqual(speeds(20, 1_000), [])
    assert.deepStrictEqual(speeds(30, 2_000), [130])
    assert.deepStrictEqual(speeds(100, 9_100), [130])
  })

  it("knows no news while nothing is sent and no row has changed but for the time", () => {
    const memory = new ForecasterMemory()
    const waiting = { state: "scheduled", begins_ms: 10_000 }
    assert.isTrue(memory.isNews([row(waiting)]))
    assert.isFalse(memory.isNews([row({ ...waiting, now_ms: 5_000 })]))
    assert.isTrue(memory.isNews([row({ ...waiting, now_ms: 10_000 })]))
    assert.isTrue(memory.isNews([row({ now_ms: 15_000 })]))
    assert.isTrue(memory.isNews([row({ now_ms: 15_000 })]))
    assert.isTrue(memory.isNews([]))
    assert.isFalse(memory.isNews([]))
  })

  it("asks for a few calendars at a time, and leaves out who waits for one", () => {
    const memory = new ForecasterMemory()
    const rows = Array.from({ length: 8 }, (_, i) =>
      row({ campaign_id: i, window_from: `0${i}:00:00`, window_to: "18:00:00" })
    )
    const missing = memory.missing(rows)
    assert.strictEqual(missing.length, 5)
    const windows = { isOpen: () => true } as never
    memory.learn(new Map(missing.map(({ from, to, zone }) => [`${from} ${to} ${zone}`, windows])), rows)
    assert.strictEqual(memory.foreseeable(rows).length, 5)
    assert.strictEqual(memory.missing(rows).length, 3)
    memory.learn(new Map(), [])
    assert.strictEqual(memory.missing(rows).length, 5)
  })
})
