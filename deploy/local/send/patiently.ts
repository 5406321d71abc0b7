/**
 * Postgres may go away under a command that follows a campaign: it is no end, and whatever happened meanwhile is in it. It is asked
 * again each second, and the person is told once; after a while nobody is coming back, and the command ends.
 */
import { Clock, Effect } from "effect"
import type { Refused } from "#schema/Refused.ts"
import { inWords, type Refusal, refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"

const AGAIN_MS = 1_000
/** Longer than a restart of any server that is watched by somebody, and short enough for a script that nobody watches. */
const AT_MOST_MS = 10 * 60_000
const GONE = "Postgres doesn't answer (was npm start stopped?). It is asked again each second; nothing is lost."

/** Asks until Postgres answers; what it refuses fails at once. campaignId: of what is followed. */
export const patiently = Effect.fnUntraced(function* <A, R>(campaignId: number, ask: Effect.Effect<A, Refused, R>) {
  let since: number | undefined
  while (true) {
    const answer = yield* Effect.result(ask)
    if (answer._tag === "Success") {
      if (since !== undefined) Screen.line("Postgres answers again.")
      return answer.success
    }
    if (answer.failure.reason !== "DatabaseGone") return yield* answer.failure
    const now = yield* Clock.currentTimeMillis
    if (since === undefined) Screen.line(`${Screen.amber("!")} ${GONE}`)
    since ??= now
    if (now - since >= AT_MOST_MS) return yield* gone(campaignId, answer.failure)
    yield* Effect.sleep(AGAIN_MS)
  }
})

const gone = (campaignId: number, error: Refused): Refusal =>
  refusal(
    inWords(error),
    `It has not answered for ${Screen.duration(AT_MOST_MS / 1000)}. Campaign ${campaignId} is in it as it was, and goes on where an engine runs: npm start.`,
    `npm run watch -- ${campaignId} follows it again.`
  )
