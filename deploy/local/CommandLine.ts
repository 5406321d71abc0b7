/**
 * Commands for people: how they begin and how they end, the same for all of them.
 *
 * What can't be understood on the command line is told in a sentence, without the help before it, which would push it off the screen.
 * Ctrl-C, also where a question was asked, is exit code 130; whatever was refused 1.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Cause, Effect, Exit, Layer, Terminal } from "effect"
import { CliOutput, type Command } from "effect/cli"
import { logPath } from "./House.ts"
import { logFile } from "./LogFile.ts"
import { tellingErrors } from "./Refusal.ts"
import * as Screen from "./Screen.ts"

/** Ends a command's program in words, and gives the process its exit code. */
export const toldToPeople = <E, R>(program: Effect.Effect<number, E, R>) =>
  program.pipe(
    // Ctrl-C or Ctrl-D where a question was asked
    Effect.catchIf(Terminal.isQuitError, () => Effect.succeed(130)),
    tellingErrors(
      (message) => {
        Screen.settle(false)
        Screen.failure(message)
      },
      logPath,
      1
    ),
    Effect.provide(logFile(logPath)),
    Effect.tap((code) =>
      Effect.sync(() => {
        process.exitCode = code
      })
    ),
    Effect.asVoid
  )

const presenter = CliOutput.layerPresenter({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Effect.sync(() =>
          Screen.failure(
            [
              ...event.errors.map(({ message }) => Screen.shown(message.replaceAll("\n", " "))),
              `Its options, with examples: npm run ${event.commandPath[0]} -- --help`
            ].join("\n")
          )
        )
      : CliOutput.defaultPresenter.present(event)
})

/** Runs what is given its command line, as the whole process. */
export const asProcess = <E>(program: Effect.Effect<void, E, Command.Environment>) =>
  program.pipe(
    Effect.provide(Layer.mergeAll(NodeServices.layer, presenter)),
    NodeRuntime.runMain({
      disableErrorReporting: true,
      teardown: (exit) => {
        if (Exit.isSuccess(exit)) return process.exit(process.exitCode ?? 0)
        if (Cause.hasInterruptsOnly(exit.cause)) return process.exit(130)
        const error = Cause.squash(exit.cause)
        // What was wrong on the command line has been told already.
        if (!(error instanceof Error && "_tag" in error && error._tag === "ShowHelp"))
          process.stderr.write(`${Cause.pretty(exit.cause)}\n`)
        return process.exit(1)
      }
    })
  )
