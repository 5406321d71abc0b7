/** Accounts and super admins, by super admins; and how the first of them comes to be. */
import { assert, describe, layer, it as plain } from "@effect/vitest"
import { Effect, Redacted, Result } from "effect"
import { SqlClient, type SqlError, sqlState } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { actor } from "#schema/testing/session.ts"
import { atTheSameMoment, newestOf, signedIn, somebody, told } from "#schema/testing/signedIn.ts"
import { makeFirst, readArguments } from "./FirstSuperAdmin.ts"
import * as People from "./People.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("the first super admin", (it) => {
  it.effect("is made by the owner alone, once, and sets a password with what is printed", () =>
    Effect.gen(function* () {
      const { asAccess, asPortal } = yield* TestDatabase
      const ask = Effect.flatMap(
        SqlClient,
        (sql) => sql`SELECT make_first_super_admin('x@sample.example', 'X', '\\x00')`
      )
      for (const as of [asPortal, asAccess])
        assert.strictEqual(sqlState((yield* Effect.flip(as(ask))) as SqlError), "42501")

      const token = yield* makeFirst("Root@Sample.example", "Root")
      const behind = yield* asAccess(
        Effect.flatMap(
          SqlClient,
          (sql) => sql<{ person_id: number; email: string }>`
            SELECT person_id, email FROM password_reset(sha256(convert_to(${Redacted.value(token)}, 'UTF8')))`
        )
      )
      assert.include(behind[0], { email: "root@sample.example" })
      assert.deepInclude(yield* newestOf(0), {
        action: "person.first",
        person_id: null,
        object_id: behind[0]!.person_id
      })
      const another = Redacted.value(yield* makeFirst("Root@Sample.example", "Root"))
      const reset = (given: string) =>
        asAccess(
          Effect.flatMap(
            SqlClient,
            (sql) => sql`SELECT reset_password(sha256(convert_to(${given}, 'UTF8')), '$argon2id$made', '{}')`
          )
        ).pipe(Effect.mapError(refused))
      assert.match(yield* told(reset(Redacted.value(token))), /this link was used already/, "there is a newer one")
      yield* reset(another)
      assert.strictEqual(
        yield* told(makeFirst("Root@Sample.example", "Root")),
        "Conflict: there is a super admin already; they make others, in the portal"
      )
      const [root] = yield* (yield* signedIn(behind[0]!.person_id, null))(People.people())
      assert.include(root, { name: "Root", super_admin: true })
      assert.strictEqual(
        yield* told(makeFirst("second@sample.example", "Second")),
        "Conflict: there is a super admin already; they make others, in the portal"
      )
      yield* somebody(true)
      assert.strictEqual(
        yield* told(makeFirst("second@sample.example", "Second")),
        "Conflict: there are 2 super admins already; they make others, in the portal"
      )
    })
  )

  it.effect("may be somebody who has an account", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { email, id } = yield* somebody()
      yield* sql`UPDATE person SET super_admin = false`
      yield* makeFirst(email, "Another name")
      assert.deepStrictEqual(yield* sql`SELECT name, super_admin FROM person WHERE id = ${id}`, [
        { name: "Somebody", super_admin: true }
      ])
    })
  )
})

describe("the command line of the first super admin", () => {
  plain("is read, and nonsense is refused", () => {
    const read = (...args: ReadonlyArray<string>) =>
      Result.match(readArguments(args), { onSuccess: (value) => value, onFailure: ({ message }) => message })
    const portalOf = (portal: string) => read("--email", "a@b.c", "--name", "Ann", "--portal", portal)
    const make = { _tag: "Make", email: "a@b.c", name: "Ann" } as const
    for (const [portal, reached] of [
      ["https://x.org", "https://x.org"],
      ["https://x.org/sms", "https://x.org/sms"],
      ["https://x.org/sms/", "https://x.org/sms"],
      ["http://localhost:3000", "http://localhost:3000"],
      ["http://127.0.0.1:3000/sms", "http://127.0.0.1:3000/sms"],
      ["http://[::1]:3000", "http://[::1]:3000"]
    ]) {
      assert.deepStrictEqual(portalOf(portal!), { ...make, portal: reached })
    }
    assert.deepStrictEqual(read("--email", "a@b.c", "--name", "Ann"), { ...make, portal: undefined })
    assert.deepStrictEqual(read("-h"), { _tag: "Help" })
    assert.strictEqual(read("--email", "a@b.c"), "--email and --name are needed; --help tells more")
    assert.strictEqual(read("--mail", "a@b.c"), "Unknown option '--mail'; --help lists the options")
    for (const portal of ["sms", "ftp://x.org", "http://x.org", "http://localhost.x.org"])
      assert.strictEqual(
        portalOf(portal),
        "--portal is where people reach it, as https://sms.example.org; http is for localhost alone"
      )
  })
})

layer(TestDatabase.layer, { excludeTestServices: true })("people", (it) => {
  it.effect("are made by super admins, with an address of their own", () =>
    Effect.gen(function* () {
      const { self: master } = yield* somebody(true)
      const { self } = yield* somebody()
      const id = yield* master(People.create(" Ann@Sample.example", " Ann "))
      const made = (yield* master(People.people())).find((person) => person.id === id)
      assert.include(made, { email: "ann@sample.example", name: "Ann", super_admin: false })
      assert.deepInclude(yield* newestOf(0), { action: "person.create", object_id: id, facts: {} })
      assert.strictEqual(
        yield* told(master(People.create("ann@sample.example", "Ann"))),
        "Conflict: there is an account with this address already; whoever it belongs to signs in with it"
      )
      assert.strictEqual(yield* told(master(People.create("ann", "Ann"))), "Invalid: “ann” is no e-mail address")
      assert.strictEqual(
        yield* told(master(People.create("b@sample.example", ""))),
        "Invalid: a person needs a name, of up to 200 characters"
      )
      assert.match(
        yield* told(self(People.create("b@sample.example", "B"))),
        /^Forbidden: only a super admin may manage /
      )
    })
  )

  it.effect("are made super admins and unmade by others, never by themselves", () =>
    Effect.gen(function* () {
      const root = yield* somebody(true)
      const other = yield* somebody()
      yield* root.self(People.makeSuperAdmin(other.id))
      assert.deepInclude(yield* newestOf(0), { action: "person.make_super_admin", object_id: other.id })
      assert.strictEqual(
        yield* told(root.self(People.makeSuperAdmin(other.id))),
        "Conflict: Somebody is a super admin already"
      )
      const themselves = "Forbidden: nobody changes this for themselves; ask another super admin"
      assert.strictEqual(yield* told(root.self(People.unmakeSuperAdmin(root.id))), themselves)
      yield* other.self(People.unmakeSuperAdmin(root.id))
      assert.match(yield* told(root.self(People.unmakeSuperAdmin(other.id))), /^Forbidden: only a super admin may /)
      // the last one is left: nobody else may, and they themselves can't
      assert.strictEqual(yield* told(other.self(People.unmakeSuperAdmin(other.id))), themselves)
      assert.strictEqual(yield* told(other.self(People.unmakeSuperAdmin(root.id))), "Conflict: Super is no super admin")
      yield* other.self(People.disable(root.id, "left"))
      assert.strictEqual(
        yield* told(other.self(People.makeSuperAdmin(root.id))),
        "Conflict: Super is disabled; enable the account first"
      )
      assert.strictEqual(
        yield* told(other.self(People.makeSuperAdmin(987654))),
        "NotFound: person 987654 does not exist"
      )
    })
  )

  it.effect("who are two super admins and end each other's at the same moment: one is refused", () =>
    Effect.gen(function* () {
      const [one, two] = [yield* somebody(true), yield* somebody(true)]
      const [first, second] = [yield* actor(one.id, null), yield* actor(two.id, null)]
      assert.strictEqual(
        yield* atTheSameMoment(
          (held) => first(Effect.andThen(People.unmakeSuperAdmin(two.id), held)),
          second(People.unmakeSuperAdmin(one.id))
        ),
        "Forbidden: you are no super admin any more; somebody changed that just now"
      )
      yield* one.self(People.makeSuperAdmin(two.id))
      assert.match(
        yield* atTheSameMoment(
          (held) => first(Effect.andThen(People.unmakeSuperAdmin(two.id), held)),
          second(People.disable(one.id, "for the test"))
        ),
        /^NotSignedIn: this session has ended/
      )
    })
  )

  it.effect("who were super admins are not in the workspaces any more that they had entered", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const [root, other] = [yield* somebody(true), yield* somebody(true)]
      const [workspace] = yield* sql<{
        id: number
      }>`INSERT INTO workspace (name, country) VALUES ('Entered', 'UZ') RETURNING id`
      yield* other.self(Effect.flatMap(SqlClient, (client) => client`SELECT enter_workspace(${workspace!.id})`))
      yield* root.self(People.unmakeSuperAdmin(other.id))
      yield* root.self(People.makeSuperAdmin(other.id))
      assert.deepStrictEqual(yield* sql`SELECT FROM workspace_entry WHERE workspace_id = ${workspace!.id}`, [])
    })
  )
})
