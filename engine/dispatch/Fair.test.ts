import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type Claimant, Fair } from "./Fair.ts"

const lane = (workspace_id: number, campaign_id: number, lane_id = campaign_id): Claimant => ({
  workspace_id,
  campaign_id,
  lane_id
})

/** Serves whoever's turn it is, so many times; gives what each lane got. */
const serve = (fair: Fair, claimants: ReadonlyArray<Claimant>, turns: number, messages = (_: Claimant) => 100) => {
  const got = new Map(claimants.map((one) => [one.lane_id, 0]))
  for (let i = 0; i < turns; i++) {
    const one = fair.next(claimants)!
    fair.served(one, messages(one))
    got.set(one.lane_id, got.get(one.lane_id)! + messages(one))
  }
  return got
}

describe("a shared channel", () => {
  it("is nobody's when nobody asks", () => {
    assert.isUndefined(new Fair().next([]))
  })

  it("is shared between workspaces first, then campaigns, then lanes", () => {
    const claimants = [lane(1, 1), lane(2, 2), lane(2, 3), lane(2, 4, 40), lane(2, 4, 41)]
    assert.deepStrictEqual(
      [...serve(new Fair(), claimants, 1_200)],
      [
        [1, 60_000],
        [2, 20_000],
        [3, 20_000],
        [40, 10_000],
        [41, 10_000]
      ]
    )
  })

  it("is shared in messages, however many each takes at a time", () => {
    const claimants = [lane(1, 1), lane(2, 2)]
    const got = serve(new Fair(), claimants, 1_100, ({ lane_id }) => (lane_id === 1 ? 1_000 : 100))
    assert.closeTo(got.get(1)! / got.get(2)!, 1, 0.02)
  })

  it("owes nothing to who comes late, and does not let them wait for what others had", () => {
    const fair = new Fair()
    const first = [lane(1, 1)]
    serve(fair, first, 1_000)
    const both = [lane(1, 1), lane(1, 2)]
    assert.deepStrictEqual(
      [...serve(fair, both, 10)],
      [
        [1, 500],
        [2, 500]
      ]
    )
    // the second goes away, and comes back
    serve(fair, first, 1_000)
    assert.deepStrictEqual(
      [...serve(fair, both, 10)],
      [
        [1, 500],
        [2, 500]
      ]
    )
  })

  it("gives each, at any time, its part of what those who ask were given, within one turn a level", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 })), {
          minLength: 1,
          maxLength: 12
        }),
        fc.integer({ min: 1, max: 500 }),
        (pairs, turns) => {
          // a campaign is of one workspace
          const claimants = [...new Map(pairs.map(([w, c]) => [w * 10 + c, lane(w, w * 10 + c)])).values()]
          const got = serve(new Fair(), claimants, turns)
          const byWorkspace = Map.groupBy(claimants, (one) => one.workspace_id)
          const sum = (of: ReadonlyArray<Claimant>) => of.reduce((n, one) => n + got.get(one.lane_id)!, 0)
          const parts = [...byWorkspace.values()].map(sum)
          assert.isAtMost(Math.max(...parts) - Math.min(...parts), 100)
          for (const own of byWorkspace.values()) {
            const each = own.map((one) => got.get(one.lane_id)!)
            assert.isAtMost(Math.max(...each) - Math.min(...each), 100)
          }
        }
      )
    )
  })

  it("forgets who is gone", () => {
    const fair = new Fair()
    for (let i = 1; i <= 5_000; i++) {
      fair.served(lane(1, i), 10)
      fair.keep([lane(1, i)])
    }
    serve(fair, [lane(1, 9_999)], 3)
    assert.deepStrictEqual(
      [...serve(fair, [lane(1, 9_999), lane(1, 10_000)], 4)],
      [
        [9_999, 200],
        [10_000, 200]
      ]
    )
  })

  it("counts what is sent again like what is sent, and puts nobody else back by it", () => {
    const fair = new Fair()
    const [refused, other] = [lane(1, 1), lane(2, 2)]
    fair.served(refused, 100)
    fair.served(other, 100)
    fair.sentAgain(refused, 500)
    assert.deepStrictEqual(
      [...serve(fair, [refused, other], 7)],
      [
        [1, 100],
        [2, 600]
      ]
    )
  })
})
