/**
 * An invitation into a workspace and the letter that brings its link (schema/people/Invitations.ts, rules/invitations.sql). As the
 * portal, in the name of who invites.
 *
 * Promises: the letter is written once the invitation is there for good; where it can't be sent, the invitation stands and who invites is
 * given the link, to hand over themselves.
 */
import { Effect, Redacted } from "effect"
import { Mail } from "#portal/mail/Mail.ts"
import type { Acting } from "#schema/people/Acting.ts"
import * as Invitations from "#schema/people/Invitations.ts"
import type { LinkTo } from "./PasswordReset.ts"

export interface Invited {
  readonly invitationId: number
  readonly email: string
  readonly expiresAt: Date
  /** Only where the letter has not left. */
  readonly byHand?: {
    readonly link: Redacted.Redacted<string>
    /** For who invites: what happened, and what to do. */
    readonly message: string
  }
}

/** Who invites waits this long to hear whether the letter has left. */
const PATIENCE = "10 seconds"

/** acting: a session in the workspace (`act`), whose transaction ends before the letter is sent. */
export const invite = Effect.fn("InvitationLetter.invite")(function* (
  acting: Acting,
  invitation: Invitations.NewInvitation,
  linkTo: LinkTo
) {
  const mail = yield* Mail
  const letter = yield* acting(Invitations.invite(invitation))
  const link = Redacted.make(linkTo(Redacted.value(letter.token)))
  const message = yield* mail
    .send({ to: { name: "", email: letter.email }, ...written(letter, invitation, link) })
    .pipe(
      Effect.as(undefined),
      Effect.timeout(PATIENCE),
      Effect.catchTags({
        MailError: () =>
          Effect.succeed(`${letter.email} is invited, but could not be mailed; give them this link yourself`),
        TimeoutError: () =>
          Effect.succeed(
            `${letter.email} is invited, but the mail has not left yet; if it does not come, give them this link`
          )
      })
    )
  const { email, expires_at, invitation_id } = letter
  return {
    invitationId: invitation_id,
    email,
    expiresAt: expires_at,
    ...(message !== undefined && { byHand: { link, message } })
  } satisfies Invited as Invited
})

const written = (
  { expires_at, invited_by, workspace }: Invitations.InvitationLetter,
  { moderator = false, role }: Invitations.NewInvitation,
  link: Redacted.Redacted<string>
) => ({
  subject: `${invited_by} invites you to ${workspace} at Countersign`,
  text: [
    "Hello,",
    `${invited_by} invites you to the workspace ${workspace} of Countersign, as ${AS[role]}${moderator ? " who may also approve what others write" : ""}. To accept, open this by ${at.format(expires_at)} UTC:`,
    Redacted.value(link),
    "It works once, and for this address alone. If you don't know what this is about, there is nothing to do: without this link nothing changes.",
    "Countersign"
  ].join("\n\n")
})

const AS = { author: "an author", moderator: "a moderator", admin: "an admin" } as const

const at = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short", timeZone: "UTC" })
