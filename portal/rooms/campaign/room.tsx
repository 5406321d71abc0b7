/** One campaign's pages: what it is and how far, its numbers, and what is pressed on them. */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { form } from "#portal/form.ts"
import { go, wantsFragment } from "#portal/htmx.ts"
import type { Env, Here } from "#portal/visit.ts"
import { archive, restore } from "#schema/campaign/Archive.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { view } from "#schema/campaign/CampaignView.ts"
import * as Progress from "#schema/campaign/Course.ts"
import * as Evidence from "#schema/campaign/Evidence.ts"
import { situations } from "#schema/campaign/Situations.ts"
import { lanesOf, ledgerPage } from "#schema/ledger/LedgerPage.ts"
import { Refused } from "#schema/Refused.ts"
import { CampaignPage, pathOf, type RefusedAct } from "./CampaignPage.tsx"
import { Course } from "./Course.tsx"
import { NumbersPage } from "./NumbersPage.tsx"

export const campaign = ({ here }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      here((visit) => page(visit))
    )
    .get("/course", here(course))
    .get("/numbers", here(numbers))
    .post("/:act{submit|revise|start|pause|resume|stop|archive|restore}", here(press))

const noSuch = new Refused({ reason: "NotFound", message: "there is no such campaign" })

const idOf = ({ c }: Here) => {
  const id = c.req.param("campaign") ?? ""
  return /^[1-9]\d{0,8}$/.test(id) ? Effect.succeed(Number(id)) : Effect.fail(noSuch)
}

/** What each of its pages shows; whoever may not see it is told that there is none. */
const seen = Effect.fnUntraced(function* (id: number) {
  const found = yield* view(id)
  if (found === undefined) return yield* noSuch
  const [situation] = yield* situations([id])
  return { view: found, situation: situation! }
})

const page = Effect.fnUntraced(function* (visit: Here, refused?: RefusedAct) {
  const id = yield* idOf(visit)
  const most = visit.c.req.query("compare") === "all" ? Evidence.AT_MOST : Evidence.AT_ONCE
  const all = yield* visit.acting(
    Effect.gen(function* () {
      const known = yield* seen(id)
      const evidence = (yield* Evidence.evidence(id, most))!
      return { ...known, evidence, progress: yield* Progress.course(id) }
    })
  )
  return <CampaignPage here={visit} seen={all} refused={refused} />
})

/** For the page, which asks while the campaign moves; whoever comes here with a browser is sent to the page. */
const course = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  const shown = yield* visit.acting(
    Effect.gen(function* () {
      return { ...(yield* seen(id)), progress: yield* Progress.course(id) }
    })
  )
  if (!wantsFragment(visit.c)) return go(visit.c, pathOf(visit, id))
  // what can be done has changed with its state: the whole page anew
  if (visit.c.req.query("state") !== undefined && visit.c.req.query("state") !== shown.situation.state)
    return go(visit.c, pathOf(visit, id))
  return <Course here={visit} campaignId={id} progress={shown.progress} situation={shown.situation} />
})

const whole = (text: string | undefined): number => (/^\d{1,9}$/.test(text ?? "") ? Number(text) : 0)

const numbers = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  const after = whole(visit.c.req.query("after"))
  const asked = whole(visit.c.req.query("lane"))
  const listed = yield* visit.acting(
    Effect.gen(function* () {
      const known = yield* seen(id)
      const lanes = yield* lanesOf(id)
      const lane = lanes.find((one) => one === asked) ?? lanes[0]
      return { ...known, lanes, lane, after, rows: lane === undefined ? [] : yield* ledgerPage(lane, after) }
    })
  )
  return <NumbersPage here={visit} listed={listed} />
})

const STATUS: Partial<Record<Refused["reason"], 400 | 403 | 409>> = {
  Invalid: 400,
  Forbidden: 403,
  Conflict: 409,
  NotApproved: 409,
  NotItsTime: 409
}

/** Pressed twice, or by two at once, it is refused in words on the page as it is now. */
const press = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  const act = visit.c.req.param("act")!
  const note = (yield* form(visit.c))("note").trim()
  const acting =
    act === "archive"
      ? archive(id)
      : act === "restore"
        ? restore(id)
        : Campaigns.move(id, act, note === "" ? undefined : note)
  const pressed = yield* Effect.result(visit.acting(acting))
  if (pressed._tag === "Success") return go(visit.c, pathOf(visit, id))
  const status = STATUS[pressed.failure.reason]
  if (status === undefined) return yield* pressed.failure
  const again = yield* page(visit, { said: pressed.failure.message, note })
  visit.c.status(status)
  return again
})
