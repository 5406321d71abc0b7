/** One campaign from the command line, from what was chosen to its ledger. Acts in the portal's role, as its author. */
import { Effect, Terminal } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { evidence } from "#schema/campaign/Evidence.ts"
import { forecast } from "#schema/campaign/Forecasts.ts"
import { situations } from "#schema/campaign/Situations.ts"
import type { Acting } from "#schema/people/Acting.ts"
import { parse, render } from "#schema/text/Placeholders.ts"
import { forecastInWords } from "../campaigns/Situation.ts"
import { inWords, refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"
import { loadAudience } from "./Audience.ts"
import type { Chosen } from "./Choice.ts"
import { closing } from "./Closing.ts"
import { showLedger } from "./Ledger.ts"
import * as Message from "./Message.ts"
import type { SendOptions } from "./Options.ts"
import { patiently } from "./patiently.ts"
import { clockWords, type Schedule, scheduleWords } from "./Schedule.ts"
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
      if (loaded.parts !== undefined) yield* showExample(campaignId, o.text, asAuthor)
      yield* showWhen(campaignId, o.schedule, asAuthor)
      Screen.row("Lost answer", o.resend ? "sent again; may arrive twice" : "held as unknown, never sent twice")
      Screen.row("Fingerprint", fingerprint)
      Screen.line()
      const what = { campaignId, fingerprint, author, members: people, signIn }
      return yield* signature(what, signing)
    }).pipe(
      Effect.onError(() =>
        asAuthor(Campaigns.move(campaignId, "stop", "not signed at the command line")).pipe(
          Effect.as("is stopped"),
          Effect.orElseSucceed(() => `could not be stopped and is left unsigned: npm run stop -- ${campaignId}`),
          Effect.map((how) => Screen.line(Screen.dim(`Campaign ${campaignId} ${how}; nothing was sent.`)))
        )
      )
    )
    Screen.row("Signed by", `${signed.name}; campaign ${campaignId}`)
    Screen.line()
    onSending(campaignId)

    const watched = yield* watch(campaignId, asAuthor, o.wait, place.hint)
    Screen.line()
    yield* patiently(campaignId, asAuthor(showLedger(laneId, watched, o.schedule.timeZone)))
    Screen.line()
    const code = yield* patiently(campaignId, asAuthor(closing(campaignId, watched, place.afterwards)))
    Screen.line()
    return code
  },
  Effect.mapError((error) =>
    Terminal.isQuitError(error) ? error : refusal(inWords(error as Error & { readonly _tag: string }))
  )
)

/** What the first recipient of a text with placeholders gets. */
const showExample = Effect.fnUntraced(function* (campaignId: number, text: string, asAuthor: Acting) {
  const { first, examples } = (yield* asAuthor(evidence(campaignId, 0)))!.audience
  const parsed = parse(text)
  const values = parsed.keys.map((key) => examples[key]?.[0])
  if (first[0] === undefined || values.some((value) => value === undefined)) return
  const lines = render(parsed, values as ReadonlyArray<string>).split(/\r\n|\r|\n/)
  Screen.row("As read by", `+${first[0]}`, ...lines.map((line) => Screen.dim(Screen.shown(line))))
})

/** Its schedule as it was understood, and whether it can be kept: before anybody signs. */
const showWhen = Effect.fnUntraced(function* (campaignId: number, schedule: Schedule, asAuthor: Acting) {
  const [[s], foreseen] = yield* asAuthor(Effect.all([situations([campaignId]), forecast(campaignId)]))
  const { endsLocal, startsLocal, timeZone } = schedule
  const clocks = [
    startsLocal && s!.starts_at && clockWords(startsLocal, timeZone, s!.starts_at),
    endsLocal && s!.ends_at && clockWords(endsLocal, timeZone, s!.ends_at)
  ].filter((words) => typeof words === "string")
  const when = [...scheduleWords(schedule), ...clocks.map((words) => Screen.amber(`! ${words}`))]
  if (when.length > 0) Screen.row("When", ...when)
  const planned = { ...s!, forecast: foreseen }
  const isLate = (foreseen?.leftOver ?? 0) > 0
  const words = forecastInWords(planned)
  if (words !== "") Screen.row("Forecast", isLate ? Screen.amber(`! ${words}`) : `${words}, if it is signed now`)
})

const titleOf = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim()
  return line.length <= LONGEST_TITLE ? line : `${line.slice(0, LONGEST_TITLE - 1).toWellFormed()}…`
}
