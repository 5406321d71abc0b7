import { Count } from "#portal/views/Count.tsx"
import { Empty } from "#portal/views/Empty.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { State } from "#portal/views/State.tsx"
import type { Person } from "#portal/visit.ts"
import { sayMoment } from "#portal/words/times.ts"
import type { Page } from "#schema/campaign/CampaignList.ts"
import type { Seen } from "#schema/people/Master.ts"

interface Props {
  readonly who: Person
  readonly workspaces: ReadonlyArray<Seen>
}

export const MasterPage = ({ running, who, workspaces }: Props & { running: Page }) => {
  const { master: words } = who.words
  return (
    <Frame here={who} title={words.title} place="master">
      <p class="band band-master mb-4 rounded-md px-3 py-2 font-semibold">{words.readOnly}</p>
      <Heading title={words.title} />
      <p class="max-w-3xl pb-4 text-muted-foreground">{words.help}</p>
      <div class="grid grid-cols-1 gap-8">
        <section aria-labelledby="workspaces">
          <h2 id="workspaces" class="pb-3 text-lg font-semibold">
            {words.workspaces}
          </h2>
          {workspaces.length === 0 ? (
            <Empty title={words.none} help={words.noneHelp} />
          ) : (
            <Table who={who} workspaces={workspaces} />
          )}
        </section>
        <section aria-labelledby="running">
          <h2 id="running" class="pb-3 text-lg font-semibold">
            {words.running}
          </h2>
          {running.campaigns.length === 0 ? (
            <Empty title={words.noneRunning} help={words.noneRunningHelp} />
          ) : (
            <Running who={who} running={running} />
          )}
        </section>
      </div>
    </Frame>
  )
}

const FIGURES = ["in_review", "scheduled", "sending", "paused"] as const

const Table = ({ who, workspaces }: Props) => {
  const { master: words, states } = who.words
  return (
    <div class="max-xl:overflow-x-auto">
      <table class="table w-full">
        <thead class="sticky top-0 z-10 bg-background">
          <tr>
            <th scope="col">{words.workspace}</th>
            <th scope="col" class="text-right">
              {words.members}
            </th>
            {FIGURES.map((state) => (
              <th scope="col" class="text-right">
                {states[state]}
              </th>
            ))}
            <th scope="col">
              <span class="sr-only">{words.enter}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {workspaces.map((one) => (
            <tr>
              <th scope="row" class="max-w-80 truncate font-medium" title={one.name}>
                <bdi>{one.name}</bdi>
              </th>
              <td class="text-right">
                <Count n={one.members} visit={who} />
              </td>
              {FIGURES.map((state) => (
                <td class={`text-right ${one[state] === 0 ? "text-muted-foreground" : ""}`}>
                  <Count n={one[state]} visit={who} />
                </td>
              ))}
              <td class="text-right">
                <Into who={who} one={one} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** To where they may act already they go; any other they enter. */
const Into = ({ one, who }: { who: Person; one: Seen }) => {
  const { master: words } = who.words
  if (who.workspaces.some(({ id }) => id === one.id))
    return (
      <a class="btn-outline" href={`/w/${one.id}`} aria-label={words.openOne(one.name)}>
        {words.open}
      </a>
    )
  return (
    <form method="post" action="/master/enter">
      <input type="hidden" name="workspace" value={String(one.id)} />
      <button type="submit" class="btn-outline" aria-label={words.enterOne(one.name)}>
        {words.enter}
      </button>
    </form>
  )
}

const Running = ({ running, who }: { who: Person; running: Page }) => {
  const { campaigns, master: words } = who.words
  return (
    <section class="max-xl:overflow-x-auto" tabindex={0} aria-labelledby="running">
      <table class="table w-full">
        <thead>
          <tr>
            <th scope="col">{campaigns.name}</th>
            <th scope="col">{words.workspace}</th>
            <th scope="col">{campaigns.state}</th>
            <th scope="col" class="text-right">
              {campaigns.recipients}
            </th>
            <th scope="col" class="text-right">
              {campaigns.delivered}
            </th>
          </tr>
        </thead>
        <tbody>
          {running.campaigns.map((one) => (
            <tr>
              <td class="max-w-72 truncate" title={one.name}>
                <bdi>{one.name}</bdi>
              </td>
              <td class="max-w-60 truncate" title={one.workspace}>
                <bdi>{one.workspace}</bdi>
              </td>
              <td>
                <State state={one.state} words={who.words} />
              </td>
              <td class="text-right">
                <Count n={one.audience} visit={who} />
              </td>
              <td class="text-right">
                <Count n={one.delivered} visit={who} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {running.next !== null && <p class="pt-3 text-muted-foreground">{words.moreRunning}</p>}
    </section>
  )
}

export const ArchivePage = ({ who, workspaces }: Props) => {
  const { master: words } = who.words
  return (
    <Frame here={who} title={words.archive} place="master">
      <p class="band band-master mb-4 rounded-md px-3 py-2 font-semibold">{words.readOnly}</p>
      <Heading title={words.archive} up={{ href: "/master", label: words.title }} />
      {workspaces.length === 0 ? (
        <Empty title={words.noneArchived} help={words.noneArchivedHelp} />
      ) : (
        <>
          <p class="max-w-3xl pb-4 text-muted-foreground">{words.archiveHelp}</p>
          <ul class="max-w-3xl divide-y rounded-md border">
            {workspaces.map((one) => (
              <li class="flex flex-wrap items-center justify-between gap-3 p-3">
                <div class="min-w-0">
                  <p class="font-medium">
                    <bdi>{one.name}</bdi>
                  </p>
                  <p class="text-sm text-muted-foreground">{words.since(sayArchived(who, one))}</p>
                </div>
                <form method="post" action="/master/restore">
                  <input type="hidden" name="workspace" value={String(one.id)} />
                  <button type="submit" class="btn-outline" aria-label={words.restoreOne(one.name)}>
                    {words.restore}
                  </button>
                </form>
              </li>
            ))}
          </ul>
        </>
      )}
    </Frame>
  )
}

const sayArchived = (who: Person, { archived_at }: Seen) =>
  archived_at === null ? "" : sayMoment(archived_at, who.now, who.words.locale, who.zone ?? "UTC").short
