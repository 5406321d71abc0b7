/**
 * The live parts of pages: one stream for each open window, that says what changed and, each second while something is sent, that
 * figures move. What of it a page shows, the page asks for.
 *
 * Promises: it ends with the session, and with the right to be in the workspace; both are looked at with every change and every fifteen
 * seconds.
 */
import { Clock, Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { poured, type Take } from "#portal/download.ts"
import { go } from "#portal/htmx.ts"
import type { Env, Here } from "#portal/visit.ts"
import { anySends } from "#schema/campaign/Course.ts"
import * as ReviewQueue from "#schema/campaign/ReviewQueue.ts"
import type { Refused } from "#schema/Refused.ts"
import * as Revisions from "#schema/sender/Revisions.ts"
import { Live } from "./Live.ts"
import { Waiting } from "./Waiting.tsx"

/** A sign of life, and a look whether the session still lives. */
const BEAT_MS = 15_000
const TICK_MS = 1_000
/** For so long after the last was sent there are receipts to come. */
const AFTER_MS = 60_000
/** What who has signed out, or is no member any more, is refused with. */
const OVER: ReadonlySet<Refused["reason"]> = new Set(["NotSignedIn", "Forbidden", "NotFound"])
/** Changes that come faster are told together. */
const GATHER = "200 millis"

export const live = ({ here }: Answers) =>
  new Hono<Env>().get("/", here(stream)).get(
    "/waiting",
    here((visit) =>
      Effect.map(
        visit.acting(Effect.all([ReviewQueue.count(visit.workspace.id), Revisions.countPending()])),
        ([campaigns, revisions]) => <Waiting here={visit} n={campaigns + revisions} />
      )
    )
  )

/** For the page's script; whoever comes here with a browser is sent to the workspace. */
const stream = Effect.fnUntraced(function* (visit: Here) {
  if (!(visit.c.req.header("Accept") ?? "").includes("text/event-stream"))
    return go(visit.c, `/w/${visit.workspace.id}`)
  const readable = yield* poured((take) => Effect.scoped(tell(visit, take)))
  visit.c.header("Content-Type", "text/event-stream")
  // a proxy that gathers what it passes on would hold it back
  visit.c.header("X-Accel-Buffering", "no")
  return visit.c.body(readable)
})

const tell = Effect.fnUntraced(function* (visit: Here, take: Take) {
  const window = yield* (yield* Live).listen(visit.workspace.id)
  const say = (names: ReadonlyArray<string>) => take(names.map((name) => `event: ${name}\ndata:\n\n`).join(""))
  const look = Effect.result(visit.acting(anySends(visit.workspace.id)))
  // its answer begins now, and not with the first change
  yield* take(":\n\n")
  let lookedAt = 0
  let movesUntil = 0
  let tickedAt = 0
  let now = yield* Clock.currentTimeMillis
  while (true) {
    const found = yield* Effect.timeoutOption(window.changes, now < movesUntil ? TICK_MS : BEAT_MS)
    now = yield* Clock.currentTimeMillis
    const changed = found._tag === "Some" ? found.value : []
    if (changed === undefined) return
    if (changed.length > 0 || now - lookedAt >= BEAT_MS) {
      const seen = yield* look
      // another error is not the end of a session: the window comes again
      if (seen._tag === "Failure") return yield* OVER.has(seen.failure.reason) ? say(["live-over"]) : Effect.void
      lookedAt = now
      if (seen.success) movesUntil = now + AFTER_MS
    }
    const isDue = now < movesUntil && now - tickedAt >= TICK_MS / 2
    if (isDue) tickedAt = now
    const names = [...changed, ...(isDue ? ["live-tick"] : [])]
    yield* say(names.length === 0 ? ["live-beat"] : names)
    if (changed.length > 0) yield* Effect.sleep(GATHER)
  }
})
