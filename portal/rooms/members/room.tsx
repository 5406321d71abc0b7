/**
 * Members: who is in a workspace, seen by all of them; invited, let in, given another role and removed by who manages it. Anybody leaves by
 * themselves.
 */
import { Effect } from "effect"
import { Hono } from "hono"
import { invite as sendInvitation } from "#portal/access/InvitationLetter.ts"
import { Site } from "#portal/access/Site.ts"
import type { Answers } from "#portal/answers.tsx"
import { form } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import type { Env, Here } from "#portal/visit.ts"
import * as AuditNames from "#schema/audit/AuditNames.ts"
import type { SqlClient } from "#schema/Database.ts"
import * as Invitations from "#schema/people/Invitations.ts"
import * as JoinRequests from "#schema/people/JoinRequests.ts"
import * as Members from "#schema/people/Members.ts"
import { Refused } from "#schema/Refused.ts"
import { ByHandPage, InvitePage, type Typed } from "./InvitePage.tsx"
import { MemberPage } from "./MemberPage.tsx"
import { type Done, MembersPage } from "./MembersPage.tsx"
import { mayManage, placedBy, STANDINGS } from "./Standing.tsx"

export const members = ({ here }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      here((visit) => page(visit))
    )
    .get(
      "/invite",
      here((visit) =>
        mayManage(visit)
          ? Effect.succeed(<InvitePage here={visit} typed={{ email: "", standing: undefined }} />)
          : Effect.fail(mayNotInvite)
      )
    )
    .post("/invite", here(invite))
    .post("/leave", here(leave))
    .post("/invitations/:invitation/send", here(sendAgain))
    .post(
      "/invitations/:invitation/revoke",
      here((visit) =>
        doing(
          visit,
          "withdrawn",
          Effect.flatMap(idOf(visit, "invitation"), (id) => Invitations.revoke(id))
        )
      )
    )
    .post(
      "/requests/:request/accept",
      here((visit) =>
        Effect.flatMap(form(visit.c), (typed) => {
          const { moderator, role } = placedBy(typed("standing"))
          return doing(
            visit,
            "accepted",
            Effect.flatMap(idOf(visit, "request"), (id) => JoinRequests.accept(id, role, moderator))
          )
        })
      )
    )
    .post(
      "/requests/:request/decline",
      here((visit) =>
        doing(
          visit,
          "declined",
          Effect.flatMap(idOf(visit, "request"), (id) => JoinRequests.decline(id))
        )
      )
    )
    .get(
      "/:person",
      here((visit) => member(visit))
    )
    .post("/:person/role", here(changeRole))
    .post("/:person/remove", here(remove))

const pathOf = ({ workspace }: Here) => `/w/${workspace.id}/members`

const mayNotInvite = new Refused({ reason: "Forbidden", message: "only an admin may invite somebody" })

const NOT_FOUND = {
  person: "there is no such member",
  invitation: "there is no such invitation",
  request: "there is no such request"
}

const idOf = (visit: Here, of: keyof typeof NOT_FOUND) => {
  const id = visit.c.req.param(of) ?? ""
  return /^[1-9]\d{0,8}$/.test(id)
    ? Effect.succeed(Number(id))
    : Effect.fail(new Refused({ reason: "NotFound", message: NOT_FOUND[of] }))
}

const seen = (visit: Here) =>
  Effect.gen(function* () {
    const members = yield* Members.list()
    const all = yield* Invitations.invitations()
    const invitations = all.filter(({ state }) => state === "open" || state === "expired")
    const requests = yield* JoinRequests.waiting()
    const warning = yield* Members.approversWarning(visit.workspace.id)
    const names = yield* AuditNames.names(
      invitations.map(({ invited_by }) => ({ object: "person", object_id: invited_by }))
    )
    return { members, invitations, requests, warning, names }
  })

const page = Effect.fnUntraced(function* (visit: Here, said?: string) {
  const all = yield* visit.acting(seen(visit))
  return <MembersPage here={visit} seen={all} done={doneIn(visit, all.invitations)} said={said} />
})

/** What the address says was done just now. */
const doneIn = (visit: Here, invitations: ReadonlyArray<Invitations.Invitation>): Done | undefined => {
  const did = visit.c.req.query("did") ?? ""
  const invited = invitations.find(({ id }) => String(id) === visit.c.req.query("invited"))
  if (invited !== undefined) return { invited }
  return Object.hasOwn(visit.words.members.said, did) ? ({ did } as Done) : undefined
}

/** Those that a page can say beside what was asked for. */
const STATUS: Partial<Record<Refused["reason"], 400 | 409>> = { Invalid: 400, Conflict: 409 }

/** An act on the list: back to it, or the list with why not. */
const doing = Effect.fnUntraced(function* (visit: Here, did: string, act: Effect.Effect<unknown, Refused, SqlClient>) {
  const done = yield* Effect.result(visit.acting(act))
  if (done._tag === "Success") return go(visit.c, `${pathOf(visit)}?did=${did}`)
  const status = STATUS[done.failure.reason]
  if (status === undefined) return yield* done.failure
  const again = yield* page(visit, done.failure.message)
  visit.c.status(status)
  return again
})

/** The letter with its link (portal/rooms/letters). */
const sent = Effect.fnUntraced(function* (visit: Here, invitation: Invitations.NewInvitation) {
  const { origin } = yield* Site
  const { byHand, invitationId } = yield* sendInvitation(
    visit.acting,
    invitation,
    (token) => `${origin}/invitation/${token}`
  )
  return byHand === undefined ? (
    go(visit.c, `${pathOf(visit)}?invited=${invitationId}`)
  ) : (
    <ByHandPage here={visit} byHand={byHand} />
  )
})

const invite = Effect.fnUntraced(function* (visit: Here) {
  const read = yield* form(visit.c)
  const typed: Typed = { email: read("email"), standing: STANDINGS.find((one) => one === read("standing")) }
  const done = yield* Effect.result(sent(visit, { email: typed.email, ...placedBy(read("standing")) }))
  if (done._tag === "Success") return done.success
  const status = STATUS[done.failure.reason]
  if (status === undefined) return yield* done.failure
  visit.c.status(status)
  return <InvitePage here={visit} typed={typed} said={done.failure.message} />
})

/** A new letter with a new link, as the same; the old link stops working. */
const sendAgain = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit, "invitation")
  const all = yield* visit.acting(Invitations.invitations())
  if (!mayManage(visit)) return yield* mayNotInvite
  const one = all.find((invitation) => invitation.id === id)
  if (one === undefined) return yield* new Refused({ reason: "NotFound", message: NOT_FOUND.invitation })
  if (one.state === "accepted" || one.state === "revoked") {
    const said = "this invitation was accepted or taken back already; invite them anew"
    return yield* doing(visit, "invited", Effect.fail(new Refused({ reason: "Conflict", message: said })))
  }
  const done = yield* Effect.result(sent(visit, one))
  if (done._tag === "Success") return done.success
  return yield* doing(visit, "invited", Effect.fail(done.failure))
})

const found = Effect.fnUntraced(function* (id: number) {
  const one = (yield* Members.list()).find((member) => member.id === id)
  return one ?? (yield* new Refused({ reason: "NotFound", message: NOT_FOUND.person }))
})

const member = Effect.fnUntraced(function* (visit: Here, said?: string) {
  const id = yield* idOf(visit, "person")
  const seen = yield* visit.acting(
    Effect.gen(function* () {
      const one = yield* found(id)
      const unfinished = yield* Members.unfinishedOf(id)
      const warning = yield* Members.approversWarning(visit.workspace.id)
      const names = yield* AuditNames.names([{ object: "person", object_id: one.given_by }])
      return { one, unfinished, warning, names }
    })
  )
  return <MemberPage here={visit} seen={seen} isChanged={visit.c.req.query("did") === "changed"} said={said} />
})

/** The member's page with why not. */
const again = Effect.fnUntraced(function* (visit: Here, refusal: Refused) {
  const status = STATUS[refusal.reason]
  if (status === undefined) return yield* refusal
  const page = yield* member(visit, refusal.message)
  visit.c.status(status)
  return page
})

const changeRole = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit, "person")
  const wanted = placedBy((yield* form(visit.c))("standing"))
  const changed = yield* visit
    .acting(
      Effect.gen(function* () {
        const one = yield* found(id)
        if (one.role === "author" && wanted.role === "author")
          return yield* Members.setModeratorFlag(id, wanted.moderator)
        yield* Members.changeRole(id, wanted.role)
        if (wanted.moderator) yield* Members.setModeratorFlag(id, true)
      })
    )
    .pipe(Effect.result)
  if (changed._tag === "Success") return go(visit.c, `${pathOf(visit)}/${id}?did=changed`)
  return yield* again(visit, changed.failure)
})

const remove = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit, "person")
  const removed = yield* Effect.result(visit.acting(Members.remove(id)))
  if (removed._tag === "Success") return go(visit.c, `${pathOf(visit)}?did=removed`)
  return yield* again(visit, removed.failure)
})

const leave = Effect.fnUntraced(function* (visit: Here) {
  // to where it is asked
  if ((yield* form(visit.c))("sure") !== "yes") return go(visit.c, `${pathOf(visit)}/${visit.me.id}`)
  const left = yield* Effect.result(visit.acting(Members.leave(visit.workspace.id)))
  if (left._tag === "Success") return go(visit.c, "/")
  const status = STATUS[left.failure.reason]
  if (status === undefined) return yield* left.failure
  const refusal = yield* page(visit, left.failure.message)
  visit.c.status(status)
  return refusal
})
