/**
 * The audit's checkpoints where everything runs in one place: signed now and then with AUDIT_SIGNING_KEY, or with a key of this
 * installation's own, and written into files that somebody may carry elsewhere. A key that lies beside what it vouches for
 * is for trying it out; an installation that means it gives its own.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Layer, Option, type Redacted } from "effect"
import { type Checkpoint, generateCheckpointKey, readPrivateKey } from "#schema/audit/Checkpoint.ts"
import { configuredKey, signHeads, signing } from "#schema/audit/Checkpoints.ts"
import { layer } from "#schema/Database.ts"
import { accessUrl } from "#schema/LoginRole.ts"
import { dataFolder } from "./RunningNote.ts"

/** Little enough to lose, and a row a workspace that did something. */
const EVERY = "15 minutes"

const keyPath = join(dataFolder, "audit.key")
const checkpointFolder = join(dataFolder, "checkpoints")

/** Signs for as long as the scope lives, and once more at its end. */
export const signCheckpoints = Effect.fnUntraced(function* (owner: Redacted.Redacted<string>) {
  const key = Option.getOrUndefined(yield* configuredKey) ?? (yield* Effect.fromResult(readPrivateKey(ownKey())))
  const access = yield* Layer.build(
    layer(yield* accessUrl(owner), { applicationName: "countersign checkpoints", maxConnections: 1 })
  )
  yield* Effect.addFinalizer(() => Effect.ignore(Effect.provide(Effect.flatMap(signHeads(key), carriedOut), access)))
  yield* Effect.forkScoped(Effect.provide(signing(key, EVERY, carriedOut), access))
})

const ownKey = (): string => {
  try {
    return readFileSync(keyPath, "utf8")
  } catch {
    const { privateKey } = generateCheckpointKey()
    mkdirSync(dataFolder, { recursive: true })
    writeFileSync(keyPath, privateKey, { mode: 0o600, flag: "wx" })
    return privateKey
  }
}

/** A folder that can't be written is told and no reason to stop: the checkpoints are in the database as well. */
const carriedOut = (checkpoints: ReadonlyArray<Checkpoint>) =>
  Effect.try(() => {
    mkdirSync(checkpointFolder, { recursive: true })
    for (const checkpoint of checkpoints)
      writeFileSync(
        join(checkpointFolder, `workspace-${checkpoint.workspace_id}-row-${checkpoint.seq}.json`),
        `${JSON.stringify(checkpoint)}\n`
      )
  }).pipe(Effect.catch((error) => Effect.logWarning(`checkpoints could not be written to ${checkpointFolder}`, error)))
