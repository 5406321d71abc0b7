/**
 * Every page that the router has, with something on it: names that are long, in other scripts, or that try to be more than text. For
 * tests of what holds on all pages. Whoever looks is an admin of the workspace and a super admin, who sees most.
 */
import { Effect, Redacted } from "effect"
import { ORIGIN, testPortal } from "#portal/testing/browsing.ts"
import { pathOf, routesOf } from "#portal/testing/paths.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import * as Presets from "#schema/sender/Presets.ts"
import * as Revisions from "#schema/sender/Revisions.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import {
  byForce,
  type SampleChannel,
  type SampleWorkspace,
  sampleCampaign,
  sampleChannel,
  sampleTrigger,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { member } from "./Browser.ts"

/** A name that is markup to whoever does not escape it. */
export const MARKUP = `"><img src=x onerror="document.title='run'"><script>document.title='run'</script>`

const LONG = "A very long name that somebody wrote without thinking of tables or of narrow telephones at all"
const HEBREW = "מבצע קיץ לכל העובדים"
const NO_SPACE = "Betriebsunterbrechungsversicherungsgesellschaftsversammlungseinladung"

/** A campaign of which some numbers have their outcome, some wait for it, and some have not left. */
const underWay = Effect.fnUntraced(function* (workspace: SampleWorkspace, channel: SampleChannel) {
  const sent = yield* sampleCampaign({
    ...{ workspace, channels: [channel], numbers: 40, run: 10 },
    columns: { name: `${MARKUP} ${NO_SPACE}`, text: `Hello ${MARKUP}` }
  })
  const engine = new PretendEngine(channel)
  const block = (yield* engine.claim(sent.laneId, 20))!
  yield* engine.flush([{ block, answers: block.parts.map((_, nth) => ({ nth, part: 1, verdict: "a" as const })) }])
  yield* engine.flush([
    { block, receipts: block.parts.slice(3).map((_, nth) => ({ nth, part: 1, state: 2 + (nth % 4) })) }
  ])
  yield* byForce(
    "rejected_line",
    `INSERT INTO rejected_line (month, workspace_id, lane_id, line, reason, raw)
     SELECT month, workspace_id, id, '{1,2}', '{"too short","duplicate"}', '{"=1+1","12"}' FROM lane WHERE id = ${sent.laneId}`
  )
  return sent
})

/** A workspace full of what is hard to show, an empty one, and somebody who sees both. */
export const screens = Effect.gen(function* () {
  const sql = yield* SqlClient
  const workspace = yield* sampleWorkspace()
  const empty = yield* sampleWorkspace()
  const { adminId, authorId, senderId, workspaceId } = workspace
  yield* byForce("workspace", `UPDATE workspace SET name = '${MARKUP.replaceAll("'", "''")}' WHERE id = ${workspaceId}`)
  yield* byForce("person", `UPDATE person SET name = 'نادية ${NO_SPACE}' WHERE id = ${authorId}`)
  const channel = yield* sampleChannel(workspace)
  const of = (
    state: "draft" | "in_review" | "paused" | "cancelled" | "rejected" | "expired" | "failed",
    name: string
  ) => sampleCampaign({ workspace, channels: [channel], state, columns: { name, text: `Hi ${NO_SPACE}` } })
  yield* of("draft", HEBREW)
  yield* of("paused", LONG)
  yield* of("cancelled", MARKUP)
  yield* of("rejected", NO_SPACE)
  yield* of("expired", `${HEBREW} ${LONG}`)
  yield* of("failed", "Failed")
  const { campaignId: reviewed } = yield* of("in_review", `${LONG} ${HEBREW} ${MARKUP}`)
  yield* sampleTrigger({ workspace, channels: [channel], columns: { name: "One-time codes" } })
  const { campaignId, laneId } = yield* underWay(workspace, channel)
  const proposal = { saddr: `New${senderId}`, reason: MARKUP, dest_addr_ton: 0 }
  const pending = yield* actAs(authorId, workspaceId)(Revisions.submit(senderId, proposal))
  const who = yield* member(workspace, "admin", { super_admin: true })
  const as = { workspace_id: empty.workspaceId, person_id: who.personId, role: "admin" }
  yield* sql`INSERT INTO membership ${sql.insert(as)}`
  const preset = yield* actAs(
    who.personId,
    null
  )(Presets.create({ label: MARKUP, saddr: "SOS 112", reason: `${LONG} ${MARKUP}` }))
  yield* actAs(who.personId, null)(Presets.grant(preset, workspaceId))
  yield* actAs(adminId, workspaceId)(sql`SELECT add_stops('{998900000007}', ${MARKUP})`)

  const routes = routesOf(yield* testPortal).filter((route) => route.startsWith("GET "))
  const paths = (places: Parameters<typeof pathOf>[1]) => routes.map((route) => pathOf(route.slice(4), places))
  const full = {
    workspace: workspaceId,
    campaign: campaignId,
    lane: laneId,
    sender: senderId,
    revision: pending,
    person: authorId
  }
  const once = [
    ...paths(full),
    // what can't be found there says so too
    ...paths({ ...full, workspace: empty.workspaceId }).filter((path) => path.includes(`/w/${empty.workspaceId}`))
  ]
  const more = [
    ...paths({ ...full, campaign: reviewed }),
    ...[`/w/${workspaceId}/campaigns?q=nothing`, `/w/${workspaceId}/audit?object=campaign&id=${campaignId}`, "/nowhere"]
  ]
  const [each, all] = [[...new Set(once)], [...new Set([...once, ...more])]]
  return { workspace, who, paths: all, each }
})

/** Of the paths those whose answer, to who has this session, is a whole page. */
export const pagesAmong = (origin: string, token: Redacted.Redacted<string>, paths: ReadonlyArray<string>) =>
  Effect.promise(async () => {
    const pages: Array<string> = []
    for (const path of paths) {
      const gone = new AbortController()
      const headers = { Cookie: `countersign_session=${Redacted.value(token)}`, Origin: ORIGIN }
      const answer = await fetch(`${origin}${path}`, { headers, redirect: "manual", signal: gone.signal })
      const isPage = answer.headers.get("Content-Type")?.startsWith("text/html") && answer.status !== 303
      // what never ends by itself is left
      if (isPage && (await answer.text()).includes("<html")) pages.push(path)
      else gone.abort()
    }
    return pages
  })
