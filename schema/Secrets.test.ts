import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Option } from "effect"
import { type Place, Secrets } from "./Secrets.ts"

const key = (n: number) => new Uint8Array(32).fill(n)
const place = { table: "totp", row: 7 }
const secret = new TextEncoder().encode("seed of codes")

type Keys = Parameters<typeof Secrets.layerOf>[0]

const sealed = (keys: Keys, at: Place = place) =>
  Effect.flatMap(Secrets, (secrets) => secrets.seal(at, secret)).pipe(Effect.provide(Secrets.layerOf(keys)))
const opened = (keys: Keys, bytes: Uint8Array, at: Place = place) =>
  Effect.flatMap(Secrets, (secrets) => secrets.open(at, bytes)).pipe(
    Effect.map((text) => new TextDecoder().decode(text)),
    Effect.catch(({ reason }) => Effect.succeed(reason)),
    Effect.provide(Secrets.layerOf(keys))
  )

/** What a program that needs secrets does with this environment. */
const started = (env: Record<string, string>) =>
  Effect.flatMap(Secrets, (secrets) => Effect.flatMap(secrets.seal(place, secret), (s) => secrets.open(place, s))).pipe(
    Effect.as("started"),
    Effect.provide(Layer.provide(Secrets.layer, ConfigProvider.layer(ConfigProvider.fromUnknown(env)))),
    Effect.catchTag("SecretsError", ({ reason }) => Effect.succeed(reason))
  )

describe("a secret", () => {
  it.effect("opens in the row it was sealed for and in no other, of this table or another", () =>
    Effect.gen(function* () {
      const bytes = yield* sealed([key(1)])
      assert.strictEqual(yield* opened([key(1)], bytes), "seed of codes")
      assert.strictEqual(yield* opened([key(1)], bytes, { table: "totp", row: 8 }), "Altered")
      assert.strictEqual(yield* opened([key(1)], bytes, { table: "channel", row: 7 }), "Altered")
      assert.notInclude(Buffer.from(bytes).toString("latin1"), "seed")
    })
  )

  it.effect("is sealed differently each time, and opens with no byte of it changed or missing", () =>
    Effect.gen(function* () {
      const bytes = yield* sealed([key(1)])
      assert.notDeepEqual(yield* sealed([key(1)]), bytes)
      for (let i = 0; i < bytes.length; i++) {
        const changed = Uint8Array.from(bytes, (byte, j) => (i === j ? byte ^ 1 : byte))
        assert.oneOf(yield* opened([key(1)], changed), ["Altered", "UnknownKey"], `byte ${i}`)
        assert.oneOf(yield* opened([key(1)], bytes.slice(0, i)), ["Altered", "UnknownKey"], `${i} bytes`)
      }
    })
  )

  it.effect("stays open when a new key is put in front, which then seals, and not when its own is taken away", () =>
    Effect.gen(function* () {
      const before = yield* sealed([key(1)])
      const after = yield* sealed([key(2), key(1)])
      assert.strictEqual(yield* opened([key(2), key(1)], before), "seed of codes")
      assert.strictEqual(yield* opened([key(2)], after), "seed of codes")
      assert.strictEqual(yield* opened([key(2)], before), "UnknownKey")
    })
  )

  it.effect("needs COUNTERSIGN_SECRET_KEY, 32 bytes in base64, or to be told that this is a demo", () =>
    Effect.gen(function* () {
      const good = Buffer.from(key(1)).toString("base64")
      const short = Buffer.alloc(16).toString("base64")
      assert.strictEqual(yield* started({}), "NoKey")
      assert.strictEqual(yield* started({ COUNTERSIGN_DEMO: "false" }), "NoKey")
      assert.strictEqual(yield* started({ COUNTERSIGN_DEMO: "true" }), "started")
      assert.strictEqual(yield* started({ COUNTERSIGN_SECRET_KEY: good }), "started")
      assert.strictEqual(yield* started({ COUNTERSIGN_SECRET_KEY: `${good}, ${good}` }), "started")
      assert.strictEqual(yield* started({ COUNTERSIGN_SECRET_KEY: short, COUNTERSIGN_DEMO: "true" }), "BadKey")
      assert.strictEqual(yield* started({ COUNTERSIGN_SECRET_KEY: `${good},` }), "BadKey")
    })
  )

  it.effect("is not needed by who has work without it, but a key that is none is refused all the same", () =>
    Effect.gen(function* () {
      const asked = (env: Record<string, string>) =>
        Effect.map(Effect.serviceOption(Secrets), Option.isSome).pipe(
          Effect.provide(Layer.provide(Secrets.layerIfKeyed, ConfigProvider.layer(ConfigProvider.fromUnknown(env)))),
          Effect.catchTag("SecretsError", ({ reason }) => Effect.succeed(reason))
        )
      assert.isFalse(yield* asked({}))
      assert.isTrue(yield* asked({ COUNTERSIGN_DEMO: "true" }))
      assert.isTrue(yield* asked({ COUNTERSIGN_SECRET_KEY: Buffer.from(key(1)).toString("base64") }))
      assert.strictEqual(yield* asked({ COUNTERSIGN_SECRET_KEY: "short" }), "BadKey")
    })
  )
})
