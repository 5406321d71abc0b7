import { assert, describe, it } from "@effect/vitest"
import { Ceilings } from "./Ceilings.ts"

describe("an engine's ceilings", () => {
  const below = { campaign_id: 1, workspace_id: 1, campaign_per_second: 1, workspace_per_second: null }

  it("are forgotten when nobody was below them for long, but not before their second is over", () => {
    const ceilings = new Ceilings()
    const [before] = ceilings.of(below, 0)
    before!.left(20_000)
    const [then] = ceilings.of(below, 20_500)
    assert.isAbove(then!.wait(20_500), 500)
    assert.notStrictEqual(ceilings.of(below, 60_000)[0], then)
  })
})
