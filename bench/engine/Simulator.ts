/** The operator of a benchmark: the simulator as a process, asked over HTTP what it was given. */
import { Effect, Schedule } from "effect"
import { unpackReceived } from "#bench/smsc/receivedBin.ts"
import type { Counts } from "#bench/smsc/Tally.ts"
import { BenchError, child } from "./Child.ts"

/** Starts it on free ports. options: its flags, as bench/smsc/main.ts has them. */
export const simulator = Effect.fn("bench.simulator")(function* (options: ReadonlyArray<string> = []) {
  const process_ = yield* child("simulator", ["bench/smsc/main.ts", "--port", "0", "--http", "0", ...options])
  const [, port, control] = yield* process_.line(/on 127\.0\.0\.1:(\d+), control on (\S+)/)
  const ask = (path: string) =>
    Effect.tryPromise({
      try: () => fetch(`${control}${path}`),
      catch: (cause) => new BenchError({ message: `the simulator doesn't answer: ${cause}` })
    })
  const counts = Effect.flatMap(ask("/counts"), (r) => Effect.promise(() => r.json() as Promise<Counts>))
  return {
    pid: process_.pid,
    port: Number(port),
    ended: process_.ended,
    counts,
    received: Effect.flatMap(ask("/received.bin"), (r) =>
      Effect.promise(async () => unpackReceived(new Uint8Array(await r.arrayBuffer())))
    ),
    /** Waits until so many binds are up. */
    bound: (binds: number) =>
      Effect.flatMap(counts, (c) =>
        c.binds === binds ? Effect.void : new BenchError({ message: `${c.binds} of ${binds} binds are up` })
      ).pipe(Effect.retry({ schedule: Schedule.spaced("50 millis"), times: 400 }))
  }
})

export type Simulator = Effect.Success<ReturnType<typeof simulator>>
