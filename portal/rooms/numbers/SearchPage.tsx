/** Who sent what to one phone: a search by its number over all campaigns of the workspace. */

import { Empty } from "#portal/views/Empty.tsx"
import { describedBy, Field } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import { type Found, MOST_FOUND } from "#schema/ledger/NumberLife.ts"
import { OutcomeMark } from "./OutcomeMark.tsx"

/** What was found for a number. */
export interface Searched {
  /** E.164 digits. */
  readonly number: number
  /** The number as the address has it: readable by who searched alone. */
  readonly sealed: string
  readonly from: string
  readonly until: string
  readonly found: ReadonlyArray<Found>
}

interface Props {
  readonly here: Here
  readonly typed?: string
  readonly error?: string | undefined
  readonly searched?: Searched | undefined
}

export const maySearch = (here: Here): boolean => here.workspace.role !== "author"

export const SearchPage = ({ error, here, searched, typed = "" }: Props) => {
  const { numbers: words } = here.words
  return (
    <Frame here={here} title={words.title} place="numbers">
      <Heading title={words.title} />
      {maySearch(here) ? (
        <div class="grid gap-6">
          <SearchForm here={here} typed={searched === undefined ? typed : `+${searched.number}`} error={error} />
          {searched === undefined ? (
            <Empty title={words.begin} help={words.beginHelp} />
          ) : (
            <Results here={here} searched={searched} />
          )}
        </div>
      ) : (
        <Empty title={words.mayNot} help={words.mayNotHelp} />
      )}
    </Frame>
  )
}

const SearchForm = ({ error, here, typed }: { here: Here; typed: string; error: string | undefined }) => {
  const { numbers: words } = here.words
  return (
    <form method="post" action={`/w/${here.workspace.id}/numbers`} role="search" class="max-w-xl">
      <Field name="number" label={words.search} help={words.searchHelp} error={error}>
        <div class="flex gap-2">
          <input
            id="number"
            name="number"
            type="tel"
            class="input min-w-0 flex-1"
            value={typed}
            required
            autofocus={typed === ""}
            aria-invalid={error !== undefined ? "true" : undefined}
            aria-describedby={describedBy("number", error, words.searchHelp)}
            data-keys="/"
          />
          <button type="submit" class="btn">
            {words.find}
          </button>
        </div>
      </Field>
    </form>
  )
}

const Results = ({ here, searched }: { here: Here; searched: Searched }) => {
  const { numbers: words } = here.words
  const shown = searched.found.slice(0, MOST_FOUND)
  return (
    <section aria-labelledby="found" class="grid gap-3">
      <div class="flex flex-wrap items-end justify-between gap-3">
        <h2 id="found" class="text-lg font-semibold">
          <bdi>+{searched.number}</bdi> · {words.found(shown.length)}
        </h2>
        <Days here={here} searched={searched} />
      </div>
      {searched.found.length > MOST_FOUND && <p class="text-muted-foreground">{words.tooMany(MOST_FOUND)}</p>}
      {shown.length === 0 ? (
        <Empty title={words.none} help={words.noneHelp} />
      ) : (
        <div class="overflow-x-auto">
          <table class="table w-full">
            <thead>
              <tr>
                <th scope="col">{words.campaign}</th>
                <th scope="col">{words.when}</th>
                <th scope="col">{words.sender}</th>
                <th scope="col">{words.author}</th>
                <th scope="col">{words.approvers}</th>
                <th scope="col">{words.outcome}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <Row here={here} one={one} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

const Row = ({ here, one }: { here: Here; one: Found }) => {
  const campaign = `/w/${here.workspace.id}/campaigns/${one.campaign_id}`
  return (
    <tr>
      <td class="max-w-56 truncate md:max-w-80">
        <a
          href={`${campaign}/numbers/${one.lane_id}/${one.seq}`}
          class="font-medium underline-offset-4 hover:underline"
        >
          <bdi>{one.name}</bdi>
        </a>
      </td>
      <td class="whitespace-nowrap">
        <When at={one.at} here={here} />
      </td>
      <td>
        <bdi>{one.saddr}</bdi>
      </td>
      <td>
        <bdi>{one.author}</bdi>
      </td>
      <td>
        {one.approvers.length === 0 ? (
          <span class="text-muted-foreground">{here.words.numbers.nobody}</span>
        ) : (
          <bdi>{new Intl.ListFormat(here.words.locale, { type: "unit" }).format(one.approvers)}</bdi>
        )}
      </td>
      <td>
        <OutcomeMark outcome={one.outcome} words={here.words} />
      </td>
    </tr>
  )
}

const Days = ({ here, searched }: { here: Here; searched: Searched }) => {
  const { numbers: words } = here.words
  return (
    <form method="get" action={`/w/${here.workspace.id}/numbers`} class="flex flex-wrap items-end gap-2">
      <input type="hidden" name="for" value={searched.sealed} />
      <label class="grid gap-1 text-sm">
        {words.from}
        <input type="date" name="from" class="input" value={searched.from} />
      </label>
      <label class="grid gap-1 text-sm">
        {words.until}
        <input type="date" name="until" class="input" value={searched.until} />
      </label>
      <button type="submit" class="btn-outline">
        {words.narrow}
      </button>
    </form>
  )
}
