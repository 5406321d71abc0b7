/** To whom: how many, which, what was left out and why, who will get nothing, and who was written to lately. */
import { grouped } from "#portal/views/Count.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import type { Here } from "#portal/visit.ts"
import { AT_MOST, type Evidence } from "#schema/campaign/Evidence.ts"
import { Fact, Facts, Part } from "./Facts.tsx"

/** comparing: the address of this page with all numbers compared, where that takes long. */
export const Recipients = ({ comparing, evidence, here }: { here: Here; evidence: Evidence; comparing: string }) => {
  const words = here.words.evidence
  const { audience } = evidence
  if (evidence.mode === "trigger" && audience.recipients === 0)
    return (
      <Part id="to" title={words.to}>
        <p>{words.fed}</p>
      </Part>
    )
  return (
    <Part id="to" title={words.to}>
      <p class="text-2xl font-semibold tabular-nums">{words.recipients(audience.recipients)}</p>
      <Facts>
        {audience.first.length > 0 && (
          <Fact name={words.numbers}>
            <span class="tabular-nums">{audience.first.map(shown).join(", ")}</span>
            {audience.last.length > 0 && <span class="tabular-nums"> … {audience.last.map(shown).join(", ")}</span>}
          </Fact>
        )}
        <Fact name={words.left}>
          <Left here={here} evidence={evidence} />
        </Fact>
      </Facts>
      <Compared here={here} evidence={evidence} comparing={comparing} />
    </Part>
  )
}

/** What all numbers have to be looked at for. Where they are many, the page comes first, and this after it, by itself or by a click. */
const Compared = ({ comparing, evidence, here }: { here: Here; evidence: Evidence; comparing: string }) => {
  const words = here.words.evidence
  const { compared, overlap, stopped } = evidence.audience
  const isLater = overlap === null && compared <= AT_MOST
  const later = {
    ...{ "hx-get": comparing, "hx-trigger": "load", "hx-select": "#compared", "hx-swap": "outerHTML" },
    "hx-status:5xx": "swap:none"
  }
  return (
    <Facts id="compared" {...(isLater && { htmx: later })}>
      {stopped !== null && (
        <Fact name={words.stopped}>{stopped === 0 ? words.noneStopped : words.stoppedOf(stopped)}</Fact>
      )}
      <Fact name={words.overlap}>
        <Overlap here={here} evidence={evidence} comparing={comparing} />
      </Fact>
    </Facts>
  )
}

/** 99890•••••12 as people write numbers. */
const shown = (masked: string) => `+${masked}`

const Left = ({ evidence, here }: { here: Here; evidence: Evidence }) => {
  const words = here.words.evidence
  const reasons = Object.entries(evidence.audience.rejected).toSorted(([, a], [, b]) => b - a)
  if (reasons.length === 0) return <>{words.nothingLeft}</>
  const said: Readonly<Record<string, string>> = words.reasons
  return <>{reasons.map(([reason, n]) => `${grouped(n, here.words.locale)} ${said[reason] ?? reason}`).join(" · ")}</>
}

const Overlap = ({ comparing, evidence, here }: { here: Here; evidence: Evidence; comparing: string }) => {
  const words = here.words.evidence
  const { locale } = here.words
  const { compared, overlap, overlapWith, recipients } = evidence.audience
  if (overlap === null)
    return compared > AT_MOST ? (
      words.compareLater
    ) : (
      <a class="underline underline-offset-4" href={comparing}>
        {words.compare(compared)}
      </a>
    )
  if (overlap === 0) return <>{words.noneOverlap}</>
  const share = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(
    overlap / Math.max(1, recipients)
  )
  return (
    <>
      <p>{words.overlapOf(grouped(overlap, locale), share)}</p>
      <ul>
        {overlapWith.map(({ id, name, numbers }) => (
          <li>
            <Sentence
              words={words.overlapWith}
              parts={{
                numbers: grouped(numbers, locale),
                campaign: (
                  <a class="underline underline-offset-4" href={`/w/${here.workspace.id}/campaigns/${id}`}>
                    <Name>{name}</Name>
                  </a>
                )
              }}
            />
          </li>
        ))}
      </ul>
    </>
  )
}
