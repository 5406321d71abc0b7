/** Acts and looks of members, workspaces, people and channels. */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { type Act, admins, type Ground, type Look, one } from "./Act.ts"

const email = ({ n }: Ground) => `invited${n}@sample.example`
const hash = (token: string) => `'\\x${createHash("sha256").update(token).digest("hex")}'`

const inviteCall = (ground: Ground, to = email(ground), role = "author") =>
  `invite('${to}', '${role}', false, ${hash(`token ${ground.n}`)})`

const byAdmin = <A, E, R>(ground: Ground, effect: Effect.Effect<A, E, R>) =>
  actAs(ground.workspace.adminId, ground.workspace.workspaceId)(effect)

const run = (statement: string) => Effect.flatMap(SqlClient, (sql) => sql.unsafe(statement))
const id = (statement: string) => one((sql) => sql.unsafe(statement))

const newcomer = (ground: Ground) =>
  id(`INSERT INTO person (email, name) VALUES ('new${ground.n}@sample.example', 'New') RETURNING id`)

/** Somebody who is nothing but a member, so that whoever acts is not about themselves. */
const member = (ground: Ground) =>
  Effect.tap(newcomer(ground), (person) =>
    run(
      `INSERT INTO membership (workspace_id, person_id, role) VALUES (${ground.workspace.workspaceId}, ${person}, 'author')`
    )
  )

const onMember =
  (call: string): Act["call"] =>
  (ground) =>
    Effect.map(member(ground), (person) => call.replaceAll("$id", `${person}`))

const invited = (ground: Ground) => byAdmin(ground, id(`SELECT invitation_id AS id FROM ${inviteCall(ground)}`))

const request = (ground: Ground) =>
  Effect.gen(function* () {
    yield* run(`UPDATE workspace SET open_to_requests = true WHERE id = ${ground.workspace.workspaceId}`)
    const person = yield* newcomer(ground)
    return yield* actAs(person, null)(id(`SELECT ask_to_join('${ground.workspace.workspaceId}', 'for the test') AS id`))
  })

const channel = `"host": "127.0.0.1", "port": 2775, "system_id": "x", "password_sealed": "\\\\x${"01".repeat(33)}"`
const settings = ({ n }: Ground) => `{"name": "Made ${n}", "country": "UZ"}`

const bySuperAdmin = (ground: Ground, statement: string) => actAs(ground.superAdminId, null)(id(statement))

const workspace = (ground: Ground) =>
  bySuperAdmin(ground, `SELECT create_workspace('${settings(ground)}', ${ground.workspace.adminId}) AS id`)

const madeChannel = (ground: Ground) =>
  bySuperAdmin(ground, `SELECT create_channel('{"name": "Made ${ground.n}", ${channel}}') AS id`)

const ofWorkspace = { who: admins, audits: 1, foreign: "does not exist" } as const
const ofInstallation = { who: "installation", audits: 1 } as const

export const memberActs: Record<string, Act> = {
  change_role: { call: onMember("SELECT change_role($id, 'moderator')"), ...ofWorkspace },
  set_moderator_flag: { call: onMember("SELECT set_moderator_flag($id, true)"), ...ofWorkspace },
  remove_member: { call: onMember("SELECT remove_member($id)"), ...ofWorkspace },
  leave_workspace: {
    call: ({ workspace }) => Effect.succeed(`SELECT leave_workspace(${workspace.workspaceId})`),
    who: "self",
    audits: 1,
    foreign: "does not exist"
  },
  invite: { call: (ground) => Effect.succeed(`SELECT * FROM ${inviteCall(ground)}`), who: admins, audits: 1 },
  revoke_invitation: {
    call: (ground) => Effect.map(invited(ground), (invitation) => `SELECT revoke_invitation(${invitation})`),
    ...ofWorkspace
  },
  accept_invitation: {
    call: (ground) =>
      Effect.gen(function* () {
        const { authorId, workspaceId } = ground.workspace
        yield* run(
          `UPDATE membership SET left_at = now() WHERE workspace_id = ${workspaceId} AND person_id = ${authorId}`
        )
        const [person] = (yield* run(`SELECT email FROM person WHERE id = ${authorId}`)) as Array<{ email: string }>
        yield* byAdmin(ground, run(`SELECT FROM ${inviteCall(ground, person!.email)}`))
        return `SELECT accept_invitation('token ${ground.n}')`
      }),
    who: "self",
    audits: 1
  },
  ask_to_join: {
    call: (ground) =>
      Effect.gen(function* () {
        const { authorId, workspaceId } = ground.workspace
        yield* run(
          `UPDATE membership SET left_at = now() WHERE workspace_id = ${workspaceId} AND person_id = ${authorId}`
        )
        yield* run(`UPDATE workspace SET open_to_requests = true WHERE id = ${workspaceId}`)
        return `SELECT ask_to_join('${workspaceId}', 'for the test')`
      }),
    who: "self",
    audits: 1
  },
  accept_join_request: {
    call: (ground) => Effect.map(request(ground), (asked) => `SELECT accept_join_request(${asked}, 'author')`),
    ...ofWorkspace
  },
  decline_join_request: {
    call: (ground) => Effect.map(request(ground), (asked) => `SELECT decline_join_request(${asked})`),
    ...ofWorkspace
  },
  change_settings: {
    call: ({ n }) => Effect.succeed(`SELECT change_settings('{"keep_audit_months": ${12 + n}}')`),
    who: admins,
    audits: 1
  },
  // told to the installation's chain and to the workspace's
  create_workspace: {
    call: (ground) => Effect.succeed(`SELECT create_workspace('${settings(ground)}', ${ground.workspace.adminId})`),
    ...ofInstallation,
    audits: 2
  },
  archive_workspace: {
    call: (ground) => Effect.map(workspace(ground), (made) => `SELECT archive_workspace(${made})`),
    ...ofInstallation,
    audits: 2
  },
  restore_workspace: {
    call: (ground) =>
      Effect.gen(function* () {
        const made = yield* workspace(ground)
        yield* bySuperAdmin(ground, `SELECT archive_workspace(${made}) AS id`)
        return `SELECT restore_workspace(${made})`
      }),
    ...ofInstallation,
    audits: 2
  },
  create_person: {
    call: (ground) => Effect.succeed(`SELECT create_person('${email(ground)}', 'New')`),
    ...ofInstallation
  },
  make_super_admin: {
    call: (ground) => Effect.map(newcomer(ground), (person) => `SELECT make_super_admin(${person})`),
    ...ofInstallation
  },
  unmake_super_admin: {
    call: (ground) =>
      Effect.gen(function* () {
        const person = yield* newcomer(ground)
        yield* run(`UPDATE person SET super_admin = true WHERE id = ${person}`)
        return `SELECT unmake_super_admin(${person})`
      }),
    ...ofInstallation
  },
  create_channel: {
    call: ({ n }) => Effect.succeed(`SELECT create_channel('{"name": "Made ${n}", ${channel}}')`),
    ...ofInstallation
  },
  change_channel: {
    call: (ground) => Effect.map(madeChannel(ground), (made) => `SELECT change_channel(${made}, '{"binds": 2}')`),
    ...ofInstallation
  },
  switch_channel: {
    call: (ground) => Effect.map(madeChannel(ground), (made) => `SELECT switch_channel(${made}, true)`),
    ...ofInstallation
  },
  grant_channel: {
    call: (ground) =>
      Effect.map(madeChannel(ground), (made) => `SELECT grant_channel(${made}, ${ground.workspace.workspaceId})`),
    ...ofInstallation,
    audits: 2
  },
  withdraw_channel: {
    call: (ground) =>
      Effect.gen(function* () {
        const made = yield* madeChannel(ground)
        yield* bySuperAdmin(ground, `SELECT grant_channel(${made}, ${ground.workspace.workspaceId}) AS id`)
        return `SELECT withdraw_channel(${made}, ${ground.workspace.workspaceId})`
      }),
    ...ofInstallation,
    audits: 2
  }
}

export const memberLooks: Record<string, Look> = {
  approvers_warning: ({ workspace }) => Effect.succeed(`SELECT approvers_warning(${workspace.workspaceId})`),
  messages_today: (ground) =>
    Effect.as(
      run(`UPDATE workspace SET per_day = 10 WHERE id = ${ground.workspace.workspaceId}`),
      "SELECT * FROM messages_today()"
    ),
  // a neighbour sees their own
  member_sign_ins: ({ workspace }) =>
    Effect.succeed(`SELECT * FROM member_sign_ins() WHERE person_id = ${workspace.authorId}`),
  join_requests: (ground) => Effect.as(request(ground), "SELECT * FROM join_requests()"),
  my_join_requests: (ground) => Effect.as(request(ground), "SELECT * FROM my_join_requests()")
}
