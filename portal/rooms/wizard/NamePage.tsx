/** The first step: what a campaign is called, and when it is to be sent in general. */
import { Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import type { Here } from "#portal/visit.ts"
import type { Draft, Mode } from "#schema/campaign/Draft.ts"
import { Steps, stepPath } from "./Steps.tsx"

export const MODES: ReadonlyArray<Mode> = ["on_demand", "scheduled", "spread", "trigger"]

export interface Named {
  readonly name: string
  readonly mode: Mode
}

/** draft: undefined: a new one. */
export const NamePage = ({
  draft,
  here,
  said,
  typed
}: {
  here: Here
  draft: Draft | undefined
  typed: Named
  said?: string | undefined
}) => {
  const words = here.words.wizard
  const list = `/w/${here.workspace.id}/campaigns`
  return (
    <Frame here={here} title={draft?.name ?? words.new} place="campaigns">
      <Heading title={draft?.name ?? words.new} up={{ href: list, label: here.words.campaigns.title }} />
      <Steps here={here} draft={draft} is="name" />
      <form
        method="post"
        action={draft === undefined ? `${list}/new` : stepPath(here, draft.id, "name")}
        class="grid max-w-xl gap-5"
      >
        <Refusal said={said} />
        <Field name="name" label={words.name} help={words.nameHelp}>
          <input
            id="name"
            name="name"
            class="input"
            required
            maxlength={200}
            autocomplete="off"
            dir="auto"
            value={typed.name}
            aria-describedby={said === undefined ? "name-help" : "refusal name-help"}
          />
        </Field>
        <fieldset class="grid gap-3">
          <legend class="label pb-1.5">{words.mode}</legend>
          {MODES.map((mode) => (
            <label class="flex items-start gap-3">
              <input
                type="radio"
                name="mode"
                value={mode}
                class="radio mt-1"
                checked={mode === typed.mode}
                aria-describedby={`${mode}-help`}
              />
              <span>
                {words.modes[mode]}
                <span id={`${mode}-help`} class="block text-sm text-muted-foreground">
                  {words.modesHelp[mode]}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
        <div>
          <button type="submit" class="btn">
            {words.goOn}
          </button>
        </div>
      </form>
    </Frame>
  )
}
