/**
 * When campaigns will be through. Pure: what there is to send, the ceilings and the calendar come as data, the time too.
 *
 * The model is a flow. At any moment each campaign goes at a steady rate, which is what its channels, shared fairly, and its
 * ceilings leave it (ForecastShares.ts); it stays so until something happens: one is through, begins or ends, a daily window opens or
 * closes, a day's messages are used up, a day begins. Then the shares are dealt anew. A spread campaign wants what remains of
 * it over the time that remains with its window open: if it gets less, it wants more later, up to twice what its schedule asked of it, as the
 * door has it (rules/pace.sql).
 * Through is what has an outcome of submission; receipts don't count. A triggered campaign is through at its end and not before, and
 * what it sends is not foreseen.
 *
 * Promises: an answer for every campaign, after work that is bounded whatever the calendar and however many they are. Where many are
 * through one shortly after another, they are waited for together (ForecastFlow.ts), so up to a thousandth of what a
 * channel could have sent by then is not counted; where the work goes beyond MOST_LOOKS, who is left is foreseen at the rate that they have then.
 */
import { ForecastFlow } from "./ForecastFlow.ts"
import type { ForecastWindows } from "./ForecastWindows.ts"

/** What keeps a campaign from being through sooner. */
export type LimitedBy =
  /** its own: its start, its end, over which it is spread */
  | "schedule"
  /** its ceiling */
  | "ceiling"
  /** what its workspace may send a second */
  | "workspace"
  /** what its workspace may send a day */
  | "day"
  /** what its channels take */
  | "channel"
  /** what its channels take beside others */
  | "share"
  /** it waits for somebody, to resume or to start it */
  | "person"
  /** its channel has no contract, and nothing was measured yet */
  | "unknown"

/** A campaign that is or will be sent. Moments in ms since 1970, rates in messages a second; infinite: no limit. */
export interface Load {
  readonly campaignId: number
  readonly houseId: number
  readonly beginsAt: number
  readonly endsAt: number
  readonly isSpread: boolean
  /** messages a recipient */
  readonly segments: number
  readonly perSecond: number
  /** undefined: around the clock */
  readonly windows: ForecastWindows | undefined
  /** recipients that have no outcome of submission yet */
  readonly lanes: ReadonlyArray<{
    readonly left: number
    /** what the schedule asked of it when it began, in messages a second; undefined: it has not */
    readonly askedPerSecond?: number | undefined
    readonly channels: ReadonlyArray<number>
  }>
}

/** A workspace. */
export interface House {
  readonly houseId: number
  readonly perSecond: number
  /** Of its days; undefined: as many as it likes. */
  readonly day: { readonly messages: number; readonly left: number; readonly days: ForecastWindows } | undefined
}

export interface World {
  readonly now: number
  readonly loads: ReadonlyArray<Load>
  readonly houses: ReadonlyMap<number, House>
  /** messages a second by channel; infinite: not known */
  readonly channels: ReadonlyMap<number, number>
}

export interface Outlook {
  /** ms since 1970; undefined: not known, or it will not be through. */
  readonly finishesAt: number | undefined
  /** Messages a second, now or when it begins. */
  readonly perSecond: number | undefined
  readonly limitedBy: LimitedBy
  /** Recipients that would be left at its end. */
  readonly leftOver: number
}

/** Looks at a campaign or a place in a channel's tree, over all; a million are some 150 ms. */
const MOST_LOOKS = 3_000_000

export class Forecasting {
  readonly outlooks = new Map<number, Outlook>()
  private readonly flows: Array<ForecastFlow>
  private looksLeft = MOST_LOOKS

  constructor(world: World) {
    this.flows = ForecastFlow.of(world)
  }

  /** Goes on for about so many looks; true: it is done. */
  advance(looks: number): boolean {
    const until = this.looksLeft - looks
    for (let flow = this.flows.at(-1); flow !== undefined; flow = this.flows.at(-1)) {
      while (!flow.isOver) {
        if (this.looksLeft <= 0) flow.finishAlone()
        else if (this.looksLeft <= until) return false
        else flow.step()
        this.looksLeft -= flow.looks
      }
      for (const [id, outlook] of flow.outlooks) this.outlooks.set(id, outlook)
      this.flows.pop()
    }
    return true
  }
}

/** All at once. */
export const forecastAll = (world: World): ReadonlyMap<number, Outlook> => {
  const forecasting = new Forecasting(world)
  while (!forecasting.advance(Number.POSITIVE_INFINITY));
  return forecasting.outlooks
}
