import { hash, randomBytes } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { ConfigProvider, Effect, Redacted } from "effect"
import { Passwords } from "#portal/access/Passwords.ts"
import { TestAccess } from "#portal/access/testing/accounts.ts"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { refuseDemo } from "./production.ts"

/** Why a start is refused with this environment; undefined: it isn't. */
const why = (env: Readonly<Record<string, string>>) =>
  Effect.flatMap(TestDatabase, ({ asAccess }) =>
    asAccess(refuseDemo).pipe(
      Effect.match({ onSuccess: () => undefined, onFailure: ({ message }) => message }),
      Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(env)))
    )
  )

const good = () => randomBytes(32).toString("base64")

layer(TestAccess, { excludeTestServices: true })("a start that serves people", (it) => {
  it.effect("refuses a demo's key, and one that is no secret, wherever it stands", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* why({ COUNTERSIGN_SECRET_KEY: `${good()},${good()}` }))
      const demo = hash("sha256", "countersign demo", "base64")
      assert.match((yield* why({ COUNTERSIGN_SECRET_KEY: `${good()}, ${demo}` }))!, /the demo's key/)
      const zeros = Buffer.alloc(32).toString("base64")
      assert.match((yield* why({ COUNTERSIGN_SECRET_KEY: zeros }))!, /no random one/)
      assert.match(
        (yield* why({ COUNTERSIGN_SECRET_KEY: good(), COUNTERSIGN_DEMO: "true" }))!,
        /COUNTERSIGN_DEMO is set/
      )
    })
  )

  it.effect("refuses demo accounts that somebody could sign in to", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const [dana] = yield* sql<{ id: number }>`
        INSERT INTO person (email, name) VALUES ('dana@demo.example', 'Dana') RETURNING id`
      assert.isUndefined(yield* why({ COUNTERSIGN_SECRET_KEY: good() }))
      const hashed = yield* (yield* Passwords).hash(Redacted.make("countersign demo"))
      yield* sql`SELECT put_password(${dana!.id}, ${hashed})`
      assert.match((yield* why({ COUNTERSIGN_SECRET_KEY: good() }))!, /has 1 demo accounts/)
      yield* sql`UPDATE person SET disabled_at = now() WHERE id = ${dana!.id}`
      assert.isUndefined(yield* why({ COUNTERSIGN_SECRET_KEY: good() }))
    })
  )
})
