/** The steps from a name to a submission, each a page of its own that keeps what was written. */
import type { Here } from "#portal/visit.ts"
import type { Draft } from "#schema/campaign/Draft.ts"

export const STEPS = ["name", "message", "audience", "schedule", "review"] as const
export type Step = (typeof STEPS)[number]

export const stepPath = (here: Here, campaignId: number, step: Step): string =>
  `/w/${here.workspace.id}/campaigns/${campaignId}${step === "review" ? "" : `/${step}`}`

/** Whether nothing of a step is missing. When a campaign is sent is asked for by its mode. */
const isDone = (draft: Draft): Readonly<Record<Step, boolean>> => ({
  name: true,
  message: draft.sender_revision_id !== null && draft.text !== "" && draft.channels.length > 0,
  audience:
    draft.mode === "trigger" ||
    (draft.lanes.length > 0 && draft.lanes.every(({ recipients, sealed }) => sealed && recipients > 0)),
  schedule:
    (draft.mode !== "scheduled" || draft.starts !== null) &&
    (draft.mode !== "spread" || draft.ends !== null || draft.spread_minutes !== null) &&
    (draft.mode !== "trigger" || (draft.ends !== null && draft.lanes.every(({ sealed }) => sealed))),
  review: false
})

/** Where somebody who comes back goes on. */
export const firstUndone = (draft: Draft): Step => STEPS.find((step) => !isDone(draft)[step]) ?? "review"

/** draft: undefined before its name is kept. */
export const Steps = ({ draft, here, is }: { here: Here; draft: Draft | undefined; is: Step }) => {
  const words = here.words.wizard
  const done = draft === undefined ? undefined : isDone(draft)
  return (
    <nav aria-label={words.steps} class="pb-5">
      <ol class="flex flex-wrap gap-x-1 gap-y-2 text-sm">
        {STEPS.map((step, i) => (
          <li>
            <Place here={here} draft={draft} step={step} is={is}>
              <span class="tabular-nums">{i + 1}</span> {words.step[step]}
              {done?.[step] === true && (
                <>
                  {" "}
                  <span aria-hidden="true">✓</span>
                  <span class="sr-only">({words.done})</span>
                </>
              )}
            </Place>
          </li>
        ))}
      </ol>
    </nav>
  )
}

const Place = ({
  children,
  draft,
  here,
  is,
  step
}: {
  here: Here
  draft: Draft | undefined
  step: Step
  is: Step
  children: unknown
}) => {
  const look = "inline-flex items-center gap-1.5 rounded-md px-2.5 py-1"
  if (draft === undefined || step === is)
    return (
      <span
        aria-current={step === is ? "step" : undefined}
        class={`${look} ${step === is ? "bg-muted font-semibold" : "text-muted-foreground"}`}
      >
        {children}
      </span>
    )
  return (
    <a href={stepPath(here, draft.id, step)} class={`${look} hover:bg-muted`}>
      {children}
    </a>
  )
}
