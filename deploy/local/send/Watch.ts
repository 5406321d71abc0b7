/**
 * A campaign on its way: the moving line, and the wait for its last receipt.
 *
 * A database that goes away is no end: it is asked again each second, and whatever happened meanwhile is in it.
 */
import { Clock, Effect } from "effect"
import { ENDED } from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import type { Acting } from "#schema/people/Acting.ts"
import * as Screen from "../Screen.ts"
import { type Course, course } from "./Course.ts"

const LOOK_EVERY = "200 millis"
/** Without a terminal a line now and then is enough. */
const PLAIN_LINE_MS = 5_000
/** The rate shown is that of the last seconds. */
const RATE_OVER_MS = 3_000
const GONE = "Postgres doesn't answer (was npm start stopped?). It is asked again each second; nothing is lost."
/** So long without any movement is worth a word. */
const STILL_MS = 5_000

/** Waits until every recipient has an outcome, and for receipts at most `waitSeconds` beyond the last submission. */
export const watch = (
  campaignId: number,
  as: Acting,
  waitSeconds: number,
  hint: string
): Effect.Effect<Course, never, SqlClient> =>
  Effect.gen(function* () {
    const begun = yield* Clock.currentTimeMillis
    let pace = new Pace()
    let submittedAt: number | undefined
    let lastMove = { at: begun, seen: "" }
    let plainAt = begun
    let gone = false
    let still = false
    while (true) {
      const now = yield* Clock.currentTimeMillis
      const p = yield* as(course(campaignId)).pipe(Effect.catch(() => Effect.undefined))
      if (p === undefined) {
        if (!gone) Screen.line(`${Screen.amber("!")} ${GONE}`)
        gone = true
        yield* Effect.sleep("1 second")
        continue
      }
      if (gone) {
        Screen.line("Postgres answers again.")
        pace = new Pace()
      }
      gone = false

      pace.note(now, p.left)
      const seen = JSON.stringify(p)
      if (seen !== lastMove.seen) {
        lastMove = { at: now, seen }
        if (still) Screen.line("It moves again.")
        still = false
      } else if (!still && now - lastMove.at > STILL_MS && submittedAt === undefined) {
        still = true
        const [what, next] = (yield* engineRuns)
          ? ["the operator is away, or slow", `sending goes on by itself when it is back. ${hint}`]
          : ["no engine is running", "sending goes on as soon as one is: npm start."]
        Screen.line(`${Screen.amber("!")} Nothing has moved for ${STILL_MS / 1000} s: ${what}.`)
        Screen.line(`  Nothing is lost, and ${next}`)
      }
      Screen.move(sentence(p, pace))
      if (!process.stdout.isTTY && now - plainAt >= PLAIN_LINE_MS) {
        plainAt = now
        Screen.line(plain(p, pace))
      }

      if (ENDED.has(p.state)) submittedAt ??= now
      if (submittedAt !== undefined && (p.moving === 0 || now - submittedAt > waitSeconds * 1000)) {
        Screen.settle(true)
        return p
      }
      yield* Effect.sleep(LOOK_EVERY)
    }
  })

/** Whether an engine is connected; if that can't be told it is. */
const engineRuns = Effect.flatMap(
  SqlClient,
  (sql) => sql`SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'countersign engine' LIMIT 1`
).pipe(
  Effect.map((rows) => rows.length > 0),
  Effect.orElseSucceed(() => true)
)

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

const sentence = (p: Course, pace: Pace): string => {
  const left = p.left / Math.max(1, p.audience)
  const settled = (p.audience - p.moving) / Math.max(1, p.audience)
  return `${Screen.bar(settled, 24, left)} ${String(Math.floor(left * 100)).padStart(3)} %  ${plain(p, pace)}`
}

const plain = (p: Course, pace: Pace): string =>
  `${Screen.count(p.left)} of ${Screen.count(p.audience)} submitted · ${Screen.count(p.delivered)} delivered · ${forecast(p, pace.perSecond)}`

const forecast = (p: Course, perSecond: number): string => {
  const toGo = p.audience - p.left - p.cancelled
  if (toGo > 0 && perSecond > 0)
    return `${Screen.count(Math.round(perSecond))} a second, ${Screen.duration(toGo / perSecond)} left`
  if (toGo > 0) return p.state === "scheduled" ? "about to begin" : `${p.state}, waiting for the operator`
  return p.moving > 0 ? `${Screen.many(p.moving, "receipt")} to come` : "all accounted for"
}
