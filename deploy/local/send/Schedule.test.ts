import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  clockWords,
  minutesOf,
  readSchedule,
  type ScheduleOptions,
  scheduleAt,
  scheduleWords,
  wallTime
} from "./Schedule.ts"

const nothing: ScheduleOptions = {
  at: undefined,
  spread: undefined,
  window: undefined,
  ceiling: undefined,
  end: undefined,
  zone: undefined,
  startByHand: false
}

/** What is kept of what is typed at five to six in Tashkent. */
const kept = (typed: Partial<ScheduleOptions>) =>
  Effect.map(readSchedule({ ...nothing, ...typed }), (it) => scheduleAt(it, "2026-12-31 17:55", "Asia/Tashkent"))

describe("a schedule as it is typed", () => {
  it.effect("takes a time without a day as the next one, and an end as the next after the start", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* kept({ at: "18:00" })).startsLocal, "2026-12-31 18:00")
      assert.strictEqual((yield* kept({ at: "17:55" })).startsLocal, "2027-01-01 17:55")
      const spread = yield* kept({ at: "9:30", spread: "until 18:00" })
      assert.deepStrictEqual([spread.startsLocal, spread.endsLocal], ["2027-01-01 09:30", "2027-01-01 18:00"])
    })
  )

  it.effect("is on demand, scheduled or spread by what is said", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* kept({ window: "09:00-18:00", ceiling: "50" })).mode, "on_demand")
      assert.strictEqual((yield* kept({ at: "18:00" })).mode, "scheduled")
      const spread = yield* kept({ at: "18:00", spread: "1h 30m" })
      assert.deepStrictEqual([spread.mode, spread.spreadMinutes], ["spread", 90])
      assert.isFalse((yield* kept({ startByHand: true })).startsAutomatically)
    })
  )

  it.effect("is said again in words before anybody signs it", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(scheduleWords(yield* kept({})), [])
      assert.deepStrictEqual(scheduleWords(yield* kept({ at: "18:00", startByHand: true })), [
        "2026-12-31 18:00 Asia/Tashkent, when somebody presses Start"
      ])
      assert.deepStrictEqual(scheduleWords(yield* kept({ spread: "30m", ceiling: "50" })), [
        "evenly over 30 min, from when it is signed",
        "at most 50 messages a second"
      ])
    })
  )

  it("says what becomes of a time that clocks skip or show twice", () => {
    const said = (local: string, at: string, zone = "Europe/Berlin") => clockWords(local, zone, new Date(at))
    assert.match(said("2026-03-29 02:30", "2026-03-29T01:30Z")!, /go forward that night, so 02:30 is 03:30/)
    assert.match(said("2026-10-25 02:30", "2026-10-25T00:30Z")!, /go back that night, and the first 02:30 is meant/)
    assert.match(said("2027-04-04 01:45", "2027-04-03T14:45Z", "Australia/Lord_Howe")!, /the first 01:45 is meant/)
    assert.isUndefined(said("2026-10-25 03:30", "2026-10-25T02:30Z"))
    assert.isUndefined(said("2026-06-01 02:30", "2026-06-01T00:30Z"))
  })

  it("knows days and stretches from what looks like them", () => {
    for (const text of ["24:00", "18:60", "18", "2027-02-29 10:00", "2026-13-01 10:00", "18:00:00"])
      assert.isUndefined(wallTime(text), text)
    assert.deepStrictEqual(wallTime("2028-02-29T07:05"), { date: "2028-02-29", time: "07:05" })
    for (const text of ["30", "", "m", "-5m", "1.5h", "30 months"]) assert.isUndefined(minutesOf(text), text)
    assert.deepStrictEqual(["30m", "90 min", "2 hours", "3d", "1h30m"].map(minutesOf), [30, 90, 120, 4320, 90])
  })
})
