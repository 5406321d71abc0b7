/** Who is in a workspace; for who manages it also who asks to join and who is invited. */

import { Refusal, sentence } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { Names } from "#schema/audit/AuditNames.ts"
import type { Invitation } from "#schema/people/Invitations.ts"
import type { JoinRequest } from "#schema/people/JoinRequests.ts"
import type { Listed } from "#schema/people/Members.ts"
import { Invited, Requests } from "./Coming.tsx"
import { mayManage, standingOf } from "./Standing.tsx"

export interface Seen {
  readonly members: ReadonlyArray<Listed>
  /** Open ones, and those whose time is over. */
  readonly invitations: ReadonlyArray<Invitation>
  readonly requests: ReadonlyArray<JoinRequest>
  /** The database's own sentence. */
  readonly warning: string | undefined
  readonly names: Names
}

/** What was done just now. */
export type Done = { readonly did: keyof Here["words"]["members"]["said"] } | { readonly invited: Invitation }

interface Props {
  readonly here: Here
  readonly seen: Seen
  readonly done?: Done | undefined
  readonly said?: string | undefined
}

export const MembersPage = ({ done, here, said, seen }: Props) => {
  const words = here.words.members
  const path = `/w/${here.workspace.id}/members`
  return (
    <Frame here={here} title={words.title} place="members">
      <Heading title={words.title}>
        {mayManage(here) && (
          <a class="btn" href={`${path}/invite`}>
            {words.invite}
          </a>
        )}
      </Heading>
      <div class="grid grid-cols-1 gap-6">
        <Refusal said={said} />
        {done !== undefined && <Doing here={here} done={done} />}
        <Warning here={here} said={seen.warning} />
        {seen.requests.length > 0 && <Requests here={here} requests={seen.requests} />}
        <section class="grid grid-cols-1 gap-3">
          <p class="text-muted-foreground">{words.help}</p>
          <People here={here} members={seen.members} />
          {!mayManage(here) && <WhomToAsk here={here} members={seen.members} />}
        </section>
        {seen.invitations.length > 0 && <Invited here={here} seen={seen} />}
      </div>
    </Frame>
  )
}

/** What was done, said once where the eye is. */
export const Notice = ({ children }: { children: unknown }) => (
  <p role="status" class="flex items-baseline gap-2 rounded-md border p-3">
    <span aria-hidden="true" class="text-green-800 dark:text-green-300">
      ✓
    </span>
    <span class="min-w-0">{children}</span>
  </p>
)

const Doing = ({ done, here }: { here: Here; done: Done }) => {
  const { said } = here.words.members
  if ("did" in done) return <Notice>{said[done.did]}</Notice>
  const { email, expires_at } = done.invited
  return (
    <Notice>
      <Sentence
        words={said.invitedTo}
        parts={{ email: <Name>{email}</Name>, until: <When at={expires_at} here={here} /> }}
      />
    </Notice>
  )
}

/** That what is written here could not be approved, or hardly. */
export const Warning = ({ here, said }: { here: Here; said: string | undefined }) =>
  said === undefined ? null : (
    <div class="rounded-md border border-amber-700 p-3 dark:border-amber-400">
      <p class="flex items-baseline gap-2 font-semibold text-amber-800 dark:text-amber-300">
        <span aria-hidden="true">▲</span>
        {here.words.members.few}
      </p>
      <p>{sentence(said)}</p>
    </div>
  )

const People = ({ here, members }: { here: Here; members: ReadonlyArray<Listed> }) => {
  const words = here.words.members
  const path = `/w/${here.workspace.id}/members`
  const isManager = mayManage(here)
  return (
    <div class="relative overflow-x-auto">
      <table class="table w-full">
        <thead>
          <tr>
            <th scope="col">{words.name}</th>
            <th scope="col">{words.role}</th>
            {isManager && (
              <>
                <th scope="col">{words.secondFactor}</th>
                <th scope="col">{words.passkey}</th>
                <th scope="col" title={words.lastSeenHelp}>
                  {words.lastSeen}
                </th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {members.map((one) => (
            <tr>
              <td class="max-w-48 truncate sm:max-w-80">
                <a href={`${path}/${one.id}`} class="font-medium underline-offset-4 hover:underline">
                  <bdi>{one.name}</bdi>
                </a>
                {one.id === here.me.id && <span class="text-muted-foreground"> ({words.yourself})</span>}
                <bdi class="block truncate text-sm text-muted-foreground">{one.email}</bdi>
              </td>
              <td class="whitespace-nowrap">
                {words.standings[standingOf(one)]}
                {one.disabled && <Disabled here={here} />}
              </td>
              {isManager && (
                <>
                  <td>
                    <Has here={here} it={one.second_factor} />
                  </td>
                  <td>
                    <Has here={here} it={one.passkey} />
                  </td>
                  <td>{one.last_seen === null ? words.never : <When at={one.last_seen} here={here} />}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export const Disabled = ({ here }: { here: Here }) => (
  <span class="block text-red-800 dark:text-red-300">
    <span aria-hidden="true">✕ </span>
    {here.words.members.disabled}
  </span>
)

export const Has = ({ here, it }: { here: Here; it: boolean | null }) => {
  const words = here.words.members
  return it === true ? (
    <span class="whitespace-nowrap text-green-800 dark:text-green-300">
      <span aria-hidden="true">✓ </span>
      {words.yes}
    </span>
  ) : (
    <span class="whitespace-nowrap text-muted-foreground">
      <span aria-hidden="true">— </span>
      {words.no}
    </span>
  )
}

/** Why one can't, and who can. */
const WhomToAsk = ({ here, members }: { here: Here; members: ReadonlyArray<Listed> }) => (
  <p class="max-w-3xl text-muted-foreground">
    {here.words.members.askAdmins}{" "}
    {members
      .filter(({ disabled, role }) => role === "admin" && !disabled)
      .map(({ name }, i) => (
        <>
          {i > 0 && ", "}
          <Name>{name}</Name>
        </>
      ))}
    {". "}
    <a class="underline underline-offset-4" href={`/w/${here.workspace.id}/settings`}>
      {here.words.members.rules}
    </a>
  </p>
)
