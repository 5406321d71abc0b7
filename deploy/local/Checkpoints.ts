/**
 * The audit's checkpoints where everything runs in one place: signed now and then with AUDIT_SIGNING_KEY, or with a key of this
 * installation's own, and written into files that somebody may carry elsewhere. A key that lies beside what it vouches for
 * is for trying it out; an installation that means it gives its own.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Layer, Option, type Redacted } from "effect"
import { type Checkpoint, generateCheckpointKey, publicKeyOf, readPrivateKey } from "#schema/audit/Checkpoint.ts"
import { writeCheckpoints } from "#schema/audit/CheckpointFiles.ts"
import { configuredKey, signHeads, signing } from "#schema/audit/Checkpoints.ts"
import { layer, SqlClient } from "#schema/Database.ts"
import { accessUrl } from "#schema/LoginRole.ts"
import { refusal } from "./Refusal.ts"
import { dataFolder } from "./RunningNote.ts"

/** Whoever has just sent something finds it signed; a checkpoint is a row and a small file, and a quiet workspace gets none. */
const EVERY = "30 seconds"

const keyPath = join(dataFolder, "audit.key")
export const checkpointFolder = join(dataFolder, "checkpoints")

/** Signs for as long as the scope lives, and once more at its end. Gives the public key, in hex. warn: told of a key that is another. */
export const signCheckpoints = Effect.fnUntraced(function* (
  owner: Redacted.Redacted<string>,
  warn: (text: string) => void
) {
  const key = Option.getOrUndefined(yield* configuredKey) ?? (yield* ownKey)
  const before = yield* Effect.provide(
    lastKey,
    layer(owner, { applicationName: "countersign start", maxConnections: 1 })
  )
  if (before !== undefined && before !== publicKeyOf(key))
    warn(
      `The audit's checkpoints are signed by another key from now on. If nobody meant that, find out what became of the old one (AUDIT_SIGNING_KEY, or ${keyPath}). What it signed is checked by it still: npm run audit:verify -- --key ${before}`
    )
  const access = yield* Layer.build(
    layer(yield* accessUrl(owner), { applicationName: "countersign checkpoints", maxConnections: 1 })
  )
  yield* Effect.addFinalizer(() => Effect.ignore(Effect.provide(Effect.flatMap(signHeads(key), carriedOut), access)))
  yield* Effect.forkScoped(Effect.provide(signing(key, EVERY, carriedOut), access))
  return publicKeyOf(key)
})

/** The public key, in hex, by which the last checkpoint was signed. */
const lastKey = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [last] = yield* sql<{ key: string }>`
    SELECT encode(public_key, 'hex') AS key FROM audit_checkpoint ORDER BY at_us DESC LIMIT 1`
  return last?.key
})

/** This installation's own, made when it is first needed. */
const ownKey = Effect.suspend(() => {
  if (!existsSync(keyPath)) {
    const { privateKey } = generateCheckpointKey()
    mkdirSync(dataFolder, { recursive: true })
    writeFileSync(keyPath, privateKey, { mode: 0o600, flag: "wx" })
  }
  return Effect.mapError(Effect.fromResult(readPrivateKey(readFileSync(keyPath, "utf8"))), ({ message }) =>
    refusal(
      `The key that signs the audit's checkpoints, ${keyPath}, can't be used: ${message}`,
      "Put it back, or remove it: then another is made, and what was signed by the old one is checked by the old one's public key."
    )
  )
})

/** What can't be written is told and no reason to stop: the checkpoints are in the database as well. */
const carriedOut = (checkpoints: ReadonlyArray<Checkpoint>) =>
  Effect.catch(writeCheckpoints(checkpointFolder, checkpoints), ({ message }) => Effect.logWarning(message))
