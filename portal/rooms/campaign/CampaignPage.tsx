/** One campaign: what it is, how far it is, and what whoever looks may do with it. The same page before, while and after it is sent. */
import type { Child } from "hono/jsx"
import { Steps } from "#portal/rooms/wizard/Steps.tsx"
import { Evidence } from "#portal/views/evidence/Evidence.tsx"
import { Message } from "#portal/views/evidence/Message.tsx"
import { Schedule } from "#portal/views/evidence/Schedule.tsx"
import { Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { State } from "#portal/views/State.tsx"
import type { Here } from "#portal/visit.ts"
import type { CampaignView } from "#schema/campaign/CampaignView.ts"
import type { Course as Progress } from "#schema/campaign/Course.ts"
import type { Draft } from "#schema/campaign/Draft.ts"
import type { Evidence as Read } from "#schema/campaign/Evidence.ts"
import type { Pace as Figures, Span } from "#schema/campaign/Pace.ts"
import type { Situation } from "#schema/campaign/Situations.ts"
import { Course } from "./Course.tsx"
import { Pace } from "./Pace.tsx"
import { Stopping } from "./Stopping.tsx"

export interface Seen {
  /** of a draft: where its author goes on */
  readonly draft: Draft | undefined
  readonly evidence: Read
  readonly view: CampaignView
  readonly progress: Progress
  readonly situation: Situation
  readonly span: Span
  /** undefined: nothing was sent yet. */
  readonly pace: Figures | undefined
}

/** What was pressed and refused, and what had been typed. */
export interface RefusedAct {
  readonly said: string
  readonly note: string
}

interface Props {
  readonly here: Here
  readonly seen: Seen
  readonly refused?: RefusedAct | undefined
}

export const pathOf = (here: Here, campaignId: number) => `/w/${here.workspace.id}/campaigns/${campaignId}`

export type Tab = "overview" | "numbers" | "content" | "history" | "proof"

/** The head and the tabs that all pages of a campaign have. */
export const CampaignFrame = ({
  children,
  here,
  is,
  view,
  situation
}: {
  here: Here
  view: CampaignView
  situation: Situation
  is: Tab
  children: Child
}) => {
  const words = here.words.campaign
  const path = pathOf(here, view.id)
  const tabs = [
    { href: path, label: words.overview, is: is === "overview" },
    { href: `${path}/numbers`, label: words.numbers, is: is === "numbers" },
    { href: `${path}/content`, label: words.content, is: is === "content" },
    { href: `${path}/history`, label: words.history, is: is === "history" },
    { href: `${path}/proof`, label: words.proof.title, is: is === "proof" }
  ]
  return (
    <Frame here={here} title={situation.name} place="campaigns">
      <Heading
        title={situation.name}
        up={{ href: `/w/${here.workspace.id}/campaigns`, label: here.words.campaigns.title }}
        aside={<State state={situation.state} words={here.words} />}
      />
      <nav aria-label={words.parts} class="pb-4">
        <ul class="flex flex-wrap gap-1">
          {tabs.map((tab) => (
            <li>
              <a
                href={tab.href}
                aria-current={tab.is ? "page" : undefined}
                class="inline-flex rounded-md px-2.5 py-1 hover:bg-muted aria-[current=page]:bg-muted aria-[current=page]:font-semibold"
              >
                {tab.label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </Frame>
  )
}

export const CampaignPage = ({ here, refused, seen }: Props) => {
  const { evidence, progress, situation, view } = seen
  // until then all of it is read, to be decided on
  const isDecided = situation.state !== "draft" && situation.state !== "in_review"
  return (
    <CampaignFrame here={here} view={view} situation={situation} is="overview">
      <div class="grid max-w-[60rem] grid-cols-1 gap-4">
        {seen.draft?.may_edit === true && <Steps here={here} draft={seen.draft} is="review" />}
        <Refusal said={refused?.said} />
        <Acts here={here} seen={seen} refused={refused} />
        <Course here={here} view={view} progress={progress} situation={situation} />
        {seen.pace !== undefined && <Pace here={here} campaignId={view.id} span={seen.span} pace={seen.pace} />}
        {isDecided ? (
          <>
            <Message here={here} evidence={evidence} />
            <Schedule here={here} evidence={evidence} />
          </>
        ) : (
          <Evidence here={here} evidence={evidence} comparing={`${pathOf(here, view.id)}?compare=all`} />
        )}
      </div>
    </CampaignFrame>
  )
}

/** In the order in which they stand; the first that may be pressed is the page's own. */
const ORDER = ["submit", "start", "resume", "pause", "revise"] as const

const Acts = ({ here, refused, seen }: Props) => {
  const words = here.words.campaign
  const { progress, situation, view } = seen
  const path = pathOf(here, view.id)
  const may = (action: string) => view.buttons.some((one) => one.action === action && one.may)
  const shown = ORDER.filter((action) => may(action) && (action !== "start" || !situation.starts_automatically))
  const isReviewer = here.workspace.role !== "author" || here.workspace.flagged
  return (
    <section class="grid gap-3">
      {shown.includes("submit") && <Submit here={here} path={path} note={refused?.note ?? ""} />}
      <div class="flex flex-wrap items-center gap-2">
        {situation.state === "in_review" && isReviewer && (
          <a class="btn" href={`/w/${here.workspace.id}/moderation/campaigns/${view.id}`}>
            {words.review}
          </a>
        )}
        {shown
          .filter((action) => action !== "submit")
          .map((action, i) => (
            <Press path={path} action={action} look={i === 0 && action !== "revise" ? "btn" : "btn-outline"}>
              {words.acts[action]}
            </Press>
          ))}
        {here.workspace.role !== "moderator" && situation.state !== "draft" && (
          <Press path={path} action="duplicate" look="btn-outline">
            {words.acts.duplicate}
          </Press>
        )}
        {view.buttons.length === 0 && mayPutAway(here, view) && (
          <Press path={path} action={view.archived_at === null ? "archive" : "restore"} look="btn-outline">
            {view.archived_at === null ? words.acts.archive : words.acts.restore}
          </Press>
        )}
      </div>
      {view.buttons.length > 0 && !view.buttons.some((one) => one.may) && (
        <p class="text-muted-foreground">{words.mayNot}</p>
      )}
      {may("stop") && <Stop here={here} path={path} progress={progress} />}
    </section>
  )
}

/** Who may stop a campaign may put it away: rules/permissions.sql. */
const mayPutAway = (here: Here, view: CampaignView): boolean =>
  here.workspace.role !== "author" || view.author_id === here.me.id

const Press = ({ action, children, look, path }: { path: string; action: string; look: string; children: Child }) => (
  <form method="post" action={`${path}/${action}`}>
    <button type="submit" class={look}>
      {children}
    </button>
  </form>
)

const Submit = ({ here, note, path }: { here: Here; path: string; note: string }) => {
  const words = here.words.campaign
  return (
    <form method="post" action={`${path}/submit`} class="grid max-w-prose gap-3">
      <Field name="note" label={words.why} help={words.whyHelp}>
        <textarea id="note" name="note" class="textarea" rows={2} maxlength={2000} aria-describedby="note-help">
          {note}
        </textarea>
      </Field>
      <p>
        <button type="submit" class="btn">
          {words.acts.submit}
        </button>
      </p>
    </form>
  )
}

/** Asked once, in the page, with the numbers that it touches. */
const Stop = ({ here, path, progress }: { here: Here; path: string; progress: Progress }) => {
  const words = here.words.campaign
  return (
    <details>
      <summary class="w-fit cursor-pointer text-destructive underline underline-offset-4">{words.acts.stop}…</summary>
      <form
        method="post"
        action={`${path}/stop`}
        class="grid justify-items-start gap-2 rounded-md border border-destructive p-3"
      >
        <p class="font-semibold">{words.stopTitle}</p>
        <Stopping here={here} progress={progress} />
        <button type="submit" class="btn-destructive">
          {words.stopNow}
        </button>
      </form>
    </details>
  )
}
