/** One campaign from the command line, from choosing its sender to the check of its ledger. Acts in the portal's role. */
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { channelsOf, members, workspaces } from "#schema/people/Workspaces.ts"
import { approvedSenders, LONGEST_NAME } from "#schema/sender/Senders.ts"
import { inWords, refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"
import { loadAudience } from "./Audience.ts"
import { disagreements, showLedger } from "./Ledger.ts"
import * as Message from "./Message.ts"
import type { SendOptions } from "./Options.ts"
import { type Signing, signature } from "./Signature.ts"
import { watch } from "./Watch.ts"

const LONGEST_TITLE = 40

/** Everything that is chosen by name, found; each that isn't there is told with those that are. */
const choose = Effect.fnUntraced(function* (o: SendOptions) {
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
  if (o.approveAs !== undefined && !people.some(({ email }) => email === o.approveAs!.toLowerCase()))
    return yield* refusal(
      `${o.approveAs} is nobody in ${workspace.name}, so can't sign.`,
      `Its people: ${emails}. Choose one with --approve-as.`
    )
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
  return { workspace, people, author, sender, channels }
})

/**
 * Gives whether the ledger adds up. hint: where to look when nothing moves. onSending: told of the campaign's id when it
 * begins to move.
 */
export const sendCampaign = Effect.fnUntraced(
  function* (
    o: SendOptions & { readonly size: number },
    signing: Signing,
    hint: string,
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
      const loaded = yield* loadAudience({ path: o.numbers, size: o.size, column: o.column, workspace, laneId })
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

    const watched = yield* watch(campaignId, o.wait, hint)
    Screen.line()
    const failure = watched.progress.state === "done" ? undefined : watched.progress.state
    yield* showLedger(laneId, watched.progress)
    const wrong = yield* disagreements(campaignId, watched.progress)
    Screen.line()
    if (failure !== undefined) Screen.line(`${Screen.red("✗")} The campaign is ${failure}.`)
    if (wrong.length === 0) {
      Screen.line(
        `${Screen.green("✓")} The ledger adds up: ${Screen.many(watched.progress.audience, "recipient")}, each with one outcome. ${took(watched)}`
      )
    } else {
      Screen.line(`${Screen.red("✗")} The ledger does not add up:`)
      for (const what of wrong) Screen.line(`  ${what}`)
      if (!watched.complete) Screen.line(`  Receipts may still come; --wait gives them longer than ${o.wait} s.`)
    }
    Screen.line()
    return wrong.length === 0 && failure === undefined
  },
  Effect.mapError((error) => refusal(inWords(error as Error & { readonly _tag: string })))
)

const took = ({ submittedMs, totalMs }: { submittedMs: number; totalMs: number }): string =>
  `Submitted in ${(submittedMs / 1000).toFixed(1)} s, last receipt after ${(totalMs / 1000).toFixed(1)} s.`

const titleOf = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim()
  return line.length <= LONGEST_TITLE ? line : `${line.slice(0, LONGEST_TITLE - 1).toWellFormed()}…`
}
