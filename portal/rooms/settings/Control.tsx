/** One setting as a field of a form: a text, a number, a choice, or on and off. */
import { describedBy, Field as Labelled } from "#portal/views/Field.tsx"
import type { Here, Visit } from "#portal/visit.ts"
import { countries } from "#schema/text/NumberingPlan.ts"
import { type Field, isSwitch, isText } from "./sections.ts"

interface Props {
  readonly here: Here
  readonly field: Field
  readonly value: string
  readonly error: string | undefined
  /** The form says why not, above. */
  readonly isRefused: boolean
}

export const Control = (props: Props) => {
  const { error, field, here, isRefused } = props
  const words = here.words.settings
  // what only some may change is explained to the others
  const isLocked = field === "name" && here.workspace.role !== "super_admin"
  const help = field === "name" && !isLocked ? undefined : words.help[field]
  const described = [isRefused && "refusal", describedBy(field, error, help)].filter(Boolean).join(" ") || undefined
  if (isSwitch(field)) return <Switch {...props} help={help} described={described} />
  return (
    <Labelled name={field} label={words.fields[field]} help={help} error={error}>
      {field === "country" ? (
        <Country name={field} value={props.value} visit={here} described={described} />
      ) : field === "approvals_needed" || field === "large_approvals_needed" ? (
        <Approvals {...props} described={described} />
      ) : (
        <Text {...props} described={described} isLocked={isLocked} />
      )}
    </Labelled>
  )
}

type Described = Props & { readonly described: string | undefined }

const Text = ({ described, error, field, isLocked, value }: Described & { isLocked: boolean }) => (
  <>
    <input
      id={field}
      name={field}
      class="input"
      autocomplete="off"
      maxlength={100}
      value={value}
      disabled={isLocked}
      required={isText(field)}
      inputmode={isText(field) ? undefined : "numeric"}
      list={field === "time_zone" ? "time-zones" : undefined}
      aria-invalid={error !== undefined ? "true" : undefined}
      aria-describedby={described}
    />
    {field === "time_zone" && <Zones />}
  </>
)

/** What a field with `list="time-zones"` offers. */
export const Zones = () => (
  <datalist id="time-zones">
    {Intl.supportedValuesOf("timeZone").map((zone) => (
      <option value={zone} />
    ))}
  </datalist>
)

const CHOICES = [1, 2, 3]

const Approvals = ({ described, field, value }: Described) => (
  <select id={field} name={field} class="select" aria-describedby={described}>
    {CHOICES.map((n) => (
      <option value={String(n)} selected={String(n) === value}>
        {n}
      </option>
    ))}
  </select>
)

/** As the reader calls them. */
export const Country = ({
  described,
  name,
  value,
  visit
}: {
  visit: Visit
  name: string
  value: string
  described: string | undefined
}) => {
  const { locale } = visit.words
  const names = new Intl.DisplayNames(locale, { type: "region" })
  const all = [...new Set<string>([...countries, ...(/^[A-Z]{2}$/.test(value) ? [value] : [])])]
    .map((code) => ({ code, name: names.of(code) ?? code }))
    .toSorted((a, b) => a.name.localeCompare(b.name, locale))
  return (
    <select id={name} name={name} class="select w-full min-w-0" aria-describedby={described}>
      {all.map(({ code, name }) => (
        <option value={code} selected={code === value}>
          {name}
        </option>
      ))}
    </select>
  )
}

const Switch = ({ described, field, help, here, value }: Described & { help: string | undefined }) => (
  <div class="grid gap-1.5">
    <label class="flex items-start gap-3">
      <input
        type="checkbox"
        id={field}
        name={field}
        value="yes"
        class="checkbox mt-1"
        checked={value === "yes"}
        aria-describedby={described}
      />
      <span>
        {here.words.settings.fields[field]}
        <span id={`${field}-help`} class="block text-sm text-muted-foreground">
          {help}
        </span>
      </span>
    </label>
  </div>
)
