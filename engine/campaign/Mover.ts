/**
 * Moves campaigns, many in one transaction: a thousand that are due at the same second are opened in a few, not in a thousand. What
 * is asked for while they are under way goes into the next.
 *
 * Promises: whoever asks hears what became of it, and may stop listening without stopping the move; each move is one line in the log,
 * with the campaign's name and figures. What waits here is at most one move a live campaign.
 */
import { Deferred, Effect, Latch } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { type SqlClient, sqlMessage } from "#schema/Database.ts"
import { tell } from "./moved.ts"

/** moved: done, by us or somebody else. soon: not just now. refused: not as it is, said in the log. */
export type Outcome = "moved" | "soon" | "refused"

/**
 * Moves a transaction. 250 were 110 to 200 ms of a server's work, on a busy machine: for so long their campaigns can't be stopped, and
 * nothing of them is claimed.
 */
const MOST_AT_ONCE = 250

/** At a time: a move is the server's work, which has another core for a second one. */
const TRANSACTIONS = 2

interface Asked {
  readonly campaign: Campaigns.Alive
  readonly action: string
  readonly outcome: Deferred.Deferred<Outcome>
  /** transactions under way that were told of it */
  told: number
}

export class Mover {
  private readonly asked = new Map<number, Asked>()
  private readonly something = Latch.makeUnsafe()

  /** Asks for a move; gives what became of it. */
  move(campaign: Campaigns.Alive, action: string): Effect.Effect<Outcome> {
    return Effect.suspend(() => {
      const before = this.asked.get(campaign.id)
      const outcome = before?.action === action ? before.outcome : Deferred.makeUnsafe<Outcome>()
      if (before !== undefined && before.outcome !== outcome)
        Deferred.doneUnsafe(before.outcome, Effect.succeed("soon"))
      this.asked.set(campaign.id, { campaign, action, outcome, told: 0 })
      this.something.openUnsafe()
      return Deferred.await(outcome)
    })
  }

  /** Moves what is asked for, for ever. */
  readonly run: Effect.Effect<void, never, SqlClient> = Effect.suspend(() =>
    Effect.forEach(Array.from({ length: TRANSACTIONS }), () => Effect.forever(this.next), {
      concurrency: "unbounded",
      discard: true
    })
  )

  private readonly next: Effect.Effect<void, never, SqlClient> = Effect.suspend(() => {
    const batch = this.nextBatch()
    if (batch.length > 0) return Effect.uninterruptible(this.moveAll(batch))
    this.something.closeUnsafe()
    return this.something.await
  })

  /**
   * All that are asked to do the same: where they are more than a transaction moves, also those that another one was told of, for the
   * database shares them out, between engines too.
   */
  private nextBatch(): ReadonlyArray<Asked> {
    const all = [...this.asked.values()]
    const first = all.find(({ told }) => told === 0) ?? (all.length > MOST_AT_ONCE ? all[0] : undefined)
    const same = all.filter(({ action }) => action === first?.action)
    return same.length > MOST_AT_ONCE ? same : same.filter(({ told }) => told === 0)
  }

  private moveAll(batch: ReadonlyArray<Asked>): Effect.Effect<void, never, SqlClient> {
    return Effect.gen({ self: this }, function* () {
      const { action } = batch[0]!
      const ids = batch.map(({ campaign }) => campaign.id)
      for (const asked of batch) asked.told++
      const rows = yield* Effect.catch(Campaigns.moveAll(ids, action, MOST_AT_ONCE), (error) =>
        Effect.as(Effect.logWarning(`${ids.length} campaigns could not ${action}: ${sqlMessage(error)}`), [])
      )
      const moves = new Map(rows.map((row) => [row.campaign_id, row]))
      for (const asked of batch) {
        asked.told--
        const move = moves.get(asked.campaign.id)
        // the turn of the others comes; where there was none, they are all in somebody's hands, or the database is away
        if (move !== undefined || (rows.length === 0 && asked.told === 0)) yield* this.tell(asked, move)
      }
      yield* logMoves(rows)
    })
  }

  private tell(asked: Asked, move: Campaigns.Moved | undefined): Effect.Effect<void> {
    const { action, campaign, outcome } = asked
    if (this.asked.get(campaign.id) === asked) this.asked.delete(campaign.id)
    const is = move === undefined ? "soon" : outcomeOf(move)
    const refusal = `campaign ${campaign.id} "${campaign.name}" could not ${action}: ${move?.refusal}`
    return Effect.andThen(is === "refused" ? Effect.logWarning(refusal) : Effect.void, Deferred.succeed(outcome, is))
  }
}

const outcomeOf = ({ refused_with, state }: Campaigns.Moved): Outcome => {
  if (state !== null) return "moved"
  // busy, or the database's clock is not yet there
  if (refused_with === "55P03" || refused_with === "CS002") return "soon"
  // somebody else was first
  return refused_with === "CS409" ? "moved" : "refused"
}

const logMoves = Effect.fnUntraced(function* (rows: ReadonlyArray<Campaigns.Moved>) {
  const moved = rows.filter(({ state }) => state !== null)
  if (moved.length === 0) return
  // the figures may fail to come; the moves are told nevertheless
  const figures = yield* Effect.orElseSucceed(Campaigns.progressOf(moved.map((row) => row.campaign_id)), () => [])
  const known = new Map(figures.map((row) => [row.id, row]))
  for (const { campaign_id, state } of moved) yield* Effect.logInfo(tell(campaign_id, state!, known.get(campaign_id)))
})
