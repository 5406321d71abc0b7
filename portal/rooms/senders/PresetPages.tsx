/** Sender names of the installation, for super admins: all of them, a new one, and one with the workspaces that it is granted to. */

import { Empty } from "#portal/views/Empty.tsx"
import { Fact, Facts, Part } from "#portal/views/evidence/Facts.tsx"
import { Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import type { Person } from "#portal/visit.ts"
import type { Workspace } from "#schema/people/Workspaces.ts"
import type { Preset } from "#schema/sender/Presets.ts"
import { ProposalFields } from "./ProposalPage.tsx"
import { ADDRESSING, type Proposed } from "./proposed.ts"

const PATH = "/presets"

const Status = ({ preset, who }: { who: Person; preset: Preset }) => {
  const words = who.words.presets
  const isArchived = preset.archived_at !== null
  const classes = isArchived ? "text-zinc-600 dark:text-zinc-400" : "text-green-800 dark:text-green-300"
  return (
    <span class={`inline-flex items-center gap-1.5 whitespace-nowrap ${classes}`}>
      <span aria-hidden="true">{isArchived ? "—" : "✓"}</span>
      {isArchived ? words.archived : words.inUse}
    </span>
  )
}

export const PresetsPage = ({ presets, who }: { who: Person; presets: ReadonlyArray<Preset> }) => {
  const words = who.words.presets
  return (
    <Frame here={who} title={words.title} place="presets">
      <Heading title={words.title}>
        <a class="btn" href={`${PATH}/new`}>
          {words.new}
        </a>
      </Heading>
      <p class="max-w-[60rem] pb-4 text-muted-foreground">{words.about}</p>
      {presets.length === 0 ? (
        <Empty title={words.none} help={words.noneHelp} />
      ) : (
        <div class="overflow-x-auto">
          <table class="table w-full">
            <thead>
              <tr>
                <th scope="col">{words.label}</th>
                <th scope="col">{who.words.senders.saddr}</th>
                <th scope="col">{who.words.senders.status}</th>
                <th scope="col">{words.grantedTo}</th>
              </tr>
            </thead>
            <tbody>
              {presets.map((one) => (
                <tr>
                  <td class="max-w-80 truncate">
                    <a href={`${PATH}/${one.id}`} class="font-medium underline-offset-4 hover:underline">
                      <bdi>{one.label}</bdi>
                    </a>
                  </td>
                  <td>
                    <bdi>{one.saddr}</bdi>
                  </td>
                  <td>
                    <Status who={who} preset={one} />
                  </td>
                  <td>{one.granted_to.length === 0 ? words.nobody : words.workspaces(one.granted_to.length)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Frame>
  )
}

export const NewPresetPage = ({
  proposed,
  said,
  who
}: {
  who: Person
  proposed: Proposed
  said?: string | undefined
}) => {
  const words = who.words.presets
  return (
    <Frame here={who} title={words.new} place="presets">
      <Heading title={words.new} up={{ href: PATH, label: words.title }} />
      <form method="post" action={`${PATH}/new`} class="grid max-w-xl gap-4">
        <Refusal said={said} />
        <p class="text-muted-foreground">{words.newHelp}</p>
        <ProposalFields visit={who} proposed={proposed} said={said} withLabel />
        <div>
          <button type="submit" class="btn">
            {words.make}
          </button>
        </div>
      </form>
    </Frame>
  )
}

export const PresetPage = ({
  preset,
  said,
  who,
  workspaces
}: {
  who: Person
  preset: Preset
  workspaces: ReadonlyArray<Workspace>
  said?: string | undefined
}) => {
  const words = who.words.presets
  const { moderation } = who.words
  return (
    <Frame here={who} title={preset.label} place="presets">
      <Heading
        title={preset.label}
        up={{ href: PATH, label: words.title }}
        aside={<Status who={who} preset={preset} />}
      />
      <div class="grid max-w-[60rem] grid-cols-1 gap-4">
        <Refusal said={said} />
        <Part id="preset" title={who.words.senders.saddr}>
          <p class="text-2xl font-semibold">
            <bdi>{preset.saddr}</bdi>
          </p>
          <p dir="auto" class="break-words">
            {preset.reason}
          </p>
          <Facts>
            {ADDRESSING.map((field) => (
              <Fact name={moderation.fields[field]}>{preset[field]}</Fact>
            ))}
          </Facts>
        </Part>
        <Granted who={who} preset={preset} workspaces={workspaces} />
        {preset.archived_at === null && (
          <details>
            <summary class="w-fit cursor-pointer text-destructive underline underline-offset-4">
              {words.archive}…
            </summary>
            <form method="post" action={`${PATH}/${preset.id}/archive`} class="grid justify-items-start gap-2 pt-2">
              <p>{words.archiveHelp(preset.granted_to.length)}</p>
              <button type="submit" class="btn-destructive">
                {words.archiveNow}
              </button>
            </form>
          </details>
        )}
      </div>
    </Frame>
  )
}

const Granted = ({
  preset,
  who,
  workspaces
}: {
  who: Person
  preset: Preset
  workspaces: ReadonlyArray<Workspace>
}) => {
  const words = who.words.presets
  const has = ({ id }: Workspace) => preset.granted_to.includes(id)
  const granted = workspaces.filter(has)
  const others = workspaces.filter((one) => !has(one))
  return (
    <Part id="granted" title={words.grantedTo}>
      {granted.length === 0 ? (
        <p>{words.nobody}</p>
      ) : (
        <ul class="grid gap-2">
          {granted.map(({ id, name }) => (
            <li class="flex flex-wrap items-start justify-between gap-3">
              <bdi>{name}</bdi>
              <details>
                <summary class="cursor-pointer text-destructive underline underline-offset-4">{words.revoke}…</summary>
                <form method="post" action={`${PATH}/${preset.id}/revoke`} class="grid justify-items-start gap-2 pt-2">
                  <p>{words.revokeHelp}</p>
                  <button type="submit" class="btn-destructive" name="workspace" value={String(id)}>
                    {words.revokeNow}
                  </button>
                </form>
              </details>
            </li>
          ))}
        </ul>
      )}
      {preset.archived_at !== null ? null : others.length === 0 ? (
        <p class="text-muted-foreground">{words.everybody}</p>
      ) : (
        <form method="post" action={`${PATH}/${preset.id}/grant`} class="max-w-xl">
          <Field name="workspace" label={words.grantTo} help={words.madeHelp}>
            <div class="flex flex-wrap gap-2">
              <select id="workspace" name="workspace" class="select min-w-0 flex-1" aria-describedby="workspace-help">
                {others.map(({ id, name }) => (
                  <option value={String(id)}>{name}</option>
                ))}
              </select>
              <button type="submit" class="btn">
                {words.grant}
              </button>
            </div>
          </Field>
        </form>
      )}
    </Part>
  )
}
