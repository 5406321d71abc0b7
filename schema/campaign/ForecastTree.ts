/** Who belongs to whom while campaigns are foreseen: channels' trees, and the groups of campaigns that have to do with each other. */
import type { Load, World } from "./Forecast.ts"
import { type Root, Share } from "./ForecastShares.ts"

/** The trees of some channels, as they grow by the campaigns that use them. */
export class ForecastTree {
  private readonly perSecond: ReadonlyMap<number, number>
  private readonly byChannel = new Map<number, Root>()
  private readonly places = new Map<string, Share>()
  private readonly ofHouse = new Map<number, Array<Share>>()

  /** perSecond: of each channel; one that is not there takes any number. */
  constructor(perSecond: ReadonlyMap<number, number>) {
    this.perSecond = perSecond
  }

  get roots(): ReadonlyArray<Root> {
    return [...this.byChannel.values()]
  }

  /** A new leaf: a lane of the campaign on a channel. */
  lane(channelId: number, load: Load): Share {
    const made = new Share()
    this.campaign(channelId, load).parts.push(made)
    return made
  }

  campaign(channelId: number, { campaignId, houseId }: Pick<Load, "campaignId" | "houseId">): Share {
    return this.place(`${channelId} ${houseId} ${campaignId}`, () => this.house(channelId, houseId))
  }

  /** The places of a workspace, one a channel. */
  placesOf(houseId: number): ReadonlyArray<Share> {
    return this.ofHouse.get(houseId) ?? []
  }

  root(channelId: number): Root {
    const known = this.byChannel.get(channelId)
    if (known !== undefined) return known
    const made = { share: new Share(), perSecond: this.perSecond.get(channelId) ?? Number.POSITIVE_INFINITY }
    this.byChannel.set(channelId, made)
    return made
  }

  private house(channelId: number, houseId: number): Share {
    return this.place(`${channelId} ${houseId}`, (place) => {
      const places = this.ofHouse.get(houseId)
      if (places === undefined) this.ofHouse.set(houseId, [place])
      else places.push(place)
      return this.root(channelId).share
    })
  }

  private place(key: string, above: (made: Share) => Share): Share {
    const known = this.places.get(key)
    if (known !== undefined) return known
    const made = new Share()
    this.places.set(key, made)
    above(made).parts.push(made)
    return made
  }
}

/** Campaigns that share a channel, or a workspace's ceilings, directly or through others. */
export const groups = ({ houses, loads }: World): Array<ReadonlyArray<Load>> => {
  const above = new Map<string, string>()
  const top = (key: string): string => {
    let at = key
    for (let next = above.get(at); next !== undefined; next = above.get(at)) at = next
    if (at !== key) above.set(key, at)
    return at
  }
  const join = (a: string, b: string): void => {
    const [topA, topB] = [top(a), top(b)]
    if (topA !== topB) above.set(topA, topB)
  }
  for (const { campaignId, houseId, lanes } of loads) {
    const house = houses.get(houseId)
    if (house !== undefined && (house.perSecond < Number.POSITIVE_INFINITY || house.day !== undefined))
      join(`${campaignId}`, `house ${houseId}`)
    for (const { channels } of lanes) for (const id of channels) join(`${campaignId}`, `channel ${id}`)
  }
  return [...Map.groupBy(loads, ({ campaignId }) => top(`${campaignId}`)).values()]
}
