import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Redacted } from "effect"
import { configWords, DatabaseUrl, orUrl, urlIn } from "./DatabaseUrl.ts"

const words = (env: Readonly<Record<string, string>>) =>
  DatabaseUrl.parse(ConfigProvider.fromUnknown(env)).pipe(Effect.flip, Effect.map(configWords))

describe("the URL of the database", () => {
  it.effect("is refused when it is none, in a sentence without its password", () =>
    Effect.gen(function* () {
      assert.match(yield* words({ DATABASE_URL: "secret" }), /^DATABASE_URL is no URL; it should look like postgres:/)
      const mysql = yield* words({ DATABASE_URL: "mysql://u:secret@h/x" })
      assert.match(mysql, /^DATABASE_URL is not a URL of Postgres;/)
      assert.notInclude(mysql, "secret")
      assert.match(yield* words({ DATABASE_URL: "postgres://" }), /^DATABASE_URL names no user;/)
      assert.match(yield* words({}), /^No database is given: set DATABASE_URL=postgres:/)
    })
  )

  it.effect("may name its server in the query", () =>
    Effect.gen(function* () {
      const url = "postgres:///main?host=/run/pg&user=o"
      assert.strictEqual(
        Redacted.value(yield* DatabaseUrl.parse(ConfigProvider.fromUnknown({ DATABASE_URL: url }))),
        url
      )
    })
  )

  it.effect("that is given and nonsense is not passed over for another", () =>
    Effect.gen(function* () {
      const either = orUrl(DatabaseUrl)(urlIn("ENGINE_DATABASE_URL"))
      const provided = ConfigProvider.fromUnknown({ ENGINE_DATABASE_URL: "x", DATABASE_URL: "postgres://o@h/d" })
      assert.match(configWords(yield* Effect.flip(either.parse(provided))), /^ENGINE_DATABASE_URL is no URL/)
    })
  )
})
