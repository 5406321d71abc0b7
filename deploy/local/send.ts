/**
 * `npm run send`: one text to a file of numbers, signed by two people, against what `npm start` runs, or with everything in
 * this process where nothing runs.
 *
 *   npm run send -- --sender CorpIT --text "Planned maintenance tonight" --numbers staff.csv
 *
 * Exit code 0: the ledger adds up, every recipient has one outcome and every counter matches a recount. 3: it adds up, but
 * some still wait for their receipt. 1: it doesn't add up, the campaign was stopped, or something was refused. 130: Ctrl-C.
 */
import { resolve } from "node:path"
import { Effect, Layer, Option } from "effect"
import { Command } from "effect/cli"
import { layer } from "#schema/Database.ts"
import { asProcess, toldToPeople } from "./CommandLine.ts"
import { house, logPath, RECEIPT_WAIT } from "./House.ts"
import { refusal } from "./Refusal.ts"
import * as Screen from "./Screen.ts"
import { checkFile } from "./send/Audience.ts"
import { type Place, sendCampaign } from "./send/Campaign.ts"
import { choose } from "./send/Choice.ts"
import { options, type SendOptions } from "./send/Options.ts"
import { readSchedule, scheduled } from "./send/Schedule.ts"
import type { Signing } from "./send/Signature.ts"
import { signedIn } from "./send/SignedIn.ts"
import { whatRuns } from "./WhatRuns.ts"

/** How everything ends is told after a Ctrl-C only: else the ledger is the last thing to be read. */
let stopping = false

const told = {
  step: (text: string) => {
    if (stopping) Screen.line(Screen.dim(text))
  },
  warn: (text: string) => Screen.line(`${Screen.amber("!")} ${text}`)
}

/** Where the owner and the portal's role log in: at what runs already, or at what is started here for as long as the scope lives. */
const somewhere = Effect.gen(function* () {
  const running = yield* whatRuns
  if (running?.by === "start") return { attached: true, ...running }
  Screen.move("Nothing runs here yet: starting Postgres, the simulator and the engine …")
  const { ownerUrl, portalUrl } = yield* house("send", told)
  Screen.settle(false)
  Screen.line()
  Screen.line(Screen.dim("Postgres, the simulator and the engine run in this process until the end."))
  return { attached: false, ownerUrl, portalUrl }
})

/** npm runs a script in the project's folder, and says in INIT_CWD from where it was called. */
const whereThePersonStands = (path: string): string => {
  const { INIT_CWD, npm_lifecycle_event } = process.env
  return npm_lifecycle_event !== "send" || INIT_CWD === undefined || INIT_CWD === process.cwd()
    ? path
    : resolve(INIT_CWD, path)
}

const place = (attached: boolean): Place =>
  attached
    ? {
        hint: `See the terminal of npm start, or ${logPath}.`,
        afterwards: `npm start goes on taking receipts for it. What has none after ${RECEIPT_WAIT} is unknown.`
      }
    : {
        hint: `See ${logPath}.`,
        afterwards: `The next npm start goes on taking receipts for it. What has none ${RECEIPT_WAIT} later is unknown.`
      }

const howToSign = Effect.fnUntraced(function* (o: SendOptions) {
  if (o.approveAs !== undefined) return { by: o.approveAs } satisfies Signing
  if (o.yes) return "anybody" satisfies Signing
  if (Screen.isInteractive) return "ask" satisfies Signing
  return yield* refusal(
    "A second person has to sign, and there is no terminal to ask at.",
    "Give --approve-as ivan@demo.example, or --yes for the first demo user who may."
  )
})

/** What a Ctrl-C leaves behind, said by who knows. */
const interrupted = (attached: boolean, campaignId: number | undefined) => {
  Screen.settle(true)
  if (process.stdout.isTTY) process.stdout.write("\r\u001b[2K")
  if (campaignId === undefined) return
  Screen.line()
  if (attached) {
    Screen.line(`Campaign ${campaignId} is left running: npm start goes on with it, and its ledger with it.`)
    Screen.line(`npm run watch -- ${campaignId} follows it again; npm run stop -- ${campaignId} stops it.`)
  } else {
    stopping = true
    Screen.line("Stopping. What has left is waited for until it is answered.")
    Screen.line(`Campaign ${campaignId} goes on where it was at the next npm start.`)
  }
}

const send = (o: SendOptions) =>
  Effect.scoped(
    Effect.gen(function* () {
      if (o.wait < 0) return yield* refusal("--wait is a number of seconds, from 0 on.")
      const signing = yield* howToSign(o)
      const typed = yield* readSchedule(o)
      const numbers = whereThePersonStands(o.numbers)
      const size = yield* checkFile(numbers)
      const { attached, ownerUrl, portalUrl } = yield* somewhere
      const asOwner = yield* Layer.build(layer(ownerUrl, { applicationName: "countersign send", maxConnections: 1 }))
      const chosen = yield* Effect.provide(choose(o), asOwner)
      const schedule = yield* Effect.provide(scheduled(typed, chosen.workspace.id), asOwner)
      const signIn = (personId: number) => Effect.provide(signedIn(personId, chosen.workspace.id), asOwner)
      let campaignId: number | undefined
      return yield* sendCampaign(
        { ...o, numbers, size, schedule },
        { ...chosen, signIn },
        signing,
        place(attached),
        (id) => {
          campaignId = id
        }
      ).pipe(
        Effect.provide(layer(portalUrl, { applicationName: "countersign send", maxConnections: 2 })),
        Effect.onInterrupt(() => Effect.sync(() => interrupted(attached, campaignId)))
      )
    })
  ).pipe(toldToPeople)

const EXAMPLE = 'npm run send -- --sender CorpIT --text "Hello" --numbers staff.csv'

const command = Command.make("send", options, (o) =>
  send({
    ...o,
    column: Option.getOrUndefined(o.column),
    name: Option.getOrUndefined(o.name),
    approveAs: Option.getOrUndefined(o.approveAs),
    at: Option.getOrUndefined(o.at),
    spread: Option.getOrUndefined(o.spread),
    window: Option.getOrUndefined(o.window),
    ceiling: Option.getOrUndefined(o.ceiling),
    end: Option.getOrUndefined(o.end),
    zone: Option.getOrUndefined(o.zone)
  })
).pipe(
  Command.withDescription(
    "Send one text to a file of numbers, signed by two people. Exit code 0: the ledger adds up and everybody has an outcome; 3: it adds up, and some still wait for their receipt; 1: anything else; 130: Ctrl-C."
  ),
  Command.withExamples([
    {
      command: 'npm run send -- --sender CorpIT --text "Planned maintenance tonight" --numbers staff.csv',
      description: "Ask who signs, then send"
    },
    {
      command: 'npm run send -- --sender CorpIT --text "Hello" --numbers staff.csv --approve-as ivan@demo.example',
      description: "From a script"
    },
    {
      command: `${EXAMPLE} --at 18:00 --ceiling 50`,
      description: "At the next 18:00 of the workspace's clocks, at most 50 messages a second"
    },
    { command: `${EXAMPLE} --spread 30m`, description: "Evenly over half an hour from its signature" },
    {
      command: `${EXAMPLE} --at "2026-11-23 09:00" --spread "until 2026-12-01 18:00" --window 09:00-18:00`,
      description: "Evenly over days, in office hours"
    }
  ])
)

asProcess(Command.run(command, { version: "0.1.0" }))
