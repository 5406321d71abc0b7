import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { type Smsc, scopedSmsc } from "#bench/smsc/Smsc.ts"
import { eventually, isOver, makeCampaign, makeChannel, outcomes, type Sealed, tally } from "#engine/TestCampaigns.ts"
import { says, TestEngine } from "#engine/TestEngine.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"

/** What the operator decided of each number, in the ledger's words; a number it took twice is told as such. */
const asTheOperatorSays = (smsc: Smsc) => {
  const words: Record<number, string> = { 2: "delivered", 3: "expired", 5: "undelivered", 8: "rejected" }
  const found = new Map<number, string>()
  for (const row of smsc.received()) {
    if (row.command_status !== 0) continue
    const number = Number(row.destination)
    found.set(number, found.has(number) ? "taken twice" : words[row.state]!)
  }
  return found
}

const addsUp = Effect.fnUntraced(function* (campaign: Sealed) {
  assert.deepStrictEqual(yield* Campaigns.checkLedger(campaign.campaignId), [])
  const figures = yield* Campaigns.progress(campaign.campaignId)
  const { cancelled, delivered, expired, rejected, suppressed, undelivered, unknown } = figures
  assert.strictEqual(delivered + undelivered + expired + rejected + unknown + suppressed + cancelled, campaign.numbers)
  assert.strictEqual(figures.moving, 0)
})

/** Ends every connection of the engine's. */
const cutEngine = Effect.flatMap(
  SqlClient,
  (sql) => sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'countersign test engine'`
)

layer(TestEngine.layer, { excludeTestServices: true })("dispatch", (it) => {
  it.effect("sends a campaign over two binds, and the ledger says of each number what the operator says", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, receiptMix: "DELIVRD=90,UNDELIV=6,EXPIRED=2,REJECTD=2" })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 10_000 })
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      const ledger = yield* outcomes(campaign.laneId)
      assert.strictEqual(ledger.size, 10_000)
      assert.deepStrictEqual(new Map([...ledger].sort()), new Map([...asTheOperatorSays(smsc)].sort()))
      assert.isAbove(tally(ledger).undelivered!, 0)
      assert.strictEqual(new Set(Array.from(smsc.received(), (row) => row.bind)).size, 2)
      yield* addsUp(campaign)
    })
  )

  it.effect("sends what the door let the numbers out for, though other content stood there when it was read", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 100 })
      yield* Campaigns.move(campaign.campaignId, "open")
      // past every guard, as nobody but the owner can: two parts instead of one
      const put = (text: string, segments: number) =>
        sql.withTransaction(
          Effect.andThen(
            sql`SELECT begin_erasing()`,
            sql`UPDATE campaign SET text = ${text}, segments = ${segments} WHERE id = ${campaign.campaignId}`
          )
        )
      yield* put("what nobody approved".repeat(10), 2)
      const { log } = yield* start
      yield* says(log, /the door stays shut: .* needs 1 approvals of what it is now and has 0/)
      yield* put("Planned maintenance tonight", 1)
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      const arrived = Array.from(smsc.received(), ({ parts }) => parts) // 0: it has no other part
      assert.deepStrictEqual([arrived.length, new Set(arrived)], [100, new Set([0])])
      yield* addsUp(campaign)
    })
  )

  it.effect("sends every part of a long message once, joined by one reference, and its worst part is its outcome", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, receiptMix: "DELIVRD=8,UNDELIV=2" })
      const channel = yield* makeChannel(house, smsc.port)
      const text = "0123456789".repeat(40)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 1500, text, segments: 3 })
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      const parts = new Map<string, Array<{ part: number; ref: number; state: number }>>()
      for (const { destination, part, ref, state } of smsc.received())
        parts.set(destination, [...(parts.get(destination) ?? []), { part, ref, state }])
      const ledger = yield* outcomes(campaign.laneId)
      assert.strictEqual(parts.size, 1500)
      for (const [destination, sent] of parts) {
        assert.deepStrictEqual(sent.map(({ part }) => part).sort(), [1, 2, 3])
        assert.strictEqual(new Set(sent.map(({ ref }) => ref)).size, 1)
        const worst = sent.some(({ state }) => state === 5) ? "undelivered" : "delivered"
        assert.strictEqual(ledger.get(Number(destination)), worst)
      }
      yield* addsUp(campaign)
    })
  )

  it.effect("sends what GSM 03.38 lacks as UCS-2, and as Latin-1 where the channel has it", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, keep: 10 })
      const gsm = yield* makeChannel(house, smsc.port)
      const latin = yield* makeChannel(house, smsc.port, { charset: "latin1" })
      const cyrillic = yield* makeCampaign(house, { channels: [gsm], numbers: 1, text: "Сегодня" })
      const french = yield* makeCampaign(house, { channels: [latin], numbers: 1, text: "déjà vu ç" })
      yield* start
      yield* eventually("the first is over", isOver(cyrillic.campaignId))
      yield* eventually("the second is over", isOver(french.campaignId))
      const ucs2 = Buffer.from("Сегодня", "utf16le").swap16()
      const kept = smsc.kept()
      assert.isTrue(kept.some((pdu) => pdu.includes(ucs2) && pdu[pdu.indexOf(ucs2) - 3] === 8))
      const octets = Buffer.from("déjà vu ç", "latin1")
      assert.isTrue(kept.some((pdu) => pdu.includes(octets) && pdu[pdu.indexOf(octets) - 3] === 3))
    })
  )

  it.effect("takes a permanent status as final, and tries a temporary one again", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 100 })
      const barred = campaign.firstNumber + 50
      smsc.control({ nextStatuses: ["ESME_RSYSERR", "ESME_RSYSERR"], statusByNumber: { [barred]: "ESME_RINVDSTADR" } })
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      const ledger = yield* outcomes(campaign.laneId)
      assert.deepStrictEqual(tally(ledger), { delivered: 99, rejected: 1 })
      assert.strictEqual(ledger.get(barred), "rejected")
      assert.deepStrictEqual(smsc.counts().byStatus, { ESME_ROK: 99, ESME_RSYSERR: 2, ESME_RINVDSTADR: 1 })
      const sql = yield* SqlClient
      const rows = yield* sql<{ tries: number; n: number }>`
        SELECT tries, count(*)::int AS n FROM ledger_rows(${campaign.laneId}, 0, 100) GROUP BY tries ORDER BY tries`
      assert.deepStrictEqual(rows, [
        { tries: 1, n: 98 },
        { tries: 2, n: 2 }
      ])
      yield* addsUp(campaign)
    })
  )

  it.effect("goes on claiming while what failed for the moment waits to be sent again", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, errors: "ESME_RSYSERR=100%" })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 100 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 5_000 })
      yield* start
      // each second brings a hundred more, where 13 claimed ones would have waited for each other
      yield* Effect.promise(() =>
        smsc.until(() => new Set(Array.from(smsc.received(), (r) => r.destination)).size >= 300)
      )
      yield* actAs(house.authorId, house.workspaceId)(Campaigns.move(campaign.campaignId, "stop"))
    })
  )

  it.effect("goes on with all other lanes where the database fails at one", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 100 })
      const ill = yield* makeCampaign(house, { channels: [channel], numbers: 100 })
      const well = yield* makeCampaign(house, { channels: [channel], numbers: 100 })
      yield* sql.unsafe(`CREATE FUNCTION fail_at_a_lane() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.lane_id = ${ill.laneId} THEN RAISE EXCEPTION 'a page of it is broken' USING ERRCODE = 'XX001'; END IF; RETURN NEW; END $$`)
      yield* sql.unsafe(
        "CREATE TRIGGER fail_at_a_lane BEFORE INSERT ON block FOR EACH ROW EXECUTE FUNCTION fail_at_a_lane()"
      )
      const { log } = yield* start
      yield* eventually("the other is over", isOver(well.campaignId))
      yield* says(log, /the door stays shut: .*a page of it is broken/)
      assert.strictEqual(smsc.counts().submits, 100)
      yield* sql.unsafe("DROP TRIGGER fail_at_a_lane ON block")
      yield* eventually("and it too, once it is well", isOver(ill.campaignId))
    })
  )

  it.effect("slows down where the operator throttles, and loses nothing", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, rate: 800, burst: 20 })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 1500 })
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 1500 })
      const { accepted, byStatus } = smsc.counts()
      assert.strictEqual(accepted, 1500)
      assert.isAbove(byStatus.ESME_RTHROTTLED!, 0)
      yield* addsUp(campaign)
    })
  )

  it.effect("calls what was never answered unknown, and sends none of it again", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, silent: 0.05 })
      const channel = yield* makeChannel(house, smsc.port, { response_seconds: 1 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 1000 })
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      const { accepted, silent, submits } = smsc.counts()
      assert.isAbove(silent, 0)
      assert.strictEqual(submits, 1000)
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: accepted, unknown: silent })
      yield* addsUp(campaign)
    })
  )

  it.effect("sends what was never answered again where its approvers chose so, and marks it", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, silent: 0.05 })
      const channel = yield* makeChannel(house, smsc.port, { response_seconds: 1 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 1000, onLostAnswer: "resend" })
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 1000 })
      const times = new Map<string, number>()
      for (const { destination } of smsc.received()) times.set(destination, (times.get(destination) ?? 0) + 1)
      const sql = yield* SqlClient
      const rows = yield* sql<{ msisdn: number; tries: number }>`
        SELECT msisdn, tries FROM ledger_rows(${campaign.laneId}, 0, 1000) WHERE tries > 1`
      assert.deepStrictEqual(
        new Map(rows.map((row) => [String(row.msisdn), row.tries])),
        new Map([...times].filter(([, n]) => n > 1))
      )
      yield* addsUp(campaign)
    })
  )

  it.effect("sends nothing to whom the door kept back, wherever in a block they are", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 30 })
      const stopped = [0, 1, 15, 29].map((i) => campaign.firstNumber + i)
      for (const msisdn of stopped)
        yield* sql`INSERT INTO stop_list (workspace_id, msisdn, cause) VALUES (${house.workspaceId}, ${msisdn}, 'STOP')`
      yield* start
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      const ledger = yield* outcomes(campaign.laneId)
      assert.deepStrictEqual(tally(ledger), { delivered: 26, suppressed: 4 })
      for (const msisdn of stopped) assert.strictEqual(ledger.get(msisdn), "suppressed")
      assert.deepStrictEqual(
        Array.from(smsc.received(), ({ destination }) => Number(destination)).sort(),
        [...ledger.keys()].filter((msisdn) => !stopped.includes(msisdn)).sort()
      )
      yield* addsUp(campaign)
    })
  )

  it.effect("survives that every connection to Postgres is cut, again and again, and loses and repeats nothing", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 8_000 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 20_000 })
      yield* start
      for (let sent = 1_000; sent < 20_000; sent += 3_000) {
        yield* Effect.promise(() => smsc.until(({ submits }) => submits >= sent))
        yield* cutEngine
      }
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 20_000 })
      assert.strictEqual(smsc.counts().submits, 20_000)
      yield* addsUp(campaign)
    })
  )

  it.effect("waits while Postgres lets nobody in, and goes on where it was", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const { name } = yield* TestDatabase
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 10_000 })
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 20_000 })
      const { log } = yield* start
      yield* Effect.promise(() => smsc.until(({ submits }) => submits >= 3_000))
      yield* Effect.acquireRelease(sql.unsafe(`ALTER DATABASE ${name} CONNECTION LIMIT 0`), () =>
        Effect.orDie(sql.unsafe(`ALTER DATABASE ${name} CONNECTION LIMIT -1`))
      ).pipe(
        Effect.andThen(cutEngine),
        // long enough that each part of the engine has tried in vain and tried again
        Effect.andThen(
          eventually(
            "the engine has noticed",
            Effect.sync(
              () =>
                log.filter((line) => line.includes("nothing is lost, trying again")).length > 2 &&
                log.some((line) => line.includes("claiming"))
            )
          )
        ),
        Effect.scoped
      )
      // what was in hand and no more: half a second of the contract, and what went before it
      assert.isBelow(smsc.counts().submits, 12_000)
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 20_000 })
      assert.strictEqual(smsc.counts().submits, 20_000)
      yield* addsUp(campaign)
    })
  )

  it.effect("stops submitting when the journal is full, and nothing is taken for lost meanwhile", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, { response_seconds: 1, enquire_link_seconds: 1 })
      // three parts: 108,000 submits, and twice as many rows in the journal
      const text = "0123456789".repeat(40)
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 36_000, text, segments: 3 })
      yield* start
      yield* Effect.promise(() => smsc.until(({ receiptsAcked }) => receiptsAcked >= 1_000))
      const held = yield* sql.withTransaction(
        Effect.gen(function* () {
          // claims go on, and no flush gets through
          yield* sql`SELECT FROM journal WHERE channel_id = ${channel} FOR UPDATE`
          let before = -1
          const stood = Effect.map(Effect.delay(Effect.sync(smsc.counts), "1500 millis"), ({ submits }) => {
            const same = submits === before
            before = submits
            return same
          })
          yield* eventually("submitting stands", stood)
          return smsc.counts()
        })
      )
      assert.isBelow(held.submits, 108_000)
      assert.isAbove(held.submits, 40_000)
      yield* eventually("the campaign is over", isOver(campaign.campaignId))
      assert.deepStrictEqual(tally(yield* outcomes(campaign.laneId)), { delivered: 36_000 })
      assert.strictEqual(smsc.counts().submits, 108_000)
      yield* addsUp(campaign)
    })
  )
})
