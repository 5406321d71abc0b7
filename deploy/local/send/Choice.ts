/** Who sends in whose name, and who signs: found by the names that were given, before anything is made or read. */
import { Effect } from "effect"
import {
  channelsOf,
  type GrantedChannel,
  type Member,
  members,
  type Workspace,
  workspaces
} from "#schema/people/Workspaces.ts"
import { type ApprovedSender, approvedSenders, LONGEST_NAME } from "#schema/sender/Senders.ts"
import { refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"
import type { SendOptions } from "./Options.ts"
import { possibleSigners } from "./Signature.ts"

export interface Chosen {
  readonly workspace: Workspace
  readonly people: ReadonlyArray<Member>
  readonly author: Member
  readonly sender: ApprovedSender
  readonly channels: ReadonlyArray<GrantedChannel>
}

/** Everything that is chosen by name, found; each that isn't there is told with those that are. Looks as the owner. */
export const choose = Effect.fnUntraced(function* (o: SendOptions) {
  const all = yield* workspaces
  const workspace = all.find(({ name }) => name.toLowerCase() === o.workspace.toLowerCase())
  if (workspace === undefined)
    return yield* refusal(
      `There is no workspace “${o.workspace}”.`,
      `There are: ${all.map(({ name }) => `“${name}”`).join(", ")}. Choose one with --workspace.`
    )
  const people = yield* members(workspace.id)
  const emails = people.map(({ email }) => email).join(", ")
  const author = people.find(({ email }) => email === o.as.toLowerCase())
  if (author === undefined)
    return yield* refusal(`${o.as} is nobody in ${workspace.name}.`, `Its people: ${emails}. Choose one with --as.`)
  if (o.approveAs !== undefined) yield* mustBeAbleToSign(o.approveAs, author, people, workspace.name)
  const senders = yield* approvedSenders(workspace.id)
  const sender = senders.find(({ label }) => label.toLowerCase() === o.sender.toLowerCase())
  if (sender === undefined) {
    const length = [...o.sender].length
    return yield* refusal(
      length > LONGEST_NAME
        ? `A sender's name has at most ${LONGEST_NAME} characters; “${Screen.shown(o.sender)}” has ${length}.`
        : `${workspace.name} has no approved sender “${Screen.shown(o.sender)}”.`,
      `It has: ${senders.map(({ label }) => label).join(", ") || "none"}. Choose one with --sender.`
    )
  }
  const channels = yield* channelsOf(workspace.id)
  if (channels.length === 0)
    return yield* refusal(`No channel serves ${workspace.name}.`, "Grant it one before anything can be sent.")
  return { workspace, people, author, sender, channels } satisfies Chosen
})

/** The database has the last word; here who can't sign is told before a long file is read. */
const mustBeAbleToSign = Effect.fnUntraced(function* (
  email: string,
  author: Member,
  people: ReadonlyArray<Member>,
  workspace: string
) {
  const signers = possibleSigners({ author, members: people })
  const signer = people.find((person) => person.email === email.toLowerCase())
  if (signer !== undefined && signers.includes(signer)) return
  return yield* refusal(
    signer === undefined
      ? `${email} is nobody in ${workspace}, so can't sign.`
      : signer === author
        ? `${signer.name} writes this campaign, so somebody else has to sign it.`
        : `${signer.name} may not sign in ${workspace}: that takes a moderator or an admin.`,
    `Those who may: ${signers.map((person) => person.email).join(", ") || "nobody"}. Choose one with --approve-as.`
  )
})
