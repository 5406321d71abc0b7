/** One press of a button: a campaign moved in somebody's name, and how it stands then. Exit code 0: it was; 1: it was refused. */
import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { move } from "#schema/campaign/Campaigns.ts"
import { course } from "#schema/campaign/Course.ts"
import { situations } from "#schema/campaign/Situations.ts"
import { asProcess, toldToPeople } from "../CommandLine.ts"
import * as Screen from "../Screen.ts"
import { as, atDesk, campaign, type Desk } from "./Desk.ts"
import { stateInWords } from "./Situation.ts"

/** What was done, by whom; and then where the campaign stands, with its figures, which it gives. */
export const showMoved = Effect.fnUntraced(function* (desk: Desk, done: string) {
  const { id, name, workspace } = desk.campaign
  const [[now], p] = yield* desk.acting(Effect.all([situations([id]), course(id)]))
  Screen.line()
  Screen.line(`${Screen.green("✓")} ${done} by ${desk.person.name}.`)
  Screen.row("Campaign", `${id} “${Screen.shown(name)}”, ${workspace}`)
  Screen.row("Now", stateInWords(now!))
  Screen.row("", Screen.dim(figuresInWords(p)))
  Screen.line()
  return p
})

/** "48,000 recipients: 1,200 submitted · 1,150 delivered · 46,800 to go". */
export const figuresInWords = (p: {
  readonly audience: number
  readonly left: number
  readonly delivered: number
  readonly cancelled: number
}): string => {
  const toGo = p.audience - p.left - p.cancelled
  const rest = p.cancelled > 0 ? ` · ${Screen.count(p.cancelled)} not sent` : ""
  return `${Screen.many(p.audience, "recipient")}: ${Screen.count(p.left)} submitted · ${Screen.count(p.delivered)} delivered${toGo > 0 ? ` · ${Screen.count(toGo)} to go` : ""}${rest}`
}

export interface Button {
  /** What the command and the action of rules/transitions.sql are called. */
  readonly command: string
  readonly action: string
  /** "Paused". */
  readonly done: string
  readonly description: string
}

/** A command that presses it. */
export const button = ({ action, command, description, done }: Button) => {
  const press = (o: { readonly campaign: string; readonly as: string | undefined }) =>
    atDesk({ ...o, command }, (desk) =>
      Effect.gen(function* () {
        yield* desk.acting(move(desk.campaign.id, action))
        yield* showMoved(desk, done)
        return 0
      })
    ).pipe(toldToPeople)
  return Command.make(command, { campaign, as }, (o) => press({ ...o, as: Option.getOrUndefined(o.as) })).pipe(
    Command.withDescription(description),
    Command.withExamples([
      { command: `npm run ${command} -- 5`, description: "By whoever wrote it" },
      { command: `npm run ${command} -- 5 --as ivan@demo.example`, description: "By somebody else who may" }
    ])
  )
}

/** The whole process. */
export const pressed = (what: Button) => asProcess(Command.run(button(what), { version: "0.1.0" }))
