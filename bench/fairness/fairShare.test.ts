import { assert, describe, it } from "@effect/vitest"
import { fairEnd } from "./fairShare.ts"

const of = (workspace: string, messages: number, from = 0) => ({ workspace, messages, from })

describe("a fair share of a channel", () => {
  it("is half for each of two workspaces, however many campaigns one has", () => {
    const all = [of("a", 1_000), of("b", 1_000), of("b", 1_000)]
    assert.strictEqual(fairEnd(all, 0, 1_000), 2)
    // then both have all of it
    assert.strictEqual(fairEnd(all, 1, 1_000), 3)
  })

  it("is more when others are through", () => {
    assert.strictEqual(fairEnd([of("a", 100), of("a", 300)], 1, 100), 4)
  })

  it("begins when it comes", () => {
    assert.closeTo(fairEnd([of("a", 1_000_000), of("b", 100, 30)], 1, 1_000), 30.2, 1e-9)
  })
})
