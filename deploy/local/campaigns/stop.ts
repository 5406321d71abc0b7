/**
 * `npm run stop -- 5`: a campaign ended for good, once who stops it has read what had left and can't be called back.
 *
 * Exit code 0: it is stopped; 1: it is not; 130: Ctrl-C where it was asked.
 */
import { Effect, Option, Schedule } from "effect"
import { Command, Flag, Prompt } from "effect/cli"
import { ENDED, move } from "#schema/campaign/Campaigns.ts"
import { type Course, course } from "#schema/campaign/Course.ts"
import { situations } from "#schema/campaign/Situations.ts"
import { asProcess, toldToPeople } from "../CommandLine.ts"
import { refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"
import { figures } from "../send/Ledger.ts"
import { as, atDesk, campaign, type Desk } from "./Desk.ts"
import { showMoved } from "./Move.ts"
import { stateInWords } from "./Situation.ts"

interface Stop {
  readonly campaign: string
  readonly as: string | undefined
  readonly yes: boolean
}

/** What is in the engine's hands when it stops is answered within a second or two. */
const LOOKS = 50
const LOOK_EVERY = "100 millis"

const toGo = (p: Course) => p.audience - p.left - p.cancelled

/** What has left already, and what would not be sent. */
const showBefore = Effect.fnUntraced(function* ({ acting, campaign: { id, name, workspace }, person }: Desk) {
  const [[now], p] = yield* acting(Effect.all([situations([id]), course(id)]))
  Screen.line()
  Screen.row("Campaign", `${id} “${Screen.shown(name)}”, ${workspace}`)
  Screen.row("Now", stateInWords(now!))
  if (ENDED.has(p.state)) return
  Screen.row(
    "",
    `${Screen.count(p.left)} of ${Screen.many(p.audience, "recipient")} have left and can't be called back`
  )
  Screen.row("", `${Screen.count(toGo(p))} would not be sent, by ${person.name}, for good`)
  Screen.line()
})

/** Once nothing of it is in the engine's hands any more. */
const settled = (desk: Desk) =>
  desk
    .acting(course(desk.campaign.id))
    .pipe(Effect.repeat({ until: (p) => toGo(p) <= 0, times: LOOKS, schedule: Schedule.spaced(LOOK_EVERY) }))

const stop = (o: Stop) =>
  Effect.gen(function* () {
    if (!o.yes && !Screen.isInteractive)
      return yield* refusal("A stop can't be undone, and there is no terminal to ask at.", "Give --yes to stop it.")
    return yield* atDesk({ ...o, command: "stop" }, (desk) =>
      Effect.gen(function* () {
        yield* showBefore(desk)
        const sure = o.yes || (yield* Prompt.Confirm({ message: `Stop campaign ${desk.campaign.id} for good?` }))
        if (!sure) return yield* refusal("It was not stopped.")
        yield* desk.acting(move(desk.campaign.id, "stop"))
        yield* settled(desk)
        figures(yield* showMoved(desk, "Stopped"))
        Screen.line()
        return 0
      })
    )
  }).pipe(toldToPeople)

const command = Command.make(
  "stop",
  {
    campaign,
    as,
    yes: Flag.Boolean("yes").pipe(Flag.withDefault(false), Flag.withDescription("Without asking (default: no)"))
  },
  (o) => stop({ ...o, as: Option.getOrUndefined(o.as) })
).pipe(
  Command.withDescription(
    "Stop a campaign for good: what has not left is not sent. What has left can't be called back, and its receipts are still taken."
  ),
  Command.withExamples([
    { command: "npm run stop -- 5", description: "Asked first" },
    { command: "npm run stop -- 5 --yes --as ivan@demo.example", description: "From a script" }
  ])
)

asProcess(Command.run(command, { version: "0.1.0" }))
