/**
 * The database's hints that a campaign has moved, heard on one connection and told to everybody in this engine who looks
 * at rows. A hint says only "look", and may be lost: whoever asks for hints says how often it looks anyway.
 */
import { Context, type Duration, Effect, Layer, PubSub, Stream } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { wakeups } from "#schema/Database.ts"

/** The listener itself has nothing to look at. */
const SELDOM = "1 minute"

export class Hints extends Context.Service<
  Hints,
  {
    /** On every hint, at once, and after so long without one. Those that nobody took yet fold into one. */
    readonly orEvery: (duration: Duration.Input) => Stream.Stream<void>
  }
>()("engine/Hints") {
  static readonly layer = Layer.effect(
    Hints,
    Effect.gen(function* () {
      const hub = yield* PubSub.sliding<void>(1)
      yield* Effect.forkScoped(
        Stream.runForEach(wakeups(Campaigns.MOVES, SELDOM), () => PubSub.publish(hub, undefined))
      )
      return Hints.of({
        orEvery: (duration) =>
          Stream.merge(Stream.fromPubSub(hub), Stream.tick(duration)).pipe(
            Stream.map(() => undefined),
            Stream.buffer({ capacity: 1, strategy: "dropping" })
          )
      })
    })
  )
}
