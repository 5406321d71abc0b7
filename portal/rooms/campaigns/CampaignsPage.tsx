import { refreshed } from "#portal/live/refreshed.ts"
import { NewCampaign } from "#portal/rooms/wizard/NewCampaign.tsx"
import { Count, grouped } from "#portal/views/Count.tsx"
import { Empty } from "#portal/views/Empty.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { State } from "#portal/views/State.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { Counts, Listed, Page } from "#schema/campaign/CampaignList.ts"
import type { CampaignState } from "#schema/campaign/Campaigns.ts"

export interface Filters {
  readonly named: string
  readonly state: CampaignState | undefined
  readonly archived: boolean
  /** `next` of the page before. */
  readonly before: number | undefined
}

export const CampaignsPage = ({
  counts,
  filters,
  here,
  page
}: {
  here: Here
  filters: Filters
  page: Page
  counts: Counts
}) => {
  const { campaigns: words } = here.words
  const path = `/w/${here.workspace.id}/campaigns`
  return (
    <Frame here={here} title={words.title} place="campaigns">
      <Heading title={words.title}>
        <form method="get" action={path} role="search">
          {filters.state !== undefined && <input type="hidden" name="state" value={filters.state} />}
          <input
            type="search"
            name="q"
            class="input w-64 max-w-full"
            value={filters.named}
            placeholder={words.search}
            aria-label={words.search}
            data-keys="/"
          />
        </form>
        <NewCampaign here={here} />
      </Heading>
      <Tabs here={here} path={path} filters={filters} counts={counts} />
      {page.campaigns.length === 0 ? (
        <Nothing here={here} filters={filters} />
      ) : (
        <div class="overflow-x-auto">
          <table class="table w-full">
            <thead>
              <tr>
                <th scope="col">{words.name}</th>
                <th scope="col">{words.state}</th>
                <th scope="col">{words.sender}</th>
                <th scope="col">{words.author}</th>
                <th scope="col">{words.when}</th>
                <th scope="col" class="text-right">
                  {words.recipients}
                </th>
                <th scope="col" class="text-right">
                  {words.delivered}
                </th>
              </tr>
            </thead>
            <tbody
              id="campaigns"
              {...refreshed(
                address(path, filters, filters.before === undefined ? {} : { before: String(filters.before) }),
                ["campaign"],
                { moving: page.campaigns.some(({ state }) => state === "sending"), select: "#campaigns" }
              )}
            >
              {page.campaigns.map((one) => (
                <Row here={here} one={one} path={path} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {page.next !== null && (
        <p class="pt-4">
          <a class="btn-outline" href={address(path, filters, { before: String(page.next) })}>
            {words.more}
          </a>
        </p>
      )}
    </Frame>
  )
}

const address = (path: string, filters: Filters, more: Readonly<Record<string, string>> = {}): string => {
  const state = filters.archived ? "archived" : filters.state
  const query = new URLSearchParams({
    ...(filters.named !== "" && { q: filters.named }),
    ...(state !== undefined && { state }),
    ...more
  })
  return query.size === 0 ? path : `${path}?${query}`
}

const Row = ({ here, one, path }: { here: Here; one: Listed; path: string }) => {
  const when = one.opened_at ?? one.starts_at ?? one.created_at
  return (
    <tr id={`campaign-${one.id}`}>
      <td class="max-w-80 truncate">
        <a href={`${path}/${one.id}`} class="font-medium underline-offset-4 hover:underline">
          <bdi>{one.name}</bdi>
        </a>
      </td>
      <td>
        <State state={one.state} words={here.words} />
      </td>
      <td>{one.saddr ?? "—"}</td>
      <td>
        <bdi>{one.author}</bdi>
      </td>
      <td class="whitespace-nowrap">
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

const ORDER: ReadonlyArray<CampaignState> = [
  ...(["in_review", "scheduled", "sending", "paused", "draft"] as const),
  ...(["done", "cancelled", "rejected", "expired", "failed"] as const)
]

const Tabs = ({ counts, filters, here, path }: { here: Here; path: string; filters: Filters; counts: Counts }) => {
  const { campaigns: words, states } = here.words
  const all = Object.values(counts.states).reduce((sum, n) => sum + n, 0)
  const without = { ...filters, state: undefined, archived: false, before: undefined }
  const tabs = [
    { href: address(path, without), label: words.all, n: all, is: filters.state === undefined && !filters.archived },
    ...ORDER.flatMap((state) =>
      counts.states[state] === undefined && filters.state !== state
        ? []
        : [
            {
              href: address(path, { ...without, state }),
              label: states[state],
              n: counts.states[state] ?? 0,
              is: filters.state === state
            }
          ]
    ),
    ...(counts.archived > 0 || filters.archived
      ? [
          {
            href: address(path, { ...without, archived: true }),
            label: words.archived,
            n: counts.archived,
            is: filters.archived
          }
        ]
      : [])
  ]
  return (
    <ul class="flex flex-wrap gap-1 pb-4">
      {tabs.map(({ href, is, label, n }) => (
        <li>
          <a
            href={href}
            aria-current={is ? "true" : undefined}
            class="inline-flex gap-1.5 rounded-md px-2.5 py-1 hover:bg-muted aria-[current=true]:bg-muted aria-[current=true]:font-semibold"
          >
            {label} <span class="text-muted-foreground">{grouped(n, here.words.locale)}</span>
          </a>
        </li>
      ))}
    </ul>
  )
}

const Nothing = ({ filters, here }: { here: Here; filters: Filters }) => {
  const { campaigns: words } = here.words
  const isFiltered = filters.named !== "" || filters.state !== undefined || filters.archived
  return isFiltered ? (
    <Empty title={words.notFound} help={words.notFoundHelp} />
  ) : (
    <Empty title={words.none} help={words.noneHelp} />
  )
}
