/**
 * The engine in a test's own process, in its own role, on a database of the file's own:
 *
 *     layer(TestEngine.layer, { excludeTestServices: true })("receipts", (it) => {
 *       it.effect("…", () => Effect.gen(function* () {
 *         const { house, start } = yield* TestEngine
 *         const smsc = yield* scopedSmsc({ port: 0 })
 *         const channel = yield* makeChannel(house, smsc.port)
 *         const { log, stop } = yield* start
 *       }))
 *     })
 */
import { Context, Effect, Fiber, Layer, Logger, type Scope } from "effect"
import type { ChannelLocks } from "#schema/channel/ChannelLocks.ts"
import { type Postgres, SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { engine, shared } from "./Engine.ts"
import type { Hints } from "./Hints.ts"
import { eventually, type House, makeHouse } from "./TestCampaigns.ts"

export interface Started {
  /** What the engine has said so far, a line each. */
  readonly log: ReadonlyArray<string>
  /** Ends it as SIGTERM would: resolves when it has drained. */
  readonly stop: Effect.Effect<void>
}

/** Waits until a line of the log matches: it is written a moment after what it tells of is true. */
export const says = (log: Started["log"], pattern: RegExp): Effect.Effect<void> =>
  eventually(
    `the log says ${pattern}`,
    Effect.sync(() => log.some((line) => pattern.test(line)))
  )

export class TestEngine extends Context.Service<
  TestEngine,
  {
    readonly house: House
    /** An engine until the scope closes; then every channel is disabled, so that the next test's engine finds its own only. */
    readonly start: Effect.Effect<Started, never, Scope.Scope>
    /** Any other life in the engine's role, e.g. one channel's; likewise. */
    readonly startLife: <E>(
      life: Effect.Effect<unknown, E, SqlClient | Postgres | Hints | ChannelLocks>
    ) => Effect.Effect<Started & { readonly ended: Effect.Effect<unknown, E> }, never, Scope.Scope>
  }
>()("engine/TestEngine") {
  static readonly layer = Layer.effect(
    TestEngine,
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const house = yield* makeHouse
      const startLife = Effect.fnUntraced(function* <E>(
        life: Effect.Effect<unknown, E, SqlClient | Postgres | Hints | ChannelLocks>
      ) {
        const log: Array<string> = []
        const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
          log.push(`${logLevel} ${Array.isArray(message) ? message.map(String).join(" ") : String(message)}`)
        })
        yield* Effect.addFinalizer(() => Effect.orDie(sql`UPDATE channel SET enabled = false`))
        const fiber = yield* Effect.forkScoped(
          asEngine(Effect.provide(life, shared)).pipe(Effect.provide(Logger.layer([logger])))
        )
        return { log, stop: Fiber.interrupt(fiber), ended: Fiber.join(fiber) }
      })
      return TestEngine.of({ house, startLife, start: startLife(engine) })
    })
  ).pipe(Layer.provideMerge(TestDatabase.layer))
}
