/**
 * Signed words about a chain: at this time its newest row was this one. Kept elsewhere, they hold whoever owns the database to
 * what the chain said then; only the holder of the private key can make new ones.
 *
 * Ed25519 (RFC 8032) over the netstrings of format, workspace, seq, hash and time.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto"
import { Result, Schema } from "effect"
import { instant } from "./AuditRow.ts"
import { netstrings } from "./Netstrings.ts"

const FORMAT = "countersign/checkpoint/1"

const hex = (bytes: number) => Schema.String.check(Schema.isPattern(new RegExp(`^[0-9a-f]{${2 * bytes}}$`)))

/** As it is kept and handed out; bytes are lower-case hex, `at_us` is microseconds since 1970. */
export const Checkpoint = Schema.Struct({
  format: Schema.Literal(FORMAT),
  workspace_id: Schema.Int,
  seq: Schema.Int,
  hash: hex(32),
  at_us: Schema.String.check(Schema.isPattern(/^\d{1,16}$/)),
  public_key: hex(32),
  signature: hex(64)
})
export type Checkpoint = typeof Checkpoint.Type

/** What a checkpoint says: row `seq` was the newest of its chain, and had this hash. */
export type Head = Pick<Checkpoint, "workspace_id" | "seq" | "hash" | "at_us">

/** A key or checkpoint that isn't one. `message` says what it should have been. */
export class CheckpointError extends Schema.TaggedError<CheckpointError>()("CheckpointError", {
  reason: Schema.Literals(["not a checkpoint", "not a private key"]),
  message: Schema.String
}) {}

const signedText = ({ at_us, hash, seq, workspace_id }: Head): Buffer =>
  Buffer.from(netstrings(FORMAT, workspace_id, seq, hash, at_us))

/** Says of a chain that this is its newest row. privateKey: Ed25519. */
export const signCheckpoint = (head: Head, privateKey: KeyObject): Checkpoint => ({
  format: FORMAT,
  workspace_id: head.workspace_id,
  seq: head.seq,
  hash: head.hash,
  at_us: head.at_us,
  public_key: publicKeyOf(privateKey),
  signature: sign(null, signedText(head), privateKey).toString("hex")
})

/** What is wrong with the signature, in a clause; undefined when it holds. key: the one it must be by, else the one it names. */
export const wrongSignature = (checkpoint: Checkpoint, key?: string): string | undefined => {
  if (key !== undefined && checkpoint.public_key !== key) {
    return `is signed by the key ${checkpoint.public_key}, and not by ${key}`
  }
  const publicKey = createPublicKey({
    key: Buffer.concat([SPKI, Buffer.from(checkpoint.public_key, "hex")]),
    format: "der",
    type: "spki"
  })
  return verify(null, signedText(checkpoint), publicKey, Buffer.from(checkpoint.signature, "hex"))
    ? undefined
    : "has a signature that is not by the key it names: one of the two was changed"
}

/** A new key pair: the private key as it goes into a setting (base64 of its 32-byte seed), the public one as it is published (hex). */
export const generateCheckpointKey = (): { readonly privateKey: string; readonly publicKey: string } => {
  const { privateKey } = generateKeyPairSync("ed25519")
  const seed = privateKey.export({ format: "der", type: "pkcs8" }).subarray(PKCS8.length)
  return { privateKey: seed.toString("base64"), publicKey: publicKeyOf(privateKey) }
}

/** Reads a private key: PEM (PKCS #8), or base64 of the 32-byte seed. */
export const readPrivateKey = (text: string): Result.Result<KeyObject, CheckpointError> =>
  Result.try({
    try: () => {
      const key = createPrivateKey(text.includes("-----BEGIN") ? text : fromSeed(text.trim()))
      if (key.asymmetricKeyType !== "ed25519") throw new TypeError("another algorithm")
      return key
    },
    // the cause would tell of the key
    catch: () =>
      new CheckpointError({
        reason: "not a private key",
        message: "This is no Ed25519 private key. Give it as PEM (PKCS #8), or as base64 of its 32-byte seed."
      })
  })

/** Reads a checkpoint's JSON; says nothing yet about its signature. */
export const readCheckpoint = (text: string): Result.Result<Checkpoint, CheckpointError> =>
  Result.mapError(
    decode(text),
    () =>
      new CheckpointError({
        reason: "not a checkpoint",
        message: `This is no checkpoint. It should be JSON with the format “${FORMAT}”, as the audit page gives it.`
      })
  )

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Checkpoint))

/** `the checkpoint of row 7, of 2026-…,` */
export const checkpointWords = ({ at_us, seq }: Checkpoint): string =>
  `the checkpoint of row ${seq}, of ${instant(at_us)},`

/** The raw 32 bytes, hex. */
export const publicKeyOf = (privateKey: KeyObject): string =>
  createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(SPKI.length).toString("hex")

/** What stands before the bytes of an Ed25519 key in DER (RFC 8410, 10). */
const SPKI = Buffer.from("302a300506032b6570032100", "hex")
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex")

const fromSeed = (text: string) => {
  const seed = Buffer.from(text, "base64")
  if (seed.length !== 32) throw new TypeError("not 32 bytes")
  return { key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" } as const
}
