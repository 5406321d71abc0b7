import { assert, describe, it } from "@effect/vitest"
import { isSameClock, isZone, sayMoment } from "./times.ts"

const now = new Date("2026-11-23T20:30:00Z")
const said = (iso: string, zone = "UTC", locale = "en") => sayMoment(new Date(iso), now, locale, zone)

describe("a moment", () => {
  it("of yesterday, today and tomorrow is said so, by the clock of the place", () => {
    assert.strictEqual(said("2026-11-23T18:00:00Z").short, "today 18:00")
    assert.strictEqual(said("2026-11-22T09:05:00Z").short, "yesterday 09:05")
    assert.strictEqual(said("2026-11-24T00:00:00Z").short, "tomorrow 00:00")
    // there it is the 24th already
    assert.strictEqual(said("2026-11-23T18:00:00Z", "Asia/Tashkent").short, "yesterday 23:00")
    assert.strictEqual(said("2026-11-23T18:00:00Z", "UTC", "ru").short, "сегодня 18:00")
  })

  it("of another day has its date, of another year that too, and the exact one names the zone", () => {
    assert.strictEqual(said("2026-11-14T09:30:00Z").short, "Nov 14 09:30")
    assert.strictEqual(said("2025-11-14T09:30:00Z").short, "Nov 14, 2025 09:30")
    assert.match(said("2026-11-14T09:30:09Z").exact, /Saturday, November 14, 2026.*9:30:09.*UTC$/)
  })

  it("is the same by two clocks or not, and by a zone that doesn't exist never", () => {
    assert.isTrue(isSameClock(now, "Europe/London", "UTC"))
    assert.isFalse(isSameClock(now, "Asia/Tashkent", "UTC"))
    assert.isTrue(isZone("Asia/Tashkent"))
    assert.isFalse(isZone("Asia/Nowhere"))
  })
})
