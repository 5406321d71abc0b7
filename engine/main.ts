/**
 * The engine as a process: ENGINE_DATABASE_URL says where, SIGTERM or Ctrl-C drain it.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import * as Database from "#schema/Database.ts"
import { EngineDatabaseUrl } from "#schema/LoginRole.ts"
import { engine } from "./Engine.ts"

/**
 * Each channel pins two connections, to listen and to hold its lock; claims, flushes and looks share what is left. They
 * are opened as needed: an engine with one channel uses about six.
 */
const CONNECTIONS = 50

const DatabaseLayer = Layer.unwrap(
  Effect.map(EngineDatabaseUrl, (url) =>
    Database.layer(url, { applicationName: "countersign engine", maxConnections: CONNECTIONS })
  )
)

NodeRuntime.runMain(Effect.provide(engine, DatabaseLayer))
