/** A campaign's life that meets a fault of ours. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Logger } from "effect"
import { TestClock } from "effect/testing"
import type { Alive } from "#schema/campaign/Campaigns.ts"
import { campaignLife } from "./CampaignLife.ts"
import { DatabaseTime } from "./DatabaseTime.ts"
import { Mover } from "./Mover.ts"

const due: Alive = {
  id: 7,
  state: "scheduled",
  name: "Maintenance",
  starts_at_ms: 0,
  late_at_ms: null,
  starts_automatically: true,
  waits_for_window: false,
  window_turns_ms: null,
  has_unclaimed: null,
  exhausted: null,
  is_fed: false,
  now_ms: 0
}

class FaultyMover extends Mover {
  override move() {
    return Effect.die(new TypeError("a fault of ours"))
  }
}

describe("a campaign's life", () => {
  it.effect("says a fault and tries again, though not at once", () =>
    Effect.gen(function* () {
      const said: Array<unknown> = []
      const listening = Logger.layer([Logger.make(({ message }) => said.push(message))])
      const life = campaignLife(due, new DatabaseTime(), new FaultyMover()).pipe(Effect.provide(listening))
      const fiber = yield* Effect.forkChild(life)
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(said.length, 1)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(said.length, 2)
      assert.include(String(said[0]), "campaign 7 could not be moved")
      yield* Fiber.interrupt(fiber)
    })
  )
})
