/** What runs while the command line is tried out: a database of its own, and everything else real. For tests. */
import { Context, Effect, Layer, Redacted } from "effect"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type Ended, folder, running, tellSimulator } from "./TestProgram.ts"

/** `npm start` in a folder, and commands of people beside it. */
export class Running extends Context.Service<
  Running,
  {
    readonly cwd: string
    readonly env: { readonly DATABASE_URL: string }
    readonly send: (...args: ReadonlyArray<string>) => Effect.Effect<Ended>
    /** Another command of deploy/local/campaigns. */
    readonly campaigns: (command: string, ...args: ReadonlyArray<string>) => Effect.Effect<Ended>
    /** Tells the simulator how to behave. */
    readonly control: (patch: Readonly<Record<string, string>>) => Effect.Effect<unknown>
  }
>()("deploy/local/test/Running") {
  static readonly layer = Layer.effect(
    Running,
    Effect.gen(function* () {
      const { ownerUrl } = yield* TestDatabase
      const cwd = yield* folder
      const env = { DATABASE_URL: Redacted.value(ownerUrl) }
      const start = yield* running("start.ts", ["--no-history"], cwd, env)
      yield* Effect.promise(() => start.says(/Ready after/))
      const ended = (file: string, args: ReadonlyArray<string>) =>
        Effect.scoped(Effect.flatMap(running(file, args, cwd, env), (program) => Effect.promise(() => program.ended)))
      const send = (...args: ReadonlyArray<string>) => ended("send.ts", args)
      const campaigns = (command: string, ...args: ReadonlyArray<string>) => ended(`campaigns/${command}.ts`, args)
      return Running.of({
        cwd,
        env,
        send,
        campaigns,
        control: (patch) => Effect.promise(() => tellSimulator(cwd, patch))
      })
    })
  ).pipe(Layer.provideMerge(TestDatabase.layer))
}
