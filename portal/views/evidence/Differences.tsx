/** What is different from this sender's last campaign: the text word by word, and the figures. */
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { Evidence, LastCampaign } from "#schema/campaign/Evidence.ts"
import { Fact, Facts, Part } from "./Facts.tsx"
import { wordDiff } from "./wordDiff.ts"

export const Differences = ({ evidence, here }: { here: Here; evidence: Evidence }) => {
  const words = here.words.evidence
  const { last } = evidence
  return (
    <Part id="differs" title={words.differs}>
      {last === undefined ? (
        <p>{words.firstTime}</p>
      ) : (
        <>
          <p>
            <Sentence
              words={words.last}
              parts={{
                campaign: (
                  <a class="underline underline-offset-4" href={`/w/${here.workspace.id}/campaigns/${last.id}`}>
                    <Name>{last.name}</Name>
                  </a>
                ),
                when: <When at={last.opened_at} here={here} />
              }}
            />
          </p>
          <TextDifference here={here} before={last.text} after={evidence.text} />
          <Figures here={here} evidence={evidence} last={last} />
        </>
      )}
    </Part>
  )
}

/** What went is struck, what came is underlined: no colour is needed to tell them apart. */
const TextDifference = ({ after, before, here }: { here: Here; before: string; after: string }) => {
  const words = here.words.evidence
  if (before === after) return <p>{words.sameText}</p>
  return (
    <p dir="auto" class="rounded-md bg-muted p-3 break-words whitespace-pre-wrap">
      {wordDiff(before, after).map(({ kind, text }, at, pieces) => {
        if (kind === "same") return text
        // a blank at the end is not drawn upon, and where there is none what follows stands apart all the same
        const word = text.trimEnd()
        const blank = text.slice(word.length) || (kind === "gone" && pieces[at + 1]?.kind === "new" ? " " : "")
        return (
          <>
            {kind === "gone" ? (
              <del class="text-red-800 dark:text-red-300" title={words.gone}>
                {word}
              </del>
            ) : (
              <ins
                class="font-semibold text-green-800 underline underline-offset-4 dark:text-green-300"
                title={words.came}
              >
                {word}
              </ins>
            )}
            {blank}
          </>
        )
      })}
    </p>
  )
}

const Figures = ({ evidence, here, last }: { here: Here; evidence: Evidence; last: LastCampaign }) => {
  const words = here.words.evidence
  const sender = (one: { saddr: string; revision: number }) => `${one.saddr}, ${words.revision(`${one.revision}`)}`
  const figures = (
    [
      [words.as, sender(last), sender(evidence)],
      ...(evidence.mode === "trigger"
        ? []
        : ([[words.to, words.recipients(last.recipients), words.recipients(evidence.audience.recipients)]] as const)),
      [words.message, words.messages(last.segments), words.messages(evidence.segments)]
    ] as const
  ).filter(([, before, after]) => before !== after)
  if (figures.length === 0) return <p class="text-muted-foreground">{words.unchanged}</p>
  return (
    <Facts>
      {figures.map(([name, before, after]) => (
        <Fact name={name}>
          <Sentence words={words.fromTo} parts={{ from: <bdi>{before}</bdi>, to: <bdi>{after}</bdi> }} />
        </Fact>
      ))}
    </Facts>
  )
}
