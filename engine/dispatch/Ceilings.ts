/**
 * The ceilings of campaigns and workspaces, as they are kept where messages leave: counted together over all lanes and channels of
 * this engine. The door hands out their slots (rules/pace.sql), lane by lane and at even rates; timers are late, and the rates of several
 * lanes don't come out even in every second: so what left is counted too.
 *
 * Promises: no second, wherever it is taken to begin, has more messages of this engine than a ceiling allows.
 */
import { Context } from "effect"
import type { LiveLane } from "#schema/channel/Channels.ts"
import { SlidingSecond } from "./SlidingSecond.ts"

export class Ceiling {
  perSecond: number
  private readonly second: SlidingSecond

  constructor(perSecond: number, now: number) {
    this.perSecond = perSecond
    this.second = new SlidingSecond(now)
  }

  /** Milliseconds until another message may leave below it. */
  wait(now: number): number {
    return this.second.wait(this.perSecond, now)
  }

  /** Nothing left below it within the last second. */
  isIdle(now: number): boolean {
    return this.second.room(this.perSecond, now) === this.perSecond
  }

  /** One leaves. */
  left(now: number): void {
    this.second.add(1, now)
  }
}

/** The ceilings of what a lane belongs to. */
export type Below = Pick<LiveLane, "campaign_id" | "workspace_id" | "campaign_per_second" | "workspace_per_second">

/** Those that no lane has been below for so long are forgotten, once their second is over. */
const FORGET_MS = 10_000

export class Ceilings {
  private readonly known = new Map<string, { readonly ceiling: Ceiling; askedAt: number }>()
  private tidiedAt = 0

  /** Those of a lane, as they are now: to be asked for at every look. */
  of(lane: Below, now: number): ReadonlyArray<Ceiling> {
    if (now - this.tidiedAt > FORGET_MS) this.tidy(now)
    return [
      ...this.one(`campaign ${lane.campaign_id}`, lane.campaign_per_second, now),
      ...this.one(`workspace ${lane.workspace_id}`, lane.workspace_per_second, now)
    ]
  }

  private one(key: string, perSecond: number | null, now: number): ReadonlyArray<Ceiling> {
    if (perSecond === null) return []
    const known = this.known.get(key) ?? { ceiling: new Ceiling(perSecond, now), askedAt: now }
    known.askedAt = now
    known.ceiling.perSecond = perSecond
    this.known.set(key, known)
    return [known.ceiling]
  }

  private tidy(now: number): void {
    this.tidiedAt = now
    for (const [key, { askedAt, ceiling }] of this.known)
      if (now - askedAt > FORGET_MS && ceiling.isIdle(now)) this.known.delete(key)
  }
}

/** One for all channels of an engine. */
export const EngineCeilings = Context.Reference<Ceilings>("engine/dispatch/Ceilings", {
  defaultValue: () => new Ceilings()
})
