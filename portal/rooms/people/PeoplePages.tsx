/** Accounts of the installation, for super admins: all of them, a new one, and one with what can be done about it. */
import { Notice } from "#portal/rooms/members/MembersPage.tsx"
import { standingOf } from "#portal/rooms/members/Standing.tsx"
import { Fact, Facts, Part } from "#portal/views/evidence/Facts.tsx"
import { Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import type { Person as Visitor } from "#portal/visit.ts"
import { sayMoment } from "#portal/words/times.ts"
import type { Person, Place } from "#schema/people/People.ts"

const PATH = "/master/people"

export type Did = keyof Visitor["words"]["people"]["said"]

const Moment = ({ at, who }: { who: Visitor; at: Date }) => {
  const { exact, short } = sayMoment(at, who.now, who.words.locale, who.zone ?? "UTC")
  return (
    <time datetime={at.toISOString()} title={exact} class="whitespace-nowrap">
      {short}
    </time>
  )
}

const Standing = ({ person, who }: { who: Visitor; person: Person }) => {
  const words = who.words.people
  const isDisabled = person.disabled_at !== null
  return (
    <span class="inline-flex flex-wrap items-center gap-x-3">
      <span class={isDisabled ? "text-red-800 dark:text-red-300" : "text-green-800 dark:text-green-300"}>
        <span aria-hidden="true">{isDisabled ? "✕ " : "✓ "}</span>
        {isDisabled ? words.disabled : words.active}
      </span>
      {person.super_admin && <span>· {words.superAdmin}</span>}
    </span>
  )
}

export const PeoplePage = ({ people, who }: { who: Visitor; people: ReadonlyArray<Person> }) => {
  const words = who.words.people
  return (
    <Frame here={who} title={words.title} place="people">
      <Heading title={words.title}>
        <a class="btn" href={`${PATH}/new`}>
          {words.new}
        </a>
      </Heading>
      <p class="max-w-3xl pb-4 text-muted-foreground">{words.help}</p>
      <div class="relative overflow-x-auto">
        <table class="table w-full">
          <thead>
            <tr>
              <th scope="col">{words.name}</th>
              <th scope="col">{words.standing}</th>
              <th scope="col">{words.since}</th>
            </tr>
          </thead>
          <tbody>
            {people.map((one) => (
              <tr>
                <td class="max-w-48 truncate sm:max-w-96">
                  <a href={`${PATH}/${one.id}`} class="font-medium underline-offset-4 hover:underline">
                    <bdi>{one.name}</bdi>
                  </a>
                  {one.id === who.me.id && <span class="text-muted-foreground"> ({words.yourself})</span>}
                  <bdi class="block truncate text-sm text-muted-foreground">{one.email}</bdi>
                </td>
                <td>
                  <Standing who={who} person={one} />
                </td>
                <td>
                  <Moment who={who} at={one.created_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Frame>
  )
}

export interface TypedPerson {
  readonly name: string
  readonly email: string
}

export const NewPersonPage = ({
  said,
  typed,
  who
}: {
  who: Visitor
  typed: TypedPerson
  said?: string | undefined
}) => {
  const words = who.words.people
  return (
    <Frame here={who} title={words.new} place="people">
      <Heading title={words.new} up={{ href: PATH, label: words.title }} />
      <form method="post" action={`${PATH}/new`} class="grid max-w-xl gap-4">
        <Refusal said={said} />
        <p class="text-muted-foreground">{words.newHelp}</p>
        <Field name="name" label={words.name}>
          <input id="name" name="name" class="input" required maxlength={200} autocomplete="off" value={typed.name} />
        </Field>
        <Field name="email" label={words.email} help={words.newNext}>
          <input
            id="email"
            name="email"
            type="email"
            class="input"
            required
            maxlength={254}
            autocomplete="off"
            value={typed.email}
            aria-describedby="email-help"
          />
        </Field>
        <div>
          <button type="submit" class="btn">
            {words.make}
          </button>
        </div>
      </form>
    </Frame>
  )
}

interface One {
  readonly who: Visitor
  readonly person: Person
  readonly places: ReadonlyArray<Place>
  readonly did?: Did | undefined
  readonly said?: string | undefined
  readonly reason?: string | undefined
}

export const PersonPage = ({ did, person, places, reason = "", said, who }: One) => {
  const words = who.words.people
  return (
    <Frame here={who} title={person.name} place="people">
      <Heading
        title={person.name}
        up={{ href: PATH, label: words.title }}
        aside={<Standing who={who} person={person} />}
      />
      <div class="grid max-w-[60rem] grid-cols-1 gap-4">
        <Refusal said={said} />
        {did !== undefined && <Notice>{words.said[did]}</Notice>}
        <Part id="workspaces" title={words.workspaces}>
          <Facts>
            <Fact name={words.email}>
              <bdi>{person.email}</bdi>
            </Fact>
            <Fact name={words.since}>
              <Moment who={who} at={person.created_at} />
            </Fact>
            {places.map((place) => (
              <Fact name={place.workspace}>{who.words.members.standings[standingOf(place)]}</Fact>
            ))}
          </Facts>
          {places.length === 0 && <p>{words.nowhere}</p>}
        </Part>
        <Part id="access" title={words.access}>
          {person.id === who.me.id ? (
            <p>{words.ownAccount}</p>
          ) : (
            <Access who={who} person={person} reason={reason} isOpen={said !== undefined} />
          )}
        </Part>
      </div>
    </Frame>
  )
}

const Access = ({
  isOpen,
  person,
  reason,
  who
}: {
  who: Visitor
  person: Person
  reason: string
  /** The form was refused. */
  isOpen: boolean
}) => {
  const words = who.words.people
  const path = `${PATH}/${person.id}`
  if (person.disabled_at !== null)
    return (
      <form method="post" action={`${path}/enable`}>
        <button type="submit" class="btn-outline">
          {words.enable}
        </button>
      </form>
    )
  const change = person.super_admin
    ? { act: "demote", summary: words.demote, help: words.demoteHelp, now: words.demoteNow }
    : { act: "promote", summary: words.promote, help: words.promoteHelp, now: words.promoteNow }
  return (
    <>
      <details>
        <summary class="w-fit cursor-pointer underline underline-offset-4">{change.summary}…</summary>
        <form method="post" action={`${path}/${change.act}`} class="grid justify-items-start gap-2 pt-2">
          <p>{change.help}</p>
          <button type="submit" class={person.super_admin ? "btn-destructive" : "btn-outline"}>
            {change.now}
          </button>
        </form>
      </details>
      <details open={isOpen}>
        <summary class="w-fit cursor-pointer text-destructive underline underline-offset-4">{words.disable}…</summary>
        <form method="post" action={`${path}/disable`} class="grid max-w-xl gap-3 pt-2">
          <p>{words.disableHelp}</p>
          <Field name="reason" label={words.reason} help={words.reasonHelp}>
            <textarea id="reason" name="reason" class="textarea" rows={2} required aria-describedby="reason-help">
              {reason}
            </textarea>
          </Field>
          <div>
            <button type="submit" class="btn-destructive">
              {words.disableNow}
            </button>
          </div>
        </form>
      </details>
    </>
  )
}
