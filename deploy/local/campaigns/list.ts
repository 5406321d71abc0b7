/** `npm run campaigns`: a table of them, newest first: where each stands, why it waits, its figures and its forecast. Exit code 0. */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { page } from "#schema/campaign/CampaignList.ts"
import { type CampaignState, type Progress, progressOf } from "#schema/campaign/Campaigns.ts"
import { type Situation, situations } from "#schema/campaign/Situations.ts"
import { layer } from "#schema/Database.ts"
import { workspaces } from "#schema/people/Workspaces.ts"
import { asProcess, toldToPeople } from "../CommandLine.ts"
import { refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"
import { doors } from "../WhatRuns.ts"
import { forecastInWords, stateInWords } from "./Situation.ts"

interface Wanted {
  readonly workspace: string | undefined
  readonly live: boolean
  readonly before: number | undefined
}

/** What waits, sends or is paused. */
const LIVE: ReadonlyArray<CampaignState> = ["draft", "in_review", "scheduled", "sending", "paused"]

const LONGEST_NAME = 34
const FIGURES = ["recipients", "accepted", "delivered"] as const
const WIDTH = 11

const cut = (text: string, width: number): string =>
  (text.length <= width ? text : `${text.slice(0, width - 1).toWellFormed()}…`).padEnd(width)

const header = Screen.dim(
  `${"".padStart(5)}  ${cut("campaign", LONGEST_NAME)}${FIGURES.map((word) => word.padStart(WIDTH)).join("")}`
)

/** Two lines: its name and figures; where it stands, how fast it goes, and when it will be through. */
const show = (s: Situation, p: Progress): void => {
  const numbers = [p.audience, p.accepted, p.delivered].map((n) => Screen.count(n).padStart(WIDTH)).join("")
  const name = cut(`${Screen.shown(s.name)}`, LONGEST_NAME)
  Screen.line(`${Screen.bold(String(s.id).padStart(5))}  ${name}${numbers}`)
  const rate = s.state === "sending" ? s.forecast?.perSecond : undefined
  const pace = rate === undefined ? "" : `${rate < 10 ? rate.toFixed(1) : Screen.count(Math.round(rate))} a second`
  const parts = [s.workspace, stateInWords(s), pace, forecastInWords(s)].filter((part) => part !== "")
  for (const text of Screen.wrapped(parts.join(" · "))) Screen.line(`${"".padStart(7)}${colour(s.state)(text)}`)
}

const colour = (state: CampaignState) =>
  state === "sending" ? Screen.green : state === "paused" || state === "failed" ? Screen.amber : Screen.dim

const look = Effect.fnUntraced(function* ({ before, live, workspace }: Wanted) {
  const all = yield* workspaces
  const chosen = all.find(({ name }) => name.toLowerCase() === workspace?.toLowerCase())
  if (workspace !== undefined && chosen === undefined)
    return yield* refusal(
      `There is no workspace “${Screen.shown(workspace)}”.`,
      `There are: ${all.map(({ name }) => `“${name}”`).join(", ")}. Choose one with --workspace.`
    )
  const { campaigns, next } = yield* page({
    workspaceId: chosen?.id ?? null,
    ...(live ? { states: LIVE } : {}),
    ...(before === undefined ? {} : { before })
  })
  const ids = campaigns.map(({ id }) => id)
  const progress = new Map((yield* progressOf(ids)).map((p) => [p.id, p]))
  return { seen: yield* situations(ids), progress, next }
})

const list = (o: Wanted) =>
  Effect.gen(function* () {
    const { ownerUrl } = yield* doors
    const database = layer(ownerUrl, { applicationName: "countersign campaigns", maxConnections: 1 })
    const { next, progress, seen } = yield* Effect.provide(look(o), database)
    Screen.line()
    if (seen.length === 0) Screen.line("There are none. Make one with npm run send; -- --help says how.")
    else Screen.line(header)
    for (const s of seen) show(s, progress.get(s.id)!)
    if (next !== null) Screen.line(Screen.dim(`There are older ones: npm run campaigns -- --before ${next}`))
    Screen.line()
    return 0
  }).pipe(toldToPeople)

const command = Command.make(
  "campaigns",
  {
    workspace: Flag.String("workspace").pipe(
      Flag.optional,
      Flag.withDescription("Of one department (default: of all)")
    ),
    live: Flag.Boolean("live").pipe(
      Flag.withDefault(false),
      Flag.withDescription("Only those that have not ended (default: all)")
    ),
    before: Flag.Int("before").pipe(
      Flag.withMetavar("campaign"),
      Flag.optional,
      Flag.withDescription("Those made before that one (default: the newest 50)")
    )
  },
  (o) => list({ ...o, workspace: Option.getOrUndefined(o.workspace), before: Option.getOrUndefined(o.before) })
).pipe(
  Command.withDescription(
    "Campaigns, newest first: where each stands, why it waits, its figures, its pace and its forecast."
  ),
  Command.withExamples([{ command: "npm run campaigns -- --live", description: "What waits or sends" }])
)

asProcess(Command.run(command, { version: "0.1.0" }))
