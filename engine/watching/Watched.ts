/**
 * What can be seen of a running engine from outside: its channels, live campaigns, and when its database last answered. The
 * engine's lives put themselves here; Metrics.ts and Health.ts only read. An engine that nobody watches needs none.
 */
import { Context, Effect, Layer, Option } from "effect"
import type { Traffic } from "#engine/channel/Traffic.ts"
import type { Journal } from "#engine/dispatch/Journal.ts"
import { monotonicClock } from "#engine/dispatch/MonotonicClock.ts"
import type { Pacer } from "#engine/dispatch/Pacer.ts"
import type { Alive } from "#schema/campaign/Campaigns.ts"
import type { Channel, Locked } from "#schema/channel/Channels.ts"
import { ChannelCounts } from "./ChannelCounts.ts"

/** What a channel's life works with while it serves. */
interface Serving {
  readonly traffic: Pick<Traffic, "binds" | "bound" | "inFlight" | "waitingByKind" | "couldSubmit">
  readonly journal: Pick<Journal, "waiting">
  readonly pacer: Pick<Pacer, "perSecond">
}

/** What metrics and health need of a channel's row. */
type Row = Pick<Channel, "id" | "name" | "per_second" | "bind_mode" | "binds">

export class WatchedChannel {
  readonly counts = new ChannelCounts()
  name: string
  enabled = true
  /** undefined: no contract rate */
  contractPerSecond: number | undefined
  bindsConfigured = 0
  /** why its password can't be opened */
  locked: string | undefined
  /** another engine has it, and we wait */
  standsBy = false
  serving: Serving | undefined

  constructor(name: string) {
    this.name = name
  }

  is({ bind_mode, binds, name, per_second }: Row): void {
    this.name = name
    this.enabled = true
    this.locked = undefined
    this.contractPerSecond = per_second ?? undefined
    this.bindsConfigured = binds * (bind_mode === "transceiver" ? 1 : 2)
  }

  /** Another life may begin. What was counted stays. */
  lifeEnds(): void {
    this.standsBy = false
    this.serving = undefined
    this.counts.flushingSince = undefined
    this.counts.claiming.clear()
  }
}

export class Watching {
  /** by id; those that were disabled stay, so that what was counted goes on when they come back */
  private readonly channels = new Map<number, WatchedChannel>()
  /** how many campaigns are alive, by state */
  readonly campaigns: Record<Alive["state"], number> = { scheduled: 0, sending: 0, paused: 0 }
  /** monotonic ms at which it last read its channels, and its live campaigns */
  channelsReadAt: number | undefined
  campaignsReadAt: number | undefined

  /** A channel's life begins, or its row was read. */
  channel(row: Row): WatchedChannel {
    const channel = this.known(row.id, row.name)
    channel.is(row)
    return channel
  }

  /** All that are enabled were read. */
  readChannels(served: ReadonlyArray<Row>, locked: ReadonlyArray<Locked>): void {
    this.channelsReadAt = monotonicClock.now()
    for (const channel of this.channels.values()) channel.enabled = false
    for (const row of served) this.channel(row)
    for (const { id, name, why } of locked) {
      const channel = this.known(id, name)
      channel.enabled = true
      channel.locked = why
    }
  }

  /** All live campaigns were read. */
  readCampaigns(alive: ReadonlyArray<Pick<Alive, "state">>): void {
    this.campaignsReadAt = monotonicClock.now()
    this.campaigns.scheduled = this.campaigns.sending = this.campaigns.paused = 0
    for (const { state } of alive) this.campaigns[state]++
  }

  /** Those that are enabled, and those whose life is not over yet. */
  *[Symbol.iterator](): Iterator<WatchedChannel> {
    for (const channel of this.channels.values()) if (channel.enabled || channel.serving !== undefined) yield channel
  }

  private known(id: number, name: string): WatchedChannel {
    const channel = this.channels.get(id) ?? new WatchedChannel(name)
    this.channels.set(id, channel)
    return channel
  }
}

export class Watched extends Context.Service<Watched, Watching>()("engine/watching/Watched") {
  static readonly layer = Layer.sync(Watched, () => new Watching())

  /** The one that is provided, else one that nobody reads. */
  static readonly current: Effect.Effect<Watching> = Effect.map(
    Effect.serviceOption(Watched),
    Option.getOrElse(() => new Watching())
  )
}
