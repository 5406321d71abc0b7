/** Acts and looks of sender names and presets. */
import { Effect } from "effect"
import { actAs } from "#schema/people/Acting.ts"
import { type Act, admins, deciders, type Ground, type Look, one } from "./Act.ts"

const byAdmin = ({ workspace }: Ground) => actAs(workspace.adminId, workspace.workspaceId)
const bySuperAdmin = ({ superAdminId }: Ground) => actAs(superAdminId, null)

/** Digits that stand for different letters, so that no two names look alike. */
const name = (ground: Ground) => `Name${ground.n}`

const sender = (ground: Ground) => byAdmin(ground)(one((sql) => sql`SELECT create_sender(${name(ground)}) AS id`))

const pending = (ground: Ground) =>
  Effect.flatMap(sender(ground), (id) =>
    actAs(
      ground.workspace.authorId,
      ground.workspace.workspaceId
    )(one((sql) => sql`SELECT submit_revision(${id}, ${name(ground)}, 'for the test') AS id`))
  )

const preset = (ground: Ground) =>
  bySuperAdmin(ground)(one((sql) => sql`SELECT create_preset(${name(ground)}, ${`P${name(ground)}`}, 'for all') AS id`))

const granted = (ground: Ground) =>
  Effect.tap(preset(ground), (id) =>
    bySuperAdmin(ground)(one((sql) => sql`SELECT grant_preset(${id}, ${ground.workspace.workspaceId}) AS id`))
  )

const everybody = ["author", "flag", "moderator", "admin"] as const

export const senderActs: Record<string, Act> = {
  create_sender: {
    call: (ground) => Effect.succeed(`SELECT create_sender('${name(ground)}')`),
    who: admins,
    audits: 1
  },
  submit_revision: {
    call: (ground) =>
      Effect.map(sender(ground), (id) => `SELECT submit_revision(${id}, '${name(ground)}', 'known to all')`),
    who: everybody,
    audits: 1,
    foreign: "does not exist"
  },
  decide_revision: {
    call: (ground) => Effect.map(pending(ground), (id) => `SELECT decide_revision(${id}, 'approve')`),
    who: deciders,
    audits: 1,
    foreign: "does not exist"
  },
  archive_sender: {
    call: (ground) => Effect.map(sender(ground), (id) => `SELECT archive_sender(${id})`),
    who: admins,
    audits: 1,
    foreign: "does not exist"
  },
  restore_sender: {
    call: (ground) =>
      Effect.gen(function* () {
        const id = yield* sender(ground)
        yield* byAdmin(ground)(one((sql) => sql`SELECT archive_sender(${id}) AS id`))
        return `SELECT restore_sender(${id})`
      }),
    who: admins,
    audits: 1,
    foreign: "does not exist"
  },
  create_preset: {
    call: (ground) => Effect.succeed(`SELECT create_preset('${name(ground)}', 'P${name(ground)}', 'for all')`),
    who: "installation",
    audits: 1
  },
  grant_preset: {
    call: (ground) => Effect.map(preset(ground), (id) => `SELECT grant_preset(${id}, ${ground.workspace.workspaceId})`),
    who: "installation",
    audits: 1
  },
  revoke_preset: {
    call: (ground) =>
      Effect.map(granted(ground), (id) => `SELECT revoke_preset(${id}, ${ground.workspace.workspaceId})`),
    who: "installation",
    audits: 1
  },
  archive_preset: {
    call: (ground) => Effect.map(granted(ground), (id) => `SELECT archive_preset(${id})`),
    who: "installation",
    // itself, and that it is taken back from a workspace
    audits: 2
  }
}

export const senderLooks: Record<string, Look> = {
  others_who_may_use: (ground) => Effect.map(pending(ground), (id) => `SELECT others_who_may_use(${id})`),
  why_not_decide_revision: (ground) => Effect.map(pending(ground), (id) => `SELECT why_not_decide_revision(${id})`)
}
