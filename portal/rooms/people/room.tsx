/**
 * Accounts and workspaces of the installation, by super admins in no workspace: made, disabled, archived. What is archived is restored in
 * Master's archive.
 */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { form } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import type { Env, Person as Visitor } from "#portal/visit.ts"
import type { SqlClient } from "#schema/Database.ts"
import { type Acting, act } from "#schema/people/Acting.ts"
import * as Master from "#schema/people/Master.ts"
import * as People from "#schema/people/People.ts"
import * as WorkspaceSettings from "#schema/people/WorkspaceSettings.ts"
import { Refused } from "#schema/Refused.ts"
import { type Did, NewPersonPage, PeoplePage, PersonPage } from "./PeoplePages.tsx"
import { NewWorkspacePage, type TypedWorkspace, WorkspacesPage } from "./WorkspacePages.tsx"

export const people = ({ signedIn }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      signedIn((who) => Effect.map(inAll(who)(People.people()), (all) => <PeoplePage who={who} people={all} />))
    )
    .get(
      "/new",
      signedIn((who) =>
        Effect.map(inAll(who)(Effect.void), () => <NewPersonPage who={who} typed={{ name: "", email: "" }} />)
      )
    )
    .post("/new", signedIn(makePerson))
    .get(
      "/:person",
      signedIn((who) => person(who))
    )
    .post(
      "/:person/disable",
      signedIn((who) =>
        Effect.flatMap(form(who.c), (typed) =>
          change(who, "disabled", (id) => People.disable(id, typed("reason")), typed("reason"))
        )
      )
    )
    .post(
      "/:person/enable",
      signedIn((who) => change(who, "enabled", People.enable))
    )
    .post(
      "/:person/promote",
      signedIn((who) => change(who, "promoted", People.makeSuperAdmin))
    )
    .post(
      "/:person/demote",
      signedIn((who) => change(who, "demoted", People.unmakeSuperAdmin))
    )

export const workspaces = ({ signedIn }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      signedIn((who) => places(who))
    )
    .get(
      "/new",
      signedIn((who) => newWorkspace(who, { name: "", country: "", timeZone: who.zone ?? "UTC", adminId: "" }))
    )
    .post("/new", signedIn(makeWorkspace))
    .post("/:workspace/archive", signedIn(archive))

/** In no workspace, where super admins look at all; to anybody else there is nothing here. */
const inAll = (who: Visitor): Acting =>
  who.me.super_admin
    ? act(who.token, null, who.request)
    : () => Effect.fail(new Refused({ reason: "Forbidden", message: "only a super admin may manage people" }))

/** Those that a page can say beside what was asked for. */
const STATUS: Partial<Record<Refused["reason"], 400 | 409>> = { Invalid: 400, Conflict: 409 }

const idIn = (text: string | undefined) => (/^[1-9]\d{0,8}$/.test(text ?? "") ? Number(text) : 0)

const makePerson = Effect.fnUntraced(function* (who: Visitor) {
  const read = yield* form(who.c)
  const typed = { name: read("name").replaceAll("\0", ""), email: read("email").replaceAll("\0", "") }
  const made = yield* Effect.result(inAll(who)(People.create(typed.email, typed.name)))
  if (made._tag === "Success") return go(who.c, `/master/people/${made.success}?did=made`)
  const status = STATUS[made.failure.reason]
  if (status === undefined) return yield* made.failure
  who.c.status(status)
  return <NewPersonPage who={who} typed={typed} said={made.failure.message} />
})

const person = Effect.fnUntraced(function* (who: Visitor, said?: string, reason?: string) {
  const id = idIn(who.c.req.param("person"))
  const [all, places] = yield* inAll(who)(Effect.all([People.people(), People.placesOf(id)]))
  const one = all.find((person) => person.id === id)
  if (one === undefined) return yield* new Refused({ reason: "NotFound", message: "there is no such person" })
  const did = who.c.req.query("did") ?? ""
  const isDone = Object.hasOwn(who.words.people.said, did)
  return (
    <PersonPage
      who={who}
      person={one}
      places={places}
      did={isDone ? (did as Did) : undefined}
      said={said}
      reason={reason}
    />
  )
})

const change = Effect.fnUntraced(function* (
  who: Visitor,
  did: Did,
  doing: (personId: number) => Effect.Effect<void, Refused, SqlClient>,
  reason?: string
) {
  const id = idIn(who.c.req.param("person"))
  const changed = yield* Effect.result(inAll(who)(doing(id)))
  if (changed._tag === "Success") return go(who.c, `/master/people/${id}?did=${did}`)
  const status = STATUS[changed.failure.reason]
  if (status === undefined) return yield* changed.failure
  const page = yield* person(who, changed.failure.message, reason)
  who.c.status(status)
  return page
})

const places = Effect.fnUntraced(function* (who: Visitor, said?: string) {
  const all = yield* inAll(who)(Master.workspaces(false))
  const { workspaceArchived, workspaceMade } = who.words.people
  const did = who.c.req.query("did")
  const done = did === "made" ? workspaceMade : did === "archived" ? workspaceArchived : undefined
  return <WorkspacesPage who={who} workspaces={all} done={done} said={said} />
})

const newWorkspace = Effect.fnUntraced(function* (who: Visitor, typed: TypedWorkspace, said?: string) {
  const all = yield* inAll(who)(People.people())
  const able = all.filter(({ disabled_at }) => disabled_at === null)
  return <NewWorkspacePage who={who} people={able} typed={typed} said={said} />
})

const makeWorkspace = Effect.fnUntraced(function* (who: Visitor) {
  const read = yield* form(who.c)
  const typed = {
    ...{ name: read("name").replaceAll("\0", ""), country: read("country") },
    ...{ timeZone: read("time_zone"), adminId: read("admin") }
  }
  const wanted = { name: typed.name, country: typed.country, time_zone: typed.timeZone.trim() }
  const made = yield* Effect.result(inAll(who)(WorkspaceSettings.create(wanted, idIn(typed.adminId))))
  if (made._tag === "Success") return go(who.c, "/master/workspaces?did=made")
  const { failure } = made
  // without an admin there is nobody to find
  const status = failure.reason === "NotFound" ? 400 : STATUS[failure.reason]
  if (status === undefined) return yield* failure
  const page = yield* newWorkspace(who, typed, failure.message)
  who.c.status(status)
  return page
})

const archive = Effect.fnUntraced(function* (who: Visitor) {
  const archived = yield* Effect.result(inAll(who)(WorkspaceSettings.archive(idIn(who.c.req.param("workspace")))))
  if (archived._tag === "Success") return go(who.c, "/master/workspaces?did=archived")
  const status = STATUS[archived.failure.reason]
  if (status === undefined) return yield* archived.failure
  const page = yield* places(who, archived.failure.message)
  who.c.status(status)
  return page
})
