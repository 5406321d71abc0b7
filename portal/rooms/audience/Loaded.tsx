/** What was in the file, once it has been read: how many, which first, what was left out of it and why. */
import type { Child } from "hono/jsx"
import { stepPath } from "#portal/rooms/wizard/Steps.tsx"
import { Count } from "#portal/views/Count.tsx"
import { Fact, Facts, Part } from "#portal/views/evidence/Facts.tsx"
import type { Here } from "#portal/visit.ts"
import type { AudienceView, LaneView } from "#schema/audience/AudienceView.ts"
import { AT_MOST } from "#schema/campaign/Evidence.ts"
import { inParentheses } from "#schema/text/Placeholders.ts"
import { sayOctets } from "./octets.ts"
import { recipientsOf, type Shown } from "./shown.ts"

export const Next = ({ here, shown: { campaignId, draft } }: { here: Here; shown: Shown }) =>
  draft !== undefined && (
    <p class="pt-2">
      <a class="btn" href={stepPath(here, campaignId, "schedule")}>
        {here.words.audience.next}
      </a>
    </p>
  )

export const Loaded = ({ here, path, shown }: { here: Here; path: string; shown: Shown }) => {
  const { view } = shown
  const words = here.words.audience
  const recipients = recipientsOf(view)
  const files = view.lanes.flatMap(({ file }) => (file === null ? [] : [file]))
  const [file] = files
  return (
    <>
      {view.lacking.length > 0 && <Warning>{words.lacking(inParentheses(view.lacking))}</Warning>}
      {view.uncounted && (
        <Warning>
          {words.uncounted}
          {view.may_edit && (
            <form method="post" action={`${path}/count`} class="pt-2">
              <button type="submit" class="btn-outline">
                {words.count}
              </button>
            </form>
          )}
        </Warning>
      )}
      <Part id="loaded" title={words.counts}>
        <p class="text-2xl font-semibold break-words tabular-nums">
          {words.numbers(recipients)}
          {file?.name !== undefined && (
            <span class="text-base font-normal text-muted-foreground">
              {" "}
              {words.from} <bdi>{file.name}</bdi>, {sayOctets(file.octets, here.words.locale)}
            </span>
          )}
        </p>
        <Facts>
          {file !== undefined && <Counts here={here} lanes={view.lanes} />}
          <Fact name={words.stopped}>
            <Stopped here={here} path={path} view={view} />
          </Fact>
        </Facts>
      </Part>
      <First here={here} view={view} />
      <Rejected here={here} shown={shown} path={path} />
      <Next here={here} shown={shown} />
      {view.may_edit && <TakeAnother here={here} path={path} recipients={recipients} />}
    </>
  )
}

const Warning = ({ children }: { children: Child }) => (
  <div role="status" class="rounded-md border border-amber-700 p-3">
    <span aria-hidden="true">△ </span>
    {children}
  </div>
)

const Counts = ({ here, lanes }: { here: Here; lanes: ReadonlyArray<LaneView> }) => {
  const words = here.words.audience
  const sum = (kind: "lines" | "duplicates" | "invalid" | "empty") =>
    lanes.reduce((all, { file }) => all + (file?.[kind] ?? 0), 0)
  const valid = lanes.reduce((all, { recipients }) => all + recipients, 0)
  const rows = [
    [words.allLines, sum("lines")],
    [words.valid, valid],
    [words.duplicates, sum("duplicates")],
    [words.invalid, sum("invalid")],
    [words.empty, sum("empty")]
  ] as const
  return (
    <>
      {rows.map(([name, n]) => (
        <Fact name={name}>
          <Count n={n} visit={here} />
        </Fact>
      ))}
    </>
  )
}

const Stopped = ({ here, path, view }: { here: Here; path: string; view: AudienceView }) => {
  const { compared, stopped } = view.audience
  if (stopped !== null) return <Count n={stopped} visit={here} />
  if (compared > AT_MOST) return <>{here.words.evidence.compareLater}</>
  return (
    <a class="underline underline-offset-4" href={`${path}?compare=all`}>
      {here.words.audience.compare(compared)}
    </a>
  )
}

/** As a reader of the file would know it again: the first few, masked, with their values. */
const First = ({ here, view }: { here: Here; view: AudienceView }) => {
  const words = here.words.audience
  const { examples, first } = view.audience
  const columns = Object.keys(examples)
  return (
    <Part id="first" title={words.first}>
      <div class="overflow-x-auto">
        <table class="table w-full">
          <thead>
            <tr>
              <th scope="col">{words.number}</th>
              {columns.map((column) => (
                <th scope="col">
                  <bdi>{column}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first.map((number, i) => (
              <tr>
                <td class="whitespace-nowrap tabular-nums">{`+${number}`}</td>
                {columns.map((column) => (
                  <td class="max-w-60 truncate" dir="auto">
                    {examples[column]?.[i] ?? ""}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  )
}

export const Rejected = ({ here, path, shown: { view } }: { here: Here; path: string; shown: Shown }) => {
  const words = here.words.audience
  const said: Readonly<Record<string, string>> = here.words.evidence.reasons
  const reasons = Object.entries(view.audience.rejected).toSorted(([, a], [, b]) => b - a)
  if (reasons.length === 0) return null
  return (
    <Part id="left-out" title={words.reasons}>
      <Facts>
        {reasons.map(([reason, n]) => (
          <Fact name={said[reason] ?? reason}>
            <Count n={n} visit={here} />
          </Fact>
        ))}
      </Facts>
      {view.may_edit && (
        <p>
          <a class="underline underline-offset-4" href={`${path}/rejects.csv`} download>
            {words.download}
          </a>
        </p>
      )}
    </Part>
  )
}

/** Asked once, in the page, with the number that it touches. */
const TakeAnother = ({ here, path, recipients }: { here: Here; path: string; recipients: number }) => {
  const words = here.words.audience
  return (
    <details>
      <summary class="w-fit cursor-pointer text-destructive underline underline-offset-4">{words.takeAnother}…</summary>
      <form
        method="post"
        action={`${path}/discard`}
        class="mt-2 grid justify-items-start gap-2 rounded-md border border-destructive p-3"
      >
        <p class="font-semibold">{words.takeTitle}</p>
        <p>{words.takeHelp(recipients)}</p>
        <button type="submit" class="btn-destructive">
          {words.takeNow}
        </button>
      </form>
    </details>
  )
}
