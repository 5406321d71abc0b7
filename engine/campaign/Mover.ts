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
      this.asked.set(campaign.id, { campaign, action, outcome })
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
    const batch = this.take()
    if (batch.length > 0) return Effect.uninterruptible(moveAll(batch))
    this.something.closeUnsafe()
    return this.something.await
  })

  /** Some that are asked to do the same. */
  private take(): ReadonlyArray<Asked> {
    const [first] = this.asked.values()
    const batch = [...this.asked.values()].filter(({ action }) => action === first?.action).slice(0, MOST_AT_ONCE)
    for (const { campaign } of batch) this.asked.delete(campaign.id)
    return batch
  }
}

const moveAll = Effect.fnUntraced(function* (batch: ReadonlyArray<Asked>) {
  const { action } = batch[0]!
  const ids = batch.map(({ campaign }) => campaign.id)
  const rows = yield* Effect.catch(Campaigns.moveAll(ids, action), (error) =>
    Effect.as(Effect.logWarning(`${ids.length} campaigns could not ${action}: ${sqlMessage(error)}`), [])
  )
  const moves = new Map(rows.map((row) => [row.campaign_id, row]))
  yield* tellAll(rows)
  for (const { campaign, outcome } of batch) {
    const move = moves.get(campaign.id)
    // the statement failed: the database is away, and soon is when it is back
    const is = move === undefined ? "soon" : outcomeOf(move)
    if (is === "refused")
      yield* Effect.logWarning(`campaign ${campaign.id} "${campaign.name}" could not ${action}: ${move?.refusal}`)
    yield* Deferred.succeed(outcome, is)
  }
})

const outcomeOf = ({ refused_with, state }: Campaigns.Moved): Outcome => {
  if (state !== null) return "moved"
  // busy, or the database's clock is not yet there
  if (refused_with === "55P03" || refused_with === "CS002") return "soon"
  // somebody else was first
  return refused_with === "CS409" ? "moved" : "refused"
}

const tellAll = Effect.fnUntraced(function* (rows: ReadonlyArray<Campaigns.Moved>) {
  const moved = rows.filter(({ state }) => state !== null)
  if (moved.length === 0) return
  // the figures may fail to come; the moves are told nevertheless
  const figures = yield* Effect.orElseSucceed(Campaigns.progressOf(moved.map((row) => row.campaign_id)), () => [])
  const known = new Map(figures.map((row) => [row.id, row]))
  for (const { campaign_id, state } of moved) yield* Effect.logInfo(tell(campaign_id, state!, known.get(campaign_id)))
})
