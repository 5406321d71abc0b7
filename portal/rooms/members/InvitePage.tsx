/** Somebody is invited: their address, and as what. Where the letter can't be sent, the link is handed over by who invites. */
import { Redacted } from "effect"
import type { Invited } from "#portal/access/InvitationLetter.ts"
import { describedBy, Field, Refusal, sentence } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import type { Here } from "#portal/visit.ts"
import { type Standing, StandingChoice } from "./Standing.tsx"

export interface Typed {
  readonly email: string
  readonly standing: Standing | undefined
}

export const InvitePage = ({ here, said, typed }: { here: Here; typed: Typed; said?: string | undefined }) => {
  const words = here.words.members
  const path = `/w/${here.workspace.id}/members`
  return (
    <Frame here={here} title={words.invite} place="members">
      <Heading title={words.invite} up={{ href: path, label: words.title }} />
      <form method="post" action={`${path}/invite`} class="grid max-w-xl gap-5">
        <Refusal said={said} />
        <Field name="email" label={words.email} help={words.inviteHelp}>
          <input
            id="email"
            name="email"
            type="email"
            class="input"
            required
            maxlength={254}
            autocomplete="off"
            value={typed.email}
            aria-describedby={[said && "refusal", describedBy("email", undefined, "help")].filter(Boolean).join(" ")}
          />
        </Field>
        <StandingChoice here={here} legend={words.inviteAs} chosen={typed.standing} />
        <div>
          <button type="submit" class="btn">
            {words.sendInvitation}
          </button>
        </div>
      </form>
    </Frame>
  )
}

/** Shown once: the link is kept nowhere. */
export const ByHandPage = ({ byHand, here }: { here: Here; byHand: NonNullable<Invited["byHand"]> }) => {
  const words = here.words.members
  const path = `/w/${here.workspace.id}/members`
  return (
    <Frame here={here} title={words.byHand} place="members">
      <Heading title={words.byHand} up={{ href: path, label: words.title }} />
      <div class="grid max-w-xl gap-4">
        <Refusal said={sentence(byHand.message)} />
        <Field name="link" label={words.link} help={words.byHandHelp}>
          <input
            id="link"
            class="input font-mono"
            readonly
            value={Redacted.value(byHand.link)}
            aria-describedby="link-help"
          />
        </Field>
        <p>
          <a class="btn" href={path}>
            {words.toMembers}
          </a>
        </p>
      </div>
    </Frame>
  )
}
