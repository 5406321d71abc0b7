/** Workspaces of the installation, for super admins: made with their first admin, and archived. */
import { Notice } from "#portal/rooms/members/MembersPage.tsx"
import { Country, Zones } from "#portal/rooms/settings/Control.tsx"
import { Count } from "#portal/views/Count.tsx"
import { Empty } from "#portal/views/Empty.tsx"
import { Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import type { Person as Visitor } from "#portal/visit.ts"
import type { Seen } from "#schema/people/Master.ts"
import type { Person } from "#schema/people/People.ts"

const PATH = "/master/workspaces"

export const WorkspacesPage = ({
  done,
  said,
  who,
  workspaces
}: {
  who: Visitor
  workspaces: ReadonlyArray<Seen>
  done?: string | undefined
  said?: string | undefined
}) => {
  const words = who.words.people
  return (
    <Frame here={who} title={words.manage} place="workspaces">
      <Heading title={words.manage}>
        <a class="btn" href={`${PATH}/new`}>
          {words.newWorkspace}
        </a>
      </Heading>
      <div class="grid grid-cols-1 gap-4">
        <Refusal said={said} />
        {done !== undefined && <Notice>{done}</Notice>}
        <p class="max-w-3xl text-muted-foreground">{words.manageHelp}</p>
        {workspaces.length === 0 ? (
          <Empty title={words.none} help={words.noneHelp} />
        ) : (
          <div class="relative overflow-x-auto">
            <table class="table w-full">
              <thead>
                <tr>
                  <th scope="col">{words.workspace}</th>
                  <th scope="col" class="text-right">
                    {words.members}
                  </th>
                  <th scope="col" class="text-right">
                    {words.unfinished}
                  </th>
                  <th scope="col">
                    <span class="sr-only">{words.archive}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {workspaces.map((one) => (
                  <tr class="hover:bg-transparent">
                    <th scope="row" class="max-w-48 truncate text-left sm:max-w-80 font-medium">
                      <bdi>{one.name}</bdi>
                    </th>
                    <td class="text-right">
                      <Count n={one.members} visit={who} />
                    </td>
                    <td class="text-right">
                      <Count n={unfinishedIn(one)} visit={who} />
                    </td>
                    <td>
                      <Archiving who={who} one={one} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
    </Frame>
  )
}

const unfinishedIn = ({ in_review, paused, scheduled, sending }: Seen) => in_review + paused + scheduled + sending

const Archiving = ({ one, who }: { who: Visitor; one: Seen }) => {
  const words = who.words.people
  const unfinished = unfinishedIn(one)
  return (
    <details>
      <summary class="w-fit cursor-pointer text-destructive underline underline-offset-4">
        {words.archive}…<span class="sr-only"> {one.name}</span>
      </summary>
      {unfinished > 0 ? (
        <p class="max-w-80 pt-2 whitespace-normal">{words.busy(unfinished)}</p>
      ) : (
        <form
          method="post"
          action={`${PATH}/${one.id}/archive`}
          class="grid max-w-80 justify-items-start gap-2 pt-2 whitespace-normal"
        >
          <p>{words.archiveHelp(one.members)}</p>
          <button type="submit" class="btn-destructive">
            {words.archiveNow}
          </button>
        </form>
      )}
    </details>
  )
}

export interface TypedWorkspace {
  readonly name: string
  readonly country: string
  readonly timeZone: string
  readonly adminId: string
}

export const NewWorkspacePage = ({
  people,
  said,
  typed,
  who
}: {
  who: Visitor
  /** Who can sign in. */
  people: ReadonlyArray<Person>
  typed: TypedWorkspace
  said?: string | undefined
}) => {
  const words = who.words.people
  const { fields, help } = who.words.settings
  return (
    <Frame here={who} title={words.newWorkspace} place="workspaces">
      <Heading title={words.newWorkspace} up={{ href: PATH, label: words.manage }} />
      <form method="post" action={`${PATH}/new`} class="grid max-w-xl grid-cols-1 gap-4">
        <Refusal said={said} />
        <p class="text-muted-foreground">{words.newWorkspaceHelp}</p>
        <Field name="name" label={fields.name}>
          <input id="name" name="name" class="input" required maxlength={100} autocomplete="off" value={typed.name} />
        </Field>
        <Field name="country" label={fields.country} help={help.country}>
          <Country name="country" value={typed.country} visit={who} described="country-help" />
        </Field>
        <Field name="time_zone" label={fields.time_zone} help={help.time_zone}>
          <input
            id="time_zone"
            name="time_zone"
            class="input"
            required
            maxlength={100}
            autocomplete="off"
            list="time-zones"
            value={typed.timeZone}
            aria-describedby="time_zone-help"
          />
          <Zones />
        </Field>
        <Field name="admin" label={words.admin} help={words.adminHelp}>
          <select id="admin" name="admin" class="select w-full min-w-0" required aria-describedby="admin-help">
            {people.map(({ email, id, name }) => (
              <option value={String(id)} selected={String(id) === typed.adminId}>
                {`${name} · ${email}`}
              </option>
            ))}
          </select>
        </Field>
        <div>
          <button type="submit" class="btn">
            {words.makeWorkspace}
          </button>
        </div>
      </form>
    </Frame>
  )
}
