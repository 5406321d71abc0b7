import { createHmac, scryptSync } from "node:crypto"
import { assert, describe, layer as layerOf } from "@effect/vitest"
import { ConfigProvider, Context, Effect, Layer, Redacted } from "effect"
import { startThrowAway } from "#deploy/local/throwAwayPostgres.ts"
import { layer, SqlClient, sqlState, urlFor, urlParts } from "./Database.ts"
import { EngineDatabaseUrl, engineUrl, ensureLoginRoles, portalUrl } from "./LoginRole.ts"

/** A server of its own: roles belong to the whole server, and other files' tests log in with theirs. */
class Server extends Context.Service<
  Server,
  { readonly owner: Redacted.Redacted; readonly superuser: Redacted.Redacted }
>()("schema/LoginRole.test/Server") {
  static readonly layer = Layer.effect(
    Server,
    Effect.map(startThrowAway(), ({ superuserUrl, url }) => ({ owner: url, superuser: superuserUrl }))
  )
}

const at = (url: Redacted.Redacted, statement: string) =>
  Effect.flatMap(SqlClient, (sql) => sql.unsafe<Record<string, unknown>>(statement)).pipe(
    Effect.provide(layer(url, { applicationName: "test", maxConnections: 1 }))
  )

const ensure = (url: Redacted.Redacted) =>
  Effect.provide(ensureLoginRoles(url), layer(url, { applicationName: "test", maxConnections: 1 }))

const given = (environment: Record<string, string>) =>
  Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(environment)))

const me = [{ me: "countersign_engine" }]
const whoAmI = "SELECT current_user AS me"

layerOf(Server.layer, { excludeTestServices: true })("the login roles", (it) => {
  it.effect("are made once by starters at the same time on two databases", () =>
    Effect.gen(function* () {
      const { owner } = yield* Server
      yield* at(owner, "CREATE DATABASE other")
      const other = urlFor(owner, { database: "other" })
      const urls = [owner, other, owner, other]
      assert.deepStrictEqual(yield* Effect.forEach(urls, ensure, { concurrency: "unbounded" }), [[], [], [], []])
      assert.deepStrictEqual(yield* at(yield* engineUrl(other), whoAmI), me)
      assert.deepStrictEqual(yield* at(yield* portalUrl(owner), whoAmI), [{ me: "countersign_portal" }])
    })
  )

  it.effect("get new passwords with the owner's, several starters at once included", () =>
    Effect.gen(function* () {
      const { owner } = yield* Server
      yield* ensure(owner)
      const password = urlParts(owner).password
      yield* at(owner, "ALTER ROLE countersign PASSWORD 'another'")
      const changed = urlFor(owner, { password: "another" })
      const before = yield* engineUrl(owner)
      yield* Effect.forEach([1, 2, 3], () => ensure(changed), { concurrency: "unbounded" })
      assert.deepStrictEqual(yield* at(yield* engineUrl(changed), whoAmI), me)
      assert.strictEqual(sqlState(yield* Effect.flip(at(before, whoAmI))), "28P01")
      yield* at(changed, `ALTER ROLE countersign PASSWORD '${password}'`)
      yield* ensure(owner)
    })
  )

  it.effect("get the password that is derived now where they have an earlier version's, which then opens nothing", () =>
    Effect.gen(function* () {
      const { owner, superuser } = yield* Server
      yield* ensure(owner)
      const earlier = createHmac("sha256", urlParts(owner).password).update("countersign_engine").digest("hex")
      yield* at(superuser, `ALTER ROLE countersign_engine PASSWORD '${earlier}'`)
      yield* ensure(owner)
      assert.deepStrictEqual(yield* at(yield* engineUrl(owner), whoAmI), me)
      const before = urlFor(owner, { username: "countersign_engine", password: earlier })
      assert.strictEqual(sqlState(yield* Effect.flip(at(before, whoAmI))), "28P01")
    })
  )

  it.effect("keep the password that the operator gave by ENGINE_DATABASE_URL", () =>
    Effect.gen(function* () {
      const { owner, superuser } = yield* Server
      yield* ensure(owner)
      yield* at(superuser, "ALTER ROLE countersign_engine PASSWORD 'operators own'")
      const operators = urlFor(owner, { username: "countersign_engine", password: "operators own" })
      yield* Effect.gen(function* () {
        yield* ensure(owner)
        assert.deepStrictEqual(yield* at(yield* engineUrl(owner), whoAmI), me)
      }).pipe(given({ ENGINE_DATABASE_URL: Redacted.value(operators) }))
    })
  )

  it.effect("are made with the operator's password where they are missing", () =>
    Effect.gen(function* () {
      const { owner, superuser } = yield* Server
      yield* at(superuser, "DROP ROLE IF EXISTS countersign_engine")
      const operators = urlFor(owner, { username: "countersign_engine", password: "from the first day" })
      yield* given({ ENGINE_DATABASE_URL: Redacted.value(operators) })(ensure(owner))
      assert.deepStrictEqual(yield* at(operators, whoAmI), me)
    })
  )

  it.effect("are refused when they could do more than they must", () =>
    Effect.gen(function* () {
      const { owner, superuser } = yield* Server
      yield* ensure(owner)
      yield* at(superuser, "ALTER ROLE countersign_portal BYPASSRLS")
      assert.deepStrictEqual(yield* ensure(owner), [{ role: "countersign_portal", why: "bypasses row-level security" }])
      yield* at(superuser, "ALTER ROLE countersign_portal NOBYPASSRLS")
      yield* at(superuser, "GRANT pg_read_all_data TO countersign_portal")
      assert.deepStrictEqual(yield* ensure(owner), [{ role: "countersign_portal", why: "may read all data" }])
      yield* at(superuser, "REVOKE pg_read_all_data FROM countersign_portal")
    })
  )
})

describe("engineUrl", () => {
  layerOf(Layer.empty)((it) => {
    it.effect("has a password of its own for each owner's password, and none where the owner has none", () =>
      Effect.gen(function* () {
        const passwordFor = (url: string) => Effect.map(engineUrl(Redacted.make(url)), (it) => urlParts(it).password)
        assert.match(yield* passwordFor("postgres://o:a@h/d"), /^[0-9a-f]{64}$/)
        assert.notStrictEqual(yield* passwordFor("postgres://o:a@h/d"), yield* passwordFor("postgres://o:b@h/d"))
        assert.strictEqual(yield* passwordFor("postgres://o@h/d"), "")
      })
    )

    it.effect("has a password that costs who guesses the owner's 16 MiB and 2^14 rounds a guess", () =>
      Effect.gen(function* () {
        const { password } = urlParts(yield* engineUrl(Redacted.make("postgres://o:a@h/d")))
        const expected = scryptSync("a", "countersign login role countersign_engine", 32, { N: 2 ** 14, r: 8, p: 1 })
        assert.strictEqual(password, expected.toString("hex"))
        const portals = urlParts(yield* portalUrl(Redacted.make("postgres://o:a@h/d"))).password
        assert.notStrictEqual(portals, password)
      })
    )

    it.effect("needs only ENGINE_DATABASE_URL in an engine's own process", () =>
      Effect.gen(function* () {
        const both = { DATABASE_URL: "postgres://o:a@h/d", ENGINE_DATABASE_URL: "postgres://e@h/d" }
        assert.strictEqual(Redacted.value(yield* given(both)(EngineDatabaseUrl)), both.ENGINE_DATABASE_URL)
        const derived = yield* given({ DATABASE_URL: both.DATABASE_URL })(EngineDatabaseUrl)
        assert.strictEqual(urlParts(derived).username, "countersign_engine")
      })
    )
  })
})
