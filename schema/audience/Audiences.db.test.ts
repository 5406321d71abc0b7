import { rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { inReview, sampleChannel } from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import { makeNormaliser } from "#schema/text/Msisdn.ts"
import { type LoadOptions, load } from "./Audiences.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("loading an audience", (it) => {
  let made = 0
  const emptyLane = Effect.gen(function* () {
    const sql = yield* SqlClient
    const name = `Load ${++made}`
    const [row] = yield* sql<{ laneId: number; personId: number; workspaceId: number }>`
      WITH w AS (INSERT INTO workspace (name, country) VALUES (${name}, 'UZ') RETURNING id),
           p AS (INSERT INTO person (email, name) VALUES (${`load${made}@demo.example`}, 'Load') RETURNING id),
           m AS (INSERT INTO membership (workspace_id, person_id, role) SELECT w.id, p.id, 'author' FROM w, p),
           s AS (INSERT INTO sender (workspace_id, label, created_by) SELECT w.id, 'Load', p.id FROM w, p RETURNING id),
           r AS (INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, made_by)
                 SELECT w.id, s.id, 1, ${name}, 5, 0, 'test', p.id FROM w, s, p RETURNING id),
           c AS (INSERT INTO campaign (workspace_id, name, sender_revision_id, text, segments, created_by, edited_by)
                 SELECT w.id, 'Load', r.id, 'x', 1, p.id, p.id FROM w, r, p RETURNING id)
      INSERT INTO lane (workspace_id, campaign_id) SELECT w.id, c.id FROM w, c RETURNING id AS "laneId", (SELECT id FROM p) AS "personId", (SELECT id FROM w) AS "workspaceId"`
    return row!
  })

  const loading = (
    { laneId, personId, workspaceId }: { laneId: number; personId: number; workspaceId: number },
    content: string,
    options: Partial<LoadOptions> = {}
  ) =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const path = join(tmpdir(), `countersign-audience-${process.pid}-${laneId}.txt`)
      writeFileSync(path, content)
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(path, { force: true })))
      const as = yield* actor(personId, workspaceId)
      return yield* asPortal(
        load(path, { laneId, as, fileName: "staff.txt", format: "txt", normaliser: makeNormaliser("UZ"), ...options })
      )
    })

  const stored = Effect.fnUntraced(function* (laneId: number) {
    const sql = yield* SqlClient
    const runs = yield* sql<{ first_seq: number; last_seq: number; msisdn: ReadonlyArray<number> }>`
      SELECT first_seq, last_seq, msisdn FROM audience WHERE lane_id = ${laneId} ORDER BY first_seq`
    const rejected = yield* sql<{ line: ReadonlyArray<number>; reason: ReadonlyArray<string> }>`
      SELECT line, reason FROM rejected_line WHERE lane_id = ${laneId} ORDER BY line[1]`
    const [lane] = yield* sql<{ recipients: number; digest: string | null }>`
      SELECT recipients, encode(audience_digest, 'hex') AS digest FROM lane WHERE id = ${laneId}`
    return { runs, rejected, lane: lane! }
  })

  it.effect("stores the numbers in the file's order in runs of a thousand, however many bad lines stand between", () =>
    Effect.gen(function* () {
      const lane = yield* emptyLane
      const numbers = Array.from({ length: 20_500 }, (_, i) => 998_901_000_000 + ((i * 7919) % 1_000_000))
      const content = numbers.map((number, i) => (i % 3 === 0 ? `${number}\nbad` : `${number}`)).join("\n")
      const loaded = yield* loading(lane, content)
      const { lane: row, rejected, runs } = yield* stored(lane.laneId)
      assert.deepInclude(loaded.counts, { valid: 20_500, invalid: 6_834, duplicates: 0 })
      assert.deepStrictEqual(
        runs.flatMap((run) => run.msisdn.map(Number)),
        numbers
      )
      assert.deepStrictEqual(
        runs.map((run) => run.last_seq - run.first_seq + 1),
        [...Array.from({ length: 20 }, () => 1_000), 500]
      )
      assert.strictEqual(rejected.flatMap((row) => row.line).length, 6_834)
      assert.deepStrictEqual(row, { recipients: 20_500, digest: loaded.digest })
    })
  )

  it.effect("keeps why each line of a file without a number was left out, and leaves the lane unsealed", () =>
    Effect.gen(function* () {
      const lane = yield* emptyLane
      const error = yield* Effect.flip(loading(lane, "12\nhello\n"))
      assert.deepInclude(error, { _tag: "AudienceFileError", reason: "no valid number" })
      const { lane: row, rejected, runs } = yield* stored(lane.laneId)
      assert.deepStrictEqual(runs, [])
      assert.deepStrictEqual(rejected, [{ line: [1, 2], reason: ["too short", "not a number"] }])
      assert.deepStrictEqual(row, { recipients: 0, digest: null })
    })
  )

  it.effect("is not sealed while a number appears twice in the campaign, in one lane or in two, and says which", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const { laneId, personId, workspaceId } = yield* emptyLane
      const as = yield* actor(personId, workspaceId)
      const [lane] = yield* sql<{ campaign: number }>`SELECT campaign_id AS campaign FROM lane WHERE id = ${laneId}`
      const ask = (call: string) =>
        asPortal(as(Effect.flatMap(SqlClient, (portal) => portal.unsafe<Record<string, number>>(`SELECT ${call}`))))
      const refused = (call: string) => Effect.map(Effect.flip(ask(call)), (error) => error.message)
      const addLane = Effect.map(ask(`add_lane(${lane!.campaign})`), (rows) => rows[0]!.add_lane!)
      const words = (number: number) =>
        `number ${number} appears more than once in the audience of campaign ${lane!.campaign}; a campaign sends to each number once`
      const [other, third] = [yield* addLane, yield* addLane]
      yield* ask(`load_audience(${laneId}, '{"{998901000001,998901000002}"}')`)
      yield* ask(`load_audience(${other}, '{"{998901000003}","{998901000004,998901000003}"}')`)
      yield* ask(`load_audience(${third}, '{"{998901000005,998901000002}"}')`)
      yield* ask(`seal_audience(${laneId})`)
      assert.strictEqual(yield* refused(`seal_audience(${other})`), words(998_901_000_003))
      assert.strictEqual(yield* refused(`seal_audience(${third})`), words(998_901_000_002))
      assert.deepStrictEqual(
        yield* sql`SELECT id FROM lane WHERE campaign_id = ${lane!.campaign} AND audience_digest IS NOT NULL`,
        [{ id: laneId }]
      )
    })
  )

  it.effect("adds nothing to an audience that is sealed", () =>
    Effect.gen(function* () {
      const lane = yield* emptyLane
      yield* loading(lane, "+998901234567\n")
      const error = yield* Effect.flip(loading(lane, "+998901234568\n"))
      assert.deepInclude(error, { _tag: "Refused", reason: "Conflict" })
      assert.strictEqual((yield* stored(lane.laneId)).lane.recipients, 1)
    })
  )

  const textOf = (laneId: number, text: string) =>
    Effect.flatMap(
      SqlClient,
      (sql) => sql`UPDATE campaign SET text = ${text} WHERE id = (SELECT campaign_id FROM lane WHERE id = ${laneId})`
    )

  it.effect("stores each one's values beside their number, and says the most messages that anybody gets", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const lane = yield* emptyLane
      yield* textOf(lane.laneId, "Hi ((name)) of ((__proto__))")
      const rows = Array.from({ length: 9_500 }, (_, i) => ({
        number: 998_902_000_000 + i,
        name: i === 7_778 ? "Ж".repeat(80) : `N "${i}", \\\n{}`,
        where: i % 7 === 0 ? "" : `W${i}`
      }))
      const content = `name,phone,__proto__,x\n${rows.map((r) => `"${r.name.replaceAll('"', '""')}",${r.number},${r.where},é`).join("\n")}\n`
      const loaded = yield* loading(lane, content, { format: "csv", column: "phone" })
      const valid = rows.filter(({ where }) => where !== "")
      assert.deepInclude(loaded.counts, { valid: valid.length, invalid: rows.length - valid.length })
      assert.deepStrictEqual(loaded.parts, { most: 2, messages: valid.length + 1 })
      const kept = yield* sql<{ msisdn: number; name: string; where: string; x: string }>`
        SELECT n.msisdn, a.placeholder_values -> 'name' ->> (n.ord - 1)::int AS name,
               a.placeholder_values -> '__proto__' ->> (n.ord - 1)::int AS where, a.placeholder_values -> 'x' ->> (n.ord - 1)::int AS x
          FROM audience a, unnest(a.msisdn) WITH ORDINALITY AS n (msisdn, ord) WHERE a.lane_id = ${lane.laneId} ORDER BY a.first_seq, n.ord`
      assert.deepStrictEqual(
        kept,
        valid.map(({ name, number, where }) => ({ msisdn: number, name, where, x: "é" }))
      )
      const [about] =
        yield* sql`SELECT l.columns, l.most_parts, c.segments FROM lane l JOIN campaign c ON c.id = l.campaign_id WHERE l.id = ${lane.laneId}`
      assert.deepStrictEqual(about, { columns: ["name", "__proto__", "x"], most_parts: 2, segments: 2 })
    })
  )

  it.effect("stores nothing but numbers of a csv whose text needs none, where only what it needs is kept", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const lane = yield* emptyLane
      const loaded = yield* loading(lane, "phone,name\n+998901234567,Ann\n", { format: "csv", keep: "placeholders" })
      assert.isUndefined(loaded.parts)
      assert.deepStrictEqual(yield* sql`SELECT placeholder_values AS it FROM audience WHERE lane_id = ${lane.laneId}`, [
        { it: null }
      ])
    })
  )

  it.effect("refuses a file without the column of a placeholder, and leaves the lane open", () =>
    Effect.gen(function* () {
      const lane = yield* emptyLane
      yield* textOf(lane.laneId, "Hi ((name))")
      const error = yield* Effect.flip(loading(lane, "+998901234567\n"))
      assert.deepInclude(error, { _tag: "AudienceFileError", reason: "no such placeholder" })
      assert.deepStrictEqual((yield* stored(lane.laneId)).lane, { recipients: 0, digest: null })
    })
  )

  it.effect("takes a file as octets that arrive, and keeps what the file was", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const { laneId, personId, workspaceId } = yield* emptyLane
      const as = yield* actor(personId, workspaceId)
      const content = Buffer.from(`${"998901234567\n998901234567\nx\n"}${"\n".repeat(3)}`)
      const octets = async function* () {
        for (const one of content) yield await Promise.resolve(Buffer.of(one))
      }
      const options = { laneId, as, fileName: "staff.txt", format: "txt", normaliser: makeNormaliser("UZ") } as const
      const { counts } = yield* asPortal(load(octets(), options))
      const expected = { lines: 6, duplicates: 1, invalid: 1, empty: 3 }
      assert.deepInclude(counts, expected)
      assert.deepStrictEqual(yield* sql`SELECT file FROM lane WHERE id = ${laneId}`, [
        { file: { name: "staff.txt", octets: content.length, ...expected } }
      ])
    })
  )

  it.effect("is discarded whole, sealed or not, and the campaign has an empty lane on the same channels", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const sql = yield* SqlClient
      const lane = yield* emptyLane
      const as = yield* actor(lane.personId, lane.workspaceId)
      const [{ campaign }] = (yield* sql<{
        campaign: number
      }>`SELECT campaign_id AS campaign FROM lane WHERE id = ${lane.laneId}`) as [{ campaign: number }]
      const { channelId } = yield* sampleChannel(lane)
      const ask = (call: string) => asPortal(as(Effect.flatMap(SqlClient, (portal) => portal.unsafe(`SELECT ${call}`))))
      yield* ask(`choose_channels(${lane.laneId}, '{${channelId}}')`)
      yield* loading(lane, "+998901234567\nnobody\n")
      yield* ask(`discard_audience(${campaign})`)
      const left = sql<{ id: number }>`
        SELECT l.id, l.recipients, l.audience_digest, l.file, ARRAY(SELECT channel_id FROM lane_channel WHERE lane_id = l.id) AS channels
          FROM lane l WHERE campaign_id = ${campaign}`
      const [fresh, ...others] = yield* left
      assert.isEmpty(others)
      const empty = { recipients: 0, audience_digest: null, file: null, channels: [channelId] }
      assert.deepStrictEqual(fresh, { id: fresh!.id, ...empty })
      assert.notStrictEqual(fresh!.id, lane.laneId)
      for (const table of ["audience", "rejected_line"])
        assert.isEmpty(yield* sql.unsafe(`SELECT FROM ${table} WHERE lane_id = ${lane.laneId}`), table)
      // and of one that was never finished
      yield* Effect.flip(loading({ ...lane, laneId: fresh!.id }, "nobody\n"))
      yield* ask(`discard_audience(${campaign})`)
      assert.isEmpty(yield* sql`SELECT FROM rejected_line WHERE lane_id = ${fresh!.id}`)
      // what is empty stays, and nothing is said
      const [kept] = yield* left
      yield* ask(`discard_audience(${campaign})`)
      assert.strictEqual((yield* left)[0]!.id, kept!.id)
      const said = yield* sql`SELECT FROM audit WHERE object_id = ${campaign} AND action = 'campaign.discard_audience'`
      assert.lengthOf(said, 2)
    })
  )

  it.effect("is not discarded once somebody was asked to approve it", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const { campaignId, workspace } = yield* inReview()
      const as = yield* actor(workspace.authorId, workspace.workspaceId)
      const refused = yield* Effect.flip(
        asPortal(as(Effect.flatMap(SqlClient, (portal) => portal`SELECT discard_audience(${campaignId})`)))
      )
      assert.strictEqual(refused.message, `campaign ${campaignId} is in review; take it back to draft to change it`)
    })
  )
})
