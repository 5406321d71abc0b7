/** Acts and looks of passkeys and of the providers of single sign-on. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { type Act, type Ground, type Look, one } from "./Act.ts"

/** A key of the author, who has a password besides. */
const ownKey = ({ n, workspace }: Ground) =>
  Effect.andThen(
    Effect.flatMap(
      SqlClient,
      (sql) => sql`INSERT INTO password VALUES (${workspace.authorId}, '$argon2id$') ON CONFLICT DO NOTHING`
    ),
    one(
      (sql) => sql`INSERT INTO passkey (person_id, credential_id, public_key, name)
                   VALUES (${workspace.authorId}, ${`key${n}`}, '', 'Phone') RETURNING id`
    )
  )

const said = ({ n }: Ground) => ({
  name: `Corp ${n}`,
  issuer: `https://sso${n}.example`,
  client_id: "countersign",
  email_domains: ["sample.example"]
})

const provider = (ground: Ground) =>
  actAs(
    ground.superAdminId,
    null
  )(one((sql) => sql`SELECT add_single_sign_on_provider(${JSON.stringify(said(ground))}::text::jsonb) AS id`))

const linked = (ground: Ground) =>
  Effect.tap(provider(ground), () =>
    one(
      (sql) => sql`INSERT INTO single_sign_on_link (issuer, subject, person_id)
                   VALUES (${said(ground).issuer}, '7', ${ground.workspace.authorId}) RETURNING person_id AS id`
    )
  )

const installation = (call: Act["call"]): Act => ({ call, who: "installation", audits: 1 })
const self = (call: Act["call"]): Act => ({ call, who: "self", audits: 1 })

export const passkeyActs: Record<string, Act> = {
  rename_passkey: self((ground) => Effect.map(ownKey(ground), (id) => `SELECT rename_passkey(${id}, 'Work phone')`)),
  revoke_passkey: self((ground) => Effect.map(ownKey(ground), (id) => `SELECT revoke_passkey(${id})`)),
  add_single_sign_on_provider: installation((ground) =>
    Effect.succeed(`SELECT add_single_sign_on_provider('${JSON.stringify(said(ground))}')`)
  ),
  change_single_sign_on_provider: installation((ground) =>
    Effect.map(provider(ground), (id) => `SELECT change_single_sign_on_provider(${id}, '{"client_id": "other"}')`)
  ),
  enable_single_sign_on_provider: installation((ground) =>
    Effect.map(provider(ground), (id) => `SELECT enable_single_sign_on_provider(${id}, false)`)
  ),
  unlink_single_sign_on: installation((ground) =>
    Effect.map(linked(ground), (id) => `SELECT unlink_single_sign_on(${ground.workspace.authorId}, ${id})`)
  )
}

export const passkeyLooks: Record<string, Look> = {
  my_passkeys: (ground) => Effect.as(ownKey(ground), "SELECT * FROM my_passkeys()"),
  single_sign_on_providers: (ground) => Effect.as(provider(ground), "SELECT * FROM single_sign_on_providers()")
}
