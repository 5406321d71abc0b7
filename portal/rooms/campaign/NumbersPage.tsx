/** A campaign's recipients, masked, with what became of each: all of them or those of one outcome; from each a way to its life. */
import { OutcomeMark } from "#portal/rooms/numbers/OutcomeMark.tsx"
import { maySearch } from "#portal/rooms/numbers/SearchPage.tsx"
import { Count, grouped } from "#portal/views/Count.tsx"
import { Empty } from "#portal/views/Empty.tsx"
import { describedBy, Field } from "#portal/views/Field.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { CampaignView } from "#schema/campaign/CampaignView.ts"
import type { Course } from "#schema/campaign/Course.ts"
import type { Situation } from "#schema/campaign/Situations.ts"
import type { Lane, LedgerPage, Place } from "#schema/ledger/LedgerPage.ts"
import { type Outcome, outcomes } from "#schema/ledger/NumberLife.ts"
import { CampaignFrame, pathOf } from "./CampaignPage.tsx"
import { figuresOf } from "./Course.tsx"

/** What the address asks for. */
export interface Wanted {
  readonly lane: Lane | undefined
  readonly outcome: Outcome | undefined
  readonly after: number
}

/** What came of a search for one number. */
export interface Searched {
  readonly typed: string
  readonly error?: string
  readonly places?: ReadonlyArray<Place>
}

export interface Listed {
  readonly view: CampaignView
  readonly situation: Situation
  readonly progress: Course
  readonly lanes: ReadonlyArray<Lane>
  readonly wanted: Wanted
  readonly page: LedgerPage
}

interface Props {
  readonly here: Here
  readonly listed: Listed
  readonly searched?: Searched | undefined
}

export const NumbersPage = ({ here, listed, searched }: Props) => {
  const { lanes, page, situation, view, wanted } = listed
  return (
    <CampaignFrame here={here} view={view} situation={situation} is="numbers">
      {maySearch(here) && <Search here={here} path={`${pathOf(here, view.id)}/numbers`} searched={searched} />}
      {lanes.length > 1 && <Lanes here={here} listed={listed} />}
      <Outcomes here={here} listed={listed} />
      {page.rows.length === 0 ? <Nothing here={here} listed={listed} /> : <Rows here={here} listed={listed} />}
      <Further here={here} listed={listed} />
      {wanted.lane !== undefined && <Files here={here} listed={listed} />}
    </CampaignFrame>
  )
}

/** The address of what is wanted, changed in something. */
const address = (here: Here, { view, wanted }: Listed, change: Partial<Wanted>, name = "numbers"): string => {
  const { after, lane, outcome } = { ...wanted, after: 0, ...change }
  const query = new URLSearchParams({
    ...(lane !== undefined && { lane: `${lane.id}` }),
    ...(outcome !== undefined && { outcome }),
    ...(after > 0 && { after: `${after}` })
  })
  return `${pathOf(here, view.id)}/${name}${query.size === 0 ? "" : `?${query}`}`
}

const Search = ({ here, path, searched }: { here: Here; path: string; searched: Searched | undefined }) => {
  const words = here.words.campaign
  const { error, places, typed = "" } = searched ?? {}
  const said = error ?? (places?.length === 0 ? words.notInIt : undefined)
  return (
    <div class="grid gap-2 pb-4">
      <form method="post" action={path} role="search" class="max-w-xl">
        <Field name="number" label={words.find} help={words.findHelp} error={said}>
          <div class="flex gap-2">
            <input
              id="number"
              name="number"
              type="tel"
              class="input min-w-0 flex-1"
              value={typed}
              required
              aria-invalid={said === undefined ? undefined : "true"}
              aria-describedby={describedBy("number", said, words.findHelp)}
              data-keys="/"
            />
            <button type="submit" class="btn-outline">
              {here.words.numbers.find}
            </button>
          </div>
        </Field>
      </form>
      {places !== undefined && places.length > 0 && (
        <p class="flex flex-wrap gap-3">
          {words.places(places.length)}
          {places.map(({ lane_id, seq }) => (
            <a class="underline underline-offset-4 tabular-nums" href={`${path}/${lane_id}/${seq}`}>
              {`№ ${grouped(seq, here.words.locale)}`}
            </a>
          ))}
        </p>
      )}
    </div>
  )
}

const CHIP =
  "inline-flex gap-1.5 rounded-md px-2.5 py-1 hover:bg-muted aria-[current=true]:bg-muted aria-[current=true]:font-semibold"

const Lanes = ({ here, listed }: Props) => (
  <ul class="flex flex-wrap gap-1 pb-2">
    {listed.lanes.map((lane, i) => (
      <li>
        <a
          class={CHIP}
          href={address(here, listed, { lane })}
          aria-current={lane.id === listed.wanted.lane?.id ? "true" : undefined}
        >
          {`${here.words.campaign.list} ${i + 1}`}
        </a>
      </li>
    ))}
  </ul>
)

/** With how many there are of each, in all of the campaign; what is still moving is not counted apart. */
const Outcomes = ({ here, listed }: Props) => {
  const { campaign: words, locale, numbers } = here.words
  const { progress, wanted } = listed
  if (progress.audience === 0) return null
  const counts: Readonly<Partial<Record<string, number>>> = figuresOf(progress)
  const chips = outcomes
    .map((outcome) => {
      const isMoving = outcome === "submitted" || outcome === "waiting"
      return { outcome, n: isMoving ? undefined : (counts[outcome] ?? 0), is: wanted.outcome === outcome }
    })
    .filter(({ is, n }) => is || (n === undefined ? progress.moving > 0 : n > 0))
  return (
    <ul class="flex flex-wrap gap-1 pb-4" aria-label={words.outcome}>
      <li>
        <a
          class={CHIP}
          href={address(here, listed, { outcome: undefined })}
          aria-current={wanted.outcome === undefined ? "true" : undefined}
        >
          {words.everything}
          <span class="text-muted-foreground">{grouped(progress.audience, locale)}</span>
        </a>
      </li>
      {chips.map(({ is, n, outcome }) => (
        <li>
          <a class={CHIP} href={address(here, listed, { outcome })} aria-current={is ? "true" : undefined}>
            {numbers.outcomes[outcome]}
            {n !== undefined && <span class="text-muted-foreground">{grouped(n, locale)}</span>}
          </a>
        </li>
      ))}
    </ul>
  )
}

const Nothing = ({ here, listed }: Props) => {
  const words = here.words.campaign
  const { page, progress, wanted } = listed
  if (page.next !== undefined) return <p>{words.notYetFound(grouped(page.next, here.words.locale))}</p>
  if (progress.audience > 0 && (wanted.outcome !== undefined || wanted.after > 0))
    return <Empty title={words.noneOfThese} help={words.noneOfTheseHelp} />
  return <Empty title={words.noNumbers} help={words.noNumbersHelp} />
}

const Rows = ({ here, listed }: Props) => {
  const words = here.words.campaign
  const { page, view, wanted } = listed
  const path = `${pathOf(here, view.id)}/numbers/${wanted.lane?.id}`
  return (
    <div class="overflow-x-auto">
      <table class="table w-full">
        <thead>
          <tr>
            <th scope="col" class="text-right">
              #
            </th>
            <th scope="col">{words.number}</th>
            <th scope="col">{words.outcome}</th>
            <th scope="col">{words.at}</th>
            <th scope="col">{words.operator}</th>
            <th scope="col" class="text-right">
              {words.tries}
            </th>
          </tr>
        </thead>
        <tbody>
          {page.rows.map((row) => (
            <tr>
              <td class="text-right">
                <Count n={row.seq} visit={here} />
              </td>
              <td class="whitespace-nowrap tabular-nums">
                <a class="underline underline-offset-4" href={`${path}/${row.seq}`}>{`+${row.number}`}</a>
              </td>
              <td>
                <OutcomeMark outcome={row.outcome} words={here.words} />
              </td>
              <td>{row.submitted_at !== null && <When at={row.submitted_at} here={here} />}</td>
              <td class="max-w-60 truncate font-mono text-sm">{row.message_id}</td>
              <td class="text-right">{row.tries}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const Further = ({ here, listed }: Props) => {
  const words = here.words.campaign
  const { page, wanted } = listed
  if (wanted.after === 0 && page.next === undefined) return null
  return (
    <p class="flex flex-wrap gap-2 pt-4">
      {wanted.after > 0 && (
        <a class="btn-outline" href={address(here, listed, {})}>
          {words.firstNumbers}
        </a>
      )}
      {page.next !== undefined && (
        <a class="btn-outline" href={address(here, listed, { after: page.next })}>
          {page.rows.length === 0 ? words.lookFurther : words.moreNumbers}
        </a>
      )}
    </p>
  )
}

/** Exactly what is filtered, of this list or, in the clear, of the campaign. */
const Files = ({ here, listed }: Props) => {
  const words = here.words.campaign
  return (
    <div class="flex flex-wrap items-center gap-3 pt-6">
      <a class="btn-outline" href={address(here, listed, {}, "numbers.csv")} download>
        {words.download}
      </a>
      {maySearch(here) && (
        <details>
          <summary class="w-fit cursor-pointer underline underline-offset-4">{words.downloadWhole}…</summary>
          <form
            method="post"
            action={address(here, listed, {}, "numbers.csv")}
            class="grid justify-items-start gap-2 pt-2"
          >
            <p class="max-w-prose">{words.downloadWholeHelp(listed.progress.audience)}</p>
            <button type="submit" class="btn-outline">
              {words.downloadWhole}
            </button>
          </form>
        </details>
      )}
    </div>
  )
}
