/** The fourth step: when it is sent, how fast and until when, with what is foreseen of it. */
import type { Child } from "hono/jsx"
import { Foreseen } from "#portal/views/evidence/Schedule.tsx"
import { describedBy, Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { Sentence } from "#portal/views/Sentence.tsx"
import type { Here } from "#portal/visit.ts"
import type { Draft } from "#schema/campaign/Draft.ts"
import type { Forecast } from "#schema/campaign/Forecasts.ts"
import { Steps, stepPath } from "./Steps.tsx"
import type { Scheduled } from "./scheduled.ts"

interface Props {
  readonly here: Here
  readonly draft: Draft
  readonly schedule: Scheduled
  /** undefined: nobody to send to yet */
  readonly forecast: Forecast | undefined
  readonly said?: string | undefined
  /** The time that was typed and that clocks don't show. */
  readonly skipped?: string | undefined
}

export const SchedulePage = (props: Props) => {
  const { draft, here, said } = props
  const words = here.words.wizard
  return (
    <Frame here={here} title={draft.name} place="campaigns">
      <Heading
        title={draft.name}
        up={{ href: `/w/${here.workspace.id}/campaigns`, label: here.words.campaigns.title }}
      />
      <Steps here={here} draft={draft} is="schedule" />
      <form method="post" action={stepPath(here, draft.id, "schedule")} class="grid max-w-xl gap-5">
        <Refusal said={said} />
        <p>{words.modes[draft.mode]}</p>
        <Clocks {...props} />
        <Times {...props} />
        <Exceptions {...props} />
        <Outlook {...props} />
        <div class="flex flex-wrap gap-2">
          <button type="submit" class="btn">
            {words.goOn}
          </button>
          {draft.mode !== "trigger" && (
            <button type="submit" name="stay" value="yes" class="btn-outline">
              {words.save}
            </button>
          )}
        </div>
      </form>
    </Frame>
  )
}

const Clocks = ({ draft, here, schedule, skipped }: Props) => {
  const words = here.words.wizard
  const notes = [
    ...(skipped !== undefined && draft.starts !== null ? [words.skipped(skipped, draft.starts.local)] : []),
    ...[draft.starts, draft.ends].flatMap((one) => (one?.twice === true ? [words.twice(one.local)] : []))
  ]
  return (
    <div class="grid gap-2">
      <p class="text-sm text-muted-foreground">
        <Sentence words={words.zone} parts={{ zone: <bdi>{draft.time_zone}</bdi> }} />
      </p>
      {notes.map((note) => (
        <p class="font-semibold text-amber-800 dark:text-amber-300">
          <span aria-hidden="true">△ </span>
          {note}
        </p>
      ))}
      <details open={schedule.time_zone !== here.workspace.time_zone}>
        <summary class="w-fit cursor-pointer text-sm underline underline-offset-4">{words.otherZone}</summary>
        <div class="pt-3">
          <Input name="time_zone" label={words.zoneField} help={words.zoneHelp} value={schedule.time_zone} required />
        </div>
      </details>
    </div>
  )
}

const Times = ({ draft, here, schedule }: Props) => {
  const words = here.words.wizard
  const { mode } = draft
  const time = { type: "datetime-local" }
  return (
    <>
      <Input
        name="starts"
        label={words.starts}
        help={mode === "scheduled" ? undefined : words.startsHelp}
        value={schedule.starts}
        required={mode === "scheduled"}
        {...time}
      />
      <label class="flex items-start gap-3">
        <input
          type="checkbox"
          name="by_hand"
          value="yes"
          class="checkbox mt-1"
          checked={schedule.byHand}
          aria-describedby="by-hand-help"
        />
        <span>
          {words.byHand}
          <span id="by-hand-help" class="block text-sm text-muted-foreground">
            {words.byHandHelp}
          </span>
        </span>
      </label>
      {mode === "spread" && (
        <Input name="over" label={words.over} help={words.overHelp} value={schedule.over} type="number" min={1} />
      )}
      <Input
        name="ends"
        label={words.ends}
        help={words.endsHelp[mode]}
        value={schedule.ends}
        required={mode === "trigger"}
        {...time}
      />
    </>
  )
}

/** Open where something of it was chosen. */
const Exceptions = ({ here, schedule }: Props) => {
  const words = here.words.wizard
  const { lost, per_second, validity, window_from, window_to } = schedule
  const isUsed = [window_from, window_to, per_second, validity].some((one) => one !== "") || lost === "resend"
  return (
    <details open={isUsed}>
      <summary class="w-fit cursor-pointer underline underline-offset-4">{words.more}</summary>
      <div class="grid gap-5 pt-4">
        <div class="grid gap-1.5">
          <div class="grid grid-cols-2 gap-3">
            <Input
              name="window_from"
              label={words.windowFrom}
              value={window_from}
              type="time"
              described="window-help"
            />
            <Input name="window_to" label={words.windowTo} value={window_to} type="time" described="window-help" />
          </div>
          <p id="window-help" class="text-sm text-muted-foreground">
            {words.windowHelp}
          </p>
        </div>
        <Input
          name="per_second"
          label={words.perSecond}
          help={words.perSecondHelp}
          value={per_second}
          type="number"
          min={1}
        />
        <Input
          name="validity"
          label={words.validity}
          help={words.validityHelp}
          value={validity}
          type="number"
          min={1}
        />
        <fieldset class="grid gap-2">
          <legend class="label pb-1.5">{words.lost}</legend>
          {(["hold", "resend"] as const).map((one) => (
            <label class="flex items-center gap-3">
              <input
                type="radio"
                name="lost"
                value={one}
                class="radio"
                checked={(lost === "resend" ? "resend" : "hold") === one}
              />
              {words.onLost[one]}
            </label>
          ))}
        </fieldset>
      </div>
    </details>
  )
}

const Outlook = ({ draft, forecast, here }: Props) => {
  if (draft.mode === "trigger" || forecast === undefined) return null
  return (
    <section class="rounded-md border p-3" aria-labelledby="foreseen">
      <h2 id="foreseen" class="text-sm text-muted-foreground">
        {here.words.wizard.forecast}
      </h2>
      <Foreseen here={here} forecast={forecast} />
    </section>
  )
}

const Input = ({
  described,
  help,
  label,
  name,
  value,
  ...more
}: {
  name: string
  label: string
  help?: string | undefined
  value: string
  described?: string
  type?: string
  min?: number
  required?: boolean
}): Child => (
  <Field name={name} label={label} help={help}>
    <input
      id={name}
      name={name}
      class="input"
      value={value}
      aria-describedby={described ?? describedBy(name, undefined, help)}
      {...more}
    />
  </Field>
)
