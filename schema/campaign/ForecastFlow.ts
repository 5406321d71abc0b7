/** A group of campaigns that share channels or ceilings, on its way from one thing that happens to the next (Forecast.ts). */
import type { LimitedBy, Outlook, World } from "./Forecast.ts"
import { HouseDay, Sender } from "./ForecastSender.ts"
import { type Ceiling, type Root, shareOut } from "./ForecastShares.ts"
import { ForecastTree, groups } from "./ForecastTree.ts"

/** Of the time that has passed: who is through within it is waited for. */
const PATIENCE = 0.002

/** A spread campaign that has fallen behind wants more: seen anew after this part of the time that it has left, or a second. */
const CATCHING_UP = 0.05

const NEVER = Number.POSITIVE_INFINITY

export class ForecastFlow {
  readonly outlooks = new Map<number, Outlook>()
  private at: number
  private readonly began: number
  private readonly senders: Set<Sender>
  private readonly houses: ReadonlyArray<HouseDay>
  private readonly roots: ReadonlyArray<Root>
  private readonly houseCeilings: ReadonlyArray<Ceiling>
  /** those who send at the moment */
  private sending: ReadonlyArray<Sender> = []

  /** One for each group of campaigns that have nothing to do with the others. */
  static of(world: World): Array<ForecastFlow> {
    return groups(world).map((loads) => new ForecastFlow(world, loads))
  }

  private constructor({ channels, houses, now }: World, loads: World["loads"]) {
    this.at = this.began = now
    const tree = new ForecastTree(channels)
    const days = new Map<number, HouseDay>()
    for (const { campaignId, houseId, lanes } of loads)
      for (const lane of lanes) for (const id of lane.channels) tree.campaign(id, { campaignId, houseId })
    for (const { houseId } of loads)
      if (!days.has(houseId)) days.set(houseId, new HouseDay(houses.get(houseId), tree.placesOf(houseId)))
    this.houses = [...days.values()]
    this.houseCeilings = this.houses.map(({ ceiling }) => ceiling).filter(({ perSecond }) => perSecond < NEVER)
    this.senders = new Set(loads.map((load) => new Sender(load, days.get(load.houseId)!, tree, now)))
    this.roots = tree.roots
    for (const sender of this.senders) if (sender.left === 0) this.settle(sender, now, 0)
  }

  get isOver(): boolean {
    return this.senders.size === 0
  }

  /** Looks that a step takes: one at somebody who sends is as much as several at who waits. */
  get looks(): number {
    return this.senders.size / 4 + 4 * this.sending.length + this.houses.length + this.roots.length
  }

  /** From one thing that happens to the next. */
  step(): void {
    for (const sender of this.senders) sender.wake(this.at)
    this.sending = [...this.senders].filter(({ isSending }) => isSending)
    shareOut(this.roots, [...this.houseCeilings, ...this.sending.flatMap(({ ceilings }) => ceilings)])
    for (const sender of this.sending) sender.take()
    if (this.dropUnknown()) return
    const next = this.nextMoment()
    if (next === NEVER) this.giveUp()
    else this.moveTo(Math.max(next, this.at))
  }

  /** Everybody who is left goes on at the rate that they have, or would have if they were alone. */
  finishAlone(): void {
    for (const sender of this.senders) {
      const { beginsAt, endsAt, windows } = sender.load
      const begins = Math.max(this.at, beginsAt)
      const rate = sender.rate > 0 ? sender.rate : this.mostFor(sender)
      const ms = (sender.left / rate) * 1000
      const throughAt = windows?.after(begins, ms) ?? begins + ms
      const openMs = endsAt === NEVER ? NEVER : (windows?.openMs(begins, endsAt) ?? endsAt - begins)
      if (throughAt <= endsAt) this.settle(sender, throughAt, 0)
      else this.settle(sender, undefined, Math.max(0, sender.left - (rate * openMs) / 1000))
    }
  }

  /** What a campaign would get of channels that nobody else uses. */
  private mostFor({ house, load, roots }: Sender): number {
    return Math.min(
      load.perSecond,
      house.ceiling.perSecond,
      roots.reduce((sum, { perSecond }) => sum + perSecond, 0)
    )
  }

  private nextMoment(): number {
    let happens = NEVER
    let through = NEVER
    for (const sender of this.senders) happens = Math.min(happens, sender.wakesAt)
    for (const sender of this.sending) {
      through = Math.min(through, sender.nextThrough(this.at))
      const isBehind = sender.load.isSpread && sender.rate < sender.pace * (1 - 1e-6)
      if (isBehind) happens = Math.min(happens, this.at + Math.max(1000, CATCHING_UP * (sender.load.endsAt - this.at)))
    }
    for (const house of this.houses) happens = Math.min(happens, house.changesAt(this.at))
    return Math.min(happens, Math.max(through, this.at + PATIENCE * (this.at - this.began)))
  }

  private moveTo(until: number): void {
    for (const sender of this.sending) {
      sender.isKeptBy(whatKeeps(sender), until - this.at)
      sender.moveTo(this.at, until)
    }
    for (const sender of this.senders) if (sender.waitsForDay) sender.isKeptBy("day", until - this.at)
    for (const house of this.houses) house.moveTo(this.at, until)
    this.at = until
    for (const sender of this.senders) {
      const { endsAt, segments } = sender.load
      const left = sender.left
      if (left === 0) this.settle(sender, sender.throughAt, 0)
      // fractions of a message are none
      else if (until >= endsAt && left < segments / 2) this.settle(sender, endsAt, 0)
      else if (until >= endsAt) this.settle(sender, undefined, left)
    }
  }

  /** Who has infinitely much can't be foreseen; the others go on without them. */
  private dropUnknown(): boolean {
    const unknown = this.sending.filter(({ rate }) => rate === NEVER)
    for (const sender of unknown) {
      sender.isKeptBy("unknown", NEVER)
      sender.firstRate = undefined
      this.settle(sender, undefined, 0)
    }
    return unknown.length > 0
  }

  /** Nothing will happen any more. */
  private giveUp(): void {
    for (const sender of this.senders) {
      if (sender.isSending) sender.isKeptBy(whatKeeps(sender), NEVER)
      this.settle(sender, undefined, 0)
    }
  }

  private settle(sender: Sender, finishesAt: number | undefined, leftMessages: number): void {
    sender.leave()
    this.senders.delete(sender)
    const { firstRate, limitedBy, load } = sender
    this.outlooks.set(load.campaignId, {
      finishesAt: finishesAt === NEVER ? undefined : finishesAt,
      perSecond: firstRate,
      limitedBy,
      leftOver: Math.round(leftMessages / load.segments)
    })
  }
}

const whatKeeps = ({ house, load, pace, rate, roots }: Sender): LimitedBy => {
  const isReached = (limit: number) => rate >= limit * 0.999
  if (isReached(pace)) return "schedule"
  if (isReached(load.perSecond)) return "ceiling"
  if (house.rate >= house.ceiling.perSecond * 0.999) return "workspace"
  return isReached(roots.reduce((sum, { share }) => sum + share.rate, 0)) ? "channel" : "share"
}
