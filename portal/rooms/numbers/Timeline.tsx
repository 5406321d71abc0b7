/** The story of a number as a timeline: what happened when, in sentences, with the waits between. */
import type { Child } from "hono/jsx"
import { Count } from "#portal/views/Count.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import type { Here } from "#portal/visit.ts"
import { sayDuration } from "#portal/words/durations.ts"
import { isSameClock, sayDay, sayMoment, sayTime } from "#portal/words/times.ts"
import type { NumberLife } from "#schema/ledger/NumberLife.ts"
import { commandStatus, receiptState } from "./commandStatus.ts"
import { type Left, type Line, storyOf } from "./story.ts"

export const Timeline = ({ here, life }: { here: Here; life: NumberLife }) => {
  const { numbers: words } = here.words
  const zone = here.zone ?? here.workspace.time_zone
  const days = Map.groupBy(storyOf(life), ({ at }) => sayDay(at, here.now, here.words.locale, zone))
  return (
    <section aria-labelledby="life" class="grid gap-3">
      <h2 id="life" class="text-lg font-semibold">
        {words.life}
      </h2>
      {[...days].map(([day, lines]) => (
        <div>
          <h3 class="pb-1 text-sm text-muted-foreground first-letter:uppercase">{day}</h3>
          <ol class="border-l">
            {lines.map((line) => (
              <Row here={here} at={line.at} zone={zone} isWait={line.kind === "paced" || line.kind === "retried"}>
                <Said here={here} life={life} line={line} />
              </Row>
            ))}
          </ol>
        </div>
      ))}
      {still(life) !== undefined && <p class="pl-4 text-muted-foreground">{words[still(life)!]}</p>}
      <p class="text-sm text-muted-foreground">
        <Sentence
          words={zone === here.workspace.time_zone ? words.clock : words.clocks}
          parts={{ zone: <bdi>{zone}</bdi>, house: <bdi>{here.workspace.time_zone}</bdi> }}
        />
      </p>
    </section>
  )
}

/** What it waits for. */
const still = ({ campaign, outcome }: NumberLife): "awaited" | "inQueue" | "notYet" | undefined => {
  if (outcome === "submitted") return "awaited"
  if (outcome === "waiting") return campaign.opened_at === null ? "notYet" : "inQueue"
  return undefined
}

interface RowProps {
  readonly here: Here
  readonly at: Date
  readonly zone: string
  readonly isWait: boolean
  readonly children: Child
}

const Row = ({ at, children, here, isWait, zone }: RowProps) => {
  const { locale } = here.words
  const house = here.workspace.time_zone
  const { exact } = sayMoment(at, here.now, locale, zone)
  return (
    <li class="grid grid-cols-[5rem_minmax(0,1fr)] gap-3 py-1.5 pl-4">
      <span class="tabular-nums">
        <time datetime={at.toISOString()} title={exact}>
          {sayTime(at, locale, zone)}
        </time>
        {!isSameClock(at, zone, house) && (
          <span class="block text-sm text-muted-foreground" title={sayMoment(at, here.now, locale, house).exact}>
            {sayTime(at, locale, house)}
          </span>
        )}
      </span>
      <div class={isWait ? "min-w-0 break-words text-muted-foreground" : "min-w-0 break-words"}>{children}</div>
    </li>
  )
}

const Said = ({ here, life, line }: { here: Here; life: NumberLife; line: Line }) => {
  const { lines: words } = here.words.numbers
  const moves: Readonly<Record<string, string>> = here.words.numbers.moves
  const { locale } = here.words
  const name = (person: string | null) => <Name>{person ?? words.system}</Name>
  const time = (ms: number) => sayDuration(ms, locale)
  switch (line.kind) {
    case "uploaded": {
      const count = (n: number) => <Count n={n} visit={here} />
      const parts = { person: name(line.person), seq: count(life.seq), recipients: count(life.recipients) }
      return <Sentence words={words.uploaded} parts={parts} />
    }
    case "asked":
      return <Sentence words={words.asked} parts={{ person: name(line.person), key: <bdi>{line.key}</bdi> }} />
    case "approved":
      return <Sentence words={line.signed ? words.signed : words.approved} parts={{ person: name(line.person) }} />
    case "move":
      return (
        <>
          <Sentence words={moves[line.action] ?? `{person}: ${line.action}`} parts={{ person: name(line.person) }} />
          {line.note !== null && (
            <p class="text-muted-foreground">
              {words.note}: <bdi>{line.note}</bdi>
            </p>
          )}
        </>
      )
    case "left":
      return <LeftSaid here={here} left={line} />
    case "again":
      return (
        <Sentence words={line.resend ? words.resend : words.again} parts={{ channel: <Name>{line.channel}</Name> }} />
      )
    case "returned":
      return <Sentence words={words.returned} parts={{ channel: <Name>{line.channel}</Name> }} />
    case "kept_back":
      return (
        <Sentence
          words={line.resend ? words.keptBackResend : words.keptBack}
          parts={{ cause: <bdi>{line.cause}</bdi> }}
        />
      )
    case "paced":
    case "retried":
      return <Sentence words={words[line.kind]} parts={{ time: time(line.waited_ms) }} />
    case "submitted":
      return <SubmittedSaid here={here} line={line} />
    case "receipt":
      return <ReceiptSaid here={here} line={line} />
  }
}

const LeftSaid = ({ here, left }: { here: Here; left: Left }) => {
  const { lines: words } = here.words.numbers
  const { locale } = here.words
  const sentence =
    left.waited_ms === undefined ? words.left : left.why === "asked" ? words.leftAfterAsked : words.leftAfter
  const aside = [
    words.why[left.why],
    left.before > 0 && left.why !== "asked" ? words.before(left.before) : undefined,
    left.paused_ms > 0 ? words.pausedFor.replace("{time}", sayDuration(left.paused_ms, locale)) : undefined
  ].filter((one) => one !== undefined)
  return (
    <>
      <Sentence
        words={sentence}
        parts={{ channel: <Name>{left.channel}</Name>, waited: sayDuration(left.waited_ms ?? 0, locale) }}
      />
      <p class="text-sm text-muted-foreground">{aside.join(" · ")}</p>
    </>
  )
}

/** Which part of a message of several, before what is said of it. */
const Part = ({ here, part, parts }: { here: Here; part: number; parts: number }) =>
  parts === 1 ? null : (
    <p class="text-sm text-muted-foreground">
      <Sentence words={here.words.numbers.lines.part} parts={{ part, parts }} />
    </p>
  )

const SubmittedSaid = ({ here, line }: { here: Here; line: Extract<Line, { kind: "submitted" }> }) => {
  const { lines: words } = here.words.numbers
  const by = { a: words.accepted, r: words.refused, t: words.refusedForNow, u: words.unanswered }
  return (
    <>
      <Part here={here} part={line.part} parts={line.parts} />
      <Sentence
        words={by[line.verdict]}
        parts={{
          channel: <Name>{line.channel}</Name>,
          bind: line.bind + 1,
          time: sayDuration(line.answer_ms, here.words.locale),
          id: <code class="font-mono wrap-anywhere">{line.message_id}</code>,
          status: <code class="font-mono">{commandStatus(line.command_status)}</code>
        }}
      />
    </>
  )
}

const ReceiptSaid = ({ here, line }: { here: Here; line: Extract<Line, { kind: "receipt" }> }) => {
  const { lines: words } = here.words.numbers
  return (
    <>
      <Part here={here} part={line.part} parts={line.parts} />
      {line.state === -1 ? (
        words.noReceipt
      ) : (
        <Sentence
          words={words.receipt}
          parts={{
            state: <code class="font-mono">{receiptState(line.state)}</code>,
            error: <code class="font-mono">{line.error}</code>,
            time: sayDuration(line.after_ms ?? 0, here.words.locale)
          }}
        />
      )}
      {line.odd !== null && (
        <details>
          <summary class="cursor-pointer text-sm text-muted-foreground">{words.text}</summary>
          <pre class="font-mono text-sm break-words whitespace-pre-wrap">{line.odd}</pre>
        </details>
      )}
    </>
  )
}
