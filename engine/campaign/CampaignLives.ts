/**
 * All live campaigns of an installation, a fiber each: looked at on every hint and by the clock, in one statement however
 * many they are.
 */
import { Effect, FiberMap, Stream } from "effect"
import { Hints } from "#engine/Hints.ts"
import { Watched } from "#engine/watching/Watched.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { type SqlClient, sqlMessage } from "#schema/Database.ts"
import { campaignLife } from "./CampaignLife.ts"
import { DatabaseTime } from "./DatabaseTime.ts"
import { Mover } from "./Mover.ts"

/** That a campaign is through is seen at a look only: nobody tells. */
const LOOK_EVERY = "500 millis"

/** What a life stands on: when it changes, another begins. */
const asItIs = (c: Campaigns.Alive): string =>
  `${c.id} ${c.state} ${c.has_unclaimed} ${c.exhausted} ${c.waits_for_window} ${c.window_turns_ms}`

export const campaignLives: Effect.Effect<never, never, SqlClient | Hints> = Effect.scoped(
  Effect.gen(function* () {
    const lives = yield* FiberMap.make<string>()
    const time = new DatabaseTime()
    const mover = new Mover()
    const watching = yield* Watched.current

    const look = Effect.gen(function* () {
      const rows = yield* Campaigns.alive
      watching.readCampaigns(rows)
      if (rows[0] !== undefined) time.heard(rows[0].now_ms)
      const alive = new Map(rows.map((campaign) => [asItIs(campaign), campaign]))
      for (const [key, fiber] of lives) if (!alive.has(key)) fiber.interruptUnsafe()
      for (const [key, campaign] of alive)
        if (!FiberMap.hasUnsafe(lives, key)) yield* FiberMap.run(lives, key, campaignLife(campaign, time, mover))
    })

    const { orEvery } = yield* Hints
    const looks = Stream.runForEach(orEvery(LOOK_EVERY), () =>
      Effect.catch(look, (error) => Effect.logWarning(`looking for campaigns: ${sqlMessage(error)}`))
    )
    // neither goes on without the other
    yield* Effect.all([mover.run, looks], { concurrency: "unbounded", discard: true })
    return yield* Effect.never
  })
)
