/**
 * The engine: one supervised fiber a channel, one a live campaign, and one for what is to be done after their end. Closing its scope
 * drains everything.
 */
import { Effect, type Fiber, FiberMap, Layer, Stream, SubscriptionRef } from "effect"
import { ChannelLocks } from "#schema/channel/ChannelLocks.ts"
import { type Channel, enabled, isSame, type Locked } from "#schema/channel/Channels.ts"
import { type Postgres, type SqlClient, type SqlError, sqlMessage } from "#schema/Database.ts"
import { campaignLives } from "./campaign/CampaignLives.ts"
import { forecaster } from "./campaign/Forecaster.ts"
import { keeper } from "./campaign/Keeper.ts"
import { channelLife } from "./channel/ChannelLife.ts"
import { Ceilings, EngineCeilings } from "./dispatch/Ceilings.ts"
import { Hints } from "./Hints.ts"
import { Watched } from "./watching/Watched.ts"

/** How often it looks for channels when no hint comes. */
const LOOK_EVERY = "1 second"

/** Before a channel whose life failed begins another: long enough that two engines do not wrestle for it. */
const REST_AFTER_FAILURE = "5 seconds"

/** What an engine's lives share, a connection each: to listen, and to hold the locks of channels. */
export const shared = Layer.mergeAll(Hints.layer, ChannelLocks.layer)

const lives = Effect.gen(function* () {
  const services = yield* Effect.context<SqlClient | Hints | ChannelLocks>()
  const channels = yield* FiberMap.make<number>()
  const watching = yield* Watched.current
  const rows = new Map<number, SubscriptionRef.SubscriptionRef<Channel>>()
  /** why each locked channel is not served, as it was last said */
  const told = new Map<number, string>()

  /** The channel's row for its life to follow, as it is now. */
  const follow = Effect.fnUntraced(function* (channel: Channel) {
    const row = rows.get(channel.id) ?? (yield* SubscriptionRef.make(channel))
    rows.set(channel.id, row)
    if (!isSame(SubscriptionRef.getUnsafe(row), channel)) yield* SubscriptionRef.set(row, channel)
    return row
  })

  /** Once each, as long as it stays so: a look comes every second. */
  const tellLocked = Effect.fnUntraced(function* (locked: ReadonlyArray<Locked>) {
    for (const id of told.keys()) if (!locked.some((channel) => channel.id === id)) told.delete(id)
    for (const { id, name, why } of locked) {
      if (told.get(id) === why) continue
      told.set(id, why)
      yield* Effect.logError(`channel ${name} is not served: its password can't be opened: ${why}`)
    }
  })

  const lookAtChannels = Effect.gen(function* () {
    const { channels: wanted, locked } = yield* enabled
    watching.readChannels(wanted, locked)
    yield* tellLocked(locked)
    for (const [id, fiber] of channels) if (!wanted.some((channel) => channel.id === id)) end(fiber)
    for (const channel of wanted)
      yield* FiberMap.run(channels, channel.id, supervised(yield* follow(channel)), { onlyIfMissing: true })
  })

  const supervised = (row: SubscriptionRef.SubscriptionRef<Channel>) => {
    const { name } = SubscriptionRef.getUnsafe(row)
    return channelLife(row).pipe(
      Effect.catch((error) => Effect.logError(`channel ${name}: ${describe(error)}`)),
      Effect.catchDefect((defect) => Effect.logError(`channel ${name} failed, which is a bug`, defect)),
      Effect.andThen(Effect.sleep(REST_AFTER_FAILURE)),
      Effect.provide(services)
    )
  }

  for (const [what, life] of [
    ["campaigns", campaignLives],
    ["forecasts", forecaster],
    ["what is due after a campaign's end", keeper]
  ] as const)
    yield* Effect.forkScoped(begunAnew(what, life))
  const { orEvery } = yield* Hints
  yield* Stream.runForEach(orEvery(LOOK_EVERY), () =>
    Effect.catch(lookAtChannels, (error) => Effect.logWarning(`looking for channels: ${describe(error)}`))
  )
  return yield* Effect.never
})

/**
 * Runs until its scope closes. Asks for a connected `SqlClient` in the engine's role; with `Secrets` it opens sealed passwords,
 * with `Watched` it is seen from outside.
 */
export const engine: Effect.Effect<never, never, SqlClient | Postgres> = Effect.suspend(() =>
  Effect.scoped(lives).pipe(Effect.provideService(EngineCeilings, new Ceilings()), Effect.provide(shared))
)

/** What breaks is a bug, is told, and begins again: the engine without it would only look alive. */
const begunAnew = <R>(what: string, life: Effect.Effect<never, never, R>): Effect.Effect<never, never, R> =>
  Effect.catchDefect(life, (defect) =>
    Effect.andThen(
      Effect.logError(`looking after ${what} failed, which is a bug`, defect),
      Effect.sleep(REST_AFTER_FAILURE)
    )
  ).pipe(Effect.forever)

/** Tells a life to end and doesn't wait: a drain takes seconds. Its key is free, and it may begin again, when it is over. */
const end = (fiber: Fiber.Fiber<unknown, unknown>): void => fiber.interruptUnsafe()

const describe = (error: SqlError | { readonly _tag: string; readonly message: string }): string =>
  error._tag === "SqlError" ? sqlMessage(error as SqlError) : error.message
