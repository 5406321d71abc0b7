/** By what somebody outside can check who approved this campaign, and what became of each number of it. */
import { grouped } from "#portal/views/Count.tsx"
import { Fact, Facts, Part } from "#portal/views/evidence/Facts.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { CampaignView } from "#schema/campaign/CampaignView.ts"
import type { Situation } from "#schema/campaign/Situations.ts"
import type { Seal } from "#schema/ledger/Seal.ts"
import { CampaignFrame, pathOf } from "./CampaignPage.tsx"

/** A figure that is another than what is counted from the records. */
export interface Difference {
  readonly what: string
  readonly expected: number
  readonly found: number
}

interface Props {
  readonly here: Here
  readonly view: CampaignView
  readonly situation: Situation
  readonly fingerprint: string | null
  readonly seal: Seal | undefined
  /** Once it was asked for. */
  readonly differences?: ReadonlyArray<Difference> | undefined
}

export const ProofPage = (props: Props) => {
  const { here, situation, view } = props
  return (
    <CampaignFrame here={here} view={view} situation={situation} is="proof">
      <div class="grid max-w-[60rem] grid-cols-1 gap-4">
        <Approved {...props} />
        <Ledger {...props} />
        <How here={here} />
      </div>
    </CampaignFrame>
  )
}

const Digest = ({ children }: { children: string }) => (
  <code class="font-mono text-sm break-all select-all">{children}</code>
)

const Approved = ({ fingerprint, here, view }: Props) => {
  const { campaign: words, evidence } = here.words
  return (
    <Part id="approved" title={words.proof.approved}>
      {fingerprint === null ? <p>{evidence.noFingerprint}</p> : <Digest>{fingerprint}</Digest>}
      <p class="text-sm text-muted-foreground">{words.proof.fingerprintHelp}</p>
      {view.approvals.length === 0 ? (
        <p>{words.proof.unapproved}</p>
      ) : (
        <ul>
          {view.approvals.map(({ at, name, signed }) => (
            <li>
              <Sentence
                words={evidence.approved}
                parts={{ who: <Name>{name}</Name>, when: <When at={at} here={here} /> }}
              />
              {signed && `, ${evidence.signed}`}
            </li>
          ))}
        </ul>
      )}
    </Part>
  )
}

const Ledger = ({ differences, here, seal, situation, view }: Props) => {
  const { locale } = here.words
  const words = here.words.campaign.proof
  const ended = ["done", "cancelled", "failed", "expired"].includes(situation.state)
  return (
    <Part id="sealed" title={words.ledger}>
      {seal === undefined ? (
        <p>{ended ? words.unsealed : words.notEnded}</p>
      ) : (
        <Facts>
          <Fact name={words.sealed}>
            <When at={seal.at} here={here} />{" "}
            <a
              class="underline underline-offset-4"
              href={`/w/${here.workspace.id}/audit?object=campaign&id=${view.id}&action=ledger.seal`}
            >
              {words.row(grouped(seal.seq, locale))}
            </a>
          </Fact>
          <Fact name={words.root}>
            <Digest>{seal.root}</Digest>
          </Fact>
          <Fact name={words.byNumber}>
            <Digest>{seal.by_number}</Digest>
          </Fact>
        </Facts>
      )}
      {differences !== undefined && <Verdict here={here} differences={differences} />}
      <form method="post" action={`${pathOf(here, view.id)}/proof`} class="grid justify-items-start gap-2">
        <button type="submit" class="btn-outline">
          {words.check}
        </button>
        <p class="text-sm text-muted-foreground">{words.checkHelp}</p>
      </form>
    </Part>
  )
}

const Verdict = ({ differences, here }: { here: Here; differences: ReadonlyArray<Difference> }) => {
  const words = here.words.campaign.proof
  const { locale } = here.words
  if (differences.length === 0)
    return (
      <p role="status" class="text-green-800 dark:text-green-300">
        <span aria-hidden="true">✓ </span>
        {words.adds}
      </p>
    )
  return (
    <div role="alert" class="text-red-800 dark:text-red-300">
      <p>
        <span aria-hidden="true">✕ </span>
        {words.differs}
      </p>
      <ul class="list-disc pl-5">
        {differences.map(({ expected, found, what }) => (
          <li>{`${what}: ${grouped(found, locale)} ≠ ${grouped(expected, locale)}`}</li>
        ))}
      </ul>
    </div>
  )
}

const How = ({ here }: { here: Here }) => {
  const words = here.words.campaign.proof
  const audit = `/w/${here.workspace.id}/audit`
  return (
    <Part id="how" title={words.how}>
      <ol class="grid list-decimal gap-2 pl-5">
        <li>
          <Sentence
            words={words.export}
            parts={{
              audit: (
                <a class="underline underline-offset-4" href={audit}>
                  {here.words.audit.title}
                </a>
              )
            }}
          />
        </li>
        <li>
          {words.verify}
          <pre class="overflow-x-auto rounded-md bg-muted p-2 text-sm">npm run audit:verify -- audit.jsonl</pre>
        </li>
        <li>{words.compare}</li>
        <li>{words.number}</li>
      </ol>
    </Part>
  )
}
