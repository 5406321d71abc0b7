/** Acts and looks of sessions, and of what a super admin does about people and workspaces. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { type Act, type Ground, type Look, one } from "./Act.ts"

const session = ({ n, workspace }: Ground) =>
  one(
    (sql) => sql`INSERT INTO session (token_hash, person_id, opened_by, second_factor_due, expires_at)
                 VALUES (sha256(${`token ${n}`}::bytea), ${workspace.authorId}, 'password', false, now() + interval '1 day') RETURNING id`
  )

const somebody = ({ n }: Ground) =>
  one((sql) => sql`INSERT INTO person (email, name) VALUES (${`other${n}@sample.example`}, 'Other') RETURNING id`)

const someWorkspace = ({ n }: Ground) =>
  one((sql) => sql`INSERT INTO workspace (name, country) VALUES (${`Other ${n}`}, 'UZ') RETURNING id`)

const withDevice = (ground: Ground) =>
  Effect.tap(somebody(ground), (id) =>
    Effect.flatMap(
      SqlClient,
      (sql) => sql`INSERT INTO totp (person_id, secret, confirmed_at, last_step) VALUES (${id}, '\\x00', now(), 0)`
    )
  )

const self = (call: Act["call"]): Act => ({ call, who: "self", audits: 1 })
const installation = (call: Act["call"]): Act => ({ call, who: "installation", audits: 1 })

export const sessionActs: Record<string, Act> = {
  revoke_session: self((ground) => Effect.map(session(ground), (id) => `SELECT revoke_session(${id})`)),
  revoke_other_sessions: self((ground) => Effect.as(session(ground), "SELECT revoke_other_sessions()")),
  enter_workspace: installation((ground) => Effect.map(someWorkspace(ground), (id) => `SELECT enter_workspace(${id})`)),
  disable_person: installation((ground) =>
    Effect.map(somebody(ground), (id) => `SELECT disable_person(${id}, 'has left')`)
  ),
  enable_person: installation((ground) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const id = yield* somebody(ground)
      yield* sql`UPDATE person SET disabled_at = now() WHERE id = ${id}`
      return `SELECT enable_person(${id})`
    })
  ),
  drop_totp_of: installation((ground) => Effect.map(withDevice(ground), (id) => `SELECT drop_totp_of(${id})`))
}

export const sessionLooks: Record<string, Look> = {
  my_sessions: (ground) => Effect.as(session(ground), "SELECT * FROM my_sessions()"),
  my_workspaces: () => Effect.succeed("SELECT * FROM my_workspaces()"),
  my_second_factor: () => Effect.succeed("SELECT * FROM my_second_factor()")
}
