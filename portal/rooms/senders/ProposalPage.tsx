/** A form for a new sender, or for a change of one: the name, what it is for, and how operators are to be told of it. */
import type { Child } from "hono/jsx"
import { describedBy, Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import type { Here, Visit } from "#portal/visit.ts"
import type { Sender } from "#schema/sender/Senders.ts"
import { ADDRESSING, type Proposed } from "./proposed.ts"

/** of: the sender that is to be changed; undefined: a new one. */
export const ProposalPage = ({
  here,
  of,
  proposed,
  said
}: {
  here: Here
  of: Sender | undefined
  proposed: Proposed
  said?: string | undefined
}) => {
  const words = here.words.senders
  const path = `/w/${here.workspace.id}/senders`
  const title = of === undefined ? words.new : words.change
  const up = of === undefined ? { href: path, label: words.title } : { href: `${path}/${of.id}`, label: of.label }
  return (
    <Frame here={here} title={title} place="senders">
      <Heading title={title} up={up} />
      <form
        method="post"
        action={of === undefined ? `${path}/new` : `${path}/${of.id}/change`}
        class="grid max-w-xl gap-4"
      >
        <Refusal said={said} />
        <p class="text-muted-foreground">{of === undefined ? words.newHelp : words.changeOf}</p>
        <ProposalFields visit={here} proposed={proposed} said={said} withLabel={of === undefined} />
        <div>
          <button type="submit" class="btn">
            {words.propose}
          </button>
        </div>
      </form>
    </Frame>
  )
}

/** The fields of both, and of a preset. */
export const ProposalFields = ({
  proposed,
  said,
  visit,
  withLabel
}: {
  visit: Visit
  proposed: Proposed
  said: string | undefined
  withLabel: boolean
}) => {
  const words = visit.words.senders
  return (
    <>
      {withLabel && (
        <Text name="label" label={words.labelField} help={words.labelHelp} value={proposed.label} said={said} />
      )}
      <Text name="saddr" label={words.saddrField} help={words.saddrHelp} value={proposed.saddr} said={said} />
      <Field name="reason" label={words.reason} help={words.reasonHelp}>
        <textarea
          id="reason"
          name="reason"
          class="textarea"
          rows={3}
          required
          aria-describedby={described("reason", said)}
        >
          {proposed.reason}
        </textarea>
      </Field>
      <details open={ADDRESSING.some((field) => proposed[field] !== "")}>
        <summary class="w-fit cursor-pointer underline underline-offset-4">{words.addressing}</summary>
        <fieldset class="grid gap-4 pt-3 sm:grid-cols-2">
          <legend class="text-sm text-muted-foreground">{words.addressingHelp}</legend>
          {ADDRESSING.map((field) => (
            <Addressing visit={visit} field={field} value={proposed[field]} />
          ))}
        </fieldset>
      </details>
    </>
  )
}

const described = (name: string, said: string | undefined) =>
  [said === undefined ? undefined : "refusal", describedBy(name, undefined, "help")].filter(Boolean).join(" ")

const Text = ({
  help,
  label,
  name,
  said,
  value
}: {
  name: string
  label: string
  help: string
  value: string
  said: string | undefined
}): Child => (
  <Field name={name} label={label} help={help}>
    <input
      id={name}
      name={name}
      class="input"
      required
      autocomplete="off"
      value={value}
      aria-describedby={described(name, said)}
    />
  </Field>
)

/** SMPP 3.4, 5.2.5 and 5.2.6: types 0 to 6, plans 0 to 18. */
const Addressing = ({ field, value, visit }: { visit: Visit; field: (typeof ADDRESSING)[number]; value: string }) => (
  <Field name={field} label={visit.words.moderation.fields[field]}>
    <input
      id={field}
      name={field}
      type="number"
      class="input"
      min={0}
      max={field.endsWith("ton") ? 6 : 18}
      value={value}
      placeholder={visit.words.senders.usual}
    />
  </Field>
)
