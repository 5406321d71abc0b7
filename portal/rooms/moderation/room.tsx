/**
 * Moderation: what waits for somebody's decision, the evidence of each, and the decision on what was read. What changed meanwhile is
 * refused, and shown anew.
 */
import { Effect } from "effect"
import { Hono } from "hono"
import * as OwnPasskeys from "#portal/access/OwnPasskeys.ts"
import type { PasskeyRefused } from "#portal/access/Passkeys.ts"
import { challengeOf, keepSignature, signingOptions } from "#portal/access/SignedDecisions.ts"
import type { Answers } from "#portal/answers.tsx"
import { Desk } from "#portal/Desk.ts"
import { form, type Typed } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import { sentence } from "#portal/views/Field.tsx"
import type { Env, Here } from "#portal/visit.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import * as Evidence from "#schema/campaign/Evidence.ts"
import * as ReviewQueue from "#schema/campaign/ReviewQueue.ts"
import { Refused } from "#schema/Refused.ts"
import * as Revisions from "#schema/sender/Revisions.ts"
import { CampaignQueue, RevisionQueue } from "./QueuePages.tsx"
import { isDecision, ReviewPage } from "./ReviewPage.tsx"
import { RevisionPage, TooLatePage } from "./RevisionPage.tsx"

export const moderation = ({ here }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      here((visit) => {
        const after = visit.c.req.query("after") ?? ""
        const place = /^\d{1,15}$/.test(after) ? Number(after) : 0
        return Effect.map(
          visit.acting(Effect.all([ReviewQueue.page(visit.workspace.id, place), counts(visit)])),
          ([page, waiting]) =>
            // decided meanwhile, all of them: what waits is before it
            place > 0 && page.campaigns.length === 0 ? (
              go(visit.c, visit.c.req.path)
            ) : (
              <CampaignQueue here={visit} page={page} after={place} waiting={waiting} />
            )
        )
      })
    )
    .get(
      "/revisions",
      here((visit) =>
        Effect.map(
          visit.acting(Effect.all([Revisions.pending(), ReviewQueue.count(visit.workspace.id)])),
          ([pending, campaigns]) => (
            <RevisionQueue here={visit} pending={pending} waiting={{ campaigns, revisions: pending.length }} />
          )
        )
      )
    )
    .get(
      "/campaigns/:campaign",
      here((visit) => review(visit))
    )
    .post("/campaigns/:campaign", here(decide))
    .post("/campaigns/:campaign/challenge", here(challenge))
    .get(
      "/revisions/:revision",
      here((visit) => revision(visit))
    )
    .post("/revisions/:revision", here(decideRevision))

const counts = ({ workspace }: Here) =>
  Effect.all({
    campaigns: ReviewQueue.count(workspace.id),
    revisions: Revisions.countPending()
  })

const idOf = (visit: Here, name: "campaign" | "revision") => {
  const id = visit.c.req.param(name) ?? ""
  return /^[1-9]\d{0,8}$/.test(id) ? Effect.succeed(Number(id)) : Effect.fail(nothingThere)
}

const nothingThere = new Refused({ reason: "NotFound", message: "there is nothing to decide on at this address" })

/** What was typed, and why it was refused. */
export interface Refusal {
  readonly said: string
  readonly note: string
}

const review = Effect.fnUntraced(function* (visit: Here, refusal?: Refusal) {
  const id = yield* idOf(visit, "campaign")
  const most = visit.c.req.query("compare") === "all" ? Evidence.AT_MOST : Evidence.AT_ONCE
  const seen = yield* visit.acting(
    Effect.gen(function* () {
      const evidence = yield* Evidence.evidence(id, most)
      if (evidence === undefined) return yield* nothingThere
      return { evidence, whyNot: yield* Evidence.whyNot(id), waiting: yield* ReviewQueue.count(visit.workspace.id) }
    })
  )
  const passkeys = yield* visit.acting(OwnPasskeys.list())
  return <ReviewPage here={visit} {...seen} hasPasskey={passkeys.length > 0} refusal={refusal} />
})

/** Those that the same page can say beside the form. */
const STATUS: Partial<Record<Refused["reason"], 400 | 403 | 409>> = { Invalid: 400, Forbidden: 403, Conflict: 409 }

const statusOf = ({ reason }: Refused | PasskeyRefused) =>
  reason === "NotProved" || reason === "UnknownKey" || reason === "Suspect" ? 403 : STATUS[reason]

const decide = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit, "campaign")
  const typed = yield* form(visit.c)
  const decision = typed("decision")
  const decided = yield* Effect.result(isDecision(decision) ? decideAs(visit, id, decision, typed) : notADecision)
  if (decided._tag === "Success") return go(visit.c, `${visit.c.req.path}?decided=${decision}`)
  const status = statusOf(decided.failure)
  if (status === undefined) return yield* asRefused(decided.failure)
  const page = yield* review(visit, { said: decided.failure.message, note: typed("note") })
  visit.c.status(status)
  return page
})

const notADecision = Effect.fail(
  new Refused({ reason: "Invalid", message: "a decision is to approve, to reject or to request changes" })
)

const decideAs = Effect.fnUntraced(function* (
  visit: Here,
  id: number,
  decision: Campaigns.Decision["decision"],
  typed: Typed
) {
  const { asAccess } = yield* Desk
  const fingerprint = /^[0-9a-f]{64}$/.test(typed("fingerprint")) ? typed("fingerprint") : ""
  const assertion = typed("assertion")
  const signature =
    assertion === ""
      ? {}
      : { assertionId: yield* asAccess(keepSignature(visit.token, parsed(assertion), visit.request)) }
  const note = typed("note").trim()
  const noted = note === "" ? {} : { note }
  yield* visit.acting(Campaigns.decide(id, { decision, fingerprint, ...noted, ...signature }))
})

/** What isn't JSON is no answer of a device, and refused as one. */
const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

const asRefused = ({ message, reason }: Refused | PasskeyRefused): Refused =>
  new Refused({
    reason: reason === "NotProved" || reason === "UnknownKey" || reason === "Suspect" ? "Forbidden" : reason,
    message
  })

/** What the person's device is to sign, so that they approve; for the page's script. */
const challenge = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit, "campaign")
  const { asAccess } = yield* Desk
  const asked = yield* visit.acting(challengeOf(id, "approve")).pipe(
    Effect.flatMap((hex) => asAccess(signingOptions(visit.token, hex))),
    Effect.result
  )
  if (asked._tag === "Success") return visit.c.json(asked.success)
  const { failure } = asked
  const status = failure.reason === "NotFound" ? 404 : statusOf(failure)
  if (status === undefined) return yield* asRefused(failure)
  return visit.c.json({ said: sentence(failure.message) }, status)
})

const revision = Effect.fnUntraced(function* (visit: Here, refusal?: Refusal) {
  const id = yield* idOf(visit, "revision")
  const seen = yield* visit.acting(
    Effect.gen(function* () {
      const one = (yield* Revisions.pending()).find((pending) => pending.id === id)
      if (one === undefined) return { senderId: yield* Revisions.senderOf(id) }
      return { one, whyNot: yield* Revisions.whyNot(id) }
    })
  )
  if (seen.one !== undefined)
    return <RevisionPage here={visit} revision={seen.one} whyNot={seen.whyNot} refusal={refusal} />
  if (seen.senderId === undefined) return yield* nothingThere
  if (refusal !== undefined) return <TooLatePage here={visit} refusal={refusal} senderId={seen.senderId} />
  // what is decided stands in its sender's history
  return go(visit.c, `/w/${visit.workspace.id}/senders/${seen.senderId}`)
})

const decideRevision = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit, "revision")
  const typed = yield* form(visit.c)
  const decision = typed("decision")
  const note = typed("note").trim()
  const decided = yield* Effect.result(
    decision === "approve" || decision === "reject"
      ? visit.acting(Revisions.decide(id, decision, note === "" ? undefined : note))
      : notADecision
  )
  // where it is decided, its sender's page says by whom
  if (decided._tag === "Success") return yield* revision(visit)
  const status = STATUS[decided.failure.reason]
  if (status === undefined) return yield* decided.failure
  const page = yield* revision(visit, { said: decided.failure.message, note: typed("note") })
  visit.c.status(status)
  return page
})
