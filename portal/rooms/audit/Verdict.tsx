/** What a verification of the chain found, in sentences: that it holds, and what vouches for it; or the first row that is not as it was. */

import { Count } from "#portal/views/Count.tsx"
import { sentence } from "#portal/views/Field.tsx"
import { Sentence } from "#portal/views/Sentence.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { AuditFault } from "#schema/audit/AuditRow.ts"
import type { Findings } from "#schema/audit/Verification.ts"

export type Verdict = { readonly findings: Findings } | { readonly fault: AuditFault }

export const VERDICT = "verdict"

export const Verdicts = ({ here, verdict }: { here: Here; verdict: Verdict | undefined }) => (
  <div id={VERDICT} aria-live="polite">
    {verdict === undefined ? null : "fault" in verdict ? (
      <Broken here={here} fault={verdict.fault} />
    ) : (
      <Held here={here} findings={verdict.findings} />
    )}
  </div>
)

const Held = ({ findings, here }: { here: Here; findings: Findings }) => {
  const { audit: words } = here.words
  const { checkpoints, decisions, erased, from, last, rows, seals, to } = findings
  if (rows === 0) return <p class="mb-4 rounded-md border p-4">{words.verifiedEmpty}</p>
  const moment = (us: number) => <When at={new Date(us / 1_000)} here={here} />
  const vouched = checkpoints.held + checkpoints.ofDropped
  return (
    <section class="mb-4 grid gap-1 rounded-md border p-4" aria-labelledby="verdict-title">
      <h2 id="verdict-title" class="font-semibold text-green-800 dark:text-green-300">
        <span aria-hidden="true">✓ </span>
        {words.verified}
      </h2>
      <p>
        {words.rows(rows)} <Sentence words={words.span} parts={{ from: moment(from), until: moment(to) }} />
      </p>
      {decisions.signed > 0 && <p>{words.signed(decisions.signed)}</p>}
      {decisions.unsigned > 0 && <p class="text-muted-foreground">{words.unsigned(decisions.unsigned)}</p>}
      {seals.size > 0 && <p class="text-muted-foreground">{words.seals(seals.size)}</p>}
      {erased > 0 && <p class="text-muted-foreground">{words.erasedParts(erased)}</p>}
      <p class="text-muted-foreground">
        {vouched === 0 ? words.noCheckpoint : words.checkpoints(vouched)}
        {vouched > 0 && last !== undefined && checkpoints.upTo < last.seq && (
          <>
            {" "}
            <Sentence words={words.vouchedUpTo} parts={{ row: <Count n={checkpoints.upTo} visit={here} /> }} />
          </>
        )}
      </p>
    </section>
  )
}

const Broken = ({ fault, here }: { here: Here; fault: AuditFault }) => {
  const { audit: words } = here.words
  return (
    <section role="alert" class="mb-4 grid gap-1 rounded-md border border-destructive p-4">
      <h2 class="font-semibold text-destructive">
        <span aria-hidden="true">✕ </span>
        {words.broken}
      </h2>
      <p>
        <Sentence words={words.brokenAt} parts={{ row: <Count n={fault.seq} visit={here} /> }} />{" "}
        {words.faults[fault.reason]}
      </p>
      <p>{words.brokenHelp}</p>
      <p class="text-sm break-words text-muted-foreground">{sentence(fault.message)}</p>
    </section>
  )
}
