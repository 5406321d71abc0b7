import { assert, describe, it } from "@effect/vitest"
import { beginOfDay } from "./days.ts"

describe("a day", () => {
  it("begins at midnight by the clock of its zone, also where clocks change", () => {
    for (const [day, zone, days, at] of [
      ["2026-11-14", "Asia/Tashkent", 0, "2026-11-13T19:00:00.000Z"],
      ["2026-11-14", "Asia/Tashkent", 1, "2026-11-14T19:00:00.000Z"],
      ["2026-03-29", "Europe/Berlin", 0, "2026-03-28T23:00:00.000Z"],
      ["2026-03-29", "Europe/Berlin", 1, "2026-03-29T22:00:00.000Z"],
      ["2026-10-04", "Australia/Sydney", 0, "2026-10-03T14:00:00.000Z"],
      ["2026-11-01", "America/New_York", 1, "2026-11-02T05:00:00.000Z"]
    ] as const)
      assert.strictEqual(beginOfDay(day, zone, days)?.toISOString(), at, `${day} ${zone}`)
  })

  it("is none where the calendar has none", () => {
    for (const day of ["", "2026-02-30", "14.11.2026", "2026-11-14'", "0000-01-01", "0001-01-01", "9999-12-31"])
      assert.isUndefined(beginOfDay(day, "America/New_York", 1), day)
  })
})
