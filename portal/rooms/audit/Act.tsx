/** One row of the audit: a sentence, when and in which role, and, on demand, what changed and what else is on record. */
import type { Child } from "hono/jsx"
import { grouped } from "#portal/views/Count.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import { isSameClock } from "#portal/words/times.ts"
import type { Listed } from "#schema/audit/AuditList.ts"
import { keyOf, type Names } from "#schema/audit/AuditNames.ts"
import { changesOf, fromOf, revealedIn, saidIn } from "./changes.ts"

interface Props {
  readonly here: Here
  readonly row: Listed
  readonly names: Names
}

/** Wider where the workspace's clock stands beside the reader's. */
const COLUMNS = {
  one: "md:grid-cols-[9rem_minmax(0,1fr)_auto]",
  both: "md:grid-cols-[14.5rem_minmax(0,1fr)_auto]"
}

export const Act = ({ here, names, row }: Props) => {
  const { audit: words } = here.words
  const isSame = isSameClock(row.at, here.zone ?? here.workspace.time_zone, here.workspace.time_zone)
  const sentence = sayIn(words.acts, row.action) ?? words.fallback
  const who = <Name>{row.person ?? fromOf(row).name ?? words.system}</Name>
  const parts = { who, object: <Thing here={here} names={names} row={row} />, action: <code>{row.action}</code> }
  return (
    <li class={`relative grid gap-x-4 gap-y-1 py-2 ${COLUMNS[isSame ? "one" : "both"]}`}>
      <span class="text-muted-foreground tabular-nums [&_span]:whitespace-normal">
        <When at={row.at} here={here} />
      </span>
      <div class="min-w-0 break-words">
        <p>
          <Sentence words={sentence} parts={parts} />
        </p>
        <Details here={here} row={row} />
      </div>
      <span class="text-sm text-muted-foreground md:pr-30">
        {row.person_id !== null && `${sayIn(words.roles, row.role) ?? row.role} · `}
        <span title={words.row} class="tabular-nums">
          {`№ ${grouped(row.seq, here.words.locale)}`}
        </span>
      </span>
    </li>
  )
}

/** Whose objects have pages. */
const ROOMS: Readonly<Record<string, string>> = { campaign: "campaigns", sender: "senders" }

/** What it was done to, by its name now, or else the one that the row has kept; a link to it, or to its history. */
const Thing = ({ here, names, row }: Props) => {
  const { object, object_id, personal } = row
  if (object_id === null || object === "workspace") return null
  const kept = [personal?.before, personal?.after].map((side) => (side as { name?: unknown } | undefined)?.name)
  const name = names.get(keyOf(object, object_id)) ?? kept.find((one) => typeof one === "string") ?? `№ ${object_id}`
  const path = `/w/${here.workspace.id}`
  const room = names.has(keyOf(object, object_id)) ? ROOMS[object] : undefined
  const href = `${path}/${room === undefined ? `audit?object=${object}&id=${object_id}` : `${room}/${object_id}`}`
  return (
    <a href={href} class="underline decoration-muted-foreground/50 underline-offset-4 hover:decoration-current">
      <bdi>{name}</bdi>
    </a>
  )
}

/** What the audit says in its own terms, in the reader's; undefined: there is no word for it. */
const sayIn = (words: Readonly<Record<string, string>>, term: string): string | undefined =>
  Object.hasOwn(words, term) ? words[term] : undefined

const Details = ({ here, row }: { here: Here; row: Listed }) => {
  const { audit: words } = here.words
  const changes = changesOf(row)
  const said = saidIn(row)
  const from = fromOf(row)
  const isErased = row.personal === null && row.person_id !== null
  const revealed = revealedIn(row)
  const path = `/w/${here.workspace.id}`
  return (
    <details class="group">
      <summary class="w-fit cursor-pointer text-sm text-muted-foreground before:mr-1 before:content-['▸'] group-open:before:content-['▾'] hover:text-foreground md:absolute md:top-2 md:right-0">
        {words.details}
        <span class="sr-only">{` № ${row.seq}`}</span>
      </summary>
      <div class="grid gap-3 py-2">
        {changes.length > 0 && (
          <div class="overflow-x-auto">
            <table class="table w-full max-w-3xl text-sm">
              <thead>
                <tr>
                  <th scope="col">{words.field}</th>
                  <th scope="col">{words.before}</th>
                  <th scope="col">{words.after}</th>
                </tr>
              </thead>
              <tbody>
                {changes.map(({ after, before, field }) => (
                  <tr>
                    <th scope="row" class="p-2 text-left align-top font-normal text-muted-foreground">
                      {sayIn(words.fields, field) ?? field}
                    </th>
                    <td class="max-w-72 align-top break-words whitespace-pre-wrap">
                      <Value here={here} field={field} value={before} />
                    </td>
                    <td class="max-w-72 align-top break-words whitespace-pre-wrap">
                      <Value here={here} field={field} value={after} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        <dl class="grid gap-x-4 gap-y-1 text-sm sm:grid-cols-[12rem_minmax(0,1fr)]">
          {said.map(({ field, value }) => (
            <Fact label={sayIn(words.fields, field) ?? field}>
              <Value here={here} field={field} value={value} />
            </Fact>
          ))}
          {from.email !== undefined && (
            <Fact label={words.by}>
              <bdi>{from.email}</bdi>
            </Fact>
          )}
          {from.address !== undefined && <Fact label={words.address}>{from.address}</Fact>}
          {from.agent !== undefined && <Fact label={words.agent}>{from.agent}</Fact>}
          {from.request_id !== undefined && <Fact label={words.requestId}>{from.request_id}</Fact>}
        </dl>
        {isErased && <p class="text-sm text-muted-foreground">{words.erased}</p>}
        <p class="flex flex-wrap gap-4 text-sm">
          {revealed !== undefined && (
            <a class="underline underline-offset-4" href={`${path}/${revealed}`}>
              {words.number}
            </a>
          )}
          {row.object_id !== null && row.object !== "workspace" && (
            <a class="underline underline-offset-4" href={`${path}/audit?object=${row.object}&id=${row.object_id}`}>
              {words.history}
            </a>
          )}
        </p>
      </div>
    </details>
  )
}

const Fact = ({ children, label }: { label: string; children: Child }) => (
  <>
    <dt class="text-muted-foreground">{label}</dt>
    <dd class="min-w-0 break-words whitespace-pre-wrap">{children}</dd>
  </>
)

const DIGEST = /^[0-9a-f]{64}$/
const MOMENT = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/

/** undefined: it is none, though somebody may have written it as one. */
const momentIn = (text: string): Date | undefined => {
  const at = MOMENT.test(text) ? new Date(text) : undefined
  return at === undefined || Number.isNaN(at.getTime()) ? undefined : at
}

/** By what it is and not by where it stands: a moment by the reader's clock, a state in its word, a digest as one. */
const Value = ({ field, here, value }: { here: Here; field: string; value: unknown }) => {
  const { audit: words, states } = here.words
  if (value === null || value === undefined) return <span class="text-muted-foreground">{words.nothing}</span>
  if (typeof value === "boolean") return value ? words.yes : words.no
  if (typeof value === "number") return String(value)
  if (Array.isArray(value)) return <bdi>{value.join(", ")}</bdi>
  if (typeof value === "object") return <Several value={value as Readonly<Record<string, unknown>>} here={here} />
  const text = String(value)
  if (field === "state") return sayIn(states, text) ?? text
  if (field === "role") return sayIn(words.roles, text) ?? text
  if (field === "on_lost_answer") return sayIn(words.lost, text) ?? text
  if (DIGEST.test(text)) return <code class="font-mono break-all">{text}</code>
  const moment = momentIn(text)
  if (moment !== undefined) return <When at={moment} here={here} />
  return <bdi>{text}</bdi>
}

const Several = ({ here, value }: { here: Here; value: Readonly<Record<string, unknown>> }) => {
  const { audit: words, numbers } = here.words
  if (typeof value.numbers === "number") return words.many(value.numbers)
  // of a signature, where it was made: all of it is in the export, for who checks it
  if (typeof value.origin === "string") return <bdi>{value.origin}</bdi>
  return Object.entries(value)
    .filter(([, n]) => typeof n === "number" && n > 0)
    .map(([name, n]) => `${sayIn(numbers.outcomes, name) ?? name}: ${grouped(n as number, here.words.locale)}`)
    .join(", ")
}
