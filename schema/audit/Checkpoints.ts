/**
 * Signs the heads of chains that have grown, and keeps what it signed: in the database, and wherever `onSigned` takes it, which
 * should be somewhere else. Runs in the access role; the private key is the program's own, and no database knows it.
 */
import type { KeyObject } from "node:crypto"
import { Clock, Config, type Duration, Effect, Option, Redacted, Schedule } from "effect"
import { SqlClient, type SqlError, sqlMessage } from "#schema/Database.ts"
import { type Checkpoint, type CheckpointError, readPrivateKey, signCheckpoint } from "./Checkpoint.ts"

/** The key as PEM or base64 of its seed; none: no checkpoints are signed. */
export const CheckpointKey = Config.option(Config.Redacted("AUDIT_SIGNING_KEY"))

/** The configured private key. Fails with `CheckpointError` when what is configured is none. */
export const configuredKey: Effect.Effect<
  Option.Option<KeyObject>,
  Config.ConfigError | CheckpointError
> = Effect.flatMap(
  CheckpointKey,
  Option.match({
    onNone: () => Effect.succeedNone,
    onSome: (text) => Effect.asSome(Effect.fromResult(readPrivateKey(Redacted.value(text))))
  })
)

/** Signs every chain that has grown since its last checkpoint. Gives what it signed. */
export const signHeads = Effect.fn("Checkpoints.sign")(function* (privateKey: KeyObject) {
  const sql = yield* SqlClient
  const heads = yield* sql<{ workspace_id: number; seq: number; hash: string }>`
    SELECT workspace_id, seq, encode(hash, 'hex') AS hash FROM heads_to_sign()`
  const at_us = String((yield* Clock.currentTimeMillis) * 1000)
  return yield* Effect.forEach(heads, (head) => {
    const signed = signCheckpoint({ ...head, at_us }, privateKey)
    return Effect.as(
      sql`SELECT keep_checkpoint(${signed.workspace_id}, ${signed.seq}, decode(${signed.hash}, 'hex'), ${signed.at_us}::text::bigint,
                                 decode(${signed.public_key}, 'hex'), decode(${signed.signature}, 'hex'))`,
      signed
    )
  })
})

/** Signs now and then every so often, for as long as it runs. A database that is away is asked again the next time. */
export const signing = (
  privateKey: KeyObject,
  every: Duration.Input,
  onSigned: (checkpoints: ReadonlyArray<Checkpoint>) => Effect.Effect<unknown>
): Effect.Effect<never, never, SqlClient> =>
  signHeads(privateKey).pipe(
    Effect.tap((signed) => (signed.length === 0 ? Effect.void : onSigned(signed))),
    Effect.catch((error: SqlError) => Effect.logWarning(`no checkpoint this time: ${sqlMessage(error)}`)),
    Effect.repeat(Schedule.spaced(every)),
    Effect.andThen(Effect.never)
  )
