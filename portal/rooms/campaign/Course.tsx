/** How far a campaign is: the bar that adds up, its figures, its pace and when it will be through. It asks for itself anew while it moves. */
import { refreshed } from "#portal/live/refreshed.ts"
import { grouped } from "#portal/views/Count.tsx"
import { Part } from "#portal/views/evidence/Facts.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import { ENDED, type Progress } from "#schema/campaign/Campaigns.ts"
import type { CampaignView } from "#schema/campaign/CampaignView.ts"
import type { Course as Figures } from "#schema/campaign/Course.ts"
import type { Situation } from "#schema/campaign/Situations.ts"

/** What the bar is made of, in its order; colours for state, each with its word below. */
const COLOURS = {
  delivered: "fill-green-700 dark:fill-green-400",
  moving: "fill-blue-700 dark:fill-blue-400",
  undelivered: "fill-red-700 dark:fill-red-400",
  rejected: "fill-red-900 dark:fill-red-300",
  unknown: "fill-amber-600 dark:fill-amber-400",
  expired: "fill-zinc-500",
  suppressed: "fill-zinc-600",
  cancelled: "fill-zinc-400",
  waiting: "fill-zinc-200 dark:fill-zinc-700"
} as const
type Kind = keyof typeof COLOURS

/** Recipients by what became of them; those of one that has ended are never waiting. Together they are the audience. */
export const figuresOf = (p: Progress): Readonly<Record<Kind, number>> => {
  const waiting = ENDED.has(p.state) ? 0 : p.unclaimed
  const { cancelled, delivered, expired, rejected, suppressed, undelivered, unknown } = p
  return {
    ...{ delivered, moving: p.moving - waiting, undelivered, rejected, unknown },
    ...{ expired, suppressed, cancelled, waiting }
  }
}

/** Recipients to whom something was sent: those that the door kept back are none of them. */
export const sentOf = ({ left, suppressed }: Figures): number => Math.max(0, left - suppressed)

interface Props {
  readonly here: Here
  readonly view: CampaignView
  readonly progress: Figures
  readonly situation: Situation
}

/** What the rest of the page depends on: once it is another, the rest is old. */
export const stageOf = ({ approvals, archived_at }: CampaignView, { state }: Situation): string =>
  [state, approvals.length, archived_at === null ? "here" : "archived"].join("-")

export const Course = ({ here, progress, situation, view }: Props) => {
  const words = here.words.campaign
  const { locale } = here.words
  const moving = situation.state === "sending" || (ENDED.has(progress.state) && progress.moving > 0)
  const address = `/w/${here.workspace.id}/campaigns/${view.id}/course?stage=${stageOf(view, situation)}`
  const again = refreshed(address, [`campaign-${view.id}`], { moving })
  if (situation.state === "draft" || situation.state === "in_review") return <div id="course" {...again} />
  return (
    <div id="course" {...again}>
      <Part id="ledger" title={words.ledger}>
        {progress.audience === 0 ? (
          <p>{words.none}</p>
        ) : (
          <>
            <p class="text-2xl font-semibold tabular-nums">
              {words.submitted(grouped(sentOf(progress), locale), grouped(progress.audience, locale))}
            </p>
            <Bar progress={progress} />
            <Kinds here={here} progress={progress} />
          </>
        )}
        <Outlook here={here} situation={situation} />
      </Part>
    </div>
  )
}

const WIDTH = 1_000

const Bar = ({ progress }: { progress: Progress }) => {
  let x = 0
  const parts = Object.entries(figuresOf(progress)).map(([kind, n]) => {
    const width = (n * WIDTH) / progress.audience
    x += width
    return { kind: kind as Kind, x: x - width, width }
  })
  return (
    <svg viewBox={`0 0 ${WIDTH} 12`} preserveAspectRatio="none" class="h-3 w-full rounded" aria-hidden="true">
      {parts.map(
        ({ kind, width, x }) => width > 0 && <rect x={x} y={0} width={width} height={12} class={COLOURS[kind]} />
      )}
    </svg>
  )
}

const Kinds = ({ here, progress }: { here: Here; progress: Progress }) => {
  const words = here.words.campaign
  const { locale } = here.words
  const sum = Object.values(figuresOf(progress)).reduce((all, n) => all + n, 0)
  const shown = Object.entries(figuresOf(progress)).filter(
    ([kind, n]) => n > 0 || kind === "delivered" || kind === "unknown"
  )
  return (
    <>
      <ul class="flex flex-wrap gap-x-5 gap-y-1 tabular-nums">
        {shown.map(([kind, n]) => (
          <li data-figure={kind} class="inline-flex items-center gap-1.5 rounded-sm">
            <svg viewBox="0 0 10 10" class="size-2.5" aria-hidden="true">
              <rect width={10} height={10} class={COLOURS[kind as Kind]} />
            </svg>
            {grouped(n, locale)} {words.kinds[kind as Kind]}
          </li>
        ))}
      </ul>
      <p class="text-sm text-muted-foreground">
        {(sum === progress.audience ? words.adds : words.addsNot)(grouped(progress.audience, locale))}
      </p>
    </>
  )
}

const Outlook = ({ here, situation }: { here: Here; situation: Situation }) => {
  const words = here.words.campaign
  const { failure, forecast, opens_at, state, waits_for_window } = situation
  if (state === "failed" && failure !== null)
    return (
      <p>
        {words.failed} <span dir="auto">{failure}</span>
      </p>
    )
  if (waits_for_window && opens_at !== null)
    return (
      <p>
        {words.rests} <When at={opens_at} here={here} />
      </p>
    )
  if (state !== "sending" || forecast === undefined) return null
  const { finishesAt, leftOver, perSecond } = forecast
  return (
    <>
      <p>
        {perSecond !== undefined && words.pace(grouped(Math.round(perSecond * 10) / 10, here.words.locale))}
        {finishesAt !== undefined && (
          <>
            {" · "}
            {words.doneAbout} <When at={finishesAt} here={here} />
          </>
        )}
      </p>
      {leftOver > 0 && (
        <p class="font-semibold text-amber-800 dark:text-amber-300">
          <span aria-hidden="true">△ </span>
          {words.late(leftOver)}
        </p>
      )}
    </>
  )
}
