import { assert, layer } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { FED, readFed } from "#schema/campaign/FedHint.ts"
import { feedAll } from "#schema/campaign/Triggers.ts"
import { Postgres } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleChannel, sampleTrigger, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { Hints } from "./Hints.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("hints", (it) => {
  it.effect("tell each channel that serves a lane which one was fed, and up to where", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const [mine, too, strange] = [
        yield* sampleChannel(workspace),
        yield* sampleChannel(workspace),
        yield* sampleChannel(workspace)
      ]
      const { campaignId, laneId } = yield* sampleTrigger({ workspace, channels: [mine, too] })
      const told: Array<readonly [channelId: number, laneId: number, upto: number]> = []
      const both = yield* Deferred.make<void>()
      yield* Effect.gen(function* () {
        const { onFed } = yield* Hints
        for (const { channelId } of [mine, too, strange])
          yield* onFed(channelId, (lane, upto) => {
            told.push([channelId, lane, upto])
            if (upto === 3 && channelId === too.channelId) Deferred.doneUnsafe(both, Effect.void)
          })
        // what is no hint of ours is passed over; it is said again until somebody listens
        const { notify } = yield* Postgres
        yield* notify(FED, "rubbish")
        const listening = yield* Deferred.make<void>()
        yield* onFed(0, () => Deferred.doneUnsafe(listening, Effect.void))
        yield* Effect.raceFirst(
          Effect.forever(Effect.andThen(notify(FED, "0 0 0"), Effect.yieldNow)),
          Deferred.await(listening)
        )
        const feed = (...keys: ReadonlyArray<string>) =>
          actAs(
            workspace.adminId,
            workspace.workspaceId
          )(
            feedAll(
              campaignId,
              keys.map((key) => ({ key, number: "901234567" }))
            )
          )
        yield* feed("a", "b")
        yield* feed("b")
        yield* feed("c")
        yield* Deferred.await(both)
      }).pipe(Effect.scoped, Effect.provide(Hints.layer))
      assert.deepStrictEqual(
        told,
        [2, 3].flatMap((upto) => [mine, too].map(({ channelId }) => [channelId, laneId, upto] as const))
      )
    })
  )

  it.effect("are read as they are said, and nothing else is taken for one", () =>
    Effect.sync(() => {
      assert.deepStrictEqual(readFed("12 34 5,6"), { laneId: 12, upto: 34, channelIds: [5, 6] })
      for (const strange of ["", "12 34", "12 34 ", "12 34 5,", "12  34 5", "a 34 5", "12 34 5 6"])
        assert.isUndefined(readFed(strange), strange)
    })
  )
})
