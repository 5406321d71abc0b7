/** Texts with placeholders, from the file to the wire: what arrives at each number is its own text, and the ledger adds up. */
import { rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect, Result } from "effect"
import { type Smsc, scopedSmsc } from "#bench/smsc/Smsc.ts"
import { decode } from "#engine/smpp/Pdu.ts"
import { eventually, type House, isOver, makeChannel, outcomes, tally } from "#engine/TestCampaigns.ts"
import { TestEngine } from "#engine/TestEngine.ts"
import { load } from "#schema/audience/Audiences.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { actor } from "#schema/testing/session.ts"
import { decodeGsm } from "#schema/text/Gsm.ts"
import { makeNormaliser } from "#schema/text/Msisdn.ts"

interface Row {
  readonly number: number
  readonly name: string
  readonly city: string
}

const TEXT =
  "Dear ((Name)), tonight from 22:00 the systems in ((city)) are not available. ((name)), please save your work."
const textOf = ({ city, name }: Row) =>
  `Dear ${name}, tonight from 22:00 the systems in ${city} are not available. ${name}, please save your work.`

/** GSM in one part and in two, Cyrillic in two and in three. */
const names = ["Ann", "Ж. Ли", "A".repeat(60), "Шамсутдинова Гульчехра Анваровна", "José {1}"]
let nextNumber = 998_950_000_000
const people = (count: number): ReadonlyArray<Row> =>
  Array.from({ length: count }, (_, i) => ({ number: nextNumber++, name: names[i % names.length]!, city: `City ${i}` }))

const write = Effect.fnUntraced(function* (rows: ReadonlyArray<Row>) {
  const path = join(tmpdir(), `countersign-placeholders-${process.pid}-${rows[0]!.number}.csv`)
  writeFileSync(path, `phone,Name,note,city\n${rows.map((r) => `+${r.number},${r.name},x,${r.city}`).join("\n")}\n`)
  yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(path, { force: true })))
  return path
})

/** Loaded as the portal does, and up to its submission. */
const draft = Effect.fnUntraced(function* (house: House, channel: number, rows: ReadonlyArray<Row>, text = TEXT) {
  const { asPortal } = yield* TestDatabase
  const author = actAs(house.authorId, house.workspaceId)
  const content = { name: "Shifts", senderRevisionId: house.senderRevisionId, text, segments: 1 }
  const { campaignId, laneId } = yield* author(Campaigns.create(content, [channel]))
  const as = yield* actor(house.authorId, house.workspaceId)
  const loaded = yield* asPortal(
    load(yield* write(rows), { laneId, as, fileName: "rows.csv", format: "csv", normaliser: makeNormaliser("UZ") })
  )
  return { campaignId, laneId, loaded, author }
})

const approve = Effect.fnUntraced(function* (house: House, campaignId: number) {
  yield* actAs(house.authorId, house.workspaceId)(Campaigns.move(campaignId, "submit"))
  const fingerprint = yield* Campaigns.fingerprint(campaignId)
  yield* actAs(house.moderatorId, house.workspaceId)(Campaigns.decide(campaignId, { decision: "approve", fingerprint }))
})

/** What a phone shows: the parts of each number's message in their order. */
const shown = (smsc: Smsc) => {
  const parts = new Map<number, Array<{ readonly part: number; readonly of: number; readonly text: string }>>()
  for (const octets of smsc.kept()) {
    const pdu = Result.getOrThrow(decode(octets))
    if (pdu.command !== "submit_sm") continue
    const message = Buffer.from(pdu.short_message)
    const [of, part] = pdu.esm_class === 0x40 ? [message[4]!, message[5]!] : [1, 1]
    const octetsOfText = pdu.esm_class === 0x40 ? message.subarray(6) : message
    const text =
      pdu.data_coding === 8 ? Buffer.from(octetsOfText).swap16().toString("utf16le") : decodeGsm(octetsOfText)
    const number = Number(pdu.destination_addr)
    parts.set(number, [...(parts.get(number) ?? []), { part, of, text }])
  }
  return new Map(
    Array.from(parts, ([number, of]) => {
      assert.strictEqual(of.length, of[0]!.of, `all parts of ${number}, once`)
      return [number, of.toSorted((a, b) => a.part - b.part).map(({ text }) => text).join("")] // biome-ignore format: one step
    })
  )
}

const textsOf = (rows: ReadonlyArray<Row>) => new Map(rows.map((row) => [row.number, textOf(row)]))

const addsUp = Effect.fnUntraced(function* (campaignId: number, numbers: number) {
  assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
  const { delivered, moving, rejected, undelivered, unknown } = yield* Campaigns.progress(campaignId)
  assert.deepStrictEqual([delivered + undelivered + unknown + rejected, moving], [numbers, 0])
})

layer(TestEngine.layer, { excludeTestServices: true })("a text with placeholders", (it) => {
  it.effect("arrives at each number as its own, in as many parts as it takes, and its worst part is its outcome", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0, keep: 10_000, receiptMix: "DELIVRD=9,UNDELIV=1" })
      const channel = yield* makeChannel(house, smsc.port)
      const rows = people(2_500)
      const { campaignId, laneId, loaded } = yield* draft(house, channel, rows)
      assert.deepStrictEqual(loaded.parts, { most: 3, messages: 2_500 / 5 * (1 + 2 + 2 + 3 + 1) }) // biome-ignore format: a sum
      yield* approve(house, campaignId)
      yield* start
      yield* eventually("the campaign is over", isOver(campaignId))
      assert.deepStrictEqual(shown(smsc), textsOf(rows))
      const worst = new Map<number, string>()
      for (const { destination, state } of smsc.received())
        if (state === 5) worst.set(Number(destination), "undelivered")
      const ledger = yield* outcomes(laneId)
      for (const { number } of rows) assert.strictEqual(ledger.get(number), worst.get(number) ?? "delivered")
      assert.isAbove(tally(ledger).undelivered!, 100)
      const told =
        yield* sql`SELECT encode(substr(parts, 1, 5), 'hex') AS parts FROM block WHERE lane_id = ${laneId} AND first_seq = 1`
      assert.deepStrictEqual(told, [{ parts: "0102020301" }])
      yield* addsUp(campaignId, 2_500)
    })
  )

  it.effect("goes on as each one's own after a pause, and nobody gets half of it or two", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, keep: 10_000 })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 1_500, binds: 1, window_size: 7 })
      const rows = people(1_200)
      const { author, campaignId, laneId } = yield* draft(house, channel, rows)
      yield* approve(house, campaignId)
      yield* start
      for (let pauses = 1; pauses <= 3; pauses++) {
        yield* Effect.promise(() => smsc.until(({ submits }) => submits >= 400 * pauses))
        yield* author(Campaigns.move(campaignId, "pause"))
        yield* author(Campaigns.move(campaignId, "resume"))
      }
      yield* eventually("the campaign is over", isOver(campaignId))
      assert.deepStrictEqual(shown(smsc), textsOf(rows))
      assert.deepStrictEqual(tally(yield* outcomes(laneId)), { delivered: 1_200 })
      yield* addsUp(campaignId, 1_200)
    })
  )

  it.effect("is tried again as it was, after a temporary failure of a part", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, keep: 10_000 })
      smsc.control({ nextStatuses: Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? "ESME_ROK" : "ESME_RSYSERR")) })
      const channel = yield* makeChannel(house, smsc.port)
      const rows = people(100)
      const { campaignId } = yield* draft(house, channel, rows)
      yield* approve(house, campaignId)
      yield* start
      yield* eventually("the campaign is over", isOver(campaignId))
      const accepted = new Map<number, number>()
      for (const { command_status, destination } of smsc.received())
        if (command_status === 0) accepted.set(Number(destination), (accepted.get(Number(destination)) ?? 0) + 1)
      assert.deepStrictEqual(
        rows.map(({ number }) => accepted.get(number)),
        rows.map((_, i) => [1, 2, 2, 3, 1][i % 5])
      )
      yield* addsUp(campaignId, 100)
    })
  )

  it.effect("fails in words, with nothing sent, when somebody's has more parts than was approved", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port)
      const { author, campaignId, laneId } = yield* draft(house, channel, people(10))
      // who counts says what it likes; the engine counts itself
      yield* author(sql`SELECT note_parts(${laneId}, ${TEXT}, 2)`)
      yield* approve(house, campaignId)
      yield* start
      yield* eventually("the campaign is over", isOver(campaignId))
      const [{ failure, state }] = (yield* sql`SELECT state, failure FROM campaign WHERE id = ${campaignId}`) as [
        Record<string, string>
      ]
      assert.deepStrictEqual(
        [state, failure],
        ["failed", "the text of recipient 4 has more parts on this channel than the 2 that were approved"]
      )
      assert.strictEqual(smsc.counts().submits, 0)
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
    })
  )

  it.effect("of a campaign that is fed is refused to who would get more than was approved, and to nobody else", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0, keep: 10 })
      const channel = yield* makeChannel(house, smsc.port)
      const author = actAs(house.authorId, house.workspaceId)
      const content = {
        name: "Codes",
        mode: "trigger",
        sender_revision_id: house.senderRevisionId,
        text: "Code ((code))",
        segments: 1,
        ends_at: new Date(Date.now() + 3_600_000)
      }
      const [made] = yield* author(
        sql<{ id: number }>`SELECT create_campaign(${JSON.stringify(content)}::text::jsonb) AS id`
      )
      const campaignId = made!.id
      const [lane] = yield* author(sql<{ id: number }>`SELECT add_lane(${campaignId}) AS id`)
      yield* author(sql`SELECT choose_channels(${lane!.id}, ${[channel]}::int[]), seal_audience(${lane!.id})`)
      yield* approve(house, campaignId)
      yield* start
      yield* eventually(
        "it is sending",
        Effect.map(Campaigns.progress(campaignId), ({ state }) => state === "sending")
      )
      // past whoever counts before it is fed
      const codes = ["1234", "9".repeat(200), "5678"]
      const values = codes.map((code) => JSON.stringify({ code }))
      yield* author(
        sql`SELECT FROM feed_campaign(${campaignId}, '{a,b,c}', '{998900000001,998900000002,998900000003}', ${values}::text[]::jsonb[])`
      )
      yield* eventually(
        "nothing moves",
        Effect.map(Campaigns.progress(campaignId), ({ audience, moving }) => audience === 3 && moving === 0)
      )
      assert.deepStrictEqual(
        shown(smsc),
        new Map([
          [998900000001, "Code 1234"],
          [998900000003, "Code 5678"]
        ])
      )
      assert.deepStrictEqual(tally(yield* outcomes(lane!.id)), { delivered: 2, rejected: 1 })
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      yield* author(Campaigns.move(campaignId, "stop"))
    })
  )
})
