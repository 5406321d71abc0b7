/** What a list is narrowed down by: its tabs, the form, and what is in force, each with a cross that takes it away. */
import { grouped } from "#portal/views/Count.tsx"
import type { Here } from "#portal/visit.ts"
import type { Counts } from "#schema/campaign/CampaignList.ts"
import { address, type Filters, MODES, STATES } from "./filters.ts"

/** Whom and what there is to choose from. */
export interface Choices {
  readonly senders: ReadonlyArray<{ readonly id: number; readonly label: string }>
  readonly authors: ReadonlyArray<{ readonly id: number; readonly name: string }>
}

interface Props {
  readonly here: Here
  readonly path: string
  readonly filters: Filters
}

export const Tabs = ({ counts, filters, here, path }: Props & { counts: Counts }) => {
  const { campaigns: words, states } = here.words
  const all = Object.values(counts.states).reduce((sum, n) => sum + n, 0)
  const without = { ...filters, state: undefined, archived: false, before: undefined }
  const tabs = [
    { href: address(path, without), label: words.all, n: all, is: filters.state === undefined && !filters.archived },
    ...STATES.filter((state) => counts.states[state] !== undefined || filters.state === state).map((state) => ({
      href: address(path, { ...without, state }),
      label: states[state],
      n: counts.states[state] ?? 0,
      is: filters.state === state
    })),
    {
      href: address(path, { ...without, archived: true }),
      label: words.archived,
      n: counts.archived,
      is: filters.archived
    }
  ]
  return (
    <ul class="flex flex-wrap gap-1 pb-3" aria-label={words.state}>
      {tabs.map(({ href, is, label, n }) => (
        <li>
          <a
            href={href}
            aria-current={is ? "true" : undefined}
            class="inline-flex gap-1.5 rounded-md px-2.5 py-1 hover:bg-muted aria-[current=true]:bg-muted aria-[current=true]:font-semibold"
          >
            {label} <span class="text-muted-foreground tabular-nums">{grouped(n, here.words.locale)}</span>
          </a>
        </li>
      ))}
    </ul>
  )
}

/** Beside the search, which is a field of the same form. */
export const FILTERING = "filtering"

export const FilterForm = ({ choices, filters, here, path }: Props & { choices: Choices }) => {
  const { campaigns: words, wizard } = here.words
  const { archived, authorId, by, from, mode, senderId, state, until } = filters
  const tab = archived ? "archived" : state
  return (
    <details class="pb-3">
      <summary class="w-fit cursor-pointer rounded-md px-2.5 py-1 hover:bg-muted">
        {words.filters} <span aria-hidden="true">▾</span>
      </summary>
      <form
        id={FILTERING}
        method="get"
        action={path}
        role="search"
        class="flex flex-wrap items-end gap-3 pt-2 [&_label]:grid [&_label]:gap-1 [&_label]:text-sm max-sm:[&_label]:w-full"
      >
        {tab !== undefined && <input type="hidden" name="state" value={tab} />}
        {by !== undefined && <input type="hidden" name="by" value={by} />}
        <label>
          {words.mode}
          <select name="mode" class="select w-full sm:w-48">
            <option value="">{words.any}</option>
            {MODES.map((one) => (
              <option value={one} selected={one === mode}>
                {wizard.modes[one]}
              </option>
            ))}
          </select>
        </label>
        <label>
          {words.sender}
          <select name="sender" class="select w-full sm:w-44">
            <option value="">{words.any}</option>
            {choices.senders.map(({ id, label }) => (
              <option value={String(id)} selected={id === senderId}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          {words.author}
          <select name="author" class="select w-full sm:w-44">
            <option value="">{words.anybody}</option>
            {choices.authors.map(({ id, name }) => (
              <option value={String(id)} selected={id === authorId}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {words.from}
          <input type="date" name="from" class="input w-full sm:w-36" value={from} />
        </label>
        <label>
          {words.until}
          <input type="date" name="until" class="input w-full sm:w-36" value={until} />
        </label>
        <button type="submit" class="btn-outline">
          {words.apply}
        </button>
      </form>
    </details>
  )
}

export const Chips = ({ choices, filters, here, path }: Props & { choices: Choices }) => {
  const { campaigns: words, wizard } = here.words
  const { authorId, from, mode, named, senderId, until } = filters
  const chips = [
    named !== "" && { label: words.search, value: named, without: { named: "" } },
    mode !== undefined && { label: words.mode, value: wizard.modes[mode], without: { mode: undefined } },
    senderId !== undefined && {
      label: words.sender,
      value: choices.senders.find(({ id }) => id === senderId)?.label ?? String(senderId),
      without: { senderId: undefined }
    },
    authorId !== undefined && {
      label: words.author,
      value: choices.authors.find(({ id }) => id === authorId)?.name ?? String(authorId),
      without: { authorId: undefined }
    },
    from !== "" && { label: words.from, value: from, without: { from: "" } },
    until !== "" && { label: words.until, value: until, without: { until: "" } }
  ].filter((chip) => chip !== false)
  if (chips.length === 0) return null
  return (
    <ul class="flex flex-wrap gap-2 pb-3">
      {chips.map(({ label, value, without }) => (
        <li class="inline-flex max-w-full items-center gap-1 rounded-full border py-0.5 ps-3 pe-1 text-sm">
          <span class="max-w-72 truncate">
            {label}: <bdi class="font-medium">{value}</bdi>
          </span>
          <a
            href={address(path, { ...filters, before: undefined, ...without })}
            class="rounded-full px-2 py-0.5 hover:bg-muted"
            aria-label={words.without(label)}
          >
            ✕
          </a>
        </li>
      ))}
    </ul>
  )
}
