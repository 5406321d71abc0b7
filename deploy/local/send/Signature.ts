/**
 * The second signature. Who may give it is the database's to say: whoever is chosen is asked for, and a refusal is shown
 * in its own words.
 */
import { Effect, type Scope } from "effect"
import { Prompt } from "effect/cli"
import { decide } from "#schema/campaign/Campaigns.ts"
import type { SqlClient, SqlError } from "#schema/Database.ts"
import type { Acting } from "#schema/people/Acting.ts"
import type { Member } from "#schema/people/Workspaces.ts"
import { inWords, refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"

export interface ToSign {
  readonly campaignId: number
  readonly fingerprint: string
  readonly author: Member
  readonly members: ReadonlyArray<Member>
  /** Acts in the name of one of them. */
  readonly signIn: (personId: number) => Effect.Effect<Acting, SqlError, Scope.Scope>
}

/** How the second signature comes: from somebody named, from the first who may, or by asking. */
export type Signing = { readonly by: string } | "anybody" | "ask"

/** Those who may sign by their role and are not the author. */
export const possibleSigners = ({ author, members }: Pick<ToSign, "author" | "members">) =>
  members.filter((member) => member.may_approve && member.id !== author.id)

const sign = (what: ToSign, signer: Member) =>
  Effect.gen(function* () {
    const acting = yield* what.signIn(signer.id)
    yield* acting(decide(what.campaignId, { decision: "approve", fingerprint: what.fingerprint }))
    return signer
  })

/** Gives who signed. Fails when nobody did; the campaign is then still in review. */
export const signature = (what: ToSign, signing: Signing) =>
  Effect.gen(function* () {
    if (signing === "ask") return yield* ask(what)
    const signers = possibleSigners(what)
    const signer =
      signing === "anybody" ? signers[0] : what.members.find((member) => member.email === signing.by.toLowerCase())
    if (signer === undefined) {
      return yield* refusal(
        signing === "anybody"
          ? "Nobody else in this workspace may sign."
          : `${signing.by} is nobody in this workspace, so the signature is missing.`,
        `Those who may sign: ${signers.map((member) => member.email).join(", ") || "none"}`
      )
    }
    return yield* sign(what, signer)
  })

const nobody = undefined

const ask = (what: ToSign): Effect.Effect<Member, unknown, Prompt.Environment | SqlClient | Scope.Scope> =>
  Effect.gen(function* () {
    const width = Math.max(...what.members.map((member) => member.name.length))
    const choice = yield* Prompt.Select<Member | undefined>({
      message: "Who signs it as the second person?",
      // the first is preselected: a bare Enter must not sign
      choices: [
        { title: "Nobody: don't send it", value: nobody },
        ...what.members
          .toSorted((a, b) => Number(b.may_approve) - Number(a.may_approve))
          .map((member) => ({
            title: `${member.name.padEnd(width)}  ${member.id === what.author.id ? `${member.role}, wrote it` : member.role}`,
            value: member
          }))
      ]
    })
    if (choice === undefined) return yield* refusal("Nobody signed it.")
    return yield* sign(what, choice).pipe(
      Effect.catch((error) => {
        if (error._tag !== "Refused" || error.reason !== "Forbidden") return Effect.fail(error)
        Screen.line(`${Screen.amber("!")} ${inWords(error)}`)
        return ask(what)
      })
    )
  })
