/** A form for a new channel, or for a change of one. */
import { describedBy, Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import type { Person } from "#portal/visit.ts"
import type { ListedChannel } from "#schema/channel/ChannelList.ts"
import type { Written } from "./typed.ts"

interface Props {
  readonly who: Person
  /** undefined: a new one */
  readonly of: ListedChannel | undefined
  readonly written: Written
  readonly said?: string | undefined
}

export const ChannelFormPage = (props: Props) => {
  const { of, said, who } = props
  const words = who.words.channels
  const title = of === undefined ? words.new : words.change
  const up =
    of === undefined ? { href: "/channels", label: words.title } : { href: `/channels/${of.id}`, label: of.name }
  return (
    <Frame here={who} title={title} place="channels">
      <Heading title={title} up={up} />
      <form
        method="post"
        action={of === undefined ? "/channels/new" : `/channels/${of.id}/change`}
        class="grid max-w-xl gap-5"
      >
        <Refusal said={said} />
        <Account {...props} />
        <Traffic {...props} />
        {of === undefined && <p class="text-muted-foreground">{words.madeHelp}</p>}
        <div>
          <button type="submit" class="btn">
            {of === undefined ? words.make : words.save}
          </button>
        </div>
      </form>
    </Frame>
  )
}

const Account = ({ of, who, written }: Props) => {
  const words = who.words.channels
  const passwordHelp = of === undefined ? words.passwordHelp : words.passwordKept
  return (
    <>
      <Input name="name" label={words.name} help={words.nameHelp} value={written.name} required maxlength={100} />
      <div class="grid gap-3 sm:grid-cols-[minmax(0,1fr)_8rem]">
        <Input name="host" label={words.host} value={written.host} required />
        <Input name="port" label={words.port} value={written.port} required inputmode="numeric" />
      </div>
      <label class="flex items-center gap-3">
        <input type="checkbox" name="tls" value="yes" class="checkbox" checked={written.tls} />
        {words.tls}
      </label>
      <Input name="system_id" label={words.systemId} value={written.system_id} required maxlength={15} />
      <Input
        name="password"
        label={words.password}
        help={passwordHelp}
        value=""
        type="password"
        maxlength={8}
        autocomplete="new-password"
        required={of === undefined}
      />
    </>
  )
}

const Traffic = ({ who, written }: Props) => {
  const words = who.words.channels
  return (
    <>
      <Select name="bind_mode" label={words.bindMode} value={written.bind_mode} options={words.bindModes} />
      <div class="grid gap-3 sm:grid-cols-2">
        <Input name="binds" label={words.binds} value={written.binds} inputmode="numeric" />
        <Input
          name="window_size"
          label={words.window}
          help={words.windowHelp}
          value={written.window_size}
          inputmode="numeric"
        />
      </div>
      <Input
        name="per_second"
        label={words.contract}
        help={words.contractHelp}
        value={written.per_second}
        inputmode="numeric"
      />
      <Select name="charset" label={words.charset} value={written.charset} options={words.charsets} />
    </>
  )
}

const Select = ({
  label,
  name,
  options,
  value
}: {
  name: string
  label: string
  value: string
  options: Readonly<Record<string, string>>
}) => (
  <Field name={name} label={label}>
    <select id={name} name={name} class="select w-full">
      {Object.entries(options).map(([one, said]) => (
        <option value={one} selected={one === value}>
          {said}
        </option>
      ))}
    </select>
  </Field>
)

const Input = ({
  help,
  label,
  name,
  value,
  ...more
}: {
  name: string
  label: string
  help?: string
  value: string
  type?: string
  inputmode?: "numeric"
  autocomplete?: string
  maxlength?: number
  required?: boolean
}) => (
  <Field name={name} label={label} help={help}>
    <input
      id={name}
      name={name}
      class="input"
      value={value}
      autocomplete="off"
      aria-describedby={describedBy(name, undefined, help)}
      {...more}
    />
  </Field>
)
