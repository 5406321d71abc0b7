/**
 * The engine as a process: ENGINE_DATABASE_URL says where, SIGTERM or Ctrl-C drain it.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import * as Database from "#schema/Database.ts"
import { EngineDatabaseUrl } from "#schema/LoginRole.ts"
import { engine } from "./Engine.ts"

/**
 * Listening takes a connection for the engine and one a channel; claims, flushes and looks share the rest. More would
 * only stand by: one channel has at most two statements under way.
 */
const CONNECTIONS = 12

const DatabaseLayer = Layer.unwrap(
  Effect.map(EngineDatabaseUrl, (url) =>
    Database.layer(url, { applicationName: "countersign engine", maxConnections: CONNECTIONS })
  )
)

NodeRuntime.runMain(Effect.provide(engine, DatabaseLayer))
