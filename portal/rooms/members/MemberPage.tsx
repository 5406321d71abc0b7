/** One member: what they are here, and what who manages the workspace can change about it. */
import { Fact, Facts, Part } from "#portal/views/evidence/Facts.tsx"
import { Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import { keyOf, type Names } from "#schema/audit/AuditNames.ts"
import type { Listed } from "#schema/people/Members.ts"
import { Disabled, Has, Notice, Warning } from "./MembersPage.tsx"
import { mayManage, StandingChoice, standingOf } from "./Standing.tsx"

export interface SeenOne {
  readonly one: Listed
  readonly unfinished: number
  readonly warning: string | undefined
  readonly names: Names
}

interface Props {
  readonly here: Here
  readonly seen: SeenOne
  readonly isChanged?: boolean
  readonly said?: string | undefined
}

export const MemberPage = ({ here, isChanged = false, said, seen }: Props) => {
  const words = here.words.members
  const { one, unfinished, warning } = seen
  const path = `/w/${here.workspace.id}/members`
  const isSelf = one.id === here.me.id
  return (
    <Frame here={here} title={one.name} place="members">
      <Heading title={one.name} up={{ href: path, label: words.title }} />
      <div class="grid max-w-[60rem] grid-cols-1 gap-4">
        <Refusal said={said} />
        {isChanged && <Notice>{words.said.changed}</Notice>}
        <Warning here={here} said={warning} />
        <About here={here} seen={seen} />
        {mayManage(here) ? (
          <Part id="role" title={words.changeRole}>
            {isSelf ? <p>{words.ownRole}</p> : <ChangeRole here={here} one={one} />}
          </Part>
        ) : (
          !isSelf && <p class="text-muted-foreground">{words.onlyAdmins}</p>
        )}
        {isSelf
          ? here.workspace.role !== "super_admin" && (
              <Leaving
                action={`${path}/leave`}
                summary={words.leave}
                help={[words.leaveHelp, unfinished > 0 && words.ownGoOn(unfinished)]}
                now={words.leaveNow}
              />
            )
          : mayManage(here) && (
              <Leaving
                action={`${path}/${one.id}/remove`}
                summary={words.remove}
                help={[words.removeHelp, unfinished > 0 && words.goOn(unfinished)]}
                now={words.removeNow}
              />
            )}
      </div>
    </Frame>
  )
}

const About = ({ here, seen: { names, one } }: { here: Here; seen: SeenOne }) => {
  const words = here.words.members
  const giver = one.given_by === null ? undefined : names.get(keyOf("person", one.given_by))
  const audit = `/w/${here.workspace.id}/audit`
  return (
    <Part id="about" title={words.standings[standingOf(one)]}>
      {one.disabled && <Disabled here={here} />}
      <p class="text-muted-foreground">{words.standingsHelp[standingOf(one)]}</p>
      <Facts>
        <Fact name={words.email}>
          <bdi>{one.email}</bdi>
        </Fact>
        <Fact name={words.since}>
          <When at={one.created_at} here={here} />
        </Fact>
        {giver !== undefined && (
          <Fact name={words.given}>
            <Sentence
              words={words.givenBy}
              parts={{ who: <Name>{giver}</Name>, when: <When at={one.given_at} here={here} /> }}
            />
          </Fact>
        )}
        {mayManage(here) && (
          <>
            <Fact name={words.secondFactor}>
              <Has here={here} it={one.second_factor} />
            </Fact>
            <Fact name={words.passkey}>
              <Has here={here} it={one.passkey} />
            </Fact>
            <Fact name={words.lastSeen}>
              {one.last_seen === null ? words.never : <When at={one.last_seen} here={here} />}
              <span class="block text-sm text-muted-foreground">{words.lastSeenHelp}</span>
            </Fact>
          </>
        )}
        {here.workspace.role !== "author" && (
          <Fact name={words.history}>
            <span class="flex flex-wrap gap-x-4">
              <a class="underline underline-offset-4" href={`${audit}?person=${one.id}`}>
                {words.whatTheyDid}
              </a>
              <a class="underline underline-offset-4" href={`${audit}?object=person&id=${one.id}`}>
                {words.whatWasDone}
              </a>
            </span>
          </Fact>
        )}
      </Facts>
    </Part>
  )
}

const ChangeRole = ({ here, one }: { here: Here; one: Listed }) => {
  const words = here.words.members
  return (
    <form method="post" action={`/w/${here.workspace.id}/members/${one.id}/role`} class="grid gap-4">
      <p class="text-muted-foreground">{words.changeRoleHelp}</p>
      <StandingChoice here={here} legend={words.role} chosen={standingOf(one)} isNamed />
      <div>
        <button type="submit" class="btn">
          {words.saveRole}
        </button>
      </div>
    </form>
  )
}

/** Out of the workspace: asked once. */
const Leaving = ({
  action,
  help,
  now,
  summary
}: {
  action: string
  summary: string
  help: ReadonlyArray<string | false>
  now: string
}) => (
  <details>
    <summary class="w-fit cursor-pointer text-destructive underline underline-offset-4">{summary}…</summary>
    <form method="post" action={action} class="grid justify-items-start gap-2 pt-2">
      {help.map((one) => one !== false && <p>{one}</p>)}
      <button type="submit" name="sure" value="yes" class="btn-destructive">
        {now}
      </button>
    </form>
  </details>
)
