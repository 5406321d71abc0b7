/**
 * A campaign on its way: the moving line, and the wait for its last receipt.
 *
 * A database that goes away is no end: it is asked again each second, and whatever happened meanwhile is in it.
 */
import { Clock, Effect } from "effect"
import { ENDED, type Progress, progress } from "#schema/campaign/Campaigns.ts"
import type { SqlClient } from "#schema/Database.ts"
import * as Screen from "../Screen.ts"

const LOOK_EVERY = "200 millis"
/** Without a terminal a line now and then is enough. */
const PLAIN_LINE_MS = 5_000
/** The rate shown is that of the last seconds. */
const RATE_OVER_MS = 3_000
/** So long without any movement is worth a word. */
const STILL_MS = 10_000

export interface Watched {
  readonly progress: Progress
  /** false: receipts are still awaited */
  readonly complete: boolean
  /** from the first look to the last submission and to the end, ms */
  readonly submittedMs: number
  readonly totalMs: number
}

/** Waits until every recipient has an outcome, and for receipts at most `waitSeconds` beyond the last submission. */
export const watch = (
  campaignId: number,
  waitSeconds: number,
  hint: string
): Effect.Effect<Watched, never, SqlClient> =>
  Effect.gen(function* () {
    const begun = yield* Clock.currentTimeMillis
    const pace = new Pace()
    let submittedAt: number | undefined
    let lastMove = { at: begun, seen: "" }
    let plainAt = begun
    let gone = false
    let still = false
    while (true) {
      const now = yield* Clock.currentTimeMillis
      const p = yield* progress(campaignId).pipe(Effect.catch(() => Effect.undefined))
      if (p === undefined) {
        if (!gone)
          Screen.line(`${Screen.amber("!")} Postgres doesn't answer. Asking again each second; nothing is lost.`)
        gone = true
        yield* Effect.sleep("1 second")
        continue
      }
      if (gone) Screen.line("Postgres answers again.")
      gone = false

      pace.note(now, p.accepted)
      const seen = JSON.stringify(p)
      if (seen !== lastMove.seen) {
        lastMove = { at: now, seen }
        still = false
      } else if (!still && now - lastMove.at > STILL_MS && submittedAt === undefined) {
        still = true
        Screen.line(`${Screen.amber("!")} Nothing has moved for ${STILL_MS / 1000} s. ${hint}`)
      }
      Screen.move(sentence(p, pace))
      if (!process.stdout.isTTY && now - plainAt >= PLAIN_LINE_MS) {
        plainAt = now
        Screen.line(plain(p, pace))
      }

      if (ENDED.has(p.state)) submittedAt ??= now
      const complete = submittedAt !== undefined && p.moving === 0
      if (complete || (submittedAt !== undefined && now - submittedAt > waitSeconds * 1000)) {
        Screen.settle(true)
        return { progress: p, complete, submittedMs: submittedAt! - begun, totalMs: now - begun }
      }
      yield* Effect.sleep(LOOK_EVERY)
    }
  })

/** Recipients a second over the last seconds. */
class Pace {
  private readonly points: Array<{ at: number; n: number }> = []

  note(at: number, n: number): void {
    this.points.push({ at, n })
    while (this.points.length > 2 && at - this.points[0]!.at > RATE_OVER_MS) this.points.shift()
  }

  get perSecond(): number {
    const first = this.points[0]
    const last = this.points.at(-1)
    if (first === undefined || last === undefined || last.at === first.at) return 0
    return ((last.n - first.n) * 1000) / (last.at - first.at)
  }
}

const answered = (p: Progress) => p.audience - p.moving
const submitted = (p: Progress) => Math.min(p.audience, Math.max(p.accepted + p.rejected + p.suppressed, answered(p)))

const sentence = (p: Progress, pace: Pace): string => {
  const part = submitted(p) / Math.max(1, p.audience)
  const done = answered(p) / Math.max(1, p.audience)
  return `${Screen.bar(done, 24, part)} ${String(Math.floor(part * 100)).padStart(3)} %  ${plain(p, pace)}`
}

const plain = (p: Progress, pace: Pace): string => {
  const rate = pace.perSecond
  const left = p.audience - submitted(p)
  const forecast =
    left > 0
      ? rate > 0
        ? `${Screen.count(Math.round(rate))} a second, ${Screen.duration(left / rate)} left`
        : stateWords(p)
      : p.moving > 0
        ? `${Screen.many(p.moving, "receipt")} to come`
        : "all accounted for"
  return `${Screen.count(submitted(p))} of ${Screen.count(p.audience)} submitted · ${Screen.count(p.delivered)} delivered · ${forecast}`
}

const stateWords = (p: Progress): string =>
  p.state === "scheduled" ? "about to begin" : `${p.state}, waiting for the operator`
