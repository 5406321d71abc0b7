/** One campaign from the command line, from what was chosen to its ledger. Acts in the portal's role, as its author. */
import { Effect, Terminal } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { inWords, refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"
import { loadAudience } from "./Audience.ts"
import type { Chosen } from "./Choice.ts"
import { closing } from "./Closing.ts"
import { showLedger } from "./Ledger.ts"
import * as Message from "./Message.ts"
import type { SendOptions } from "./Options.ts"
import { patiently } from "./patiently.ts"
import { type Schedule, scheduleWords } from "./Schedule.ts"
import { type Signing, signature, type ToSign } from "./Signature.ts"
import { watch } from "./Watch.ts"

const LONGEST_TITLE = 40

/** Where it is sent from, in words for the end of a sentence. */
export interface Place {
  /** Where to look when nothing moves. */
  readonly hint: string
  /** What becomes of receipts that come after the end of this command. */
  readonly afterwards: string
}

/** What was chosen, and how one acts in the name of whom. */
export interface Desk extends Chosen {
  readonly signIn: ToSign["signIn"]
}

/** Gives the exit code (Closing.ts). onSending: told of the campaign's id when it begins to move. */
export const sendCampaign = Effect.fnUntraced(
  function* (
    o: SendOptions & { readonly size: number; readonly schedule: Schedule },
    { author, channels, people, sender, signIn, workspace }: Desk,
    signing: Signing,
    place: Place,
    onSending: (campaignId: number) => void
  ) {
    const asAuthor = yield* signIn(author.id)
    const segments = yield* Message.prepare(o.text, channels)
    Screen.line()
    Screen.row("Workspace", `${workspace.name}, written by ${author.name}`)
    Message.show(o.text, sender.saddr, segments, channels[0]!.charset)
    const { campaignId, laneId } = yield* asAuthor(
      Campaigns.create(
        {
          name: o.name ?? titleOf(o.text),
          senderRevisionId: sender.revision_id,
          text: o.text,
          segments: segments.parts,
          onLostAnswer: o.resend ? "resend" : "hold",
          ...o.schedule
        },
        channels.map(({ id }) => id)
      )
    )
    // until it is signed, whatever goes wrong ends it: half a campaign is not left lying about
    const signed = yield* Effect.gen(function* () {
      const loaded = yield* loadAudience({
        path: o.numbers,
        size: o.size,
        column: o.column,
        workspace,
        laneId,
        author: asAuthor
      })
      const total = loaded.parts?.messages ?? loaded.counts.valid * segments.parts
      yield* asAuthor(Campaigns.move(campaignId, "submit"))
      const fingerprint = yield* asAuthor(Campaigns.fingerprint(campaignId))
      Screen.row(
        "In all",
        `${Screen.bold(Screen.many(total, "message"))} by ${channels.map(({ name }) => name).join(", ")}${loaded.parts === undefined ? "" : `, up to ${loaded.parts.most} a recipient`}`
      )
      const when = scheduleWords(o.schedule)
      if (when.length > 0) Screen.row("When", ...when)
      Screen.row("Lost answer", o.resend ? "sent again; may arrive twice" : "held as unknown, never sent twice")
      Screen.row("Fingerprint", fingerprint)
      Screen.line()
      const what = { campaignId, fingerprint, author, members: people, signIn }
      return yield* signature(what, signing)
    }).pipe(
      Effect.onError(() =>
        asAuthor(Campaigns.move(campaignId, "stop", "not signed at the command line")).pipe(
          Effect.as("is cancelled"),
          Effect.orElseSucceed(() => `could not be cancelled and is left unsigned: npm run stop -- ${campaignId}`),
          Effect.map((how) => Screen.line(Screen.dim(`Campaign ${campaignId} ${how}; nothing was sent.`)))
        )
      )
    )
    Screen.row("Signed by", `${signed.name}; campaign ${campaignId}`)
    Screen.line()
    onSending(campaignId)

    const watched = yield* watch(campaignId, asAuthor, o.wait, place.hint)
    Screen.line()
    yield* patiently(campaignId, asAuthor(showLedger(laneId, watched)))
    Screen.line()
    const code = yield* patiently(campaignId, asAuthor(closing(campaignId, watched, place.afterwards)))
    Screen.line()
    return code
  },
  Effect.mapError((error) =>
    Terminal.isQuitError(error) ? error : refusal(inWords(error as Error & { readonly _tag: string }))
  )
)

const titleOf = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim()
  return line.length <= LONGEST_TITLE ? line : `${line.slice(0, LONGEST_TITLE - 1).toWellFormed()}…`
}
