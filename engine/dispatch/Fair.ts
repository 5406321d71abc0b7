/**
 * Whose turn it is: a channel is shared between workspaces first, a workspace's part between its campaigns, a campaign's between its
 * lanes; at each level equally, in messages, among those that have something to send.
 *
 * Start-time fair queueing (Goyal, Vin and Cheng, 1996): each has a tag, the amount it has been served, and the one with the
 * least goes next. Who comes, or comes back, begins where the one served last began: nobody is owed what they did not ask for, and
 * nobody waits behind another's history. So a small campaign is through in its share of time however large the others are.
 */

/** What is shared out: a lane, and what it belongs to. */
export interface Claimant {
  readonly workspace_id: number
  readonly campaign_id: number
  readonly lane_id: number
}

type Level = "workspace_id" | "campaign_id" | "lane_id"

/** One workspace's campaigns are a group of their own, and so on; the workspaces are the group of key 0. */
class Group {
  /** the tag at which the one served last began */
  private at = 0
  private readonly tags = new Map<number, number>()

  startOf(id: number): number {
    return Math.max(this.at, this.tags.get(id) ?? 0)
  }

  serve(id: number, messages: number): void {
    this.at = this.startOf(id)
    this.charge(id, messages)
  }

  /** Counts it as served, out of its turn. */
  charge(id: number, messages: number): void {
    this.tags.set(id, this.startOf(id) + messages)
    if (this.tags.size > MOST_TAGS) for (const [old, tag] of this.tags) if (tag <= this.at) this.tags.delete(old)
  }
}

/** Tags that say no more than that somebody is not ahead are forgotten above so many. */
const MOST_TAGS = 1_000

export class Fair {
  private readonly groups = new Map<string, Group>()

  /** The one whose turn it is; undefined of none. */
  next<C extends Claimant>(claimants: ReadonlyArray<C>): C | undefined {
    let left = this.least(claimants, "workspace_id", "")
    left = this.least(left, "campaign_id", `w${left[0]?.workspace_id}`)
    return this.least(left, "lane_id", `c${left[0]?.campaign_id}`)[0]
  }

  /** It was handed so many messages. */
  served({ campaign_id, lane_id, workspace_id }: Claimant, messages: number): void {
    this.group("").serve(workspace_id, messages)
    this.group(`w${workspace_id}`).serve(campaign_id, messages)
    this.group(`c${campaign_id}`).serve(lane_id, messages)
  }

  /** So many of its messages were sent again, which takes of the channel what a new one does. */
  sentAgain({ campaign_id, lane_id, workspace_id }: Claimant, messages: number): void {
    this.group("").charge(workspace_id, messages)
    this.group(`w${workspace_id}`).charge(campaign_id, messages)
    this.group(`c${campaign_id}`).charge(lane_id, messages)
  }

  /** Forgets the groups of what is gone. */
  keep(live: ReadonlyArray<Claimant>): void {
    const known = new Set(["", ...live.flatMap((one) => [`w${one.workspace_id}`, `c${one.campaign_id}`])])
    for (const key of this.groups.keys()) if (!known.has(key)) this.groups.delete(key)
  }

  /** All of those that share the least tag of a level: of the first id that has it. */
  private least<C extends Claimant>(claimants: ReadonlyArray<C>, level: Level, key: string): ReadonlyArray<C> {
    const group = this.group(key)
    let id: number | undefined
    let least = Number.POSITIVE_INFINITY
    for (const claimant of claimants) {
      if (claimant[level] === id) continue
      const start = group.startOf(claimant[level])
      if (start < least) {
        least = start
        id = claimant[level]
      }
    }
    return claimants.filter((claimant) => claimant[level] === id)
  }

  private group(key: string): Group {
    const known = this.groups.get(key)
    if (known !== undefined) return known
    const made = new Group()
    this.groups.set(key, made)
    return made
  }
}
