/** Senders: in whose name a workspace may write. One proposes a name or a change of it, another decides (the moderation room). */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { form } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import type { Env, Here } from "#portal/visit.ts"
import * as CampaignList from "#schema/campaign/CampaignList.ts"
import { Refused } from "#schema/Refused.ts"
import * as Revisions from "#schema/sender/Revisions.ts"
import * as Senders from "#schema/sender/Senders.ts"
import { ProposalPage } from "./ProposalPage.tsx"
import { NOTHING, proposalOf, proposedFrom, proposedIn } from "./proposed.ts"
import { SenderPage } from "./SenderPage.tsx"
import { mayManage, SendersPage } from "./SendersPage.tsx"

export const senders = ({ here }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      here((visit) => Effect.map(visit.acting(Senders.senders()), (all) => <SendersPage here={visit} senders={all} />))
    )
    .get(
      "/new",
      here((visit) =>
        mayManage(visit)
          ? Effect.succeed(<ProposalPage here={visit} of={undefined} proposed={NOTHING} />)
          : Effect.fail(mayNotCreate)
      )
    )
    .post("/new", here(create))
    .get(
      "/:sender",
      here((visit) => sender(visit))
    )
    .get("/:sender/change", here(changing))
    .post("/:sender/change", here(change))
    .post(
      "/:sender/archive",
      here((visit) => keep(visit, Senders.archive))
    )
    .post(
      "/:sender/restore",
      here((visit) => keep(visit, Senders.restore))
    )

const mayNotCreate = new Refused({ reason: "Forbidden", message: "only an admin may create or archive a sender name" })

const idOf = (visit: Here) => {
  const id = visit.c.req.param("sender") ?? ""
  return /^[1-9]\d{0,8}$/.test(id) ? Effect.succeed(Number(id)) : Effect.fail(noSuchSender)
}

const noSuchSender = new Refused({ reason: "NotFound", message: "there is no such sender" })

const found = Effect.fnUntraced(function* (id: number) {
  const one = (yield* Senders.senders()).find((sender) => sender.id === id)
  return one ?? (yield* noSuchSender)
})

const sender = Effect.fnUntraced(function* (visit: Here, said?: string) {
  const id = yield* idOf(visit)
  const seen = yield* visit.acting(
    Effect.gen(function* () {
      const one = yield* found(id)
      const revisions = yield* Revisions.history(id)
      const newest = revisions.find(({ status }) => status === "approved") ?? revisions[0]
      const others = newest === undefined ? 0 : yield* Revisions.othersWhoMayUse(newest.id)
      const { campaigns } = yield* CampaignList.page({ workspaceId: visit.workspace.id, senderId: id })
      return { sender: one, revisions, others, campaigns, unfinished: yield* Senders.unfinished(id) }
    })
  )
  return <SenderPage here={visit} seen={seen} said={said} />
})

/** Those that the form can say; Forbidden is the database's word on who may. */
const STATUS: Partial<Record<Refused["reason"], 400 | 403 | 409>> = { Invalid: 400, Forbidden: 403, Conflict: 409 }

const create = Effect.fnUntraced(function* (visit: Here) {
  const proposed = proposedIn(yield* form(visit.c))
  // both or nothing: a sender without a name would be in the way of the next attempt
  const made = yield* visit
    .acting(Effect.tap(Senders.create(proposed.label), (id) => Revisions.submit(id, proposalOf(proposed))))
    .pipe(Effect.result)
  if (made._tag === "Success") return go(visit.c, `/w/${visit.workspace.id}/senders/${made.success}`)
  const status = STATUS[made.failure.reason]
  if (status === undefined || status === 403) return yield* made.failure
  visit.c.status(status)
  return <ProposalPage here={visit} of={undefined} proposed={proposed} said={made.failure.message} />
})

const changing = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  const [of, revisions] = yield* visit.acting(Effect.all([found(id), Revisions.history(id)]))
  const now = revisions.find(({ status }) => status === "approved")
  return <ProposalPage here={visit} of={of} proposed={now === undefined ? NOTHING : proposedFrom(now)} />
})

const change = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  const proposed = proposedIn(yield* form(visit.c))
  const made = yield* Effect.result(visit.acting(Revisions.submit(id, proposalOf(proposed))))
  if (made._tag === "Success") return go(visit.c, `/w/${visit.workspace.id}/senders/${id}`)
  const status = STATUS[made.failure.reason]
  if (status === undefined || status === 403) return yield* made.failure
  const of = yield* visit.acting(found(id))
  visit.c.status(status)
  return <ProposalPage here={visit} of={of} proposed={proposed} said={made.failure.message} />
})

const keep = Effect.fnUntraced(function* (visit: Here, move: typeof Senders.archive) {
  const id = yield* idOf(visit)
  const moved = yield* Effect.result(visit.acting(move(id)))
  if (moved._tag === "Success") return go(visit.c, `/w/${visit.workspace.id}/senders/${id}`)
  const status = STATUS[moved.failure.reason]
  if (status !== 409) return yield* moved.failure
  const page = yield* sender(visit, moved.failure.message)
  visit.c.status(status)
  return page
})
