/**
 * A life that begins again whenever it ends: after a wait that doubles with each early death, with jitter so that many
 * do not come back in step, and that starts anew after a long life (`Effect.retry` would keep the long wait for ever).
 */
import { Clock, Duration, Effect, Random } from "effect"

export interface Rebirth<E> {
  readonly firstMs: number
  readonly capMs: number
  /** a life at least this long is a good one: the next wait is the first again */
  readonly resetAfterMs: number
  /** a death of this kind waits so long at least, in ms (a wrong password is not hammered) */
  readonly atLeastMs: (error: E | undefined) => number
  /** told of each death, and how long it is until the next life */
  readonly onDeath: (error: E | undefined, waitMs: number) => Effect.Effect<void>
}

/** Runs `life` for ever, each in a scope of its own. Defects pass through: they are bugs, for the supervisor above. */
export const keepAlive = <E, R>(
  life: Effect.Effect<void, E, R>,
  o: Rebirth<E>
): Effect.Effect<never, never, Exclude<R, import("effect").Scope.Scope>> => {
  let deaths = 0
  return Effect.gen(function* () {
    const born = yield* Clock.currentTimeMillis
    const error = yield* Effect.scoped(life).pipe(
      Effect.as(undefined),
      Effect.catch((e: E) => Effect.succeed(e))
    )
    const died = yield* Clock.currentTimeMillis
    deaths = died - born >= o.resetAfterMs ? 1 : deaths + 1
    const backoff = Math.min(o.capMs, o.firstMs * 2 ** Math.min(deaths - 1, 30))
    // between 80 and 120 %
    const waitMs = Math.max(backoff, o.atLeastMs(error)) * (0.8 + 0.4 * (yield* Random.next))
    yield* o.onDeath(error, waitMs)
    yield* Effect.sleep(Duration.millis(waitMs))
  }).pipe(Effect.forever)
}
