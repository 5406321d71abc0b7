/** The audit's page: its filters, its acts as sentences, and what can be done with all of it. */

import { Empty } from "#portal/views/Empty.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import type { Here } from "#portal/visit.ts"
import type { Page } from "#schema/audit/AuditList.ts"
import { keyOf, type Names } from "#schema/audit/AuditNames.ts"
import type { Person } from "#schema/people/People.ts"
import { Act } from "./Act.tsx"
import { VERDICT, type Verdict, Verdicts } from "./Verdict.tsx"

export interface Filters {
  readonly personId: number | undefined
  readonly action: string | undefined
  readonly object: string | undefined
  readonly objectId: number | undefined
  /** Days, "2026-11-14"; "": any. */
  readonly from: string
  readonly until: string
  /** `next` of the page before. */
  readonly before: number | undefined
}

export const NO_FILTERS: Filters = {
  ...{ personId: undefined, action: undefined, object: undefined, objectId: undefined },
  ...{ from: "", until: "", before: undefined }
}

/** An author sees their own campaigns' part alone. */
export const maySeeAll = (here: Here): boolean => here.workspace.role !== "author"

interface Props {
  readonly here: Here
  readonly filters: Filters
  readonly page: Page
  readonly names: Names
  readonly people: ReadonlyArray<Person>
  readonly verdict: Verdict | undefined
}

export const AuditPage = ({ filters, here, names, page, people, verdict }: Props) => {
  const { audit: words } = here.words
  return (
    <Frame here={here} title={words.title} place="audit">
      <Heading title={words.title}>{maySeeAll(here) && <WholeChain here={here} />}</Heading>
      <p class="max-w-3xl pb-4 text-muted-foreground">{maySeeAll(here) ? words.help : words.ownHelp}</p>
      <Verdicts here={here} verdict={verdict} />
      <FilterForm here={here} filters={filters} people={people} names={names} />
      {page.rows.length === 0 ? (
        <Nothing here={here} filters={filters} />
      ) : (
        <ol class="divide-y border-y">
          {page.rows.map((row) => (
            <Act here={here} row={row} names={names} />
          ))}
        </ol>
      )}
      <p class="flex gap-2 pt-4">
        {filters.before !== undefined && (
          <a class="btn-outline" href={address(here, { ...filters, before: undefined })}>
            {words.newest}
          </a>
        )}
        {page.next !== null && (
          <a class="btn-outline" href={address(here, { ...filters, before: page.next })} rel="next">
            {words.older}
          </a>
        )}
      </p>
    </Frame>
  )
}

const address = (here: Here, { action, before, from, object, objectId, personId, until }: Filters): string => {
  const query = new URLSearchParams({
    ...(personId !== undefined && { person: String(personId) }),
    ...(action !== undefined && { action }),
    ...(object !== undefined && { object }),
    ...(objectId !== undefined && { id: String(objectId) }),
    ...(from !== "" && { from }),
    ...(until !== "" && { until }),
    ...(before !== undefined && { before: String(before) })
  })
  const path = `/w/${here.workspace.id}/audit`
  return query.size === 0 ? path : `${path}?${query}`
}

/** Verified, and taken out. */
const WholeChain = ({ here }: { here: Here }) => {
  const { audit: words } = here.words
  const path = `/w/${here.workspace.id}/audit`
  return (
    <>
      <form
        method="post"
        action={`${path}/verify`}
        hx-post={`${path}/verify`}
        hx-target={`#${VERDICT}`}
        hx-swap="outerHTML"
      >
        <button type="submit" class="btn [.htmx-request_&]:opacity-60">
          {words.verify}
        </button>
      </form>
      <details class="relative">
        <summary class="btn-outline cursor-pointer">{words.export}</summary>
        <form
          method="post"
          action={`${path}/export`}
          class="absolute right-0 z-10 mt-1 grid w-72 gap-2 rounded-md border bg-background p-3 shadow-md"
        >
          <p class="text-sm text-muted-foreground">{words.exportHelp}</p>
          <button
            type="submit"
            name="format"
            value="jsonl"
            class="btn-outline h-auto justify-start py-1.5 text-left whitespace-normal"
          >
            {words.jsonl}
          </button>
          <button
            type="submit"
            name="format"
            value="csv"
            class="btn-outline h-auto justify-start py-1.5 text-left whitespace-normal"
          >
            {words.csv}
          </button>
        </form>
      </details>
    </>
  )
}

interface FilterProps {
  readonly here: Here
  readonly filters: Filters
  readonly people: ReadonlyArray<Person>
  readonly names: Names
}

const FilterForm = ({ filters, here, names, people }: FilterProps) => {
  const { audit: words } = here.words
  const { action, from, object, objectId, personId, until } = filters
  const isFiltered = address(here, { ...filters, before: undefined }) !== address(here, NO_FILTERS)
  return (
    <form
      method="get"
      action={`/w/${here.workspace.id}/audit`}
      class="flex flex-wrap items-end gap-3 pb-4 [&_label]:grid [&_label]:gap-1 [&_label]:text-sm"
    >
      <label>
        {words.person}
        <select name="person" class="select w-40">
          <option value="">{words.anybody}</option>
          {personId !== undefined && !people.some(({ id }) => id === personId) && (
            <option value={personId} selected>
              {`№ ${personId}`}
            </option>
          )}
          {people.map(({ id, name }) => (
            <option value={id} selected={id === personId}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {words.action}
        <Actions here={here} chosen={action} />
      </label>
      {object !== undefined && objectId !== undefined ? (
        <About here={here} filters={filters} name={names.get(keyOf(object, objectId))} />
      ) : (
        <label>
          {words.object}
          <select name="object" class="select w-40">
            <option value="">{words.allObjects}</option>
            {Object.entries(words.objects).map(([kind, said]) => (
              <option value={kind} selected={kind === object}>
                {said}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        {words.from}
        <input type="date" name="from" class="input w-36" value={from} />
      </label>
      <label>
        {words.until}
        <input type="date" name="until" class="input w-36" value={until} />
      </label>
      <button type="submit" class="btn-outline">
        {words.apply}
      </button>
      {isFiltered && (
        <a class="btn-ghost" href={address(here, NO_FILTERS)}>
          {words.clear}
        </a>
      )}
    </form>
  )
}

/** Acts as their sentences say them, without who and what. */
const Actions = ({ chosen, here }: { here: Here; chosen: string | undefined }) => {
  const { audit: words } = here.words
  const acts: Readonly<Record<string, string>> = words.acts
  const groups = Map.groupBy(Object.keys(acts), (action) => action.split(".")[0]!)
  const said = (action: string) =>
    acts[action]!.replace("{who}", "…").replace("{object}", "…").replace(/^…\s*/, "").trim()
  return (
    <select name="action" class="select w-48">
      <option value="">{words.anything}</option>
      {chosen !== undefined && acts[chosen] === undefined && (
        <option value={chosen} selected>
          {chosen}
        </option>
      )}
      {[...groups.values()].map((actions, i) => (
        <>
          {i > 0 && <hr />}
          {actions.map((action) => (
            <option value={action} selected={action === chosen}>
              {said(action)}
            </option>
          ))}
        </>
      ))}
    </select>
  )
}

/** One object alone, reached by a link; a press takes it away. */
const About = ({ filters, here, name }: { here: Here; filters: Filters; name: string | undefined }) => {
  const { audit: words } = here.words
  const kinds: Readonly<Record<string, string>> = words.objects
  const said = name ?? `${kinds[filters.object!] ?? filters.object} ${filters.objectId}`
  return (
    <span class="inline-flex min-h-9 items-center gap-2 rounded-md border px-3">
      <input type="hidden" name="object" value={filters.object} />
      <input type="hidden" name="id" value={filters.objectId} />
      <span class="max-w-72 truncate" title={said}>
        <Sentence words={words.onlyAbout} parts={{ object: <Name>{said}</Name> }} />
      </span>
      <a
        href={address(here, { ...filters, object: undefined, objectId: undefined, before: undefined })}
        aria-label={words.clear}
      >
        ✕
      </a>
    </span>
  )
}

const Nothing = ({ filters, here }: { here: Here; filters: Filters }) => {
  const { audit: words } = here.words
  return address(here, filters) === address(here, NO_FILTERS) ? (
    <Empty title={words.none} help={words.noneHelp} />
  ) : (
    <Empty title={words.notFound} help={words.notFoundHelp} />
  )
}
