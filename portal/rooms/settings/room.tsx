/** Settings of a workspace, a section at a time: seen by its members, changed by who manages it; what gets weaker is asked about once. */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { form } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import { changesOf } from "#portal/rooms/audit/changes.ts"
import { mayManage } from "#portal/rooms/members/Standing.tsx"
import type { Env, Here } from "#portal/visit.ts"
import * as AuditList from "#schema/audit/AuditList.ts"
import * as WorkspaceSettings from "#schema/people/WorkspaceSettings.ts"
import type { Refused } from "#schema/Refused.ts"
import { type Back, type Saved, SettingsPage } from "./SettingsPage.tsx"
import { askedIn, isSection, SECTIONS, type Section, type Typed, weakerIn } from "./sections.ts"

export const settings = ({ here }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      here((visit) => page(visit))
    )
    .post("/:section{workspace|approvals|sign-in|limits|retention}", here(save))

const page = Effect.fnUntraced(function* (visit: Here, back?: Back) {
  const { saved, ...seen } = yield* visit.acting(
    Effect.all({
      settings: WorkspaceSettings.settings(),
      today: WorkspaceSettings.messagesToday(),
      held: WorkspaceSettings.held(),
      saved: savedIn(visit)
    })
  )
  return <SettingsPage here={visit} seen={seen} saved={saved} back={back} />
})

/** The newest change of settings that they made; before: of those before that row of the audit. */
const newest = ({ me, workspace }: Here, before?: number) =>
  Effect.map(
    AuditList.page({
      workspaceId: workspace.id,
      personId: me.id,
      action: "workspace.settings",
      ...(before !== undefined && { before })
    }),
    ({ rows }) => rows[0]
  )

/** What the address says was saved just now: the row of the audit that tells it, 0 where nothing was changed. */
const savedIn = Effect.fnUntraced(function* (visit: Here) {
  const section = visit.c.req.query("in") ?? ""
  const [seq] = /^\d{1,9}$/.exec(visit.c.req.query("saved") ?? "") ?? []
  if (seq === undefined || !isSection(section) || !mayManage(visit)) return undefined
  if (Number(seq) === 0) return { section, changes: [] } satisfies Saved
  const row = yield* newest(visit, Number(seq) + 1)
  return row?.seq === Number(seq) ? ({ section, changes: changesOf(row) } satisfies Saved) : undefined
})

/** Those that the form can say beside what was typed. */
const STATUS: Partial<Record<Refused["reason"], 400 | 409>> = { Invalid: 400, Conflict: 409 }

const again = Effect.fnUntraced(function* (visit: Here, back: Back, status: 200 | 400 | 409) {
  const shown = yield* page(visit, back)
  visit.c.status(status)
  return shown
})

const save = Effect.fnUntraced(function* (visit: Here) {
  const section = visit.c.req.param("section") as Section
  const read = yield* form(visit.c)
  // refused in the database's words
  if (!mayManage(visit)) yield* visit.acting(WorkspaceSettings.change({}))
  const isNamer = visit.workspace.role === "super_admin"
  const fields = SECTIONS[section].filter((field) => field !== "name" || isNamer)
  const typed: Typed = Object.fromEntries(fields.map((field) => [field, read(field)]))
  const { unread, wanted } = askedIn(section, read, isNamer)
  if (unread.length > 0) return yield* again(visit, { section, typed, unread }, 400)
  const [now, before] = yield* visit.acting(Effect.all([WorkspaceSettings.settings(), newest(visit)]))
  const weaker = weakerIn(now, wanted)
  const confirmed = read("confirmed").split(" ")
  if (weaker.some((one) => !confirmed.includes(one))) return yield* again(visit, { section, typed, weaker }, 200)
  const changed = yield* Effect.result(visit.acting(WorkspaceSettings.change(wanted)))
  if (changed._tag === "Success") {
    // the chain has it once it is committed
    const after = yield* visit.acting(newest(visit))
    const seq = after === undefined || after.seq === before?.seq ? 0 : after.seq
    return go(visit.c, `/w/${visit.workspace.id}/settings?in=${section}&saved=${seq}#${section}`)
  }
  const status = STATUS[changed.failure.reason]
  if (status === undefined) return yield* changed.failure
  return yield* again(visit, { section, typed, said: changed.failure.message }, status)
})
