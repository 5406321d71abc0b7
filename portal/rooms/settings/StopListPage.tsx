/** The stop list: its newest, masked; a look for one number, by which it can be taken off; and numbers to be added. */
import type { Child } from "hono/jsx"
import { Notice } from "#portal/rooms/members/MembersPage.tsx"
import { Empty } from "#portal/views/Empty.tsx"
import { Part } from "#portal/views/evidence/Facts.tsx"
import { describedBy, Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { Stop } from "#schema/people/StopList.ts"

/** At a time: what somebody copies by hand. */
export const MOST_ADDED = 1_000

export interface Looked {
  /** E.164 digits. */
  readonly number: number
  /** undefined: it is not on the list. */
  readonly found: Omit<Stop, "number"> | undefined
}

/** A form that comes back as it was typed. */
export interface Back {
  readonly form: "find" | "add" | "remove"
  readonly number?: string
  readonly numbers?: string
  readonly cause?: string
  readonly reason?: string
  /** of a field */
  readonly error?: Child
  /** of all of it */
  readonly said?: string
}

interface Props {
  readonly here: Here
  readonly list: { readonly stops: ReadonlyArray<Stop>; readonly total: number }
  readonly looked?: Looked | undefined
  readonly back?: Back | undefined
  readonly done?: string | undefined
}

const pathOf = ({ workspace }: Here) => `/w/${workspace.id}/settings/stop-list`

export const StopListPage = ({ back, done, here, list, looked }: Props) => {
  const { settings, settings: words } = here.words
  const { stopList } = words
  return (
    <Frame here={here} title={stopList.title} place="settings">
      <Heading title={stopList.title} up={{ href: `/w/${here.workspace.id}/settings`, label: settings.title }} />
      <div class="grid max-w-[60rem] grid-cols-1 gap-4">
        <p class="text-muted-foreground">{stopList.about}</p>
        {done !== undefined && <Notice>{done}</Notice>}
        <Find here={here} looked={looked} back={back} />
        <Add here={here} back={back?.form === "add" ? back : undefined} />
        <Newest here={here} list={list} />
      </div>
    </Frame>
  )
}

const Find = ({ back, here, looked }: { here: Here; looked: Looked | undefined; back: Back | undefined }) => {
  const words = here.words.settings.stopList
  const own = back?.form === "find" ? back : undefined
  const value = looked === undefined ? (own?.number ?? "") : `+${looked.number}`
  return (
    <Part id="find" title={words.find}>
      <form method="post" action={`${pathOf(here)}/find`} role="search" class="max-w-xl">
        <Field name="number" label={words.number} help={words.findHelp} error={own?.error as string | undefined}>
          <div class="flex gap-2">
            <input
              id="number"
              name="number"
              type="tel"
              class="input min-w-0 flex-1"
              required
              autocomplete="off"
              value={value}
              aria-invalid={own === undefined ? undefined : "true"}
              aria-describedby={describedBy("number", own === undefined ? undefined : "error", words.findHelp)}
              data-keys="/"
            />
            <button type="submit" class="btn-outline">
              {words.findNow}
            </button>
          </div>
        </Field>
      </form>
      {looked !== undefined && (
        <div role="status" class="grid gap-3">
          <p>
            <Sentence
              words={looked.found === undefined ? words.notFound : words.found}
              parts={{
                number: <Name>{`+${looked.number}`}</Name>,
                when: looked.found && <When at={looked.found.stopped_at} here={here} />
              }}
            />{" "}
            {looked.found !== undefined && <q dir="auto">{looked.found.cause}</q>}
          </p>
          {looked.found !== undefined && (
            <Remove here={here} number={looked.number} back={back?.form === "remove" ? back : undefined} />
          )}
        </div>
      )}
    </Part>
  )
}

const Remove = ({ back, here, number }: { here: Here; number: number; back: Back | undefined }) => {
  const words = here.words.settings.stopList
  return (
    <details open={back !== undefined}>
      <summary class="w-fit cursor-pointer text-destructive underline underline-offset-4">{words.remove}…</summary>
      <form method="post" action={`${pathOf(here)}/remove`} class="grid max-w-xl gap-3 pt-2">
        <Refusal said={back?.said} />
        <p>{words.removeHelp}</p>
        <input type="hidden" name="number" value={String(number)} />
        <Field name="reason" label={words.reason} help={words.reasonHelp}>
          <textarea
            id="reason"
            name="reason"
            class="textarea"
            rows={2}
            required
            maxlength={2000}
            aria-describedby="reason-help"
          >
            {back?.reason ?? ""}
          </textarea>
        </Field>
        <div>
          <button type="submit" class="btn-destructive">
            {words.removeNow}
          </button>
        </div>
      </form>
    </details>
  )
}

const Add = ({ back, here }: { here: Here; back: Back | undefined }) => {
  const words = here.words.settings.stopList
  return (
    <Part id="add" title={words.add}>
      <form method="post" action={`${pathOf(here)}/add#add`} class="grid max-w-xl gap-4">
        <Refusal said={back?.said} />
        <div class="grid gap-1.5">
          <label for="numbers" class="label">
            {words.numbers}
          </label>
          <textarea
            id="numbers"
            name="numbers"
            class="textarea tabular-nums"
            rows={5}
            required
            autocomplete="off"
            aria-invalid={back?.error === undefined ? undefined : "true"}
            aria-describedby={back?.error === undefined ? "numbers-help" : "numbers-error numbers-help"}
          >
            {back?.numbers ?? ""}
          </textarea>
          {back?.error !== undefined && (
            <div id="numbers-error" role="alert" class="text-sm text-destructive">
              {back.error}
            </div>
          )}
          <p id="numbers-help" class="text-sm text-muted-foreground">
            {words.numbersHelp(MOST_ADDED)}
          </p>
        </div>
        <Field name="cause" label={words.cause} help={words.causeHelp}>
          <input
            id="cause"
            name="cause"
            class="input"
            required
            maxlength={200}
            autocomplete="off"
            value={back?.cause ?? ""}
            aria-describedby="cause-help"
          />
        </Field>
        <div>
          <button type="submit" class="btn">
            {words.addNow}
          </button>
        </div>
      </form>
    </Part>
  )
}

const Newest = ({ here, list: { stops, total } }: { here: Here; list: Props["list"] }) => {
  const words = here.words.settings.stopList
  if (stops.length === 0) return <Empty title={words.none} help={words.noneHelp} />
  return (
    <div class="grid grid-cols-1 gap-3">
      <h2 id="newest" class="text-lg font-semibold">
        {words.list}
      </h2>
      <p class="text-muted-foreground">
        {words.onIt(total)} {total > stops.length && words.newest(stops.length)}
      </p>
      <section aria-labelledby="newest" tabindex={0} class="relative overflow-x-auto">
        <table class="table w-full">
          <thead>
            <tr>
              <th scope="col">{words.number}</th>
              <th scope="col">{words.cause}</th>
              <th scope="col">{words.since}</th>
            </tr>
          </thead>
          <tbody>
            {stops.map(({ cause, number, stopped_at }) => (
              <tr>
                <td class="whitespace-nowrap">
                  <bdi>{`+${number}`}</bdi>
                </td>
                <td class="min-w-48 break-words whitespace-normal">
                  <bdi>{cause}</bdi>
                </td>
                <td>
                  <When at={stopped_at} here={here} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  )
}
