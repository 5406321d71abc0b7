/**
 * The portal while the engine works: `npm run bench:portal`. Fills a big installation (as db:big does), serves it, and asks for its pages as
 * a department's people do, so many a second however long each takes: first while nothing is sent, then while a campaign is sent at full
 * speed beside it.
 *
 * Portal, engine and Postgres are processes of their own; the simulator and those who ask are in this one. A time is from the request to
 * the last octet of its page. Holds when 95 of 100 take less than 50 ms while the engine sends. Exit codes: 0; 1 when it doesn't hold, a
 * page is not 200, or something went wrong.
 */
import { randomBytes } from "node:crypto"
import { Effect, Redacted } from "effect"
import { asked } from "#bench/asked.ts"
import { fillBig } from "#bench/big/fill.ts"
import { type Reader, readers } from "#bench/big/people.ts"
import { child } from "#bench/engine/Child.ts"
import { percentile } from "#bench/stage/arrivals.ts"
import { conclude, exactly, type Figure } from "#bench/stage/Figure.ts"
import { channelFor, play, runs, type Stage, say, until, within } from "#bench/stage/Stage.ts"
import { makeCampaign } from "#engine/TestCampaigns.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { type Asking, askAll } from "./asking.ts"
import { pagesOf } from "./pages.ts"

const options = asked("The portal's pages with a big installation, while nothing and while a lot is sent.", {
  workspaces: { default: 200, least: 4, most: 1_000, help: "workspaces" },
  campaigns: { default: 50_000, least: 100, most: 1_000_000, help: "campaigns in all of them" },
  recipients: { default: 10_000_000, least: 100, most: 100_000_000, help: "recipients of them together" },
  messages: { default: 4_000_000, least: 10_000, most: 100_000_000, help: "recipients of the campaign that is sent" },
  perSecond: { default: 20, least: 1, most: 1_000, help: "pages that are asked for a second" },
  seconds: { default: 20, least: 1, most: 600, help: "for so long, each time" },
  json: { default: false, help: "no lines for people before the JSON object" }
})

const MOST_P95_MS = 50

/** Of a hundred campaigns of the installation, so many with attempts and receipts. */
const WRITTEN = 10

/** Until whatever is loaded when it is first asked for is there. */
const WARM_SECONDS = 5

const portalOf = Effect.fnUntraced(function* (stage: Stage) {
  const secret = randomBytes(32).toString("base64")
  const env = {
    PORTAL_DATABASE_URL: Redacted.value(stage.urls.portal),
    ACCESS_DATABASE_URL: Redacted.value(stage.urls.access),
    COUNTERSIGN_SECRET_KEY: secret,
    PORTAL_PORT: "0",
    PORTAL_URL: "http://localhost"
  }
  const process_ = yield* child("portal", ["portal/main.ts"], env)
  const [, at] = yield* process_.line(/the portal listens on (\S+),/)
  return { process_, origin: `http://${at}` }
})

const figuresOf = (name: string, when: string, asking: Asking, most?: number): ReadonlyArray<Figure> => {
  const all = asking.flatMap(({ ms }) => ms)
  return [
    { name: `${name}P50Ms`, what: `a page, ms, median, ${when}`, value: percentile(all, 0.5) },
    {
      name: `${name}P95Ms`,
      what: `a page, ms, 95 of 100 below, ${when}`,
      value: percentile(all, 0.95),
      ...(most === undefined ? {} : { most })
    },
    { name: `${name}MostMs`, what: `a page, ms, the longest, ${when}`, value: Math.max(...all) },
    exactly(
      `${name}Wrong`,
      `pages that were not 200, ${when}`,
      asking.reduce((sum, { wrong }) => sum + wrong, 0),
      0
    )
  ]
}

const scene = Effect.fnUntraced(function* (stage: Stage) {
  const { messages, perSecond, seconds } = options
  const lines = (line: string) => options.json || process.stderr.write(`${line}\n`)
  const filled = yield* fillBig({ ...options, written: WRITTEN }, lines)
  const all: ReadonlyArray<Reader> = yield* readers(filled.workspaceIds)
  const pages = pagesOf(all.filter(({ place }) => place.workspaceId !== null))
  const { origin, process_ } = yield* portalOf(stage)
  const ask = (for_: number) =>
    within([process_], "its pages are there", askAll(origin, pages, perSecond, for_), for_ + 60)
  yield* ask(WARM_SECONDS)
  const quiet = yield* ask(seconds)

  const workspace = yield* sampleWorkspace()
  const channel = yield* channelFor(stage, [workspace])
  yield* say(`loading a campaign of ${messages.toLocaleString("en")} …`)
  yield* makeCampaign(workspace, { channels: [channel], numbers: messages })
  const engine = yield* stage.engine
  yield* until(stage, [engine], "it is sent", ({ submits }) => submits > 0, 60)
  yield* ask(WARM_SECONDS)
  const before = stage.smsc.counts().submits
  const busy = yield* ask(seconds)
  const sent = stage.smsc.counts().submits
  const table = busy.map(({ ms, what }, i) => {
    const at = (times: ReadonlyArray<number>, share: number) => percentile(times, share).toFixed(1).padStart(7)
    return `${what.padEnd(46)}${at(quiet[i]!.ms, 0.5)}${at(quiet[i]!.ms, 0.95)}${at(ms, 0.5)}${at(ms, 0.95)}`
  })
  lines(["page, ms: median and 95 of 100 while nothing is sent, and while it is", ...table].join("\n"))
  return [
    ...figuresOf("quiet", "while nothing is sent", quiet),
    ...figuresOf("busy", "while it is sent", busy, MOST_P95_MS),
    { name: "sentPerSecond", what: "messages sent a second beside it", value: (sent - before) / seconds },
    // else the last pages were asked for beside nothing
    { name: "left", what: "recipients of the campaign that were left at the end", value: messages - sent, least: 1 }
  ] satisfies ReadonlyArray<Figure>
})

play(Effect.flatMap(runs(1, scene), (found) => conclude(found, options.json)))
