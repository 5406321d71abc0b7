/** One sender: what is in force, every revision with what it changed, and who uses it. */
import { Changes } from "#portal/rooms/moderation/RevisionPage.tsx"
import { Fact, Facts, Part } from "#portal/views/evidence/Facts.tsx"
import { Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import { State } from "#portal/views/State.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { Listed } from "#schema/campaign/CampaignList.ts"
import type { Revision } from "#schema/sender/Revisions.ts"
import type { Sender } from "#schema/sender/Senders.ts"
import { mayManage, Status } from "./SendersPage.tsx"

export interface Seen {
  readonly sender: Sender
  /** The newest first. */
  readonly revisions: ReadonlyArray<Revision>
  /** Other workspaces that may send under its name. */
  readonly others: number
  /** Campaigns of any of its revisions, the newest first. */
  readonly campaigns: ReadonlyArray<Listed>
  /** Campaigns that were submitted with it and have not ended: as many as there are. */
  readonly unfinished: number
}

/** Campaigns shown. */
const MOST = 10

export const SenderPage = ({ here, said, seen }: { here: Here; seen: Seen; said?: string | undefined }) => {
  const words = here.words.senders
  const { sender } = seen
  const path = `/w/${here.workspace.id}/senders`
  const mayChange = !sender.preset && sender.archived_at === null
  return (
    <Frame here={here} title={sender.label} place="senders">
      <Heading
        title={sender.label}
        up={{ href: path, label: words.title }}
        aside={<Status here={here} sender={sender} />}
      >
        {mayChange && (
          <a class="btn" href={`${path}/${sender.id}/change`}>
            {words.change}
          </a>
        )}
      </Heading>
      <div class="grid max-w-[60rem] grid-cols-1 gap-4">
        <Refusal said={said} />
        <InForce here={here} seen={seen} />
        <Revisions here={here} revisions={seen.revisions} />
        <UsedBy here={here} campaigns={seen.campaigns} />
        {mayManage(here) && <Keeping here={here} seen={seen} />}
      </div>
    </Frame>
  )
}

const InForce = ({ here, seen: { others, revisions, sender } }: { here: Here; seen: Seen }) => {
  const words = here.words.senders
  const { evidence, moderation } = here.words
  const now = revisions.find(({ status }) => status === "approved")
  return (
    <Part id="in-force" title={words.inForce}>
      {now === undefined ? (
        <p>{words.nothingInForce}</p>
      ) : (
        <>
          <p class="text-2xl font-semibold">
            <bdi>{now.saddr}</bdi>
          </p>
          <Facts>
            {(["source_addr_ton", "source_addr_npi", "dest_addr_ton", "dest_addr_npi"] as const).map((field) => (
              <Fact name={moderation.fields[field]}>{now[field]}</Fact>
            ))}
          </Facts>
        </>
      )}
      <p>{others === 0 ? evidence.nobodyElse : evidence.others(others)}</p>
      {sender.revoked ? (
        <p class="text-muted-foreground">{words.revokedHelp}</p>
      ) : sender.archived_at !== null ? (
        <p class="text-muted-foreground">{words.archivedHelp}</p>
      ) : (
        sender.preset && <p class="text-muted-foreground">{words.presetHelp}</p>
      )}
    </Part>
  )
}

const MARKS = {
  pending: ["◐", "text-amber-800 dark:text-amber-300"],
  approved: ["✓", "text-green-800 dark:text-green-300"],
  rejected: ["✕", "text-red-800 dark:text-red-300"]
} as const

const Revisions = ({ here, revisions }: { here: Here; revisions: ReadonlyArray<Revision> }) => {
  const words = here.words.senders
  if (revisions.length === 0) return null
  return (
    <Part id="revisions" title={words.revisions}>
      <ol class="grid grid-cols-1 gap-4 divide-y">
        {revisions.map((one, at) => (
          <One
            here={here}
            one={one}
            before={revisions.slice(at + 1).find(({ status }) => status === "approved") ?? null}
          />
        ))}
      </ol>
    </Part>
  )
}

/** before: what was in force when it was proposed. */
const One = ({ before, here, one }: { here: Here; one: Revision; before: Revision | null }) => {
  const words = here.words.senders
  const [shape, classes] = MARKS[one.status]
  return (
    <li class="grid grid-cols-1 gap-2 pb-4 last:pb-0">
      <div class="flex flex-wrap items-center justify-between gap-3">
        <h3 class="flex flex-wrap gap-3 font-semibold">
          <span class="inline-block first-letter:uppercase">{here.words.evidence.revision(`${one.revision}`)}</span>
          <span class={`inline-flex items-center gap-1.5 ${classes}`}>
            <span aria-hidden="true">{shape}</span>
            {words.statuses[one.status]}
          </span>
        </h3>
        {one.status === "pending" && (
          <a class="btn-outline" href={`/w/${here.workspace.id}/moderation/revisions/${one.id}`}>
            {words.decide}
          </a>
        )}
      </div>
      <Changes here={here} before={before} after={one} />
      <p class="text-sm">
        <Sentence
          words={words.proposedBy}
          parts={{ who: <Name>{one.maker}</Name>, when: <When at={one.made_at} here={here} /> }}
        />
        : <q dir="auto">{one.reason}</q>
      </p>
      {one.decided_at !== null && (
        <p class="text-sm">
          <Sentence
            words={one.status === "approved" ? words.approvedBy : words.rejectedBy}
            parts={{ who: <Name>{one.decider}</Name>, when: <When at={one.decided_at} here={here} /> }}
          />
          {one.note !== null && (
            <>
              : <q dir="auto">{one.note}</q>
            </>
          )}
        </p>
      )}
    </li>
  )
}

const UsedBy = ({ campaigns, here }: { here: Here; campaigns: ReadonlyArray<Listed> }) => {
  const words = here.words.senders
  const shown = campaigns.slice(0, MOST)
  return (
    <Part id="used-by" title={words.usedBy}>
      {shown.length === 0 ? (
        <p>{words.unused}</p>
      ) : (
        <>
          <p class="text-muted-foreground">{words.newest(shown.length)}</p>
          <ul class="grid grid-cols-1 gap-1">
            {shown.map((one) => (
              <li class="flex items-center justify-between gap-x-3">
                <a
                  class="min-w-0 truncate underline-offset-4 hover:underline"
                  href={`/w/${here.workspace.id}/campaigns/${one.id}`}
                >
                  <bdi>{one.name}</bdi>
                </a>
                <State state={one.state} words={here.words} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Part>
  )
}

/** Out of the wizard, and back. */
const Keeping = ({ here, seen: { sender, unfinished } }: { here: Here; seen: Seen }) => {
  const words = here.words.senders
  const path = `/w/${here.workspace.id}/senders/${sender.id}`
  if (sender.revoked) return null
  if (sender.archived_at !== null)
    return (
      <form method="post" action={`${path}/restore`}>
        <button type="submit" class="btn-outline">
          {words.restore}
        </button>
      </form>
    )
  return (
    <details>
      <summary class="w-fit cursor-pointer text-destructive underline underline-offset-4">{words.archive}…</summary>
      <form method="post" action={`${path}/archive`} class="grid justify-items-start gap-2 pt-2">
        <p>{words.archiveHelp(unfinished)}</p>
        <button type="submit" class="btn-destructive">
          {words.archiveNow}
        </button>
      </form>
    </details>
  )
}
