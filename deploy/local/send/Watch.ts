/**
 * A campaign on its way: the moving line, what it waits for, and the wait for its last receipt. Without a terminal a plain line now and
 * then, where something has changed.
 */
import { Clock, Effect } from "effect"
import { ENDED } from "#schema/campaign/Campaigns.ts"
import { type Course, course } from "#schema/campaign/Course.ts"
import { type Situation, situations } from "#schema/campaign/Situations.ts"
import { SqlClient } from "#schema/Database.ts"
import type { Acting } from "#schema/people/Acting.ts"
import type { Refused } from "#schema/Refused.ts"
import { forecastInWords, holdInWords, shouldMove, stateInWords } from "../campaigns/Situation.ts"
import type { Refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"
import { patiently } from "./patiently.ts"

const LOOK_EVERY = "200 millis"
/** Without a terminal a line now and then is enough. */
const PLAIN_LINE_MS = 5_000
/** What it waits for, and when it will be through. */
const SITUATION_EVERY_MS = 1_000
/** The rate shown is that of the last seconds. */
const RATE_OVER_MS = 3_000
/** So long without any movement is worth a word. */
const STILL_MS = 5_000

/** Waits until every recipient has an outcome, and for receipts at most `waitSeconds` beyond the last submission. */
export const watch = (
  campaignId: number,
  as: Acting,
  waitSeconds: number,
  hint: string
): Effect.Effect<Course, Refused | Refusal, SqlClient> =>
  Effect.gen(function* () {
    const begun = yield* Clock.currentTimeMillis
    const pace = new Pace()
    let submittedAt: number | undefined
    let lastMove = { at: begun, seen: "" }
    let plainAt = Number.NEGATIVE_INFINITY
    let lastPlain = ""
    let situation: Situation | undefined
    let situationAt = Number.NEGATIVE_INFINITY
    let warned = false
    let still = false
    let runs = true
    while (true) {
      const now = yield* Clock.currentTimeMillis
      const asked = now - situationAt >= SITUATION_EVERY_MS ? situations([campaignId]) : Effect.succeed([situation!])
      const [p, [found]] = yield* patiently(campaignId, as(Effect.all([course(campaignId), asked])))
      const s = found!
      if (s !== situation) {
        situationAt = now
        runs = yield* engineRuns
      }
      situation = s
      pace.note(now, p.left)
      const seen = JSON.stringify(p)
      if (seen !== lastMove.seen) {
        lastMove = { at: now, seen }
        if (still) Screen.line("It moves again.")
        still = false
      } else if (!shouldMove(s)) lastMove = { at: now, seen }
      else if (!still && now - lastMove.at > STILL_MS && submittedAt === undefined) {
        still = true
        const [what, next] = runs
          ? ["the operator is away, or slow", `sending goes on by itself when it is back. ${hint}`]
          : ["no engine is running", "sending goes on as soon as one is: npm start."]
        Screen.line(`${Screen.amber("!")} Nothing has moved for ${STILL_MS / 1000} s: ${what}.`)
        Screen.line(`  Nothing is lost, and ${next}`)
      }
      const late = (s.forecast?.leftOver ?? 0) > 0
      if (late && !warned) Screen.line(`${Screen.amber("!")} It is ${forecastInWords(s)}.`)
      warned = late
      const doing = runs ? next(p, s, pace.perSecond) : withoutEngine(p, s)
      Screen.move(sentence(p, s, doing))
      const words = plain(p, s, doing)
      if (!process.stdout.isTTY && now - plainAt >= PLAIN_LINE_MS && words !== lastPlain) {
        plainAt = now
        lastPlain = words
        Screen.line(words)
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
  private points: Array<{ at: number; n: number }> = []

  note(at: number, n: number): void {
    // nobody looked for a while: what happened meanwhile is no pace of now
    if (at - (this.points.at(-1)?.at ?? at) > RATE_OVER_MS) this.points = []
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

/** The bar takes what room the words leave it; where they don't fit, what matters less is left out. */
const sentence = (p: Course, s: Situation, doing: string): string => {
  const left = p.left / Math.max(1, p.audience)
  const settled = (p.audience - p.moving) / Math.max(1, p.audience)
  const share = `${String(Math.floor(left * 100)).padStart(3)} %  `
  const long = `${share}${plain(p, s, doing)}`
  const room = Math.min(WIDEST_BAR, Screen.room() - long.length - 1)
  if (room >= NARROWEST_BAR) return `${Screen.bar(settled, room, left)} ${long}`
  if (room >= -1 || s.state === "scheduled") return long
  return `${share}${Screen.count(p.left)} of ${Screen.count(p.audience)} · ${doing}`
}

const WIDEST_BAR = 40
const NARROWEST_BAR = 6

const plain = (p: Course, s: Situation, doing: string): string => {
  if (s.state === "scheduled") return stateInWords(s)
  const figures = `${Screen.count(p.left)} of ${Screen.count(p.audience)} submitted · ${Screen.count(p.delivered)} delivered`
  return `${figures} · ${doing}`
}

/** Nobody moves it: what was foreseen holds no more. */
const withoutEngine = (p: Course, s: Situation): string =>
  ENDED.has(s.state) || s.state === "paused" ? next(p, s, 0) : "no engine is running (npm start)"

/** What it does now, and when that ends. */
const next = (p: Course, s: Situation, perSecond: number): string => {
  if (s.state === "paused") return stateInWords(s)
  if (ENDED.has(s.state)) return p.moving > 0 ? `${Screen.many(p.moving, "receipt")} to come` : "all accounted for"
  const toGo = p.audience - p.left - p.cancelled
  if (toGo <= 0 && s.mode !== "trigger")
    return p.moving > 0 ? `${Screen.many(p.moving, "receipt")} to come` : "all accounted for"
  // slower than one a second is seen better from afar
  const rate = perSecond >= 1 ? perSecond : (s.forecast?.perSecond ?? perSecond)
  const pace =
    rate > 0 ? `${rate < 10 ? rate.toFixed(1) : Screen.count(Math.round(rate))} a second` : "waiting for the operator"
  const { finishesAt } = s.forecast ?? {}
  const seconds = finishesAt === undefined ? toGo / perSecond : (finishesAt.getTime() - s.now.getTime()) / 1000
  const end =
    !Number.isFinite(seconds) || seconds < 0
      ? ""
      : seconds < 5400
        ? `, ${Screen.duration(seconds)} left`
        : `, ${forecastInWords(s)}`
  return `${pace}${holdInWords(s)}${end}`
}
