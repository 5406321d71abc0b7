/**
 * What a portal that serves people does not start with: the demo's key, under which a secret is none, and the demo's accounts, whose
 * password everybody knows.
 */
import { hash } from "node:crypto"
import { Config, Effect, Option, Redacted, Schema } from "effect"
import { SqlClient } from "#schema/Database.ts"

export class DemoRefused extends Schema.TaggedError<DemoRefused>()("DemoRefused", {
  reason: Schema.Literals(["DemoKey", "WeakKey", "DemoAccounts"]),
  message: Schema.String
}) {}

/** As schema/Secrets.ts has it for a demo. */
const DEMO_KEY = hash("sha256", "countersign demo", "buffer")

const keyRefused = (key: Buffer): DemoRefused | undefined => {
  if (key.equals(DEMO_KEY))
    return new DemoRefused({
      reason: "DemoKey",
      message: "COUNTERSIGN_SECRET_KEY holds the demo's key, which everybody knows; make one by openssl rand -base64 32"
    })
  // 32 octets by chance have more than eight different ones
  if (new Set(key).size <= 8)
    return new DemoRefused({
      reason: "WeakKey",
      message: "COUNTERSIGN_SECRET_KEY holds a key that is no random one; make one by openssl rand -base64 32"
    })
}

/** As the access role. Keys that are none are told by who needs them. */
export const refuseDemo: Effect.Effect<void, DemoRefused | Config.ConfigError, SqlClient> = Effect.gen(function* () {
  if (yield* Config.withDefault(Config.Boolean("COUNTERSIGN_DEMO"), false))
    return yield* new DemoRefused({
      reason: "DemoKey",
      message:
        "COUNTERSIGN_DEMO is set: secrets would be kept under a key that everybody knows; take it away, or try it out by npm start"
    })
  const given = yield* Config.option(Config.Redacted("COUNTERSIGN_SECRET_KEY"))
  const keys = Option.isNone(given) ? [] : Redacted.value(given.value).split(",")
  for (const key of keys) {
    const refused = keyRefused(Buffer.from(key.trim(), "base64"))
    if (refused !== undefined) return yield* refused
  }
  const sql = yield* SqlClient
  const [found] = yield* Effect.orDie(sql<{ n: number }>`SELECT demo_accounts() AS n`)
  if (found!.n > 0)
    return yield* new DemoRefused({
      reason: "DemoAccounts",
      message: `this database has ${found!.n} demo accounts (…@demo.example) with a password that everybody knows; disable them, or take a database of its own`
    })
})
