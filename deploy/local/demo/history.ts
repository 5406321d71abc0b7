/**
 * Makes the demo's departments and their month (plan.ts), by the same acts by which people and an engine would have: written, uploaded,
 * submitted, decided, claimed, answered. What can't be done is to wait a month: when it was is put in afterwards, or, where the audit
 * chains it, with the act itself.
 *
 * Promises: into an empty installation only (one with what demo.sql makes and nothing else); every ledger adds up, every chain verifies.
 */
import { readFileSync } from "node:fs"
import { Clock, Effect } from "effect"
import { load } from "#schema/audience/Audiences.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import * as Channels from "#schema/channel/Channels.ts"
import { SqlClient } from "#schema/Database.ts"
import { sealNext } from "#schema/ledger/Keeping.ts"
import { type Acting, actAs } from "#schema/people/Acting.ts"
import * as Revisions from "#schema/sender/Revisions.ts"
import { splitStatements } from "#schema/statements.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { makeNormaliser } from "#schema/text/Msisdn.ts"
import { type Planned, plan } from "./plan.ts"
import { putTimes, stamp, type Times, timesOf } from "./times.ts"

const MINUTE_MS = 60_000

/** As their owner. Gives how many campaigns were made; 0: there was something already. */
export const makeHistory = Effect.fn("demo.makeHistory")(function* () {
  const sql = yield* SqlClient
  const [found] = yield* sql<{ empty: boolean; channel: number }>`
    SELECT NOT EXISTS (SELECT FROM campaign) AND NOT EXISTS (SELECT FROM person WHERE email NOT LIKE '%@demo.example') AS empty,
           (SELECT id FROM channel WHERE name = 'Simulator') AS channel`
  if (!found!.empty) return 0
  const departments = readFileSync(new URL("departments.sql", import.meta.url), "utf8")
  for (const { text } of splitStatements(departments)) yield* sql.unsafe(text).unprepared
  const now = new Date(yield* Clock.currentTimeMillis)
  const made: Array<Times> = []
  const engine = new PretendEngine({ channelId: found!.channel, epoch: (yield* Channels.take(found!.channel))! })
  for (const planned of plan(now)) made.push(yield* makeOne(planned, engine, now))
  yield* proposeName
  yield* putTimes(made)
  return made.length
})

const makeOne = Effect.fnUntraced(function* (planned: Planned, engine: PretendEngine, now: Date) {
  const sql = yield* SqlClient
  const { author, moderator, name } = planned.department
  const [ids] = yield* sql<{ workspace: number; author: number; moderator: number; revision: number }>`
    SELECT w.id AS workspace, a.id AS author, m.id AS moderator, r.id AS revision
      FROM workspace w JOIN person a ON a.email = ${author} JOIN person m ON m.email = ${moderator}
      JOIN sender_revision r ON r.workspace_id = w.id AND r.status = 'approved' WHERE w.name = ${name}`
  const who = ids!
  const times = timesOf(planned, now)
  const writes = at(who.author, who.workspace, times.createdAt)
  const { campaignId, laneId } = yield* writes(
    Campaigns.create({ ...planned.content, senderRevisionId: who.revision, segments: planned.segments }, [
      engine.channel.channelId
    ])
  )
  yield* upload(planned, laneId, writes)
  const submits = at(who.author, who.workspace, times.submittedAt)
  const decides = at(who.moderator, who.workspace, times.decidedAt)
  if (planned.state === "draft") return { ...times, campaignId }
  yield* submits(Campaigns.move(campaignId, "submit", planned.why))
  if (planned.state === "in_review") return { ...times, campaignId }
  const fingerprint = yield* Campaigns.fingerprint(campaignId)
  if (planned.state === "rejected") {
    const note = "Nobody knows where a shortened link leads. Give the survey's own address."
    yield* decides(Campaigns.decide(campaignId, { decision: "reject", fingerprint, note }))
    return { ...times, campaignId }
  }
  yield* decides(Campaigns.decide(campaignId, { decision: "approve", fingerprint }))
  if (planned.state === "scheduled") return { ...times, campaignId }
  if (planned.state === "expired") {
    // its end passed while nobody pressed Start
    yield* sql.unsafe(`ALTER TABLE campaign DISABLE TRIGGER USER`)
    yield* sql`UPDATE campaign SET ends_at = now() WHERE id = ${campaignId}`
    yield* sql.unsafe(`ALTER TABLE campaign ENABLE TRIGGER USER`)
    yield* system("expire", campaignId, times.closedAt)
    return { ...times, campaignId }
  }
  yield* system("open", campaignId, times.openedAt)
  if (planned.content.mode === "trigger") yield* feed(campaignId, who.workspace, times.closedAt)
  yield* send(planned, laneId, engine)
  const ended = at(who.moderator, who.workspace, times.closedAt)
  if (planned.state === "done") yield* system("close", campaignId, times.closedAt)
  if (planned.state === "failed") yield* system("fail", campaignId, times.closedAt, "The operator refused every bind.")
  if (planned.state === "cancelled") yield* ended(Campaigns.move(campaignId, "stop", "The exercise is called off."))
  if (planned.state !== "sending" && planned.state !== "paused")
    yield* sql.withTransaction(Effect.andThen(sealNext, stamp(times.closedAt)))
  if (planned.state === "paused") yield* ended(Campaigns.move(campaignId, "pause", "Is Thursday right? Asking."))
  return { ...times, campaignId }
})

/** In somebody's name, at this time as far as the audit and the campaign's history say. */
const at =
  (personId: number, workspaceId: number, when: Date): Acting =>
  (effect) =>
    actAs(personId, workspaceId)(Effect.tap(effect, () => stamp(when)))

const system = Effect.fnUntraced(function* (action: string, campaignId: number, when: Date, note?: string) {
  const sql = yield* SqlClient
  yield* sql.withTransaction(Effect.tap(Campaigns.move(campaignId, action, note), () => stamp(when)))
})

/** What a program would have said to it; the engine sends these once it runs. */
const feed = Effect.fnUntraced(function* (campaignId: number, workspaceId: number, when: Date) {
  const sql = yield* SqlClient
  const [olga] = yield* sql<{ id: number }>`SELECT id FROM person WHERE email = 'olga@demo.example'`
  const keys = [1, 2, 3, 4, 5, 6, 7].map((n) => `login-${n}`)
  const numbers = keys.map((_, n) => 998_900_000_000 + n * 137 + 1_001)
  yield* at(
    olga!.id,
    workspaceId,
    when
  )(sql`SELECT FROM feed_campaign(${campaignId}, ${keys}::text[], ${numbers}::bigint[])`)
})

/** The file as its author would have it: with a header, a line twice, and one that is no number. */
const upload = (planned: Planned, laneId: number, as: Acting) => {
  const { file, numbers, values = {} } = planned
  if (planned.content.mode === "trigger")
    return as(Effect.flatMap(SqlClient, (sql) => sql`SELECT seal_audience(${laneId})`))
  const columns = Object.keys(values)
  const rows = numbers.map((number, i) => [`+${number}`, ...columns.map((column) => values[column]![i])].join(";"))
  const odd = [`+${numbers[3]}`, "on leave"].map((cell) => [cell, ...columns.map(() => "?")].join(";"))
  const text = [["phone", ...columns].join(";"), ...rows, ...odd].join("\n")
  const source = (async function* () {
    yield Buffer.from(text)
  })()
  return load(source, { laneId, as, fileName: file, format: "csv", normaliser: makeNormaliser("UZ") })
}

/** Of a hundred that left: most are delivered, the operator refuses a few, of some the phone is off for too long. */
const stateOf = (seq: number): number => (seq % 41 === 7 ? 5 : seq % 97 === 13 ? 3 : 2)
const isRefused = (seq: number): boolean => seq % 149 === 31

const send = Effect.fnUntraced(function* (planned: Planned, laneId: number, engine: PretendEngine) {
  const segments = planned.segments
  const sending = segments === engine.segments ? engine : new PretendEngine(engine.channel, segments)
  const most = planned.left ?? planned.numbers.length
  if (most === 0) return
  const block = yield* sending.claim(laneId, most)
  if (block === undefined) return
  sending.flushes = Math.max(sending.flushes, engine.flushes)
  const parts = block.parts.flatMap((of, nth) => of.map((_, part) => ({ nth, part: part + 1 })))
  const verdict = ({ nth }: { nth: number }) => (isRefused(nth) ? ("r" as const) : ("a" as const))
  yield* sending.flush([{ block, answers: parts.map((one) => ({ ...one, verdict: verdict(one) })) }])
  const receipts = parts.filter(({ nth }) => !isRefused(nth)).map((one) => ({ ...one, state: stateOf(one.nth) }))
  yield* sending.flush([{ block, receipts }])
  engine.flushes = sending.flushes
})

/** A change of a name that waits for its decision. */
const proposeName = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [it] = yield* sql<{ sender: number; workspace: number; person: number }>`
    SELECT s.id AS sender, s.workspace_id AS workspace, p.id AS person
      FROM sender s JOIN person p ON p.email = 'dana@demo.example' WHERE s.label = 'CorpIT'`
  const reason = "People take CorpIT for the company's own news. 24 says that somebody is awake."
  const when = new Date((yield* Clock.currentTimeMillis) - 2 * MINUTE_MS)
  yield* at(it!.person, it!.workspace, when)(Revisions.submit(it!.sender, { saddr: "CorpIT24", reason }))
})
