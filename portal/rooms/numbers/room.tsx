/**
 * Numbers: a search for one over all campaigns of the workspace, and the life of each in its campaign, revealed and proved with a reason.
 *
 * A number in the clear is in no address: what was searched for stands there sealed, readable by who searched and in their workspace
 * alone, so that they can go back to what they found. Each look at it is a search, and in the audit.
 */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { attachment } from "#portal/download.ts"
import { form } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import type { Asked, Env, Here } from "#portal/visit.ts"
import { beginOfDay } from "#portal/words/days.ts"
import { proveAs } from "#schema/audit/NumberProofs.ts"
import { SqlClient } from "#schema/Database.ts"
import * as NumberLife from "#schema/ledger/NumberLife.ts"
import { Refused } from "#schema/Refused.ts"
import { Secrets } from "#schema/Secrets.ts"
import { makeNormaliser, type Normaliser, reasonOf } from "#schema/text/Msisdn.ts"
import { LifePage, type RefusedAct } from "./LifePage.tsx"
import { maySearch, type Searched, SearchPage } from "./SearchPage.tsx"

export const numbers = ({ here }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      here((visit) => Effect.map(searched(visit), (searched) => <SearchPage here={visit} searched={searched} />))
    )
    .post(
      "/",
      here((visit) =>
        Effect.gen(function* () {
          const typed = (yield* form(visit.c))("number").trim().slice(0, 64)
          if (!maySearch(visit)) return yield* mayNot
          const number = (yield* normaliser(visit)).ofText(typed)
          if (number < 0) {
            const error = visit.words.numbers.reasons[reasonOf(number)]
            visit.c.status(400)
            return <SearchPage here={visit} typed={typed} error={error} />
          }
          const sealed = yield* sealedFor(visit, number)
          return go(visit.c, `${visit.c.req.path}?for=${sealed}`)
        })
      )
    )

/** Of what the address asks; undefined: nothing, or nothing that this person sealed here. */
const searched = Effect.fnUntraced(function* (visit: Here) {
  const sealed = visit.c.req.query("for") ?? ""
  const number = sealed === "" || !maySearch(visit) ? undefined : yield* openedFor(visit, sealed)
  if (number === undefined) return undefined
  const zone = visit.zone ?? visit.workspace.time_zone
  const days = { from: visit.c.req.query("from") ?? "", until: visit.c.req.query("until") ?? "" }
  const from = beginOfDay(days.from, zone)
  const until = beginOfDay(days.until, zone, 1)
  const found = yield* visit.acting(NumberLife.search(number, { from, until }))
  const shown = { from: from === undefined ? "" : days.from, until: until === undefined ? "" : days.until }
  return { number, sealed, ...shown, found } satisfies Searched
})

const mayNot = Effect.fail(
  new Refused({ reason: "Forbidden", message: "only a moderator or an admin may search by number" })
)

const placeOf = ({ me, workspace }: Here) => ({ table: "number searched for", row: `${workspace.id} ${me.id}` })

const sealedFor = (visit: Here, number: number) =>
  Effect.gen(function* () {
    const sealed = yield* (yield* Secrets).seal(placeOf(visit), Buffer.from(`${number}`))
    return Buffer.from(sealed).toString("base64url")
  })

const openedFor = (visit: Here, sealed: string) =>
  Effect.gen(function* () {
    const opened = yield* (yield* Secrets).open(placeOf(visit), Buffer.from(sealed, "base64url"))
    return Number(Buffer.from(opened).toString())
  }).pipe(Effect.orElseSucceed(() => undefined))

/** One a country: what it learns makes it fast. */
const normalisers = new Map<string, Normaliser>()

export const normaliser = Effect.fnUntraced(function* (visit: Here) {
  const sql = yield* SqlClient
  const [house] = yield* visit.acting(
    sql<{ country: string }>`SELECT country FROM workspace WHERE id = ${visit.workspace.id}`
  )
  const { country } = house!
  const known = normalisers.get(country) ?? makeNormaliser(country)
  normalisers.set(country, known)
  return known
})

/** Below a campaign's own address. */
export const life = ({ here }: Answers) =>
  new Hono<Env>()
    .get(
      "/:lane/:seq",
      here((visit) => Effect.map(visit.acting(lifeOf(visit.c)), (life) => <LifePage here={visit} life={life} />))
    )
    .post(
      "/:lane/:seq/reveal",
      here((visit) =>
        Effect.gen(function* () {
          const reason = (yield* form(visit.c))("reason")
          const revealed = yield* visit
            .acting(
              Effect.flatMap(lifeOf(visit.c), (life) =>
                Effect.map(NumberLife.reveal(life.lane_id, life.seq, reason), (shown) => ({ life, shown }))
              )
            )
            .pipe(Effect.result)
          if (revealed._tag === "Success") return <LifePage here={visit} {...revealed.success} />
          return yield* again(visit, "reveal", reason, revealed.failure)
        })
      )
    )
    .post(
      "/:lane/:seq/proof",
      here((visit) =>
        Effect.gen(function* () {
          const reason = (yield* form(visit.c))("reason")
          const proved = yield* visit
            .acting(
              Effect.gen(function* () {
                const { campaign, lane_id, seq } = yield* lifeOf(visit.c)
                // of the transaction that the proof is in: whoever takes the file has seen the number
                const number = yield* NumberLife.reveal(lane_id, seq, reason)
                return yield* proveAs(campaign.id, number, reason)
              })
            )
            .pipe(Effect.result)
          if (proved._tag === "Success") return download(visit.c, proved.success)
          const { failure } = proved
          const refusal =
            failure instanceof Refused ? failure : new Refused({ reason: "Conflict", message: failure.message })
          return yield* again(visit, "proof", reason, refusal)
        })
      )
    )

const lifeOf = (c: Asked) => {
  const [campaign, lane, seq] = [c.req.param("campaign"), c.req.param("lane"), c.req.param("seq")]
  return [campaign, lane, seq].every((id) => /^[1-9]\d{0,8}$/.test(id ?? ""))
    ? NumberLife.life(Number(campaign), Number(lane), Number(seq))
    : Effect.fail(new Refused({ reason: "NotFound", message: "this campaign has no such recipient" }))
}

const STATUS: Partial<Record<Refused["reason"], 400 | 409>> = { Invalid: 400, Conflict: 409 }

/** The page with the form as it was filled in and why it was refused; what no other words could mend is an error's page. */
const again = Effect.fnUntraced(function* (visit: Here, act: RefusedAct["act"], reason: string, refusal: Refused) {
  const status = STATUS[refusal.reason]
  if (status === undefined) return yield* refusal
  const life = yield* visit.acting(lifeOf(visit.c))
  visit.c.status(status)
  return <LifePage here={visit} life={life} refused={{ act, reason, said: refusal.message }} />
})

const download = (c: Asked, proof: { readonly campaign_id: number }) => {
  c.header("Content-Type", "application/json")
  c.header("Content-Disposition", attachment(`proof-campaign-${proof.campaign_id}.json`))
  return c.body(`${JSON.stringify(proof)}\n`)
}
