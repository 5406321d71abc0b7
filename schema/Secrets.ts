/**
 * Secrets at rest (what makes one-time codes, a provider's client secret, a channel's password), encrypted with AES-256-GCM under a
 * key of the environment, so that who reads the database, or a copy of it, reads none.
 *
 * Promises: what is sealed for one place opens in no other, since table and place are authenticated with it. COUNTERSIGN_SECRET_KEY
 * holds one or more keys of 32 bytes in base64, separated by commas: the first seals, all open; so a key is replaced by putting a new
 * one in front. Without it nothing that seals starts, unless COUNTERSIGN_DEMO says that nothing here is secret; the engine, which
 * opens only, starts, and doesn't serve the channels whose password is sealed.
 *
 * Sealed: 0x01, the key's id (4 bytes of its SHA-256), 12 random bytes, the ciphertext, 16 bytes of tag.
 */
import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto"
import { Config, Context, Effect, Layer, Option, Redacted, Schema } from "effect"

export class SecretsError extends Schema.TaggedError<SecretsError>()("SecretsError", {
  reason: Schema.Literals(["NoKey", "BadKey", "UnknownKey", "Altered"]),
  message: Schema.String
}) {}

/** Where a secret belongs: the table, and its row, or what else the secret is good for, such as an operator's account. */
export interface Place {
  readonly table: string
  readonly row: string | number
}

/** The first seals; all open. */
type Keys = readonly [Uint8Array, ...ReadonlyArray<Uint8Array>]

export class Secrets extends Context.Service<
  Secrets,
  {
    readonly seal: (place: Place, secret: Uint8Array) => Effect.Effect<Uint8Array>
    /** Fails with UnknownKey when its key is not there any more, with Altered when it isn't what was sealed for this place. */
    readonly open: (place: Place, sealed: Uint8Array) => Effect.Effect<Uint8Array, SecretsError>
  }
>()("schema/Secrets") {
  /** Under these keys; the first seals. */
  static readonly layerOf = (keys: Keys) =>
    Layer.succeed(Secrets, {
      seal: (place, secret) => Effect.sync(() => seal(keys[0], place, secret)),
      open: (place, sealed) => open(keys, place, sealed)
    })

  /** Under the keys of COUNTERSIGN_SECRET_KEY. Fails when there are none, or they are none. */
  static readonly layer = Layer.unwrap(
    Effect.suspend(() =>
      Effect.flatMap(
        keys,
        Option.match({ onNone: () => Effect.fail(noKey), onSome: (some) => Effect.succeed(Secrets.layerOf(some)) })
      )
    )
  )

  /** The same for what has work without secrets too, and asks by `Effect.serviceOption`: without keys there is no service. */
  static readonly layerIfKeyed: Layer.Layer<never, SecretsError | Config.ConfigError> = Layer.unwrap(
    Effect.suspend(() =>
      Effect.map(
        keys,
        Option.match({ onNone: (): Layer.Layer<never> => Layer.empty, onSome: (some) => Secrets.layerOf(some) })
      )
    )
  )
}

/** Those of the environment; none where it has none and is no demo. */
const keys = Effect.gen(function* () {
  const given = yield* Config.option(Config.Redacted("COUNTERSIGN_SECRET_KEY"))
  if (Option.isSome(given)) return Option.some(yield* keysIn(given.value))
  const demo = yield* Config.withDefault(Config.Boolean("COUNTERSIGN_DEMO"), false)
  if (!demo) return Option.none<Keys>()
  yield* Effect.logWarning("this is a demo: secrets are kept under a key that everybody knows")
  return Option.some<Keys>([hash("sha256", "countersign demo", "buffer")])
})

const noKey = new SecretsError({
  reason: "NoKey",
  message:
    "COUNTERSIGN_SECRET_KEY is not set; give it 32 random bytes in base64 (openssl rand -base64 32) and keep it as long as the database"
})

const keysIn = (given: Redacted.Redacted<string>): Effect.Effect<Keys, SecretsError> => {
  const [first, ...others] = Redacted.value(given)
    .split(",")
    .map((text) => Buffer.from(text.trim(), "base64"))
  if (first !== undefined && [first, ...others].every((key) => key.length === 32)) {
    return Effect.succeed<Keys>([first, ...others])
  }
  const message = "COUNTERSIGN_SECRET_KEY is not 32 bytes in base64; make one by openssl rand -base64 32"
  return Effect.fail(new SecretsError({ reason: "BadKey", message }))
}

const idOf = (key: Uint8Array) => hash("sha256", key, "buffer").subarray(0, 4)

const associated = ({ row, table }: Place) => Buffer.from(`countersign/secret/1 ${table.length}:${table} ${row}`)

const HEAD = 1 + 4 + 12
const TAG = 16

const seal = (key: Uint8Array, place: Place, secret: Uint8Array): Uint8Array => {
  const iv = randomBytes(12)
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(associated(place))
  return Buffer.concat([Buffer.from([1]), idOf(key), iv, cipher.update(secret), cipher.final(), cipher.getAuthTag()])
}

const open = (keys: ReadonlyArray<Uint8Array>, place: Place, sealed: Uint8Array) =>
  Effect.suspend((): Effect.Effect<Uint8Array, SecretsError> => {
    const whole = Buffer.from(sealed)
    if (whole.length < HEAD + TAG || whole[0] !== 1) return Effect.fail(altered(place))
    const key = keys.find((one) => idOf(one).equals(whole.subarray(1, 5)))
    if (key === undefined) {
      const message = `a secret in ${place.table} was sealed with a key that is not in COUNTERSIGN_SECRET_KEY; put it back, behind the new one`
      return Effect.fail(new SecretsError({ reason: "UnknownKey", message }))
    }
    const decipher = createDecipheriv("aes-256-gcm", key, whole.subarray(5, HEAD))
      .setAAD(associated(place))
      .setAuthTag(whole.subarray(-TAG))
    return Effect.try({
      try: () => Buffer.concat([decipher.update(whole.subarray(HEAD, -TAG)), decipher.final()]),
      catch: () => altered(place)
    })
  })

const altered = (place: Place) =>
  new SecretsError({ reason: "Altered", message: `a secret in ${place.table} is not what was sealed for this row` })
