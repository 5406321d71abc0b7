/**
 * The engine as a process: ENGINE_DATABASE_URL says where, COUNTERSIGN_SECRET_KEY opens the channels' passwords,
 * ENGINE_METRICS_HOST and ENGINE_METRICS_PORT say where it is watched, SIGTERM or Ctrl-C drain it.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { readOptions } from "#schema/audit/CommandLine.ts"
import * as Database from "#schema/Database.ts"
import { configWords } from "#schema/DatabaseUrl.ts"
import { EngineDatabaseUrl } from "#schema/LoginRole.ts"
import { Secrets } from "#schema/Secrets.ts"
import { engine } from "./Engine.ts"
import { Watched } from "./watching/Watched.ts"
import { watchedAt, watchServer } from "./watching/watchServer.ts"

/**
 * One listens and one holds the channels' locks; claims, flushes and looks of all channels take turns on the others, a
 * statement at a time, so that no number of channels needs more. They are opened as needed.
 */
const CONNECTIONS = 50

/** Without a database that it can look for it does not begin; one that is away it waits for. */
const DatabaseLayer = Layer.unwrap(
  Effect.map(EngineDatabaseUrl, (url) =>
    Database.layer(url, { applicationName: "countersign engine", maxConnections: CONNECTIONS })
  )
)

const help = `npm run start:engine: drives the channels of ENGINE_DATABASE_URL until SIGTERM or Ctrl-C, which drain it. It takes no options.
COUNTERSIGN_SECRET_KEY opens the channels' passwords; it is watched at ENGINE_METRICS_HOST, ENGINE_METRICS_PORT (127.0.0.1:9464).`

/** It is watched before it begins, and until it has drained. */
const watched = Effect.scoped(Effect.andThen(Effect.flatMap(watchedAt, watchServer), engine))

Effect.gen(function* () {
  const { values } = yield* Effect.fromResult(readOptions(process.argv.slice(2), {}))
  if (values.help === true) return yield* Console.log(help)
  return yield* Effect.provide(watched, Layer.mergeAll(DatabaseLayer, Secrets.layerIfKeyed, Watched.layer))
}).pipe(
  Effect.catchTag(["ConfigError", "SecretsError", "WatchError", "ArgumentsError"], (error) =>
    Effect.andThen(
      Console.error(error._tag === "ConfigError" ? configWords(error) : error.message),
      Effect.sync(() => {
        process.exitCode = 1
      })
    )
  ),
  NodeRuntime.runMain
)
