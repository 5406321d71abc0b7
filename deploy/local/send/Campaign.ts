/** One campaign from the command line, from what was chosen to its ledger. Acts in the portal's role. */
import { Effect, Terminal } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { inWords, refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"
import { loadAudience } from "./Audience.ts"
import { choose } from "./Choice.ts"
import { closing } from "./Closing.ts"
import { showLedger } from "./Ledger.ts"
import * as Message from "./Message.ts"
import type { SendOptions } from "./Options.ts"
import { type Signing, signature } from "./Signature.ts"
import { watch } from "./Watch.ts"

const LONGEST_TITLE = 40

/** Where it is sent from, in words for the end of a sentence. */
export interface Place {
  /** Where to look when nothing moves. */
  readonly hint: string
  /** What becomes of receipts that come after the end of this command. */
  readonly afterwards: string
}

/** Gives the exit code (Closing.ts). onSending: told of the campaign's id when it begins to move. */
export const sendCampaign = Effect.fnUntraced(
  function* (
    o: SendOptions & { readonly size: number },
    signing: Signing,
    place: Place,
    onSending: (campaignId: number) => void
  ) {
    const { author, channels, people, sender, workspace } = yield* choose(o)
    const segments = yield* Message.prepare(o.text, channels)
    Screen.line()
    Screen.row("Workspace", `${workspace.name}, written by ${author.name}`)
    Message.show(o.text, sender.saddr, segments, channels[0]!.charset)
    const { campaignId, laneId } = yield* Campaigns.create(
      {
        workspaceId: workspace.id,
        name: o.name ?? titleOf(o.text),
        senderRevisionId: sender.revision_id,
        text: o.text,
        segments: segments.parts,
        onLostAnswer: o.resend ? "resend" : "hold",
        authorId: author.id
      },
      channels.map(({ id }) => id)
    )
    // until it is signed, whatever goes wrong ends it: half a campaign is not left lying about
    const signed = yield* Effect.gen(function* () {
      const loaded = yield* loadAudience({ path: o.numbers, size: o.size, column: o.column, workspace, laneId, author })
      const total = loaded.counts.valid * segments.parts
      yield* Campaigns.move(campaignId, "submit", author.id)
      const fingerprint = yield* Campaigns.fingerprint(campaignId)
      Screen.row(
        "In all",
        `${Screen.bold(Screen.many(total, "message"))} by ${channels.map(({ name }) => name).join(", ")}`
      )
      Screen.row("Lost answer", o.resend ? "sent again; may arrive twice" : "held as unknown, never sent twice")
      Screen.row("Fingerprint", fingerprint)
      Screen.line()
      const what = { campaignId, workspaceId: workspace.id, fingerprint, author, members: people }
      return yield* signature(what, signing)
    }).pipe(
      Effect.onError(() =>
        Campaigns.move(campaignId, "stop", author.id, "not signed at the command line").pipe(
          Effect.andThen(
            Effect.sync(() => Screen.line(Screen.dim(`Campaign ${campaignId} is cancelled; nothing was sent.`)))
          ),
          Effect.ignore
        )
      )
    )
    Screen.row("Signed by", `${signed.name}; campaign ${campaignId}`)
    Screen.line()
    onSending(campaignId)

    const watched = yield* watch(campaignId, o.wait, place.hint)
    Screen.line()
    yield* showLedger(laneId, watched)
    Screen.line()
    const code = yield* closing(campaignId, watched, place.afterwards)
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
