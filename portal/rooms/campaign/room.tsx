/** One campaign's pages: what it is and how far, its numbers, and what is pressed on them. */
import { Effect, Semaphore } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { form } from "#portal/form.ts"
import { go, insteadAll, wantsFragment } from "#portal/htmx.ts"
import { firstUndone, stepPath } from "#portal/rooms/wizard/Steps.tsx"
import { Evidence as Parts } from "#portal/views/evidence/Evidence.tsx"
import type { Env, Here } from "#portal/visit.ts"
import { archive, restore } from "#schema/campaign/Archive.ts"
import * as CampaignHistory from "#schema/campaign/CampaignHistory.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { ENDED } from "#schema/campaign/Campaigns.ts"
import { view } from "#schema/campaign/CampaignView.ts"
import * as Progress from "#schema/campaign/Course.ts"
import { draft } from "#schema/campaign/Draft.ts"
import { duplicate } from "#schema/campaign/Duplicate.ts"
import * as Evidence from "#schema/campaign/Evidence.ts"
import { pace, type Span } from "#schema/campaign/Pace.ts"
import { situations } from "#schema/campaign/Situations.ts"
import { submit } from "#schema/campaign/Submission.ts"
import { sealOf } from "#schema/ledger/Seal.ts"
import { Refused } from "#schema/Refused.ts"
import { CampaignFrame, CampaignPage, pathOf, type RefusedAct } from "./CampaignPage.tsx"
import { Course, stageOf } from "./Course.tsx"
import { HistoryPage } from "./HistoryPage.tsx"
import { type Difference, ProofPage } from "./ProofPage.tsx"
import { Stopping } from "./Stopping.tsx"
import { UnfinishedPage } from "./UnfinishedPage.tsx"

export const campaign = ({ here }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      here((visit) => page(visit))
    )
    .get("/course", here(course))
    .get("/pace", here(paceOf))
    .get("/content", here(content))
    .get("/history", here(history))
    .get(
      "/proof",
      here((visit) => proof(visit))
    )
    .post("/proof", here(checked))
    .post(
      "/duplicate",
      here((visit) => press(visit, "duplicate"))
    )
    .post(
      "/:act{submit|revise|start|pause|resume|stop|archive|restore}",
      here((visit) => press(visit, visit.c.req.param("act")!))
    )

const noSuch = new Refused({ reason: "NotFound", message: "there is no such campaign" })

export const idOf = ({ c }: Here) => {
  const id = c.req.param("campaign") ?? ""
  return /^[1-9]\d{0,8}$/.test(id) ? Effect.succeed(Number(id)) : Effect.fail(noSuch)
}

/** What each of its pages shows; whoever may not see it is told that there is none. */
export const seen = Effect.fnUntraced(function* (id: number) {
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
      const written = known.situation.state === "draft" ? yield* draft(id) : undefined
      if (written !== undefined && firstUndone(written) !== "review") return written
      const evidence = (yield* Evidence.evidence(id, most))!
      const progress = yield* Progress.course(id)
      const span = spanOf(visit, ENDED.has(known.situation.state) ? "whole" : "recent", "pace")
      return { ...known, draft: written, evidence, progress, span, pace: yield* pace(id, span) }
    })
  )
  if ("lanes" in all)
    return all.may_edit
      ? go(visit.c, stepPath(visit, all.id, firstUndone(all)))
      : yield* Effect.succeed(<UnfinishedPage here={visit} draft={all} />)
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
  // what can be done has changed: the whole page anew
  if (visit.c.req.query("stage") !== stageOf(shown.view, shown.situation)) {
    insteadAll(visit.c)
    return yield* page(visit)
  }
  const mayStop = shown.view.buttons.some(({ action, may }) => action === "stop" && may)
  return (
    <>
      <Course here={visit} view={shown.view} progress={shown.progress} situation={shown.situation} />
      {mayStop && <Stopping again here={visit} progress={shown.progress} />}
    </>
  )
})

const spanOf = ({ c }: Here, usual: Span, name = "span"): Span => {
  const asked = c.req.query(name)
  return asked === "recent" || asked === "whole" ? asked : usual
}

/** For the page's chart. */
const paceOf = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  const found = yield* visit.acting(Effect.andThen(seen(id), pace(id, spanOf(visit, "recent"))))
  return visit.c.json(found ?? null)
})

/** All that was, or is to be, approved. */
const content = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  const most = visit.c.req.query("compare") === "all" ? Evidence.AT_MOST : Evidence.AT_ONCE
  const { evidence, situation, view } = yield* visit.acting(
    Effect.gen(function* () {
      return { ...(yield* seen(id)), evidence: yield* Evidence.evidence(id, most) }
    })
  )
  if (evidence === undefined) return go(visit.c, pathOf(visit, id))
  return (
    <CampaignFrame here={visit} view={view} situation={situation} is="content">
      <Parts here={visit} evidence={evidence} comparing={`${pathOf(visit, id)}/content?compare=all`} />
    </CampaignFrame>
  )
})

const history = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  const known = yield* visit.acting(
    Effect.gen(function* () {
      return { ...(yield* seen(id)), events: yield* CampaignHistory.history(visit.workspace.id, id) }
    })
  )
  return <HistoryPage here={visit} {...known} />
})

const proof = Effect.fnUntraced(function* (visit: Here, found?: ReadonlyArray<Difference>) {
  const id = yield* idOf(visit)
  const known = yield* visit.acting(
    Effect.gen(function* () {
      return { ...(yield* seen(id)), fingerprint: yield* Campaigns.fingerprint(id), seal: yield* sealOf(id) }
    })
  )
  return <ProofPage here={visit} {...known} differences={found} />
})

/** Each counts a whole campaign. */
const counting = Semaphore.makeUnsafe(1)

const checked = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  return yield* proof(
    visit,
    yield* counting.withPermit(visit.acting(Effect.andThen(seen(id), Campaigns.checkLedger(id))))
  )
})

const STATUS: Partial<Record<Refused["reason"], 400 | 403 | 409>> = {
  Invalid: 400,
  Forbidden: 403,
  Conflict: 409,
  NotApproved: 409,
  NotItsTime: 409
}

/** Of a campaign. */
const LONGEST_NAME = 200

/** Pressed twice, or by two at once, it is refused in words on the page as it is now. */
const press = Effect.fnUntraced(function* (visit: Here, act: string) {
  const id = yield* idOf(visit)
  const note = (yield* form(visit.c))("note").trim()
  const said = note === "" ? undefined : note
  const pressing =
    act === "archive"
      ? visit.acting(archive(id))
      : act === "restore"
        ? visit.acting(restore(id))
        : act === "submit"
          ? submit(id, visit.acting, said)
          : act === "duplicate"
            ? visit.acting(duplicate(id, (name) => visit.words.campaign.copyOf(name).slice(0, LONGEST_NAME)))
            : visit.acting(Campaigns.move(id, act, said))
  const pressed = yield* Effect.result(pressing)
  if (pressed._tag === "Success")
    return go(visit.c, pathOf(visit, typeof pressed.success === "number" ? pressed.success : id))
  const status = STATUS[pressed.failure.reason]
  if (status === undefined) return yield* pressed.failure
  const again = yield* page(visit, { said: pressed.failure.message, note })
  visit.c.status(status)
  return again
})
