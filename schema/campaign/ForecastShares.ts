/**
 * What everybody gets of the channels at one moment, in messages a second: as the engine's Fair and the door's ceilings share them out.
 * Pure.
 *
 * A channel is a tree: workspaces, their campaigns, their lanes. At each level everybody gets the same, but nobody more than they
 * want, and what one does not want the others share (max-min). A ceiling is an allowance: of a place in one channel's tree it is simply
 * kept; one that holds over several channels is divided between them as its parts would take it, in a few rounds, each of
 * which keeps it.
 */

/** A place in a channel's tree. A leaf is a lane on a channel. */
export class Share {
  readonly parts: Array<Share> = []
  /** No more than that. */
  allowance = Number.POSITIVE_INFINITY
  /** Of a leaf: whether it has something to send now. */
  isActive = false
  wants = 0
  rate = 0
}

/** The places of one lane, campaign or workspace, and what they may have together. */
export interface Ceiling {
  perSecond: number
  readonly places: ReadonlyArray<Share>
}

export interface Root {
  readonly share: Share
  readonly perSecond: number
}

/** How often what a ceiling leaves unused in one channel is looked for in the others. */
const ROUNDS = 4

/** Sets `rate` of every place. */
export const shareOut = (roots: ReadonlyArray<Root>, ceilings: ReadonlyArray<Ceiling>): void => {
  for (const { perSecond, places } of ceilings) for (const place of places) place.allowance = perSecond
  for (let round = 1; ; round++) {
    for (const { perSecond, share } of roots) {
      askFor(share)
      give(share, perSecond)
    }
    let isKept = true
    for (const ceiling of ceilings) if (ceiling.places.length > 1 && !divide(ceiling)) isKept = false
    // from the second round on everything is kept
    if ((round === 1 && isKept) || round === ROUNDS) return
  }
}

/** Divides it anew between the channels; whether it was kept. */
const divide = ({ perSecond, places }: Ceiling): boolean => {
  let taken = 0
  for (const { rate } of places) taken += rate
  const isKept = taken <= perSecond * (1 + 1e-9)
  const spare = (perSecond - taken) / places.length
  for (const place of places) place.allowance = isKept ? place.rate + spare : (perSecond * place.rate) / taken
  return isKept
}

const askFor = (share: Share): number => {
  let wants = share.parts.length === 0 && share.isActive ? Number.POSITIVE_INFINITY : 0
  for (const part of share.parts) wants += askFor(part)
  share.wants = Math.min(wants, share.allowance)
  return share.wants
}

const give = (share: Share, atMost: number): void => {
  share.rate = Math.min(share.wants, atMost)
  if (share.parts.length === 0) return
  const level = share.rate === 0 ? 0 : levelOf(share.parts, share.rate)
  for (const part of share.parts) if (part.wants > 0 || part.rate > 0) give(part, level)
}

/** What everybody gets who wants so much. */
const levelOf = (parts: ReadonlyArray<Share>, perSecond: number): number => {
  let level = 0
  for (;;) {
    let rest = perSecond
    let more = 0
    for (const { wants } of parts) {
      if (wants <= level) rest -= wants
      else more++
    }
    if (more === 0) return level
    const next = rest / more
    if (next <= level * (1 + 1e-12)) return next
    level = next
  }
}
