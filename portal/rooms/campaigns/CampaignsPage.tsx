/** A workspace's campaigns: what the list is narrowed down by, a page of it, and what can be done with those that are ticked. */
import { refreshed } from "#portal/live/refreshed.ts"
import { NewCampaign } from "#portal/rooms/wizard/NewCampaign.tsx"
import { Count } from "#portal/views/Count.tsx"
import { Empty } from "#portal/views/Empty.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { State } from "#portal/views/State.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { Counts, Listed, Page } from "#schema/campaign/CampaignList.ts"
import { Chips, type Choices, FILTERING, FilterForm, Tabs } from "./Filtering.tsx"
import { address, type Filters, NO_FILTERS } from "./filters.ts"

interface Props {
  readonly here: Here
  readonly filters: Filters
  readonly page: Page
  readonly counts: Counts
  readonly choices: Choices
}

export const CampaignsPage = ({ choices, counts, filters, here, page }: Props) => {
  const { campaigns: words } = here.words
  const path = `/w/${here.workspace.id}/campaigns`
  const moving = page.campaigns.some(({ state }) => state === "sending")
  return (
    <Frame here={here} title={words.title} place="campaigns">
      <Heading title={words.title}>
        <input
          type="search"
          name="q"
          form={FILTERING}
          class="input w-64 max-w-full"
          value={filters.named}
          placeholder={words.search}
          aria-label={words.search}
          data-keys="/"
        />
        <NewCampaign here={here} />
      </Heading>
      <FilterForm here={here} path={path} filters={filters} choices={choices} />
      <Chips here={here} path={path} filters={filters} choices={choices} />
      <div
        id="campaigns"
        class="group"
        {...refreshed(address(path, filters), ["campaign"], { moving, select: "#campaigns" })}
      >
        <Tabs here={here} path={path} filters={filters} counts={counts} />
        {page.campaigns.length === 0 ? (
          <Nothing here={here} filters={filters} />
        ) : (
          <>
            <Table here={here} path={path} filters={filters} page={page} />
            {!filters.archived && <Selected here={here} path={path} filters={filters} />}
          </>
        )}
        <p class="flex gap-2 pt-4 empty:hidden">
          {filters.before !== undefined && (
            <a class="btn-outline" href={address(path, { ...filters, before: undefined })}>
              {words.newest}
            </a>
          )}
          {page.next !== null && (
            <a class="btn-outline" href={address(path, { ...filters, before: page.next })} rel="next">
              {words.more}
            </a>
          )}
        </p>
      </div>
    </Frame>
  )
}

/** The boxes of the list belong to it, wherever they stand. */
const SELECTION = "selection"

/** Shown once something is ticked; without scripts too. */
const Selected = ({ filters, here, path }: { here: Here; path: string; filters: Filters }) => {
  const { campaigns: words } = here.words
  return (
    <form
      id={SELECTION}
      method="post"
      action={`${path}/archive`}
      class="sticky bottom-4 z-10 mt-4 hidden w-fit max-w-full flex-wrap items-center gap-3 rounded-md border bg-background p-3 shadow-md group-has-[tbody_input:checked]:flex"
    >
      <input type="hidden" name="back" value={address("", filters)} />
      <p class="text-sm text-muted-foreground">{words.selected}</p>
      <button type="submit" class="btn-outline">
        {words.archiveSelected}
      </button>
    </form>
  )
}

const Table = ({ filters, here, page, path }: { here: Here; path: string; filters: Filters; page: Page }) => {
  const { campaigns: words } = here.words
  const isByDay = filters.by === "day"
  return (
    <div class="max-xl:overflow-x-auto">
      <table class="table w-full">
        <thead class="sticky top-0 z-10 bg-background">
          <tr>
            {!filters.archived && (
              <th scope="col" class="w-8">
                <input type="checkbox" class="checkbox" aria-label={words.selectAll} data-ticks="campaign" hidden />
              </th>
            )}
            <th scope="col">{words.name}</th>
            <th scope="col">{words.state}</th>
            <th scope="col">{words.sender}</th>
            <th scope="col">{words.author}</th>
            <th scope="col" aria-sort={isByDay ? "descending" : undefined}>
              <a
                href={address(path, { ...filters, by: isByDay ? undefined : "day", before: undefined })}
                title={isByDay ? words.sortNewest : words.sortDay}
                class="underline-offset-4 hover:underline"
              >
                {words.when} <span aria-hidden="true">{isByDay ? "↓" : "↕"}</span>
              </a>
            </th>
            <th scope="col" class="text-right">
              {words.recipients}
            </th>
            <th scope="col" class="text-right">
              {words.delivered}
            </th>
          </tr>
        </thead>
        <tbody>
          {page.campaigns.map((one) => (
            <Row here={here} one={one} path={path} isTicked={!filters.archived} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** As the database has it: an author their own. */
const mayArchive = (here: Here, one: Listed) => here.workspace.role !== "author" || one.author_id === here.me.id

const Row = ({ here, isTicked, one, path }: { here: Here; one: Listed; path: string; isTicked: boolean }) => {
  const when = one.opened_at ?? one.starts_at ?? one.created_at
  return (
    <tr id={`campaign-${one.id}`}>
      {isTicked && (
        <td>
          {mayArchive(here, one) && (
            <input
              type="checkbox"
              class="checkbox"
              name="campaign"
              value={String(one.id)}
              form={SELECTION}
              aria-label={here.words.campaigns.select(one.name)}
            />
          )}
        </td>
      )}
      <td class="max-w-60 truncate" title={one.name}>
        <a href={`${path}/${one.id}`} class="font-medium underline-offset-4 hover:underline">
          <bdi>{one.name}</bdi>
        </a>
      </td>
      <td>
        <State state={one.state} words={here.words} />
      </td>
      <td>{one.saddr ?? "—"}</td>
      <td class="max-w-32 truncate" title={one.author}>
        <bdi>{one.author}</bdi>
      </td>
      <td class="xl:[&>span]:whitespace-normal">
        <When at={when} here={here} />
      </td>
      <td class="text-right">
        <Count n={one.audience} visit={here} />
      </td>
      <td class="text-right">
        <Count n={one.delivered} visit={here} />
      </td>
    </tr>
  )
}

const Nothing = ({ filters, here }: { here: Here; filters: Filters }) => {
  const { campaigns: words } = here.words
  const narrowed = address("", { ...filters, archived: false, by: undefined, before: undefined })
  if (narrowed !== address("", NO_FILTERS)) return <Empty title={words.notFound} help={words.notFoundHelp} />
  if (filters.archived) return <Empty title={words.noneArchived} help={words.noneArchivedHelp} />
  return <Empty title={words.none} help={words.noneHelp} />
}
