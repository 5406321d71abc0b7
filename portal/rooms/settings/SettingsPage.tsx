/** The settings of a workspace, a section a form; to who may not change them, what they are. */
import type { Child } from "hono/jsx"
import { Notice } from "#portal/rooms/members/MembersPage.tsx"
import { mayManage } from "#portal/rooms/members/Standing.tsx"
import { grouped } from "#portal/views/Count.tsx"
import { Fact, Facts, Part } from "#portal/views/evidence/Facts.tsx"
import { Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { Sentence } from "#portal/views/Sentence.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { Held, Settings } from "#schema/people/WorkspaceSettings.ts"
import { Control } from "./Control.tsx"
import { type Field, isSwitch, SECTIONS, type Section, type Typed, typedOf, type Weaker } from "./sections.ts"

export interface Seen {
  readonly settings: Settings
  /** undefined: there is no ceiling. */
  readonly today: number | undefined
  readonly held: Held | undefined
}

/** What was changed just now; empty: nothing. */
export interface Saved {
  readonly section: Section
  readonly changes: ReadonlyArray<{ readonly field: string; readonly before: unknown; readonly after: unknown }>
}

/** A form that comes back: as it was typed, with why, or with what is asked before it is saved. */
export interface Back {
  readonly section: Section
  readonly typed: Typed
  readonly said?: string
  readonly unread?: ReadonlyArray<Field>
  readonly weaker?: ReadonlyArray<Weaker>
}

interface Props {
  readonly here: Here
  readonly seen: Seen
  readonly saved?: Saved | undefined
  readonly back?: Back | undefined
}

export const SettingsPage = ({ back, here, saved, seen }: Props) => {
  const words = here.words.settings
  const { workspace } = here
  return (
    <Frame here={here} title={words.title} place="settings">
      <Heading title={words.title}>
        {workspace.role !== "author" && (
          <a class="btn-outline" href={`/w/${workspace.id}/audit?action=workspace.settings`}>
            {words.history}
          </a>
        )}
      </Heading>
      <div class="grid max-w-[60rem] grid-cols-1 gap-4">
        {!mayManage(here) && <p class="text-muted-foreground">{words.readOnly}</p>}
        {(Object.keys(SECTIONS) as ReadonlyArray<Section>).map((section) => (
          <Part id={section} title={words.sections[section]}>
            <p class="text-muted-foreground">{words.sectionsHelp[section]}</p>
            {saved?.section === section && <Changes here={here} saved={saved} />}
            {mayManage(here) ? (
              <Form here={here} seen={seen} section={section} back={back?.section === section ? back : undefined} />
            ) : (
              <Shown here={here} settings={seen.settings} section={section} />
            )}
            <Standing here={here} seen={seen} section={section} />
          </Part>
        ))}
        {mayManage(here) && (
          <Part id="stop-list" title={words.stopList.title}>
            <p class="text-muted-foreground">{words.stopList.about}</p>
            <p>
              <a class="underline underline-offset-4" href={`/w/${workspace.id}/settings/stop-list`}>
                {words.stopList.manage}
              </a>
            </p>
          </Part>
        )}
      </div>
    </Frame>
  )
}

const Form = ({ back, here, section, seen }: { here: Here; seen: Seen; section: Section; back: Back | undefined }) => {
  const words = here.words.settings
  const typed = { ...typedOf(seen.settings), ...back?.typed }
  const path = `/w/${here.workspace.id}/settings`
  const weaker = back?.weaker ?? []
  return (
    <form method="post" action={`${path}/${section}#${section}`} class="grid max-w-xl grid-cols-1 gap-4">
      <Refusal said={back?.said} />
      {SECTIONS[section].map((field) => (
        <Control
          here={here}
          field={field}
          value={typed[field] ?? ""}
          error={back?.unread?.includes(field) ? words.notNumber : undefined}
          isRefused={back?.said !== undefined}
        />
      ))}
      {weaker.length > 0 ? (
        <div role="alert" class="grid gap-3 rounded-md border border-amber-700 p-3 dark:border-amber-400">
          <p class="flex items-baseline gap-2 font-semibold text-amber-800 dark:text-amber-300">
            <span aria-hidden="true">▲</span>
            {words.confirm}
          </p>
          <ul class="grid gap-1">
            {weaker.map((one) => (
              <li>{words.weaker[one]}</li>
            ))}
          </ul>
          <div class="flex flex-wrap gap-2">
            <button type="submit" class="btn-destructive" name="confirmed" value={weaker.join(" ")}>
              {words.confirmNow}
            </button>
            <a class="btn-outline" href={`${path}#${section}`}>
              {words.back}
            </a>
          </div>
        </div>
      ) : (
        <div>
          <button type="submit" class="btn-outline">
            {words.save}
            <span class="sr-only">: {words.sections[section]}</span>
          </button>
        </div>
      )}
    </form>
  )
}

const Shown = ({ here, section, settings }: { here: Here; settings: Settings; section: Section }) => (
  <Facts>
    {SECTIONS[section].map((field) => (
      <Fact name={here.words.settings.fields[field]}>
        <bdi>{sayValue(here, field, settings[field])}</bdi>
      </Fact>
    ))}
  </Facts>
)

/** How it stands with what is set: what of a ceiling is used, and what holds for a while yet. */
const Standing = ({
  here,
  section,
  seen: { held, settings, today }
}: {
  here: Here
  seen: Seen
  section: Section
}): Child => {
  const words = here.words.settings
  const { locale } = here.words
  if (section === "limits" && today !== undefined && settings.per_day !== null) {
    const [used, most] = [grouped(today, locale), grouped(settings.per_day, locale)]
    return (
      <div class="grid max-w-xl gap-1">
        <meter id="used" class="h-3 w-full" min={0} max={settings.per_day} value={Math.min(today, settings.per_day)} />
        <label for="used" class="tabular-nums">
          {words.usedToday.replace("{used}", used).replace("{most}", most)}
        </label>
      </div>
    )
  }
  if (section === "retention" && held !== undefined) {
    const months = (now: number | null, before: number | null) =>
      now === null || before === null ? words.forEver : words.months(Math.max(now, before))
    return (
      <p class="flex items-baseline gap-2">
        <span aria-hidden="true">◷</span>
        <span>
          <Sentence
            words={words.heldUntil}
            parts={{
              until: <When at={held.until} here={here} />,
              content: months(settings.keep_content_months, held.content_months),
              audit: months(settings.keep_audit_months, held.audit_months)
            }}
          />
        </span>
      </p>
    )
  }
  return null
}

const Changes = ({ here, saved: { changes } }: { here: Here; saved: Saved }) => {
  const words = here.words.settings
  if (changes.length === 0) return <Notice>{words.nothing}</Notice>
  return (
    <Notice>
      {words.saved}
      {changes.map(({ after, before, field }) => (
        <span class="block">
          <Sentence
            words={words.change}
            parts={{
              field: isField(here, field) ? words.fields[field] : field,
              before: <bdi>{sayValue(here, field, before)}</bdi>,
              after: <bdi>{sayValue(here, field, after)}</bdi>
            }}
          />
        </span>
      ))}
    </Notice>
  )
}

const isField = (here: Here, field: string): field is Field => Object.hasOwn(here.words.settings.fields, field)

const sayValue = (here: Here, field: string, value: unknown): string => {
  const words = here.words.settings
  if (field === "country" && /^[A-Z]{2}$/.test(String(value)))
    return new Intl.DisplayNames(here.words.locale, { type: "region" }).of(String(value)) ?? String(value)
  if (isSwitch(field as Field)) return value === true ? words.yes : words.no
  if (value === null || value === undefined) return field.startsWith("keep_") ? words.forEver : words.none
  return typeof value === "number" ? grouped(value, here.words.locale) : String(value)
}
