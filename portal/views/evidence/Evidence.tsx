/**
 * The evidence, in the order in which a careful reviewer reads: who asks and why, the message, as whom, to whom, when and how fast, what is
 * different from last time, the fingerprint. The same before somebody decides and before an author submits.
 */
import { grouped } from "#portal/views/Count.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { Evidence as Seen } from "#schema/campaign/Evidence.ts"
import { Differences } from "./Differences.tsx"
import { Fact, Facts, Part } from "./Facts.tsx"
import { Message } from "./Message.tsx"
import { Recipients } from "./Recipients.tsx"
import { Schedule } from "./Schedule.tsx"

/** comparing: where this page is with all numbers compared (`evidence(id, AT_MOST)`), asked for where they are many. */
export const Evidence = ({ comparing, evidence, here }: { here: Here; evidence: Seen; comparing: string }) => (
  <div class="grid max-w-[60rem] grid-cols-1 gap-4">
    <Who here={here} evidence={evidence} />
    <Message here={here} evidence={evidence} />
    <AsWhom here={here} evidence={evidence} />
    <Recipients here={here} evidence={evidence} comparing={comparing} />
    <Schedule here={here} evidence={evidence} />
    <Differences here={here} evidence={evidence} />
    <Fingerprint here={here} evidence={evidence} />
  </div>
)

const Who = ({ evidence, here }: { here: Here; evidence: Seen }) => {
  const words = here.words.evidence
  const { locale } = here.words
  const { approvals, submitted_at, submitted_by } = evidence
  return (
    <Part id="who" title={words.who}>
      {submitted_at === null || submitted_by === null ? (
        <p>
          <Sentence words={words.waits} parts={{ who: <Name>{evidence.author}</Name> }} />
        </p>
      ) : (
        <>
          <p>
            <Sentence
              words={words.submitted}
              parts={{ who: <Name>{submitted_by}</Name>, when: <When at={submitted_at} here={here} /> }}
            />
          </p>
          {evidence.why === null || evidence.why === "" ? (
            <p class="text-muted-foreground">{words.noWhy}</p>
          ) : (
            <blockquote dir="auto" class="border-l-4 pl-3 break-words whitespace-pre-wrap">
              {evidence.why}
            </blockquote>
          )}
        </>
      )}
      <p class="text-sm text-muted-foreground">
        <Sentence words={words.makers} parts={{ who: <bdi>{listed(evidence.makers, locale)}</bdi> }} />
      </p>
      <div>
        <p>{words.approvals(grouped(approvals.length, locale), grouped(evidence.approvals_needed, locale))}</p>
        {approvals.length > 0 && (
          <ul class="text-sm">
            {approvals.map(({ at, name, signed }) => (
              <li>
                <Sentence
                  words={words.approved}
                  parts={{ who: <Name>{name}</Name>, when: <When at={at} here={here} /> }}
                />
                {signed && `, ${words.signed}`}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Part>
  )
}

const listed = (names: ReadonlyArray<string>, locale: string) => new Intl.ListFormat(locale).format(names)

const AsWhom = ({ evidence, here }: { here: Here; evidence: Seen }) => {
  const words = here.words.evidence
  return (
    <Part id="as" title={words.as}>
      <p>
        <a
          class="text-2xl font-semibold underline-offset-4 hover:underline"
          href={`/w/${here.workspace.id}/senders/${evidence.sender_id}`}
        >
          <bdi>{evidence.saddr}</bdi>
        </a>{" "}
        <span class="text-muted-foreground">
          <bdi>{evidence.sender}</bdi>, {words.revision(`${evidence.revision}`)}
        </span>
      </p>
      <Facts>
        <Fact name={words.purpose}>
          <span dir="auto">{evidence.sender_reason}</span>
        </Fact>
        <Fact name={words.whoElse}>{evidence.others === 0 ? words.nobodyElse : words.others(evidence.others)}</Fact>
      </Facts>
    </Part>
  )
}

const Fingerprint = ({ evidence, here }: { here: Here; evidence: Seen }) => {
  const words = here.words.evidence
  return (
    <Part id="fingerprint" title={words.fingerprint}>
      {evidence.fingerprint === null ? (
        <p>{words.noFingerprint}</p>
      ) : (
        <>
          <code class="font-mono text-sm break-all select-all">{evidence.fingerprint}</code>
          <p class="text-sm text-muted-foreground">{words.fingerprintHelp}</p>
        </>
      )}
    </Part>
  )
}
