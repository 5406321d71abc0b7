/** When who would be through if a channel were shared out ideally: at every moment equally between workspaces, then between campaigns. */

export interface Claimant {
  readonly workspace: string
  readonly messages: number
  /** s: when it comes */
  readonly from: number
}

/** Seconds after which the nth is through. perSecond: what is shared. */
export const fairEnd = (claimants: ReadonlyArray<Claimant>, nth: number, perSecond: number): number => {
  const left = claimants.map(({ messages }) => messages)
  let now = 0
  while (left[nth]! > 0) {
    const live = claimants.flatMap(({ from }, i) => (from <= now && left[i]! > 0 ? [i] : []))
    const workspaces = new Set(live.map((i) => claimants[i]!.workspace))
    const rate = (i: number) => {
      const same = live.filter((j) => claimants[j]!.workspace === claimants[i]!.workspace)
      return perSecond / workspaces.size / same.length
    }
    // until the next one comes or is through
    const next = Math.min(
      ...claimants.map(({ from }) => (from > now ? from - now : Number.POSITIVE_INFINITY)),
      ...live.map((i) => left[i]! / rate(i))
    )
    for (const [i, gone] of live.map((i) => [i, rate(i) * next] as const))
      left[i] = gone >= left[i]! - 1e-6 ? 0 : left[i]! - gone
    now += next
  }
  return now
}
