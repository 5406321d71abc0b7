/** The message as a phone shows it, how many it takes, and the characters in it that deserve a second look. */
import { Result } from "effect"
import { grouped } from "#portal/views/Count.tsx"
import type { Here } from "#portal/visit.ts"
import type { Evidence } from "#schema/campaign/Evidence.ts"
import { encodingOf } from "#schema/text/Encoding.ts"
import { parse, render } from "#schema/text/Placeholders.ts"
import { capacity, measure } from "#schema/text/Segments.ts"
import { Part } from "./Facts.tsx"
import { oddCharacters } from "./oddCharacters.ts"

export const Phone = ({ saddr, text }: { saddr: string; text: string }) => (
  <figure class="w-full max-w-80 rounded-2xl border p-3">
    <figcaption class="pb-2 text-center text-sm font-semibold">
      <bdi>{saddr}</bdi>
    </figcaption>
    <p dir="auto" class="w-fit max-w-full rounded-xl bg-muted px-3 py-2 break-words whitespace-pre-wrap">
      {text}
    </p>
  </figure>
)

/** What the first few get; the text itself where it is the same for all. */
const examplesOf = ({ audience, text }: Evidence): ReadonlyArray<string> => {
  const parsed = parse(text)
  const values = parsed.keys.map((key) => audience.examples[key] ?? [])
  const rows = values.length === 0 ? 0 : Math.min(...values.map(({ length }) => length))
  if (rows === 0) return [text]
  return Array.from({ length: rows }, (_, row) =>
    render(
      parsed,
      values.map((one) => one[row]!)
    )
  )
}

export const Message = ({ evidence, here }: { here: Here; evidence: Evidence }) => {
  const words = here.words.evidence
  const { locale } = here.words
  const examples = examplesOf(evidence)
  const [shown = evidence.text, ...more] = examples
  const hasExamples = shown !== evidence.text
  const encoding = encodingOf(shown, evidence.charset)
  const { parts, units } = Result.getOrThrow(measure(shown, encoding))
  const { alone, concatenated } = capacity[encoding]
  const { recipients } = evidence.audience
  const figures = [
    (hasExamples ? words.mostMessages : words.messages)(evidence.segments),
    words.encodings[encoding],
    words.units(grouped(units, locale), grouped(parts === 1 ? alone : parts * concatenated, locale)),
    ...(recipients > 0 && !hasExamples ? [words.inAll(recipients * evidence.segments)] : [])
  ]
  return (
    <Part id="message" title={words.message}>
      <div class="flex flex-wrap gap-6">
        <div class="grid w-full max-w-80 gap-2">
          <Phone saddr={evidence.saddr} text={shown} />
          {hasExamples && <p class="text-sm text-muted-foreground">{words.example}</p>}
          {more.length > 0 && (
            <details>
              <summary class="w-fit cursor-pointer text-sm underline underline-offset-4">
                {words.moreExamples(more.length)}
              </summary>
              <div class="grid gap-2 pt-2">
                {more.map((text) => (
                  <Phone saddr={evidence.saddr} text={text} />
                ))}
              </div>
            </details>
          )}
        </div>
        <div class="grid min-w-60 flex-1 content-start gap-3">
          <p>{figures.join(" · ")}</p>
          {hasExamples && (
            <p dir="auto" class="text-sm break-words whitespace-pre-wrap text-muted-foreground">
              {evidence.text}
            </p>
          )}
          <OddCharacters here={here} evidence={evidence} />
        </div>
      </div>
    </Part>
  )
}

const OddCharacters = ({ evidence, here }: { here: Here; evidence: Evidence }) => {
  const words = here.words.evidence
  // what is filled in is read by as many people, and comes from a file
  const values = Object.values(evidence.audience.examples).flat()
  const odd = oddCharacters([evidence.text, ...values].join("\n"), evidence.charset)
  if (odd.length === 0) return <p class="text-muted-foreground">{words.noOdd}</p>
  return (
    <div>
      <p class="font-semibold text-amber-800 dark:text-amber-300">
        <span aria-hidden="true">△ </span>
        {words.odd}
      </p>
      <ul class="grid gap-1 pt-1">
        {odd.map(({ character, codePoint, count, why }) => (
          <li>
            {why !== "unseen" && <bdi class="rounded border px-1.5 font-semibold">{character}</bdi>}{" "}
            <code class="font-mono text-sm">{codePoint}</code> · {words.times(count)} · {words.why[why]}
          </li>
        ))}
      </ul>
    </div>
  )
}
