/** A campaign as its reviewer reads it, from who asks to the fingerprint, and below it the decision; or why it is not theirs. */
import { Evidence } from "#portal/views/evidence/Evidence.tsx"
import { Part } from "#portal/views/evidence/Facts.tsx"
import { Field, Refusal as RefusalBox, sentence } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { State } from "#portal/views/State.tsx"
import type { Here } from "#portal/visit.ts"
import type { Decision } from "#schema/campaign/Campaigns.ts"
import type { Evidence as Seen, WhyNot } from "#schema/campaign/Evidence.ts"
import type { Refusal } from "./room.tsx"
import { Unsent } from "./Unsent.tsx"

interface Props {
  readonly here: Here
  readonly evidence: Seen
  readonly whyNot: WhyNot
  readonly hasPasskey: boolean
  /** Campaigns in review here, this one included if it is. */
  readonly waiting: number
  readonly refusal: Refusal | undefined
}

export const isDecision = (text: string | undefined): text is Decision["decision"] =>
  text === "approve" || text === "request_changes" || text === "reject"

export const ReviewPage = ({ evidence, hasPasskey, here, refusal, waiting, whyNot }: Props) => {
  const words = here.words.moderation
  const queue = `/w/${here.workspace.id}/moderation`
  const decided = here.c.req.query("decided")
  const others = waiting - (evidence.state === "in_review" ? 1 : 0)
  return (
    <Frame here={here} title={evidence.name} place="moderation">
      <Heading
        title={evidence.name}
        up={{ href: queue, label: words.title }}
        aside={<State state={evidence.state} words={here.words} />}
      >
        <a class="btn-outline" href={`/w/${here.workspace.id}/campaigns/${evidence.id}`}>
          {words.campaignPage}
        </a>
      </Heading>
      <div class="grid max-w-[60rem] grid-cols-1 gap-4">
        {refusal === undefined && isDecision(decided) && isSo(here, evidence, decided) && (
          <p role="status" class="rounded-md border border-green-800 p-3 dark:border-green-300">
            {words.decided[decided]}{" "}
            <a class="underline underline-offset-4" href={queue}>
              {others > 0 ? words.backToQueue(others) : words.queueEmpty}
            </a>
          </p>
        )}
        <RefusalBox said={refusal?.said} />
        <Evidence here={here} evidence={evidence} comparing={`${queue}/campaigns/${evidence.id}?compare=all`} />
        <Decide here={here} evidence={evidence} whyNot={whyNot} hasPasskey={hasPasskey} refusal={refusal} />
      </div>
    </Frame>
  )
}

/** Whether it was decided as the address says, which anybody can write. */
const isSo = (here: Here, { approvals, state }: Seen, decided: Decision["decision"]): boolean =>
  decided === "approve"
    ? approvals.some(({ name }) => name === here.me.name)
    : state === (decided === "reject" ? "rejected" : "draft")

const Decide = ({ evidence, hasPasskey, here, refusal, whyNot }: Omit<Props, "waiting">) => {
  const words = here.words.moderation
  if (whyNot.refusing !== null)
    return (
      <Part id="decide" title={words.mayNotDecide}>
        <p>{sentence(whyNot.refusing)}</p>
        <Unsent here={here} note={refusal?.note} />
      </Part>
    )
  return (
    <Part id="decide" title={words.decide}>
      {whyNot.approving !== null && (
        <p>
          <strong class="font-semibold">{words.mayNot}.</strong> {sentence(whyNot.approving)}
        </p>
      )}
      <form method="post" action={`/w/${here.workspace.id}/moderation/campaigns/${evidence.id}`} class="grid gap-4">
        <input type="hidden" name="fingerprint" value={evidence.fingerprint ?? ""} />
        <input type="hidden" name="assertion" value="" autocomplete="off" />
        <Field name="note" label={words.note} help={words.noteHelp}>
          <textarea
            id="note"
            name="note"
            class="textarea"
            rows={3}
            maxlength={2000}
            aria-describedby={refusal === undefined ? "note-help" : "refusal note-help"}
          >
            {refusal?.note ?? ""}
          </textarea>
        </Field>
        <div class="flex flex-wrap items-center gap-2">
          {whyNot.approving === null && <Approve here={here} evidence={evidence} hasPasskey={hasPasskey} />}
          <button type="submit" class="btn-outline" name="decision" value="request_changes">
            {words.requestChanges}
          </button>
        </div>
        <p data-passkey-said role="status" class="text-sm text-destructive empty:hidden"></p>
        <details>
          <summary class="w-fit cursor-pointer text-destructive underline underline-offset-4">{words.reject}…</summary>
          <div class="grid justify-items-start gap-2 pt-2">
            <p>{evidence.mode === "trigger" ? words.rejectFed : words.rejectHelp(evidence.audience.recipients)}</p>
            <button type="submit" class="btn-destructive" name="decision" value="reject">
              {words.rejectNow}
            </button>
          </div>
        </details>
      </form>
    </Part>
  )
}

/** By one touch where they have a passkey; scripts/passkey.js. Without it, the plain button. */
const Approve = ({ evidence, hasPasskey, here }: Pick<Props, "evidence" | "hasPasskey" | "here">) => {
  const words = here.words.moderation
  if (!hasPasskey)
    return (
      <button type="submit" class="btn" name="decision" value="approve">
        {words.approve}
      </button>
    )
  return (
    <>
      <button
        type="submit"
        class="btn"
        name="decision"
        value="approve"
        data-passkey={`/w/${here.workspace.id}/moderation/campaigns/${evidence.id}/challenge`}
        data-cancelled={words.cancelled}
        data-failed={words.failed}
      >
        {words.approveSigned}
      </button>
      {!evidence.signature_needed && (
        <button type="submit" class="btn-outline" name="decision" value="approve" data-passkey-else hidden>
          {words.approveUnsigned}
        </button>
      )}
    </>
  )
}
