/**
 * The database's hints, heard on connections of their own and told to everybody in this engine who looks at rows: that a campaign
 * has moved, and that a triggered campaign was fed. A hint may be lost: whoever asks for hints says how often it looks anyway.
 */
import { Context, type Duration, Effect, Layer, PubSub, type Scope, Stream } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { FED, readFed } from "#schema/campaign/FedHint.ts"
import { notices, wakeups } from "#schema/Database.ts"

/** The listener itself has nothing to look at. */
const SELDOM = "1 minute"

/** Told in the turn in which it is heard, so it must be quick. upto: the lane's last seq by then. */
export type OnFed = (laneId: number, upto: number) => void

export class Hints extends Context.Service<
  Hints,
  {
    /** On every hint of a move, at once, and after so long without one. Those that nobody took yet fold into one. */
    readonly orEvery: (duration: Duration.Input) => Stream.Stream<void>
    /** Tells, until the scope closes, of each triggered lane of this channel in which something waits now. */
    readonly onFed: (channelId: number, told: OnFed) => Effect.Effect<void, never, Scope.Scope>
  }
>()("engine/Hints") {
  static readonly layer = Layer.effect(
    Hints,
    Effect.gen(function* () {
      const hub = yield* PubSub.sliding<void>(1)
      yield* Effect.forkScoped(
        Stream.runForEach(wakeups(Campaigns.MOVES, SELDOM), () => PubSub.publish(hub, undefined))
      )
      const listeners = new Map<number, Set<OnFed>>()
      const tell = (payload: string | undefined): void => {
        const fed = payload === undefined ? undefined : readFed(payload)
        for (const channelId of fed?.channelIds ?? [])
          for (const told of listeners.get(channelId) ?? []) told(fed!.laneId, fed!.upto)
      }
      yield* Effect.forkScoped(Stream.runForEach(notices(FED), (payload) => Effect.sync(() => tell(payload))))
      return Hints.of({
        orEvery: (duration) =>
          Stream.merge(Stream.fromPubSub(hub), Stream.tick(duration)).pipe(
            Stream.map(() => undefined),
            Stream.buffer({ capacity: 1, strategy: "dropping" })
          ),
        onFed: (channelId, told) =>
          Effect.asVoid(
            Effect.acquireRelease(
              Effect.sync(() => {
                const those = listeners.get(channelId) ?? new Set()
                listeners.set(channelId, those.add(told))
              }),
              () => Effect.sync(() => listeners.get(channelId)?.delete(told))
            )
          )
      })
    })
  )
}
