/** What a text comes to, as it is written: how many messages, and each character that makes them more. Asked for anew while one types. */
import { grouped } from "#portal/views/Count.tsx"
import { Phone } from "#portal/views/evidence/Message.tsx"
import type { Here } from "#portal/visit.ts"
import { inParentheses } from "#schema/text/Placeholders.ts"
import { DEFAULT_MAXIMUM_PARTS } from "#schema/text/Segments.ts"
import type { Counted } from "./counted.ts"

export const Counter = ({
  counted,
  here,
  saddr,
  text
}: {
  here: Here
  counted: Counted
  text: string
  saddr: string
}) => {
  const words = here.words.wizard
  const { locale } = here.words
  const { parts, placeholders, problem, remaining, unlike } = counted
  const figures = [
    words.messages(parts),
    here.words.evidence.encodings[counted.encoding],
    words.units(grouped(counted.units, locale), grouped(counted.capacity, locale)),
    words.left(remaining)
  ]
  return (
    <div id="counter" class="grid content-start gap-3" aria-live="polite">
      <p class="tabular-nums">{figures.join(" · ")}</p>
      {problem !== undefined && (
        <Warning>
          {problem === "tooLong" ? words.tooLong(grouped(DEFAULT_MAXIMUM_PARTS, locale)) : words.differs}
        </Warning>
      )}
      {placeholders.length > 0 && (
        <p class="text-sm text-muted-foreground">{words.withPlaceholders(inParentheses(placeholders))}</p>
      )}
      {unlike !== undefined && <Warning>{words.unlike(unlike)}</Warning>}
      <Forcing here={here} counted={counted} />
      <section aria-label={words.preview}>
        <Phone saddr={saddr} text={text === "" ? "…" : text} />
      </section>
    </div>
  )
}

const Warning = ({ children }: { children: string }) => (
  <p class="font-semibold text-amber-800 dark:text-amber-300">
    <span aria-hidden="true">△ </span>
    <bdi>{children}</bdi>
  </p>
)

/** Blanks and marks that nobody sees go by their code point alone. */
const isSeen = (character: string) => !/^[\p{C}\p{Z}\p{M}]/u.test(character)

const Forcing = ({ counted, here }: { here: Here; counted: Counted }) => {
  const words = here.words.wizard
  const { forcing } = counted
  if (forcing.length === 0) return null
  return (
    <div class="grid gap-2">
      <Warning>{words.forcing}</Warning>
      <ul class="grid gap-1.5">
        {forcing.map(({ character, codePoint, count, replacement }) => (
          <li class="flex flex-wrap items-center gap-2">
            {isSeen(character) && <bdi class="rounded border px-1.5 font-semibold">{character}</bdi>}
            <code class="font-mono text-sm">{codePoint}</code>
            <span class="text-sm">{here.words.evidence.times(count)}</span>
            {replacement === undefined ? (
              <span class="text-sm text-muted-foreground">{words.noReplacement}</span>
            ) : (
              <button type="submit" name="replace" value={character} formnovalidate class="btn-sm-outline">
                {replacement === "" ? words.leaveOut : words.replaceBy(replacement)}
              </button>
            )}
          </li>
        ))}
      </ul>
      {forcing.filter(({ replacement }) => replacement !== undefined).length > 1 && (
        <div>
          <button type="submit" name="replace" value="all" formnovalidate class="btn-sm-outline">
            {words.replaceAll}
          </button>
        </div>
      )}
    </div>
  )
}
