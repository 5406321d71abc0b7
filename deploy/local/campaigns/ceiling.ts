/** `npm run ceiling -- 5 20`: a campaign slowed down while it runs, never above what was approved. */
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { slow } from "#schema/campaign/Campaigns.ts"
import { asProcess, toldToPeople } from "../CommandLine.ts"
import { refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"
import { as, atDesk, campaign } from "./Desk.ts"
import { showMoved } from "./Move.ts"

const perSecond = Argument.String("messages-a-second").pipe(
  Argument.withDescription("At most so many, or off: as fast as was approved again")
)

const ceiling = (o: { readonly campaign: string; readonly perSecond: string; readonly as: string | undefined }) =>
  Effect.gen(function* () {
    if (o.perSecond !== "off" && !/^\d{1,9}$/.test(o.perSecond))
      return yield* refusal(
        `“${Screen.shown(o.perSecond)}” is no number of messages a second.`,
        "Write 20, or off for what was approved: npm run ceiling -- 5 20"
      )
    const to = o.perSecond === "off" ? null : Number(o.perSecond)
    return yield* atDesk({ ...o, command: "ceiling" }, (desk) =>
      Effect.gen(function* () {
        yield* desk.acting(slow(desk.campaign.id, to))
        yield* showMoved(
          desk,
          to === null ? "Let go as fast as was approved" : `Held to ${Screen.many(to, "message")} a second`
        )
        return 0
      })
    )
  }).pipe(toldToPeople)

const command = Command.make("ceiling", { campaign, perSecond, as }, (o) =>
  ceiling({ ...o, as: Option.getOrUndefined(o.as) })
).pipe(
  Command.withDescription(
    "Slow a campaign down while it waits or sends, from now on. Never above what was approved: for that it has to be changed and approved anew."
  ),
  Command.withExamples([
    { command: "npm run ceiling -- 5 20", description: "At most 20 messages a second" },
    { command: "npm run ceiling -- 5 off", description: "As fast as was approved again" }
  ])
)

asProcess(Command.run(command, { version: "0.1.0" }))
