/** A proposed sender name as its reviewer reads it: what would change, why, who else may use it; and the decision, or why it is not theirs. */
import { Fact, Facts, Part } from "#portal/views/evidence/Facts.tsx"
import { Phone } from "#portal/views/evidence/Message.tsx"
import { Field, Refusal as RefusalBox, sentence } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { Address, PendingRevision } from "#schema/sender/Revisions.ts"
import { differences } from "#schema/sender/Revisions.ts"
import type { Refusal } from "./room.tsx"
import { Unsent } from "./Unsent.tsx"

interface Props {
  readonly here: Here
  readonly revision: PendingRevision
  readonly whyNot: string | null
  readonly refusal: Refusal | undefined
}

export const RevisionPage = ({ here, refusal, revision, whyNot }: Props) => {
  const words = here.words.moderation
  const { evidence } = here.words
  return (
    <Frame here={here} title={revision.label} place="moderation">
      <Heading
        title={revision.label}
        up={{ href: `/w/${here.workspace.id}/moderation/revisions`, label: words.revisions }}
        aside={<span class="text-muted-foreground">{evidence.revision(`${revision.revision}`)}</span>}
      >
        <a class="btn-outline" href={`/w/${here.workspace.id}/senders/${revision.sender_id}`}>
          {words.senderPage}
        </a>
      </Heading>
      <div class="grid max-w-[60rem] grid-cols-1 gap-4">
        <RefusalBox said={refusal?.said} />
        <Part id="who" title={evidence.who}>
          <p>
            <Sentence
              words={words.proposedBy}
              parts={{ who: <Name>{revision.maker}</Name>, when: <When at={revision.made_at} here={here} /> }}
            />
          </p>
          <blockquote dir="auto" class="border-l-4 pl-3 break-words whitespace-pre-wrap">
            {revision.reason}
          </blockquote>
        </Part>
        <Part id="change" title={words.change}>
          {revision.in_force === null && <p>{words.newName}</p>}
          <Changes here={here} before={revision.in_force} after={revision} />
          <Phone saddr={revision.saddr} text={words.shownAs} />
        </Part>
        <Part id="as" title={evidence.whoElse}>
          <p>{revision.others === 0 ? evidence.nobodyElse : evidence.others(revision.others)}</p>
        </Part>
        <Decide here={here} revision={revision} whyNot={whyNot} refusal={refusal} />
      </div>
    </Frame>
  )
}

/** Of a decision that came too late: there is nothing to decide on any more. */
export const TooLatePage = ({ here, refusal, senderId }: { here: Here; refusal: Refusal; senderId: number }) => {
  const words = here.words.moderation
  const up = { href: `/w/${here.workspace.id}/moderation/revisions`, label: words.revisions }
  return (
    <Frame here={here} title={words.mayNotDecide} place="moderation">
      <Heading title={words.mayNotDecide} up={up} />
      <div class="grid max-w-[60rem] grid-cols-1 gap-4">
        <RefusalBox said={refusal.said} />
        <Unsent here={here} note={refusal.note} />
        <p>
          <a class="btn-outline" href={`/w/${here.workspace.id}/senders/${senderId}`}>
            {words.senderPage}
          </a>
        </p>
      </div>
    </Frame>
  )
}

/** Field by field; of a first one, all of it. */
export const Changes = ({ after, before, here }: { here: Here; before: Address | null; after: Address }) => {
  const words = here.words.moderation
  const changed = differences(before, after)
  if (changed.length === 0) return <p>{words.noChange}</p>
  return (
    <Facts>
      {changed.map((one) => (
        <Fact name={words.fields[one.field]}>
          {one.before === null ? (
            <bdi class="font-semibold">{one.after}</bdi>
          ) : (
            <>
              <del class="text-red-800 dark:text-red-300">
                <bdi>{one.before}</bdi>
              </del>{" "}
              <span aria-hidden="true">→</span>{" "}
              <ins class="font-semibold text-green-800 underline underline-offset-4 dark:text-green-300">
                <bdi>{one.after}</bdi>
              </ins>
            </>
          )}
        </Fact>
      ))}
    </Facts>
  )
}

const Decide = ({ here, refusal, revision, whyNot }: Props) => {
  const words = here.words.moderation
  if (whyNot !== null)
    return (
      <Part id="decide" title={words.mayNot}>
        <p>{sentence(whyNot)}</p>
        <Unsent here={here} note={refusal?.note} />
      </Part>
    )
  return (
    <Part id="decide" title={words.decide}>
      <form method="post" action={`/w/${here.workspace.id}/moderation/revisions/${revision.id}`} class="grid gap-4">
        <Field name="note" label={words.note} help={words.revisionNoteHelp}>
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
          <button type="submit" class="btn" name="decision" value="approve">
            {words.approveRevision}
          </button>
          <button type="submit" class="btn-destructive" name="decision" value="reject">
            {words.rejectRevision}
          </button>
        </div>
      </form>
    </Part>
  )
}
