/** The letter of an invitation, and what becomes of an invitation whose letter can't be sent. */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { Mail, MailError, type Message } from "#portal/mail/Mail.ts"
import { act } from "#schema/people/Acting.ts"
import * as Invitations from "#schema/people/Invitations.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { tokenOf } from "#schema/testing/session.ts"
import { told } from "#schema/testing/signedIn.ts"
import { invite } from "./InvitationLetter.ts"

const linkTo = (token: string) => `https://sms.example/invitation/${token}`
const tokenIn = (text: string) => Redacted.make(/invitation\/([\w-]{43})/.exec(text)![1]!)

const admin = Effect.gen(function* () {
  const { adminId, workspaceId } = yield* sampleWorkspace()
  return act(yield* tokenOf(adminId), workspaceId)
})

layer(TestDatabase.layer, { excludeTestServices: true })("an invitation's letter", (it) => {
  it.effect("says who invites, to which workspace, as what and until when, and has the link", () =>
    Effect.gen(function* () {
      const { asAccess, asPortal } = yield* TestDatabase
      const letters: Array<Message> = []
      const mail = Mail.layerBy((message) => Effect.sync(() => void letters.push(message)))
      const asked = { email: "New@sample.example", role: "author", moderator: true } as const
      const invited = yield* asPortal(invite(yield* admin, asked, linkTo)).pipe(Effect.provide(mail))
      assert.isUndefined(invited.byHand)
      const [{ subject, text, to }] = letters as [Message]
      const { workspace } = yield* asAccess(Invitations.behind(tokenIn(text)))
      assert.deepStrictEqual(to, { name: "", email: "new@sample.example" })
      assert.strictEqual(subject, `Admin invites you to ${workspace} at Countersign`)
      const [, sentence] = text.split("\n\n")
      assert.include(
        sentence,
        `Admin invites you to the workspace ${workspace} of Countersign, as an author who may also approve`
      )
      const [, until] = /open this by (.*) UTC:$/.exec(sentence!)!
      const minutes =
        (invited.expiresAt.getTime() - Date.parse(`${until!.replace(/^\w+,? /, "").replace(" at", "")} UTC`)) / 60_000
      assert.isTrue(minutes >= 0 && minutes < 1, until)
    })
  )

  it.effect("that can't be sent leaves the invitation, whose link and fate are told to who invites", () =>
    Effect.gen(function* () {
      const { asAccess, asPortal } = yield* TestDatabase
      const mail = Mail.layerBy(() => Effect.fail(new MailError({ reason: "Refused", message: "no such mailbox" })))
      const asked = { email: "gone@sample.example", role: "moderator" } as const
      const { byHand } = yield* asPortal(invite(yield* admin, asked, linkTo)).pipe(Effect.provide(mail))
      assert.strictEqual(
        byHand!.message,
        "gone@sample.example is invited, but could not be mailed; give them this link yourself"
      )
      assert.notInclude(JSON.stringify(byHand), Redacted.value(byHand!.link))
      assert.include(yield* asAccess(Invitations.behind(tokenIn(Redacted.value(byHand!.link)))), {
        email: "gone@sample.example",
        role: "moderator"
      })
    })
  )

  it.effect("is not written where nobody was invited", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const letters: Array<Message> = []
      const mail = Mail.layerBy((message) => Effect.sync(() => void letters.push(message)))
      const asked = { email: "nobody", role: "author" } as const
      const why = yield* told(asPortal(invite(yield* admin, asked, linkTo))).pipe(Effect.provide(Layer.fresh(mail)))
      assert.strictEqual(why, "Invalid: “nobody” is no e-mail address")
      assert.deepStrictEqual(letters, [])
    })
  )
})
