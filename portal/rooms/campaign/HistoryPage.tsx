/** What happened to a campaign, newest first, in sentences: who did what to it and when, what was changed and what was said. */
import { Act } from "#portal/rooms/audit/Act.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import { isSameClock } from "#portal/words/times.ts"
import { keyOf } from "#schema/audit/AuditNames.ts"
import type { Event } from "#schema/campaign/CampaignHistory.ts"
import { MOST } from "#schema/campaign/CampaignHistory.ts"
import type { CampaignView } from "#schema/campaign/CampaignView.ts"
import type { Situation } from "#schema/campaign/Situations.ts"
import { CampaignFrame } from "./CampaignPage.tsx"

interface Props {
  readonly here: Here
  readonly view: CampaignView
  readonly situation: Situation
  readonly events: ReadonlyArray<Event>
}

export const HistoryPage = ({ events, here, situation, view }: Props) => {
  const words = here.words.campaign
  const names = new Map([[keyOf("campaign", view.id), situation.name]])
  const audit = `/w/${here.workspace.id}/audit?object=campaign&id=${view.id}`
  return (
    <CampaignFrame here={here} view={view} situation={situation} is="history">
      <ol class="max-w-[60rem] divide-y">
        {events.map((event) =>
          event.seq === null ? (
            <Move here={here} event={event} name={situation.name} />
          ) : (
            <Act here={here} names={names} row={rowOf(event, event.seq, view.id)} />
          )
        )}
      </ol>
      <p class="pt-4 text-muted-foreground">
        {events.length === MOST && `${words.historyMore} `}
        <a class="underline underline-offset-4" href={audit}>
          {words.inAudit}
        </a>
      </p>
    </CampaignFrame>
  )
}

const rowOf = (event: Event, seq: number, campaignId: number) => {
  const { action, at, facts, person, person_id, personal, role } = event
  const row = { seq, at, person, person_id, role: role ?? "", action, object: "campaign", object_id: campaignId }
  return { ...row, facts: facts ?? {}, personal }
}

/** What the audit, or whoever looks at it, has no row of. */
const Move = ({ event, here, name }: { here: Here; event: Event; name: string }) => {
  const { audit: words } = here.words
  const isSame = isSameClock(event.at, here.zone ?? here.workspace.time_zone, here.workspace.time_zone)
  const columns = isSame ? "md:grid-cols-[9rem_minmax(0,1fr)]" : "md:grid-cols-[14.5rem_minmax(0,1fr)]"
  const acts: Readonly<Record<string, string>> = words.acts
  const parts = { who: <Name>{event.person ?? words.system}</Name>, object: <bdi>{name}</bdi>, action: event.action }
  return (
    <li class={`grid gap-x-4 gap-y-1 py-2 ${columns}`}>
      <span class="text-muted-foreground tabular-nums [&_span]:whitespace-normal">
        <When at={event.at} here={here} />
      </span>
      <div class="min-w-0 break-words">
        <p>
          <Sentence words={acts[`campaign.${event.action}`] ?? words.fallback} parts={parts} />
        </p>
        {event.note !== null && event.note !== "" && (
          <blockquote dir="auto" class="border-l-4 pl-3 whitespace-pre-wrap">
            {event.note}
          </blockquote>
        )}
      </div>
    </li>
  )
}
