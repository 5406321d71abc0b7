/**
 * Whether the time that signing in takes tells if there is an account.
 *
 *   npm run bench:signin -- --runs 200 --statements 2000 --json
 *
 * In a database of its own, with passwords at the cost that people's have, one after the other in turns: a wrong password for an account
 * that exists, and for one that does not. Then the same without argon2, which hides differences in its noise: the two statements of
 * a wrong password, and the one that asks for a link. What is counted is taken away before each, outside of what is measured.
 *
 * Figures are medians with the range of the middle nine tenths, and the ratio of the medians. The noise is the same kind against
 * itself: the ratio of the medians of its even and its odd runs. The last line is one JSON object.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Clock, Effect, Layer, Redacted } from "effect"
import { asked } from "#bench/asked.ts"
import { ownDatabase } from "#bench/ownDatabase.ts"
import { Passwords } from "#portal/access/Passwords.ts"
import * as SignIn from "#portal/access/SignIn.ts"
import { layer, SqlClient } from "#schema/Database.ts"
import { accessUrl } from "#schema/LoginRole.ts"

const { json, runs, statements } = asked("Whether the time that signing in takes tells if there is an account.", {
  runs: { default: 200, least: 10, most: 10_000, help: "sign-ins of each kind" },
  statements: { default: 2_000, least: 10, most: 100_000, help: "times of each kind without argon2" },
  json: { default: false, help: "nothing but the last line, which is one JSON object" }
})
const say = (line: string) => json || process.stdout.write(`${line}\n`)

/** People with a password, so that one address of them is as cold as another. */
const PEOPLE = 1_000
const FROM = { address: "192.0.2.1", agent: "bench" }
const wrong = Redacted.make("not the password at all")

const existing = (i: number) => `person${i % PEOPLE}@sample.example`
const missing = (i: number) => `nobody${i % PEOPLE}@sample.example`

const rounded = (n: number) => Number(n.toFixed(3))
const at = (sorted: ReadonlyArray<number>, share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
const median = (times: ReadonlyArray<number>) =>
  at(
    times.toSorted((a, b) => a - b),
    0.5
  )

const figures = (times: ReadonlyArray<number>) => {
  const sorted = times.toSorted((a, b) => a - b)
  const half = (odd: number) => median(times.filter((_, i) => i % 2 === odd))
  return {
    median: rounded(at(sorted, 0.5)),
    least: rounded(at(sorted, 0.05)),
    most: rounded(at(sorted, 0.95)),
    noise: rounded(half(0) / half(1))
  }
}

/** Milliseconds of both kinds in turns, each first as often as the other. `reset` is not measured. */
const compared = Effect.fnUntraced(function* <E, R, E2, R2>(
  what: string,
  times: number,
  attempt: (email: string, i: number) => Effect.Effect<unknown, E, R>,
  reset: Effect.Effect<unknown, E2, R2>
) {
  const kinds = [
    { email: existing, times: [] as Array<number> },
    { email: missing, times: [] as Array<number> }
  ]
  // what is done once for each connection and statement is done before
  for (let i = -20; i < times; i++) {
    for (const kind of i % 2 === 0 ? kinds : kinds.toReversed()) {
      yield* reset
      const began = yield* Clock.currentTimeNanos
      yield* attempt(kind.email(i + 20), i)
      if (i >= 0) kind.times.push(Number((yield* Clock.currentTimeNanos) - began) / 1e6)
    }
  }
  const [here, nowhere] = kinds.map((kind) => figures(kind.times)) as [
    ReturnType<typeof figures>,
    ReturnType<typeof figures>
  ]
  const ratio = rounded(here.median / nowhere.median)
  const shown = ({ least, median, most, noise }: typeof here) => `${median} ms (${least} to ${most}; noise ${noise})`
  say(`  ${what.padEnd(34)} existing ${shown(here)}, missing ${shown(nowhere)}: ratio ${ratio}`)
  return { runs: times, existing: here, missing: nowhere, ratio }
})

const bench = Effect.scoped(
  Effect.gen(function* () {
    const owner = yield* ownDatabase("signin", {})
    const asOwner = yield* Layer.build(layer(owner, { applicationName: "countersign bench", maxConnections: 1 }))
    const passwords = yield* Layer.build(Passwords.layer())
    yield* Effect.provide(Effect.provide(people, asOwner), passwords)
    const asAccess = yield* Layer.build(
      layer(yield* accessUrl(owner), { applicationName: "countersign bench", maxConnections: 1 })
    )
    const reset = Effect.flatMap(SqlClient, (sql) => sql`DELETE FROM sign_in_throttle`).pipe(Effect.provide(asOwner))
    const from = JSON.stringify(FROM)

    const signIn = (email: string) => Effect.flip(SignIn.withPassword({ email, password: wrong }, FROM))
    const wrongPassword = Effect.fnUntraced(function* (email: string) {
      const sql = yield* SqlClient
      yield* sql`SELECT person_id, hash FROM password_to_check(${email}, ${from}::text::jsonb)`
      yield* sql`SELECT password_was_wrong(${email}, ${from}::text::jsonb)`
    })
    let links = 0
    const askForLink = (email: string) =>
      Effect.flatMap(
        SqlClient,
        (sql) =>
          sql`SELECT * FROM ask_password_reset(${email}, sha256(${`${++links}`}::text::bytea), ${from}::text::jsonb)`
      )
    yield* Effect.gen(function* () {
      const result = {
        signIn: yield* compared("a wrong password", runs, signIn, reset),
        statements: yield* compared("its statements alone", statements, wrongPassword, reset),
        link: yield* compared("asking for a link", statements, askForLink, reset)
      }
      process.stdout.write(`${JSON.stringify(result)}\n`)
    }).pipe(Effect.provide(asAccess), Effect.provide(passwords))
  })
)

const people = Effect.gen(function* () {
  const sql = yield* SqlClient
  const hash = yield* (yield* Passwords).hash(Redacted.make("mauve staples grazing"))
  yield* sql`INSERT INTO person (email, name) SELECT 'person' || i || '@sample.example', 'Person ' || i FROM generate_series(0, ${PEOPLE - 1}) AS i`
  yield* sql`INSERT INTO password (person_id, hash) SELECT id, ${hash} FROM person`
  yield* sql`VACUUM ANALYZE`
})

NodeRuntime.runMain(bench)
