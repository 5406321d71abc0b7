/** A campaign's numbers: listed, filtered by outcome, found by number, and taken as a file of exactly what is filtered. */
import { Effect, Semaphore } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { download, type Take } from "#portal/download.ts"
import { form } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import { normaliser } from "#portal/rooms/numbers/room.tsx"
import { maySearch } from "#portal/rooms/numbers/SearchPage.tsx"
import type { Env, Here } from "#portal/visit.ts"
import { csvCell } from "#schema/audit/Export.ts"
import * as Progress from "#schema/campaign/Course.ts"
import { exportLedger, type LedgerRow, lanesOf, ledgerPage, placesOf } from "#schema/ledger/LedgerPage.ts"
import { type Outcome, outcomes } from "#schema/ledger/NumberLife.ts"
import { Refused } from "#schema/Refused.ts"
import { reasonOf } from "#schema/text/Msisdn.ts"
import { pathOf } from "./CampaignPage.tsx"
import { type Listed, NumbersPage, type Searched, type Wanted } from "./NumbersPage.tsx"
import { idOf, seen } from "./room.tsx"

export const campaignNumbers = ({ here }: Answers) =>
  new Hono<Env>()
    .get(
      "/numbers",
      here((visit) => Effect.map(listed(visit), (found) => <NumbersPage here={visit} listed={found} />))
    )
    .post("/numbers", here(search))
    .get("/numbers.csv", here(masked))
    .post("/numbers.csv", here(clear))

const whole = (text: string | undefined): number => (/^\d{1,9}$/.test(text ?? "") ? Number(text) : 0)

const isOutcome = (text: string): text is Outcome => outcomes.some((one) => one === text)

/** What the address asks for; what it can't mean is left out. */
const wantedOf = Effect.fnUntraced(function* ({ c }: Here, id: number) {
  const lanes = yield* lanesOf(id)
  const asked = whole(c.req.query("lane"))
  const outcome = c.req.query("outcome") ?? ""
  const wanted: Wanted = {
    lane: lanes.find((one) => one.id === asked) ?? lanes[0],
    outcome: isOutcome(outcome) ? outcome : undefined,
    after: whole(c.req.query("after"))
  }
  return { lanes, wanted }
})

const NONE = { rows: [], next: undefined }

const listed = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  return yield* visit.acting(
    Effect.gen(function* () {
      const known = yield* seen(id)
      const { lanes, wanted } = yield* wantedOf(visit, id)
      const { after, lane, outcome } = wanted
      const page = lane === undefined ? NONE : yield* ledgerPage(lane, after, { outcome })
      return { ...known, progress: yield* Progress.course(id), lanes, wanted, page } satisfies Listed
    })
  )
})

/** To its life where there is one; the number itself is in no address. */
const search = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  if (!maySearch(visit)) return yield* mayNot
  const typed = (yield* form(visit.c))("number").trim().slice(0, 64)
  const number = (yield* normaliser(visit)).ofText(typed)
  const again = (searched: Searched) =>
    Effect.map(listed(visit), (found) => <NumbersPage here={visit} listed={found} searched={searched} />)
  if (number < 0) {
    const page = yield* again({ typed, error: visit.words.numbers.reasons[reasonOf(number)] })
    visit.c.status(400)
    return page
  }
  const places = yield* visit.acting(placesOf(id, number))
  const [only] = places
  if (only !== undefined && places.length === 1)
    return go(visit.c, `${pathOf(visit, id)}/numbers/${only.lane_id}/${only.seq}`)
  return yield* again({ typed, places })
})

const mayNot = Effect.fail(
  new Refused({
    reason: "Forbidden",
    message: "only a moderator or an admin may search by number, or take numbers in the clear"
  })
)

const nameOf = (id: number, outcome: Outcome | undefined) =>
  ({
    name: ["campaign", id, ...(outcome === undefined ? [] : [outcome])].join("-"),
    type: "text/csv; charset=utf-8"
  }) as const

const line = (cells: ReadonlyArray<string | number | null>) => `${cells.map(csvCell).join(",")}\r\n`

const csvOf = (row: LedgerRow) =>
  line([row.seq, row.number, row.outcome, row.submitted_at?.toISOString() ?? null, row.message_id, row.tries])

/** Recipients that are asked for at once. */
const PIECE = 1_000

/** A list as its page shows it, from its first to its last. */
const masked = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  const { wanted } = yield* visit.acting(Effect.andThen(seen(id), wantedOf(visit, id)))
  const { lane, outcome } = wanted
  const { name, type } = nameOf(id, outcome)
  return yield* download(visit.c, { name: `${name}.csv`, type }, (take) =>
    Effect.gen(function* () {
      yield* take(line(["seq", "number", "outcome", "submitted_at", "message_id", "tries"]))
      let after: number | undefined = lane === undefined ? undefined : 0
      while (lane !== undefined && after !== undefined) {
        const page: Listed["page"] = yield* visit.acting(ledgerPage(lane, after, { outcome, limit: PIECE }))
        if (page.rows.length > 0) yield* take(page.rows.map(csvOf).join(""))
        after = page.next
      }
    })
  )
})

/** Each holds a connection for as long as its browser takes. */
const wholeLedgers = Semaphore.makeUnsafe(2)

/** All lists of the campaign, in the clear; the audit says who took it. */
const clear = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  const { wanted } = yield* visit.acting(Effect.andThen(seen(id), wantedOf(visit, id)))
  const { outcome } = wanted
  const { name, type } = nameOf(id, outcome)
  return yield* download(visit.c, { name: `${name}-numbers.csv`, type }, (take: Take) => {
    let isBegun = false
    const write = (text: string) => {
      const head = isBegun ? "" : line(["list", "seq", "number", "outcome"])
      isBegun = true
      return take(head + text)
    }
    const exported = exportLedger(id, outcome, (rows) =>
      write(rows.map((row) => line([row.lane_id, row.seq, row.msisdn, row.outcome])).join(""))
    )
    return wholeLedgers.withPermit(visit.acting(exported)).pipe(Effect.andThen(Effect.suspend(() => write(""))))
  })
})
