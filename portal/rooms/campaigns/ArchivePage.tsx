/** What archiving several campaigns at once touches, asked once; and, where some could not be, which and why. */
import { sentence } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { State } from "#portal/views/State.tsx"
import type { Here } from "#portal/visit.ts"
import type { Listed } from "#schema/campaign/CampaignList.ts"

interface Props {
  readonly here: Here
  /** Of the list that they were ticked in, as a query: "?state=done", or "". */
  readonly back: string
}

/** Archiving stops these, where it has begun to send or might. */
const UNFINISHED: ReadonlySet<string> = new Set(["draft", "in_review", "scheduled", "sending", "paused"])

export const ArchivePage = ({ back, campaigns, here }: Props & { campaigns: ReadonlyArray<Listed> }) => {
  const { campaigns: words } = here.words
  const path = `/w/${here.workspace.id}/campaigns`
  const unfinished = campaigns.filter(({ state }) => UNFINISHED.has(state))
  return (
    <Frame here={here} title={words.archiveTitle(campaigns.length)} place="campaigns">
      <Heading title={words.archiveTitle(campaigns.length)} up={{ href: `${path}${back}`, label: words.title }} />
      <div class="grid max-w-3xl gap-4">
        <p>{words.archiveHelp}</p>
        {unfinished.length > 0 && (
          <p role="alert" class="rounded-md border border-destructive p-3">
            {words.archiveStops(unfinished.length)}
          </p>
        )}
        <List here={here} campaigns={[...unfinished, ...campaigns.filter((one) => !unfinished.includes(one))]} />
        <form method="post" action={`${path}/archive`} class="flex flex-wrap gap-2">
          <input type="hidden" name="back" value={back} />
          {campaigns.map(({ id }) => (
            <input type="hidden" name="campaign" value={String(id)} />
          ))}
          <button
            type="submit"
            name="sure"
            value="yes"
            class={unfinished.length > 0 ? "btn-destructive h-auto whitespace-normal" : "btn h-auto whitespace-normal"}
          >
            {unfinished.length > 0
              ? words.archiveAndStop(campaigns.length, unfinished.length)
              : words.archiveNow(campaigns.length)}
          </button>
          <a class="btn-outline" href={`${path}${back}`}>
            {words.leave}
          </a>
        </form>
      </div>
    </Frame>
  )
}

const List = ({ campaigns, here }: { here: Here; campaigns: ReadonlyArray<Listed> }) => (
  <ul class="divide-y rounded-md border">
    {campaigns.map((one) => (
      <li class="flex flex-wrap items-center justify-between gap-3 p-3">
        <a class="min-w-0 underline-offset-4 hover:underline" href={`/w/${here.workspace.id}/campaigns/${one.id}`}>
          <bdi>{one.name}</bdi>
        </a>
        <State state={one.state} words={here.words} />
      </li>
    ))}
  </ul>
)

export interface RefusedOne {
  readonly one: Listed
  /** The database's own words. */
  readonly said: string
}

export const RefusedPage = ({
  archived,
  back,
  here,
  refused
}: Props & { archived: number; refused: ReadonlyArray<RefusedOne> }) => {
  const { campaigns: words } = here.words
  const path = `/w/${here.workspace.id}/campaigns`
  return (
    <Frame here={here} title={words.refusedTitle(refused.length)} place="campaigns">
      <Heading title={words.refusedTitle(refused.length)} up={{ href: `${path}${back}`, label: words.title }} />
      <div class="grid max-w-3xl gap-4">
        {archived > 0 && <p>{words.archivedNow(archived)}</p>}
        <ul role="alert" class="divide-y rounded-md border">
          {refused.map(({ one, said }) => (
            <li class="p-3">
              <a class="font-medium underline-offset-4 hover:underline" href={`${path}/${one.id}`}>
                <bdi>{one.name}</bdi>
              </a>
              <p>{sentence(said)}</p>
            </li>
          ))}
        </ul>
        <p>
          <a class="btn" href={`${path}${back}`}>
            {words.toList}
          </a>
        </p>
      </div>
    </Frame>
  )
}
