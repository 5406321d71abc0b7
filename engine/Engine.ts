/**
 * The engine: one supervised fiber a channel, one a live campaign. Closing its scope drains everything.
 */
import { Effect, FiberMap, Stream } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { type Channel, enabled } from "#schema/channel/Channels.ts"
import { type Postgres, type SqlClient, type SqlError, sqlMessage, wakeups } from "#schema/Database.ts"
import { campaignLife } from "./campaign/CampaignLife.ts"
import { channelLife } from "./channel/ChannelLife.ts"

/** How often it looks for campaigns and channels when no hint comes. */
const LOOK_EVERY = "1 second"

/** Before a channel whose life failed begins another: long enough that two engines do not wrestle for it. */
const REST_AFTER_FAILURE = "5 seconds"

/** Runs until its scope closes. Asks for a connected `SqlClient` in the engine's role. */
export const engine: Effect.Effect<never, never, SqlClient | Postgres> = Effect.scoped(
  Effect.gen(function* () {
    const services = yield* Effect.context<SqlClient | Postgres>()
    const campaigns = yield* FiberMap.make<string>()
    const channels = yield* FiberMap.make<number>()

    const look = Effect.gen(function* () {
      const wanted = new Map((yield* enabled).map((channel) => [channel.id, channel]))
      for (const [id] of channels) if (!wanted.has(id)) yield* FiberMap.remove(channels, id)
      for (const [id, channel] of wanted)
        yield* FiberMap.run(channels, id, supervised(channel), { onlyIfMissing: true })

      // a campaign that moved has a new key, so that its old fiber ends and its new life begins
      const alive = new Map((yield* Campaigns.alive).map((c) => [`${c.id} ${c.state}`, c]))
      for (const [key] of campaigns) if (!alive.has(key)) yield* FiberMap.remove(campaigns, key)
      for (const [key, campaign] of alive) {
        yield* FiberMap.run(campaigns, key, Effect.provide(campaignLife(campaign), services), { onlyIfMissing: true })
      }
    })
    const supervised = (channel: Channel) =>
      channelLife(channel).pipe(
        Effect.catch((error) => Effect.logError(`channel ${channel.name}: ${describe(error)}`)),
        Effect.catchDefect((defect) => Effect.logError(`channel ${channel.name} failed, which is a bug`, defect)),
        Effect.andThen(Effect.sleep(REST_AFTER_FAILURE)),
        Effect.provide(services)
      )

    yield* Stream.runForEach(wakeups(Campaigns.MOVES, LOOK_EVERY), () =>
      Effect.catch(look, (error) => Effect.logWarning(`looking for work: ${describe(error)}`))
    )
    return yield* Effect.never
  })
)

const describe = (error: SqlError | { readonly _tag: string; readonly message: string }): string =>
  error._tag === "SqlError" ? sqlMessage(error as SqlError) : error.message
