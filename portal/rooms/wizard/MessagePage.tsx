/** The second step: as whom, by which channels, and what is said; with what it comes to while one writes. */
import { Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import type { Here } from "#portal/visit.ts"
import type { Draft } from "#schema/campaign/Draft.ts"
import type { GrantedChannel } from "#schema/people/Workspaces.ts"
import type { ApprovedSender } from "#schema/sender/Senders.ts"
import { Counter } from "./Counter.tsx"
import { countedOn } from "./counted.ts"
import { Steps, stepPath } from "./Steps.tsx"

export interface Written {
  readonly revision: number | null
  readonly channels: ReadonlyArray<number>
  readonly text: string
}

/** What there is to choose from. */
export interface Choice {
  readonly senders: ReadonlyArray<ApprovedSender>
  readonly channels: ReadonlyArray<GrantedChannel>
}

export const chosen = ({ channels }: Choice, written: Written) =>
  channels.filter(({ id }) => written.channels.includes(id))

export const CounterOf = ({ choice, here, written }: { here: Here; choice: Choice; written: Written }) => (
  <Counter
    here={here}
    counted={countedOn(written.text, chosen(choice, written))}
    text={written.text}
    saddr={choice.senders.find(({ revision_id }) => revision_id === written.revision)?.saddr ?? "…"}
  />
)

interface Props {
  readonly here: Here
  readonly draft: Draft
  readonly choice: Choice
  readonly written: Written
  readonly said?: string | undefined
}

export const MessagePage = ({ choice, draft, here, said, written }: Props) => {
  const words = here.words.wizard
  const path = stepPath(here, draft.id, "message")
  return (
    <Frame here={here} title={draft.name} place="campaigns">
      <Heading
        title={draft.name}
        up={{ href: `/w/${here.workspace.id}/campaigns`, label: here.words.campaigns.title }}
      />
      <Steps here={here} draft={draft} is="message" />
      <form method="post" action={path} class="grid max-w-[60rem] gap-6 lg:grid-cols-2">
        <div class="grid content-start gap-5">
          <Refusal said={said} />
          <SenderField here={here} choice={choice} written={written} />
          <ChannelsField here={here} choice={choice} written={written} />
          <Field name="text" label={words.text} help={words.textHelp}>
            <textarea
              id="text"
              name="text"
              class="textarea"
              rows={8}
              dir="auto"
              aria-describedby={said === undefined ? "text-help" : "refusal text-help"}
              hx-post={`${path}/count`}
              hx-trigger="input changed delay:300ms"
              hx-include="closest form"
              hx-target="#counter"
              hx-swap="outerHTML"
            >
              {written.text}
            </textarea>
          </Field>
          <div class="flex flex-wrap gap-2">
            <button type="submit" class="btn">
              {words.goOn}
            </button>
            <button type="submit" name="count" value="yes" formnovalidate class="btn-outline">
              {words.count}
            </button>
          </div>
        </div>
        <CounterOf here={here} choice={choice} written={written} />
      </form>
    </Frame>
  )
}

const SenderField = ({ choice, here, written }: Pick<Props, "here" | "choice" | "written">) => {
  const words = here.words.wizard
  if (choice.senders.length === 0)
    return (
      <p>
        {words.noSenders}{" "}
        <a class="underline underline-offset-4" href={`/w/${here.workspace.id}/senders`}>
          {words.toSenders}
        </a>
      </p>
    )
  const isOneOfThem = choice.senders.some(({ revision_id }) => revision_id === written.revision)
  return (
    <Field name="sender" label={words.sender} help={words.senderHelp}>
      <select id="sender" name="sender" class="select w-full" aria-describedby="sender-help">
        {!isOneOfThem && (
          <option value="" selected>
            {words.chooseSender}
          </option>
        )}
        {choice.senders.map(({ label, revision_id, saddr }) => (
          <option value={revision_id} selected={revision_id === written.revision}>
            {label === saddr ? saddr : `${saddr} · ${label}`}
          </option>
        ))}
      </select>
    </Field>
  )
}

const ChannelsField = ({ choice, here, written }: Pick<Props, "here" | "choice" | "written">) => {
  const words = here.words.wizard
  if (choice.channels.length === 0) return <p>{words.noChannels}</p>
  return (
    <fieldset class="grid gap-2">
      <legend class="label pb-1.5">{words.channels}</legend>
      {choice.channels.map(({ id, name }) => (
        <label class="flex items-center gap-3">
          <input type="checkbox" name="channel" value={id} class="checkbox" checked={written.channels.includes(id)} />
          <bdi>{name}</bdi>
        </label>
      ))}
      {choice.channels.length > 1 && <p class="text-sm text-muted-foreground">{words.channelsHelp}</p>}
    </fieldset>
  )
}
