/** When, how fast and until when, with what is foreseen of it. */
import { grouped } from "#portal/views/Count.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import { sayDuration } from "#portal/words/durations.ts"
import type { Evidence } from "#schema/campaign/Evidence.ts"
import type { Forecast } from "#schema/campaign/Forecasts.ts"
import { Fact, Facts, Part } from "./Facts.tsx"

const MINUTE_MS = 60_000

export const Schedule = ({ evidence, here }: { here: Here; evidence: Evidence }) => {
  const words = here.words.evidence
  const { locale } = here.words
  const { ends_at, per_second, spread_minutes, starts_at, validity_minutes, window_from, window_to } = evidence
  return (
    <Part id="when" title={words.when}>
      {evidence.mode !== "on_demand" && <p>{words.modes[evidence.mode]}</p>}
      <Facts>
        <Fact name={words.start}>
          {starts_at === null ? words.atOnce : <When at={starts_at} here={here} />}
          {!evidence.starts_automatically && `, ${words.byHand}`}
        </Fact>
        <Fact name={words.end}>
          {ends_at !== null ? (
            <When at={ends_at} here={here} />
          ) : spread_minutes !== null ? (
            words.over(sayDuration(spread_minutes * MINUTE_MS, locale))
          ) : (
            words.noEnd
          )}
        </Fact>
        {window_from !== null && window_to !== null && (
          <Fact name={words.window}>{words.windowOf(window_from, window_to, evidence.time_zone)}</Fact>
        )}
        <Fact name={words.pace}>
          {per_second === null ? words.noCeiling : words.ceiling(grouped(per_second, locale))}
        </Fact>
        {evidence.mode !== "trigger" && (
          <Fact name={words.forecast}>
            <Foreseen here={here} forecast={evidence.forecast} />
          </Fact>
        )}
        {validity_minutes !== null && (
          <Fact name={words.validity}>{words.validFor(sayDuration(validity_minutes * MINUTE_MS, locale))}</Fact>
        )}
        <Fact name={words.lost}>{words.onLost[evidence.on_lost_answer]}</Fact>
        <Fact name={words.channels}>
          <bdi>{evidence.channels.join(", ")}</bdi>
        </Fact>
      </Facts>
    </Part>
  )
}

/** What is foreseen of a campaign, or that nothing can be. */
export const Foreseen = ({ forecast, here }: { here: Here; forecast: Forecast | undefined }) => {
  const words = here.words.evidence
  const { locale } = here.words
  if (forecast === undefined) return <>{words.unforeseen}</>
  const { finishesAt, leftOver, limitedBy, perSecond } = forecast
  return (
    <>
      <p>
        {finishesAt === undefined ? words.unforeseen : <When at={finishesAt} here={here} />}
        {perSecond !== undefined && ` · ${words.foreseenPace(grouped(Math.round(perSecond * 10) / 10, locale))}`}
        {` · ${words.limits[limitedBy]}`}
      </p>
      {leftOver > 0 && (
        <p class="font-semibold text-amber-800 dark:text-amber-300">
          <span aria-hidden="true">△ </span>
          {words.leftOver(leftOver)}
        </p>
      )}
    </>
  )
}
