/** People who have a password, and what an attacker and a clock do to them, for tests of signing in. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Context, Effect, Layer, Redacted } from "effect"
import { Passwords } from "#portal/access/Passwords.ts"
import * as SignIn from "#portal/access/SignIn.ts"
import { intoFolder, Mail } from "#portal/mail/Mail.ts"
import { SqlClient } from "#schema/Database.ts"
import type { Request } from "#schema/people/Acting.ts"
import { Secrets } from "#schema/Secrets.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { CHEAP } from "./cheap.ts"

/** Where mail is written, for as long as the layer lives. */
export class MailFolder extends Context.Service<MailFolder, string>()("portal/access/testing/MailFolder") {
  static readonly layer = Layer.effect(
    MailFolder,
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "countersign-test-mail-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
    )
  )
}

/** The database, cheap passwords, secrets under some key, and mail that is written. */
export const TestAccess = Layer.mergeAll(
  TestDatabase.layer,
  Passwords.layer({ cost: CHEAP }),
  Secrets.layerOf([new Uint8Array(32).fill(7)]),
  Layer.provideMerge(
    Layer.unwrap(Effect.map(MailFolder, (folder) => Mail.layerBy(intoFolder(folder)))),
    MailFolder.layer
  )
)

export interface Account {
  readonly personId: number
  readonly email: string
  readonly password: Redacted.Redacted<string>
}

export const HOME: Request = { address: "192.0.2.7", agent: "a browser" }

let made = 0

/** A person with a password, put in by the owner. */
export const account = Effect.fnUntraced(function* (columns: Readonly<Record<string, boolean>> = {}) {
  const sql = yield* SqlClient
  const password = Redacted.make("mauve staples grazing")
  const hash = yield* (yield* Passwords).hash(password)
  const email = `person${++made}@sample.example`
  const [person] = yield* sql<{ id: number }>`
    INSERT INTO person ${sql.insert({ email, name: `Person ${made}`, ...columns })} RETURNING id`
  yield* sql`SELECT put_password(${person!.id}, ${hash})`
  return { personId: person!.id, email, password } satisfies Account
})

/** As the access role, with the right password. */
export const signIn = (who: Account, request = HOME) =>
  Effect.flatMap(TestDatabase, ({ asAccess }) => asAccess(SignIn.withPassword(who, request)))

export const WRONG = Redacted.make("not the password at all")

/** As the access role, with a wrong one; gives why it was refused. */
export const guess = (email: string, request: Request) =>
  Effect.flatMap(TestDatabase, ({ asAccess }) =>
    Effect.flip(asAccess(SignIn.withPassword({ email, password: WRONG }, request)))
  )

/** Makes all that is counted so many seconds older, which is what waiting does. As the owner. */
export const waited = Effect.fnUntraced(function* (seconds: number) {
  const sql = yield* SqlClient
  yield* sql`
    UPDATE sign_in_throttle SET locked_until = locked_until - ${seconds} * interval '1 second', forgiving_since = forgiving_since - ${seconds} * interval '1 second',
                                forgotten_at = forgotten_at - ${seconds} * interval '1 second'`
})

export interface Event {
  readonly action: string
  readonly person_id: number | null
  readonly role: string
  readonly object_id: number | null
  readonly facts: Record<string, unknown>
  readonly personal: Record<string, unknown>
}

/** What the installation's audit says about these actions, oldest first. As the owner. */
export const audited = Effect.fnUntraced(function* (...actions: ReadonlyArray<string>) {
  const sql = yield* SqlClient
  return yield* sql<Event>`
    SELECT action, person_id, role, object_id, facts::jsonb AS facts, personal::jsonb AS personal FROM audit
     WHERE workspace_id = 0 AND action = ANY (${actions}::text[]) ORDER BY seq`
})

/** What the audit has said about somebody: their actions, and what was done to them. As the owner. */
export const auditedOf = Effect.fnUntraced(function* (personId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ action: string }>`
    SELECT action FROM audit WHERE workspace_id = 0 AND (person_id = ${personId} OR object = 'person' AND object_id = ${personId}) ORDER BY seq`
  return rows.map(({ action }) => action)
})
