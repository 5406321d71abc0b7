/** A campaign, and a workspace's day, on their way while campaigns are foreseen (Forecast.ts). Messages and ms; nothing of the clock. */
import type { House, LimitedBy, Load } from "./Forecast.ts"
import type { Ceiling, Root, Share } from "./ForecastShares.ts"
import type { ForecastTree } from "./ForecastTree.ts"

const NEVER = Number.POSITIVE_INFINITY

/** As rules/pace.sql has it: most_catching_up(). */
export const MOST_CATCHING_UP = 2

/** A campaign's lane. */
interface Lane {
  /** what its schedule asked of it when it began, in messages a second */
  asked: number | undefined
  left: number
  rate: number
  /** what a spread campaign's wants, a second; or infinite */
  readonly pace: Ceiling
}

export class Sender {
  readonly load: Load
  readonly house: HouseDay
  readonly lanes: ReadonlyArray<Lane>
  /** what keeps it below what its channels would give it */
  readonly ceilings: ReadonlyArray<Ceiling>
  /** its channels */
  readonly roots: ReadonlyArray<Root>
  isSending = false
  waitsForDay = false
  /** when that changes by itself, or it ends */
  wakesAt = Number.NEGATIVE_INFINITY
  /** when the last of its lanes was through */
  throughAt: number
  /** messages a second when it first sent */
  firstRate: number | undefined
  private readonly kept = new Map<LimitedBy, number>()

  constructor(load: Load, house: HouseDay, tree: ForecastTree, now: number) {
    this.load = load
    this.house = house
    this.throughAt = now
    const channels = [...new Set(load.lanes.flatMap((lane) => lane.channels))]
    this.roots = channels.map((id) => tree.root(id))
    this.lanes = load.lanes.map((lane) => ({
      asked: lane.askedPerSecond,
      left: lane.left * load.segments,
      rate: 0,
      pace: { perSecond: NEVER, places: lane.channels.map((id) => tree.lane(id, load)) }
    }))
    const ceiling = { perSecond: load.perSecond, places: channels.map((id) => tree.campaign(id, load)) }
    this.ceilings = [
      ...(load.perSecond < NEVER ? [ceiling] : []),
      ...(load.isSpread ? this.lanes.map(({ pace }) => pace) : [])
    ]
  }

  get left(): number {
    return sum(this.lanes, ({ left }) => left)
  }

  get rate(): number {
    return sum(this.lanes, ({ rate }) => rate)
  }

  /** What a spread campaign wants, a second; else infinite. */
  get pace(): number {
    return sum(this.lanes, ({ pace }) => pace.perSecond)
  }

  /** Looks what time it is. */
  wake(at: number): void {
    const isAsleep = !this.isSending && !this.waitsForDay && at < this.wakesAt
    if (isAsleep) return
    const { beginsAt, endsAt, isSpread, windows } = this.load
    const isOpen = at >= beginsAt && at < endsAt && (windows?.isOpen(at) ?? true)
    this.isSending = isOpen && !this.house.isUsedUp
    this.waitsForDay = isOpen && this.house.isUsedUp
    this.wakesAt = Math.min(endsAt, at < beginsAt ? beginsAt : (windows?.next(at) ?? NEVER))
    const openMs = isSpread && this.isSending ? (windows?.openMs(at, endsAt) ?? endsAt - at) : 0
    for (const lane of this.lanes) {
      const { left, pace } = lane
      const wanted = isSpread && this.isSending ? (left / openMs) * 1000 : NEVER
      if (wanted < NEVER) lane.asked ??= wanted
      pace.perSecond = Math.min(wanted, MOST_CATCHING_UP * (lane.asked ?? NEVER))
      for (const place of pace.places) place.isActive = this.isSending && left > 0
    }
  }

  /** Takes over what was shared out. */
  take(): void {
    for (const lane of this.lanes) lane.rate = sum(lane.pace.places, ({ rate }) => rate)
    if (this.isSending && this.rate > 0) this.firstRate ??= this.rate
  }

  /** When the first of its lanes will be through. */
  nextThrough(at: number): number {
    return Math.min(...this.lanes.map(({ left, rate }) => (left > 0 && rate > 0 ? at + (left / rate) * 1000 : NEVER)))
  }

  moveTo(from: number, until: number): void {
    for (const lane of this.lanes) {
      if (lane.left === 0 || lane.rate === 0) continue
      const through = from + (lane.left / lane.rate) * 1000
      if (through <= until) this.throughAt = Math.max(this.throughAt, through)
      lane.left = through <= until ? 0 : lane.left - (lane.rate * (until - from)) / 1000
    }
  }

  isKeptBy(what: LimitedBy, ms: number): void {
    this.kept.set(what, (this.kept.get(what) ?? 0) + ms)
  }

  /** What kept it for the longest time. */
  get limitedBy(): LimitedBy {
    let longest: LimitedBy = "schedule"
    for (const [what, ms] of this.kept) if (ms > (this.kept.get(longest) ?? -1)) longest = what
    return longest
  }

  /** It is out of this: its places take no more. */
  leave(): void {
    for (const { pace } of this.lanes) for (const place of pace.places) place.isActive = false
  }
}

/** A workspace on its way through its days. */
export class HouseDay {
  readonly ceiling: Ceiling
  private left: number
  private readonly day: House["day"]

  constructor(house: House | undefined, places: ReadonlyArray<Share>) {
    this.ceiling = { perSecond: house?.perSecond ?? NEVER, places }
    this.day = house?.day
    this.left = house?.day?.left ?? NEVER
  }

  get isUsedUp(): boolean {
    return this.left <= 0
  }

  get rate(): number {
    return sum(this.ceiling.places, ({ rate }) => rate)
  }

  /** When its day's messages are used up, or a day begins. */
  changesAt(at: number): number {
    return this.day === undefined ? NEVER : Math.min(this.usedUpAt(at), this.day.days.next(at))
  }

  moveTo(from: number, until: number): void {
    if (this.day === undefined) return
    if (this.day.days.next(from) <= until) this.left = this.day.messages
    else this.left = this.usedUpAt(from) <= until ? 0 : this.left - (this.rate * (until - from)) / 1000
  }

  private usedUpAt(at: number): number {
    return this.isUsedUp || this.rate === 0 ? NEVER : at + (this.left / this.rate) * 1000
  }
}

const sum = <A>(of: ReadonlyArray<A>, n: (one: A) => number): number => {
  let all = 0
  for (const one of of) all += n(one)
  return all
}
