/**
 * What an engine has to do next for a live campaign, and when. Pure; the database has the last word (rules/transitions.sql,
 * rules/pausing.sql).
 *
 * - *scheduled*: it opens at its start, unless it waits for somebody to press Start; it expires when it is too late.
 * - *sending*: it closes when every recipient has an outcome of submission (of a trigger campaign: when its end has passed too); it
 *   rests when its daily window closes. At its end the door has shut by itself and what was not submitted goes back: then the
 *   rest of its numbers expires, and if nothing is left it closes.
 * - *paused*: it closes likewise, since its last answers may come after its window closed or somebody paused it; if it is paused by
 *   its window, it wakes when that opens. What is left at its end expires.
 */
import type { Alive } from "#schema/campaign/Campaigns.ts"

export interface NextMove {
  readonly action: "open" | "close" | "rest" | "wake" | "expire"
  /** ms since 1970, by the database's clock */
  readonly atMs: number
}

/**
 * After its end a campaign waits so long for answers that are still to come before it expires without them: longer than
 * a bind waits for an answer, so that it waits in vain only for an engine that is gone.
 */
const LAST_ANSWERS_MS = 60_000

/** undefined: nothing, whatever the time, as long as it is as it was read. nowMs: ms since 1970, by the database's clock. */
export const nextMove = (campaign: Alive, nowMs: number): NextMove | undefined => {
  const late = campaign.late_at_ms ?? Number.POSITIVE_INFINITY
  if (nowMs >= late) return atItsEnd(campaign, late)
  const next = beforeItsEnd(campaign)
  if (next !== undefined && next.atMs <= late) return next
  return late === Number.POSITIVE_INFINITY ? undefined : { ...atItsEnd(campaign, late), atMs: late }
}

const atItsEnd = (campaign: Alive, late: number): NextMove => {
  if (campaign.state === "scheduled" || campaign.has_unclaimed) return { action: "expire", atMs: late }
  return campaign.exhausted ? { action: "close", atMs: late } : { action: "expire", atMs: late + LAST_ANSWERS_MS }
}

const beforeItsEnd = (campaign: Alive): NextMove | undefined => {
  const { state, window_turns_ms } = campaign
  if (state === "scheduled")
    return campaign.starts_automatically ? { action: "open", atMs: campaign.starts_at_ms ?? 0 } : undefined
  if (campaign.exhausted && !campaign.is_fed) return { action: "close", atMs: 0 }
  if (state === "paused")
    return campaign.waits_for_window && window_turns_ms !== null ? { action: "wake", atMs: window_turns_ms } : undefined
  return window_turns_ms === null ? undefined : { action: "rest", atMs: window_turns_ms }
}
