/**
 * Whether an engine makes progress, which is more than that its process lives: the database answers; each channel that it drives is
 * bound, or has not been unbound for long; what can be submitted is; what happened gets committed.
 *
 * It looks every second and remembers since when something has been wrong, so that a report is true at the moment it is asked for.
 * Plain code; time is a parameter, in monotonic ms. What is wrong is said with what to do, and holds no secret.
 */
import type { WatchedChannel, Watching } from "./Watched.ts"

/** The database is asked every second for channels, and every half second for campaigns. */
export const DATABASE_SILENT_MS = 10_000

/** A bind is tried again after 36 s at the latest: a channel that is not up after that was refused twice. */
export const UNBOUND_MS = 60_000

/** A flush or a claim takes milliseconds; one of so long waits for a lock, or for a disk that is full. */
export const STATEMENT_MS = 15_000

/** Messages that could leave do so at the next turn, 50 ms later. */
export const STUCK_MS = 10_000

export interface Problem {
  /** the database, the campaigns, or a channel's name */
  readonly where: string
  readonly problem: string
  readonly todo: string
}

export interface Report {
  readonly ready: boolean
  readonly problems: ReadonlyArray<Problem>
}

/** Since when something of a channel has been so. */
interface Since {
  unboundAt: number | undefined
  stuckAt: number | undefined
  /** as it was at the last look */
  submitted: number
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`

export class Health {
  private readonly watching: Watching
  private readonly since = new WeakMap<WatchedChannel, Since>()

  constructor(watching: Watching) {
    this.watching = watching
  }

  /** To be called every second. */
  look(now: number): void {
    for (const channel of this.watching) {
      const since = this.sinceOf(channel)
      const { counts, serving, standsBy } = channel
      const fine = standsBy || serving?.traffic.bound === true
      since.unboundAt = fine ? undefined : (since.unboundAt ?? now)
      const moves = counts.submitted !== since.submitted || serving?.traffic.couldSubmit(now) !== true
      since.stuckAt = moves ? undefined : (since.stuckAt ?? now)
      since.submitted = counts.submitted
    }
  }

  report(now: number): Report {
    const problems = [...this.ofDatabase(now)]
    for (const channel of this.watching) problems.push(...this.ofChannel(channel, now))
    return { ready: problems.length === 0, problems }
  }

  private *ofDatabase(now: number): Generator<Problem> {
    const { campaignsReadAt, channelsReadAt } = this.watching
    const todo =
      "See that Postgres runs and can be reached from here; the engine goes on trying, and goes on by itself."
    const readAt = { channels: channelsReadAt, campaigns: campaignsReadAt }
    for (const [what, at] of Object.entries(readAt)) {
      if (at === undefined) yield { where: "database", problem: `it has not told yet which ${what} there are`, todo }
      else if (now - at > DATABASE_SILENT_MS)
        yield { where: "database", problem: `it last told ${seconds(now - at)} ago which ${what} there are`, todo }
    }
  }

  private *ofChannel(channel: WatchedChannel, now: number): Generator<Problem> {
    const { counts, locked, name } = channel
    if (locked !== undefined) {
      yield {
        where: name,
        problem: "its password can't be opened, and it is not served",
        todo: `Put that right: ${locked}.`
      }
      return
    }
    const { stuckAt, unboundAt } = this.sinceOf(channel)
    const forMs = (at: number | undefined) => (at === undefined ? 0 : now - at)
    if (forMs(unboundAt) > UNBOUND_MS)
      yield {
        where: name,
        problem: `no bind both sends and hears, for ${seconds(forMs(unboundAt))}`,
        todo: "The engine's log says what the operator answers: see to address, credentials, network and firewall, or disable the channel."
      }
    for (const [what, at] of Object.entries({ flush: counts.flushingSince, claim: counts.claimingSince }))
      if (forMs(at) > STATEMENT_MS)
        yield {
          where: name,
          problem: `a ${what} has been under way for ${seconds(forMs(at))}`,
          todo: "See in pg_stat_activity what it waits for, and whether the database's disk is full. Nothing is lost meanwhile."
        }
    if (forMs(stuckAt) > STUCK_MS)
      yield {
        where: name,
        problem: `messages wait and could leave, and none has for ${seconds(forMs(stuckAt))}`,
        todo: "This is a bug of ours: keep the log and /metrics, and restart the engine. A restart loses nothing."
      }
  }

  private sinceOf(channel: WatchedChannel): Since {
    const known = this.since.get(channel) ?? { unboundAt: undefined, stuckAt: undefined, submitted: 0 }
    this.since.set(channel, known)
    return known
  }
}
