import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { Forecasting, forecastAll, type House, type Load, type World } from "./Forecast.ts"
import { type Ceiling, type Root, Share, shareOut } from "./ForecastShares.ts"
import { ForecastWindows } from "./ForecastWindows.ts"

const NOW = Date.parse("2027-03-01T18:00:00Z")
const NEVER = Number.POSITIVE_INFINITY
const HOUR = 3_600_000
const DAY = 24 * HOUR

let made = 0

const load = (left: number, what: Partial<Load> = {}): Load => ({
  campaignId: ++made,
  houseId: made,
  beginsAt: NOW,
  endsAt: NEVER,
  isSpread: false,
  segments: 1,
  perSecond: NEVER,
  windows: undefined,
  lanes: [{ left, channels: [1] }],
  ...what
})

const world = (loads: ReadonlyArray<Load>, perSecond = 100, houses: ReadonlyArray<House> = []): World => ({
  now: NOW,
  loads,
  houses: new Map(houses.map((house) => [house.houseId, house])),
  channels: new Map([1, 2, 3].map((id) => [id, perSecond]))
})

/** Seconds until each is through, in their order. */
const seconds = (of: World) => {
  const outlooks = forecastAll(of)
  return of.loads.map(({ campaignId }) => (outlooks.get(campaignId)!.finishesAt! - NOW) / 1000)
}

/** Daily windows from an hour for some hours, for so many days. */
const daily = (fromHour: number, hours: number, days = 400) => {
  const midnight = Date.parse("2027-03-01T00:00:00Z")
  const opens = Array.from({ length: days }, (_, day) => midnight + day * DAY + fromHour * HOUR)
  return new ForecastWindows(
    opens,
    opens.map((at) => at + hours * HOUR)
  )
}

const days = () => daily(0, 24)

describe("a forecast", () => {
  it("of a campaign alone is its messages over its ceiling, and its part counts as a message", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 99 }),
        fc.integer({ min: 1, max: 5 }),
        (n, r, segments) => {
          assert.closeTo(seconds(world([load(n, { perSecond: r, segments })]))[0]!, (n * segments) / r, 0.01)
        }
      )
    )
  })

  it("says what limits it", () => {
    const full = (left: number) => ({ houseId: -1, perSecond: NEVER, day: { messages: 100, left, days: days() } })
    const of = (one: Load, perSecond?: number, houses: ReadonlyArray<House> = [], others: ReadonlyArray<Load> = []) =>
      forecastAll(world([one, ...others], perSecond, houses)).get(one.campaignId)!.limitedBy
    assert.strictEqual(of(load(10, { perSecond: 5 })), "ceiling")
    assert.strictEqual(of(load(10)), "channel")
    assert.strictEqual(of(load(10), 100, [], [load(100)]), "share")
    assert.strictEqual(of(load(10, { houseId: -1 }), 100, [{ houseId: -1, perSecond: 7, day: undefined }]), "workspace")
    assert.strictEqual(of(load(150, { houseId: -1 }), 100, [full(100)]), "day")
    assert.strictEqual(of(load(10, { isSpread: true, endsAt: NOW + HOUR })), "schedule")
    assert.strictEqual(of(load(10), NEVER), "unknown")
    assert.strictEqual(of(load(10), 0), "channel")
  })

  it("begins at its start, and goes on day by day while its window is open", () => {
    // six in the evening: two hours of the first day, four of each other
    const windows = daily(16, 4)
    assert.deepStrictEqual(seconds(world([load(7_200 * 10 + 14_400 * 10 + 100, { perSecond: 10, windows })])), [
      2 * 86_400 - 2 * 3_600 + 10
    ])
    assert.deepStrictEqual(seconds(world([load(100, { perSecond: 10, beginsAt: NOW + HOUR })])), [3_610])
  })

  it("shares a channel between workspaces first, and what one leaves goes to the others", () => {
    const [a, b, c] = [load(1_000, { houseId: -1 }), load(1_000, { houseId: -1 }), load(1_000, { houseId: -2 })]
    // 25, 25 and 50 a second; then 50 and 50
    assert.deepStrictEqual(seconds(world([a, b, c])), [30, 30, 20])
    // two of the three are slow: the third has what is left
    assert.deepStrictEqual(
      seconds(world([load(100, { perSecond: 10 }), load(200, { perSecond: 20 }), load(700)])),
      [10, 10, 10]
    )
  })

  it("of a spread campaign is its end, unless somebody takes its pace; then it says who will be left", () => {
    const spread = load(3_600, { isSpread: true, endsAt: NOW + HOUR })
    assert.deepStrictEqual(seconds(world([spread], 2)), [3_600])
    // behind at first, it catches up when the other is through
    assert.deepStrictEqual(seconds(world([spread, load(900)], 1.5))[0], 3_600)
    const outlook = forecastAll(world([spread, load(3_600)], 1.5)).get(spread.campaignId)!
    assert.strictEqual(outlook.finishesAt, undefined)
    assert.closeTo(outlook.leftOver, 900, 1)
  })

  it("of a spread campaign that fell far behind doesn't believe in more than twice the pace that its schedule asked", () => {
    const left = { left: 3_000, askedPerSecond: 1, channels: [1] }
    const late = load(0, { isSpread: true, endsAt: NOW + 1_000_000, lanes: [left] })
    const outlook = forecastAll(world([late])).get(late.campaignId)!
    assert.strictEqual(outlook.finishesAt, undefined)
    assert.closeTo(outlook.leftOver, 1_000, 1)
    assert.strictEqual(outlook.perSecond, 2)
  })

  it("of one that is cut off at its end says who will be left", () => {
    const one = load(1_000, { perSecond: 10, segments: 2, endsAt: NOW + 60_000 })
    assert.deepStrictEqual(forecastAll(world([one])).get(one.campaignId), {
      finishesAt: undefined,
      perSecond: 10,
      limitedBy: "ceiling",
      leftOver: 700
    })
  })

  it("goes on at midnight when a day's messages are used up, all campaigns of the workspace together", () => {
    const house = { houseId: -1, perSecond: NEVER, day: { messages: 1_000, left: 100, days: days() } }
    const [a, b] = [load(550, { houseId: -1 }), load(1_550, { houseId: -1 })]
    // 50 each today; 500 each on the second; 1,000 of the other on the third
    const [first, second] = seconds(world([a, b], 100, [house]))
    assert.closeTo(first!, 6 * 3_600 + 10, 0.1)
    assert.closeTo(second!, 30 * 3_600 + 10, 0.1)
  })

  it("never comes earlier because somebody else sends, too", () => {
    const some = fc.record({
      left: fc.integer({ min: 1, max: 50_000 }),
      perSecond: fc.option(fc.integer({ min: 1, max: 200 }), { nil: NEVER }),
      houseId: fc.integer({ min: -3, max: -1 }),
      beginsAt: fc.integer({ min: 0, max: 600 }).map((s) => NOW + s * 1000)
    })
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 8 }), some, (all, another) => {
        const loads = all.map(({ left, ...what }) => load(left, what))
        const before = seconds(world(loads))
        const after = seconds(world([...loads, load(another.left, another)]))
        // but for those that are waited for together
        before.forEach((at, nth) => {
          assert.isAtLeast(after[nth]!, at * 0.995 - 0.01)
        })
      })
    )
  })

  it("takes no more than the channel has, over all the time that it takes", () => {
    const some = fc.record({ left: fc.integer({ min: 1, max: 50_000 }), houseId: fc.integer({ min: -3, max: -1 }) })
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 30 }), (all) => {
        const loads = all.map(({ left, houseId }) => load(left, { houseId }))
        const total = all.reduce((sum, { left }) => sum + left, 0)
        const last = Math.max(...seconds(world(loads)))
        assert.isAtLeast(last, total / 100 - 0.01)
        assert.isAtMost(last, (total / 100) * 1.005 + 0.01)
      })
    )
  })

  it("is an answer for a thousand campaigns with years of windows, after work that is bounded", () => {
    const loads = Array.from({ length: 1_000 }, (_, i) =>
      load(1e6, { windows: daily(i / 100, 8), endsAt: NOW + 700 * DAY })
    )
    const forecasting = new Forecasting(world(loads, 10))
    let turns = 1
    while (!forecasting.advance(100_000)) turns++
    assert.strictEqual(forecasting.outlooks.size, 1_000)
    assert.isAtMost(turns, 31)
  })
})

describe("the shares", () => {
  /** Workspaces with campaigns on three channels, some with ceilings. */
  const tree = fc.array(
    fc.record({
      perSecond: fc.option(fc.integer({ min: 1, max: 300 }), { nil: NEVER }),
      campaigns: fc.array(
        fc.record({
          perSecond: fc.option(fc.integer({ min: 1, max: 100 }), { nil: NEVER }),
          channels: fc.subarray([0, 1, 2], { minLength: 1 })
        }),
        { minLength: 1, maxLength: 4 }
      )
    }),
    { minLength: 1, maxLength: 4 }
  )

  interface Planted {
    readonly perSecond: number
    readonly campaigns: ReadonlyArray<{ readonly perSecond: number; readonly channels: ReadonlyArray<number> }>
  }

  const planted = (houses: ReadonlyArray<Planted>) => {
    const roots: ReadonlyArray<Root> = [100, 50, 200].map((perSecond) => ({ share: new Share(), perSecond }))
    const ceilings: Array<Ceiling> = []
    for (const house of houses) {
      const places = roots.map(({ share }) => {
        const place = new Share()
        share.parts.push(place)
        return place
      })
      ceilings.push({ perSecond: house.perSecond, places })
      for (const campaign of house.campaigns) {
        const own = campaign.channels.map((nth) => {
          const leaf = new Share()
          leaf.isActive = true
          places[nth]!.parts.push(leaf)
          return leaf
        })
        ceilings.push({ perSecond: campaign.perSecond, places: own })
      }
    }
    return { roots, ceilings }
  }

  const sum = (shares: ReadonlyArray<Share>) => shares.reduce((all, { rate }) => all + rate, 0)

  it("keep every contract and every ceiling, over all channels together", () => {
    fc.assert(
      fc.property(tree, (houses) => {
        const { ceilings, roots } = planted(houses)
        shareOut(roots, ceilings)
        for (const { perSecond, share } of roots) assert.isAtMost(sum(share.parts), perSecond * (1 + 1e-9))
        for (const { perSecond, places } of ceilings) assert.isAtMost(sum(places), perSecond * (1 + 1e-6))
      })
    )
  })

  it("are max-min fair: nobody has less than a sibling unless it wants no more", () => {
    fc.assert(
      fc.property(tree, (houses) => {
        // ceilings of one channel only: between channels it is near enough
        const { ceilings, roots } = planted(
          houses.map((house) => ({
            perSecond: NEVER,
            campaigns: house.campaigns.map((one) => ({ ...one, channels: [0] }))
          }))
        )
        shareOut(roots, ceilings)
        const fair = ({ parts, rate, wants }: Share): void => {
          assert.isAtMost(rate, wants)
          for (const one of parts)
            for (const other of parts) if (one.rate < other.rate - 1e-9) assert.closeTo(one.rate, one.wants, 1e-9)
          for (const part of parts) fair(part)
        }
        for (const { share } of roots) fair(share)
        assert.closeTo(roots[0]!.share.rate, Math.min(100, roots[0]!.share.wants), 1e-9)
      })
    )
  })
})
