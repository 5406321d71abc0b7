/** The hint that a triggered campaign was fed, as rules/trigger.sql says it: which lane, up to which recipient, who serves it. Pure. */

/** NOTIFY channel on which it is told. */
export const FED = "countersign_feed"

export interface Fed {
  readonly laneId: number
  /** the lane's last seq by then */
  readonly upto: number
  readonly channelIds: ReadonlyArray<number>
}

/** "12 34 5,6": undefined of what is none. */
export const readFed = (payload: string): Fed | undefined => {
  const found = /^(\d+) (\d+) (\d+(?:,\d+)*)$/.exec(payload)
  if (found === null) return undefined
  return { laneId: Number(found[1]), upto: Number(found[2]), channelIds: found[3]!.split(",").map(Number) }
}
