/** The audit: what happened in the workspace, act by act, with filters in the address; verified and exported at a press. */
import { Effect, Semaphore } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { download } from "#portal/download.ts"
import { form } from "#portal/form.ts"
import { wantsFragment } from "#portal/htmx.ts"
import type { Asked, Env, Here } from "#portal/visit.ts"
import { beginOfDay } from "#portal/words/days.ts"
import * as AuditList from "#schema/audit/AuditList.ts"
import * as AuditNames from "#schema/audit/AuditNames.ts"
import type { AuditFault } from "#schema/audit/AuditRow.ts"
import { exportAs } from "#schema/audit/Exports.ts"
import { verifyAs } from "#schema/audit/Verify.ts"
import { SqlError } from "#schema/Database.ts"
import * as People from "#schema/people/People.ts"
import { refused } from "#schema/Refused.ts"
import { AuditPage, type Filters, NO_FILTERS } from "./AuditPage.tsx"
import { type Verdict, Verdicts } from "./Verdict.tsx"

/** Whole chains that are read at once: each takes a connection and half a core. */
const AT_ONCE = 2
const wholeChains = Semaphore.makeUnsafe(AT_ONCE)

export const audit = ({ here }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      here((visit) => pageOf(visit, filtersOf(visit.c)))
    )
    .post(
      "/verify",
      here((visit) =>
        Effect.gen(function* () {
          const verdict = yield* verdictOf(visit)
          return wantsFragment(visit.c) ? (
            <Verdicts here={visit} verdict={verdict} />
          ) : (
            yield* pageOf(visit, NO_FILTERS, verdict)
          )
        })
      )
    )
    .post(
      "/export",
      here((visit) =>
        Effect.gen(function* () {
          const format = (yield* form(visit.c))("format") === "csv" ? "csv" : "jsonl"
          const day = new Date(visit.now).toISOString().slice(0, 10)
          const name = `audit-${visit.workspace.id}-${day}.${format}`
          const type = format === "csv" ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8"
          return yield* download(visit.c, { name, type }, (take) =>
            wholeChains
              .withPermit(exportAs(visit.acting, format, take))
              .pipe(Effect.mapError((error) => (error instanceof SqlError ? refused(error) : error)))
          )
        })
      )
    )

const verdictOf = (visit: Here) =>
  wholeChains.withPermit(verifyAs(visit.acting)).pipe(
    Effect.map((verified): Verdict => ({ findings: verified.findings })),
    Effect.catchTag("AuditFault", (fault: AuditFault) => Effect.succeed<Verdict>({ fault }))
  )

const pageOf = Effect.fnUntraced(function* (visit: Here, filters: Filters, verdict?: Verdict) {
  const zone = visit.zone ?? visit.workspace.time_zone
  const { action, before, object, objectId, personId } = filters
  const from = beginOfDay(filters.from, zone)
  const until = beginOfDay(filters.until, zone, 1)
  const wanted: AuditList.Wanted = {
    workspaceId: visit.workspace.id,
    ...(personId !== undefined && { personId }),
    ...(action !== undefined && { action }),
    ...(object !== undefined && { object }),
    ...(objectId !== undefined && { objectId }),
    ...(before !== undefined && { before }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until })
  }
  const about = object !== undefined && objectId !== undefined ? [{ object, object_id: objectId }] : []
  const { names, page, people } = yield* visit.acting(
    Effect.gen(function* () {
      const page = yield* AuditList.page(wanted)
      const names = yield* AuditNames.names([...page.rows, ...about])
      return { page, names, people: yield* People.people() }
    })
  )
  return <AuditPage here={visit} filters={filters} page={page} names={names} people={people} verdict={verdict} />
})

/** What the address says; what it can't mean is left out. */
const filtersOf = (c: Asked): Filters => {
  const word = (name: string) => /^[a-z_.]{1,60}$/.exec(c.req.query(name) ?? "")?.[0]
  const id = (name: string) => {
    const [digits] = /^[1-9]\d{0,8}$/.exec(c.req.query(name) ?? "") ?? []
    return digits === undefined ? undefined : Number(digits)
  }
  const day = (name: string) => {
    const value = c.req.query(name) ?? ""
    return beginOfDay(value, "UTC") === undefined ? "" : value
  }
  const object = word("object")
  return {
    personId: id("person"),
    action: word("action"),
    object,
    objectId: object === undefined ? undefined : id("id"),
    from: day("from"),
    until: day("until"),
    before: id("before")
  }
}
