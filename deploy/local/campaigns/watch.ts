/**
 * `npm run watch -- 5`: the live figures of one campaign until it has ended and its receipts are in. It changes nothing; Ctrl-C stops the
 * watching and nothing else. Exit codes are those of `npm run send`.
 */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { situations } from "#schema/campaign/Situations.ts"
import { asProcess, toldToPeople } from "../CommandLine.ts"
import { logPath } from "../House.ts"
import { refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"
import { closing } from "../send/Closing.ts"
import { figures } from "../send/Ledger.ts"
import { patiently } from "../send/patiently.ts"
import { watch } from "../send/Watch.ts"
import { as, atDesk, campaign } from "./Desk.ts"
import { forecastInWords, stateInWords } from "./Situation.ts"

const AFTERWARDS = "The engine goes on taking receipts for it."

const wait = Flag.Int("wait").pipe(
  Flag.withMetavar("seconds"),
  Flag.withDefault(60),
  Flag.withDescription("How long to wait for receipts after the last submission (default: 60)")
)

const stopped = (id: number) => {
  Screen.settle(true)
  if (process.stdout.isTTY) process.stdout.write("\r\u001b[2K")
  Screen.line(`Campaign ${id} goes on as it was; only the watching has stopped.`)
}

const watchOne = (o: { readonly campaign: string; readonly as: string | undefined; readonly wait: number }) =>
  Effect.gen(function* () {
    if (o.wait < 0) return yield* refusal("--wait is a number of seconds, from 0 on.")
    return yield* atDesk({ ...o, command: "watch" }, ({ acting, campaign: { id, name, workspace }, person }) =>
      Effect.gen(function* () {
        const [now] = yield* acting(situations([id]))
        Screen.line()
        Screen.row("Campaign", `${id} “${Screen.shown(name)}”, ${workspace}`, Screen.dim(`seen by ${person.name}`))
        const through = forecastInWords(now!)
        Screen.row("Now", `${stateInWords(now!)}${through && `; ${through}`}`)
        Screen.line()
        if (now!.state === "draft" || now!.state === "in_review") return 0
        const p = yield* watch(id, acting, o.wait, `See ${logPath} where the engine runs.`)
        Screen.line()
        figures(p)
        Screen.line()
        const code = yield* patiently(id, acting(closing(id, p, AFTERWARDS)))
        Screen.line()
        return code as number
      }).pipe(Effect.onInterrupt(() => Effect.sync(() => stopped(id))))
    )
  }).pipe(toldToPeople)

const command = Command.make("watch", { campaign, as, wait }, (o) =>
  watchOne({ ...o, as: Option.getOrUndefined(o.as) })
).pipe(
  Command.withDescription(
    "Follow one campaign until it has ended: what has left, how fast, what it waits for, when it will be through. Ctrl-C stops the watching and nothing else. Exit codes are those of npm run send."
  ),
  Command.withExamples([{ command: "npm run watch -- 5", description: "Until it ends, or Ctrl-C" }])
)

asProcess(Command.run(command, { version: "0.1.0" }))
