/** How the engine tells what people should know of a forecast: what will happen, and what can be done. */
import { Effect } from "effect"
import type { LimitedBy } from "#schema/campaign/Forecast.ts"
import type { News } from "#schema/campaign/Forecasts.ts"

/** What helps a campaign that is too slow. */
const WHAT_TO_DO: Record<LimitedBy, string> = {
  schedule: "it began too late, or was paused; let what is left go out with another campaign",
  ceiling: "its ceiling is too low; lift it if it was slowed down, or let what is left go out with another campaign",
  workspace: "its workspace's ceiling is too low; raise it, or pause other campaigns of the workspace",
  day: "its workspace has used up what it may send a day; raise that, or let what is left go out another day",
  channel: "its channels don't take more; check that they are connected, or agree on more with the operator",
  share: "it shares its channels with other campaigns; pause or slow down one of them",
  person: "it waits for somebody to start or resume it",
  unknown: "nobody knows how fast its channels are"
}

export const tellNews = (news: News): Effect.Effect<void> => {
  const said = wordsOf(news)
  return news.what === "late" ? Effect.logWarning(said) : Effect.logInfo(said)
}

/** A sentence with the campaign's name and figures. */
export const wordsOf = (news: News): string => {
  const campaign = `campaign ${news.campaign_id} "${news.name}"`
  if (news.what === "in time") return `${campaign} will be through by ${news.ends_local} after all`
  if (news.what === "late")
    return (
      `${campaign} will not be through by ${news.ends_local}: about ${figure(news.left_over!)} of ${figure(news.recipients!)} ` +
      `numbers would be left; ${WHAT_TO_DO[news.limited_by!]}`
    )
  const seconds = news.error_seconds!
  const share = `${(Math.abs(news.error_share ?? 0) * 100).toFixed(1)} % of its time`
  return `${campaign} was through ${Math.abs(seconds).toFixed(1)} s ${seconds < 0 ? "before" : "after"} its first forecast, ${share}`
}

const figure = (n: number): string => n.toLocaleString("en")
