/**
 * Invitations into the workspace acted in (rules/invitations.sql). A link is good for seven days, once, for one address. Its
 * token is made here, given to the mail, and kept nowhere.
 */
import { Effect, type Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import type { Request } from "./Acting.ts"
import type { Role } from "./Members.ts"
import { newToken, tokenHash, tokenShown } from "./Tokens.ts"

export interface NewInvitation {
  readonly email: string
  readonly role: Role
  /** Authors only. */
  readonly moderator?: boolean
}

/** What the mail has to say. */
export interface InvitationLetter {
  readonly invitation_id: number
  readonly email: string
  readonly workspace: string
  readonly invited_by: string
  readonly expires_at: Date
  /** 43 characters of base64url, for the link. */
  readonly token: Redacted.Redacted<string>
}

/** An earlier invitation of the same address is taken back. `Conflict` for who is a member already. */
export const invite = Effect.fn("Invitations.invite")(function* ({ email, moderator = false, role }: NewInvitation) {
  const sql = yield* SqlClient
  const token = yield* newToken
  const [letter] = yield* sql<Omit<InvitationLetter, "token">>`
    SELECT invitation_id, email, workspace, invited_by, expires_at FROM invite(${email}, ${role}, ${moderator}, decode(${tokenHash(token)}, 'hex'))`
  return { ...letter!, token } satisfies InvitationLetter
}, Effect.mapError(refused))

export interface Invitation {
  readonly id: number
  readonly workspace_id: number
  readonly email: string
  readonly role: Role
  readonly moderator: boolean
  readonly invited_by: number
  readonly created_at: Date
  readonly expires_at: Date
  readonly state: "open" | "expired" | "accepted" | "revoked"
}

/** For who manages the workspace (in Master: of all), the newest first; nobody else sees any. */
export const invitations = Effect.fn("Invitations.invitations")(function* () {
  const sql = yield* SqlClient
  return yield* sql<Invitation>`
    SELECT id, workspace_id, email, role, moderator, invited_by, created_at, expires_at,
           CASE WHEN accepted_at IS NOT NULL THEN 'accepted' WHEN revoked_at IS NOT NULL THEN 'revoked'
                WHEN expires_at <= now() THEN 'expired' ELSE 'open' END AS state
      FROM invitation ORDER BY id DESC`
}, Effect.mapError(refused))

export const revoke = Effect.fn("Invitations.revoke")(function* (invitationId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT revoke_invitation(${invitationId})`
}, Effect.mapError(refused))

/** By who is signed in under the invited address, acting in no workspace. Gives the workspace they are in now. */
export const accept = Effect.fn("Invitations.accept")(function* (token: Redacted.Redacted<string>) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ id: number }>`SELECT accept_invitation(${tokenShown(token)}) AS id`
  return row!.id
}, Effect.mapError(refused))

export interface Behind {
  readonly email: string
  readonly workspace: string
  readonly invited_by: string
  readonly role: Role
  readonly moderator: boolean
  readonly expires_at: Date
  /** Whether they sign in to accept it, or choose a name and a password. */
  readonly has_account: boolean
}

/** As the access role: what the link's page shows, while it is good. Uses nothing up. */
export const behind = Effect.fn("Invitations.behind")(function* (token: Redacted.Redacted<string>) {
  const sql = yield* SqlClient
  const [row] = yield* sql<Behind>`
    SELECT email, workspace, invited_by, role, moderator, expires_at, has_account FROM invitation_behind(${tokenShown(token)})`
  return row!
}, Effect.mapError(refused))

/**
 * As the access role: an account for who has the link and none yet. passwordHash: argon2id, of a password that was checked
 * (portal/access/PasswordRules.ts). Gives the person, who can then be signed in.
 */
export const acceptAsNew = Effect.fn("Invitations.acceptAsNew")(function* (
  token: Redacted.Redacted<string>,
  name: string,
  passwordHash: string,
  request: Request = {}
) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ id: number }>`
    SELECT accept_invitation_as_new(${tokenShown(token)}, ${name.replaceAll("\0", "")}, ${passwordHash}, ${JSON.stringify(request)}::text::jsonb) AS id`
  return row!.id
}, Effect.mapError(refused))
