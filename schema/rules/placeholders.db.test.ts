/** Values of placeholders in the database: what is stored, what the door lets out, and what is asked before approvers see a text. */
import { createHash } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { recount, recountChanged } from "#schema/audience/PartCounts.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import * as Channels from "#schema/channel/Channels.ts"
import { SqlClient } from "#schema/Database.ts"
import { claim, isRest } from "#schema/ledger/Door.ts"
import { sealNext } from "#schema/ledger/Keeping.ts"
import { actAs } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import {
  byForce,
  decideAs,
  pressAs,
  sampleCampaign,
  sampleChannel,
  sampleWorkspace,
  type Wanted
} from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import { columnKey, placeholdersOf } from "#schema/text/Placeholders.ts"

const TEXT = "Dear ((name)), your shift is in ((city))"
const names = ["Ann", "Bob", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal", "Ivy", "Jo"]
const values = { name: names, city: names.map((name) => `City of ${name}`), note: names.map(() => "") }

const some = Effect.fnUntraced(function* (wanted: Partial<Wanted> = {}) {
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const columns = { text: TEXT, segments: 3, ...wanted.columns }
  const campaign = yield* sampleCampaign({ workspace, channels: [channel], values, ...wanted, columns })
  return { workspace, channel, author: actAs(workspace.authorId, workspace.workspaceId), ...campaign }
})

const sha256 = (...parts: ReadonlyArray<Uint8Array>) => createHash("sha256").update(Buffer.concat(parts)).digest("hex")

layer(TestDatabase.layer, { excludeTestServices: true })("placeholders in the database", (it) => {
  it.effect("are the same as in TypeScript, whatever the text", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const letters = fc.constantFrom(..."aZßÀþÞ×÷ΑΣςωϢЀЯёҐİıſK \t\u00a0\u2003\r\n()".split(""))
      const piece = fc.oneof(
        letters,
        fc.constantFrom("((", "))", "((name))", "(( Имя\u00a0))", "(((x)))", "(( ))", `((${"n".repeat(101)}))`),
        fc.string({ unit: "binary", maxLength: 3 }).map((text) => text.replaceAll("\0", ""))
      )
      const texts = fc.sample(fc.array(piece, { maxLength: 14 }), 3_000).map((pieces) => pieces.join(""))
      const rows = yield* sql<{ keys: ReadonlyArray<string>; key: string }>`
        SELECT placeholders_of(t) AS keys, column_key(t) AS key
          FROM jsonb_array_elements_text(${JSON.stringify(texts)}::text::jsonb) WITH ORDINALITY AS u (t, ord) ORDER BY ord`
      assert.deepStrictEqual(
        rows,
        texts.map((text) => ({ keys: placeholdersOf(text), key: columnKey(text) }))
      )
      assert.isAbove(rows.filter(({ keys }) => keys.length > 1).length, 100)
    })
  )

  it.effect("are part of the audience's digest, and a run without values has the digest it always had", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { laneId } = yield* some({ numbers: [998900000001], values: { name: ["Ann"], city: ["Bukhara"] } })
      const bare = yield* sampleCampaign({
        workspace: yield* sampleWorkspace(),
        channels: [],
        numbers: [998900000001],
        state: "draft"
      })
      const number = Buffer.alloc(32)
      // one dimension, no nulls, type 20, one element from 1 on, of 8 octets
      for (const [i, word] of [1, 0, 20, 1, 1, 8].entries()) number.writeInt32BE(word, i * 4)
      number.writeBigInt64BE(998900000001n, 24)
      const head = [Buffer.of(0, 0, 0, 0, 1), number]
      const digestOf = (lane: number) =>
        sql`SELECT encode(digest, 'hex') AS leaf, encode(audience_digest, 'hex') AS root
              FROM audience a JOIN lane l ON l.id = a.lane_id WHERE l.id = ${lane}`
      const leaf = sha256(...head)
      assert.deepStrictEqual(yield* digestOf(bare.laneId), [{ leaf, root: leaf }])
      const filled = sha256(...head, Buffer.from('{"city": ["Bukhara"], "name": ["Ann"]}'))
      assert.deepStrictEqual(yield* digestOf(laneId), [{ leaf: filled, root: filled }])
    })
  )

  it.effect("are stored one a recipient and column, or refused", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { author, campaignId } = yield* some({ state: "draft" })
      const [lane] = yield* author(sql<{ id: number }>`SELECT add_lane(${campaignId}) AS id`)
      const loading = (runs: ReadonlyArray<string>, with_: ReadonlyArray<string | null> | null) =>
        author(sql`SELECT load_audience(${lane!.id}, ${runs}::text[], ${with_}::text[])`).pipe(
          Effect.match({ onFailure: ({ message, reason }) => `${reason}: ${message}`, onSuccess: () => "stored" })
        )
      const shape = "Invalid: each column has one value a recipient"
      const columns = "Invalid: values are given by up to 20 columns, the same for all recipients, by their keys"
      const text = "Invalid: a value is a text of up to 250 characters"
      const each = "Invalid: each run of an audience has values, or none has"
      const twenty = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`c${i}`, ["x"]]))
      assert.strictEqual(yield* loading(["{1,2}"], ['{"name": ["Ann"]}']), shape)
      assert.strictEqual(yield* loading(["{1}"], ['{"name": "Ann"}']), shape)
      assert.strictEqual(yield* loading(["{1}"], ['{"name": [7]}']), text)
      assert.strictEqual(yield* loading(["{1}"], [`{"name": ["${"n".repeat(3_000)}"]}`]), text)
      assert.strictEqual(yield* loading(["{1}"], ['{"Name": ["Ann"]}']), columns)
      assert.strictEqual(yield* loading(["{1}"], [JSON.stringify(twenty)]), columns)
      assert.strictEqual(yield* loading(["{1}", "{2}"], ['{"name": ["Ann"]}', '{"city": ["Ann"]}']), columns)
      assert.strictEqual(yield* loading(["{1}", "{2}"], ['{"name": ["Ann"]}']), each)
      assert.strictEqual(yield* loading(["{1}"], ['{"name": ["Ann"]}']), "stored")
      assert.strictEqual(yield* loading(["{2}"], null), each)
      assert.strictEqual(yield* loading(["{2}"], ['{"city": ["Bukhara"]}']), columns)
      assert.strictEqual(yield* loading(["{2}"], ['{"name": ["Bob"]}']), "stored")
      assert.deepStrictEqual(yield* sql`SELECT columns, recipients FROM lane WHERE id = ${lane!.id}`, [
        { columns: ["name"], recipients: 2 }
      ])
    })
  )

  it.effect(
    "come through the door with their numbers, those of the text's columns alone, and none of who is kept back",
    () =>
      Effect.gen(function* () {
        const { asEngine } = yield* TestDatabase
        const sql = yield* SqlClient
        const { channel, laneId, workspace } = yield* some({ run: 4 })
        yield* actAs(workspace.adminId, workspace.workspaceId)(sql`SELECT add_stops('{998900000006}', 'asked')`)
        const next = Effect.map(asEngine(claim(channel.channelId, channel.epoch, laneId, 3)), (it) =>
          it === undefined || isRest(it) ? undefined : [it.numbers, it.placeholderValues]
        )
        const given = (from: number, to: number, keptBack?: number) => [
          Array.from({ length: to - from }, (_, i) => (from + i === keptBack ? "" : `${998900000000 + from + i}`)).join(
            ","
          ),
          {
            name: names.slice(from, to).map((name, i) => (from + i === keptBack ? "" : name)),
            city: names.slice(from, to).map((name, i) => (from + i === keptBack ? "" : `City of ${name}`))
          }
        ]
        assert.deepStrictEqual(yield* next, given(0, 3))
        assert.deepStrictEqual(yield* next, given(3, 4))
        assert.deepStrictEqual(yield* next, given(4, 7, 6))
        assert.deepStrictEqual(yield* next, given(7, 8))
        assert.deepStrictEqual(yield* next, given(8, 10))
        assert.isUndefined(yield* next)
      })
  )

  it.effect("don't come without their column: the door stays shut rather than give somebody another's", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const { channel, laneId } = yield* some()
      yield* byForce(
        "audience",
        `UPDATE audience SET placeholder_values = placeholder_values - 'city' WHERE lane_id = ${laneId}`
      )
      const error = yield* Effect.flip(asEngine(claim(channel.channelId, channel.epoch, laneId, 3)))
      assert.deepStrictEqual(
        [error.reason, error.message],
        ["Conflict", `some of recipients 1 to 3 of lane ${laneId} have no value for ((city))`]
      )
    })
  )

  it.effect("need a column each before anybody is asked to approve, said by name with the columns there are", () =>
    Effect.gen(function* () {
      const { workspace, ...lacking } = yield* some({
        state: "draft",
        columns: { text: "((Name)) ((Where)) (( when ))" }
      })
      const submit = (campaignId: number) =>
        Effect.map(Effect.flip(pressAs(workspace, workspace.authorId, campaignId, "submit")), ({ message }) => message)
      assert.strictEqual(
        yield* submit(lacking.campaignId),
        `the text of campaign ${lacking.campaignId} has ((where)), ((when)), and its audience has the columns name, city, note; change the text, or load a file with such a column`
      )
      const bare = yield* sampleCampaign({ workspace, channels: [], state: "draft", columns: { text: TEXT } })
      assert.strictEqual(
        yield* submit(bare.campaignId),
        `the text of campaign ${bare.campaignId} has ((name)), ((city)), and its audience has no columns; change the text, or load a file with such a column`
      )
    })
  )

  it.effect(
    "are counted anew after the text was changed, by who sees values and no number, before it can be submitted",
    () =>
      Effect.gen(function* () {
        const { asPortal } = yield* TestDatabase
        const sql = yield* SqlClient
        const { author, campaignId, laneId, workspace } = yield* some({ state: "draft" })
        const asAuthor = yield* actor(workspace.authorId, workspace.workspaceId)
        const count = asPortal(recount(laneId, asAuthor))
        const submit = pressAs(workspace, workspace.authorId, campaignId, "submit")
        yield* author(Campaigns.edit(campaignId, { text: `${TEXT}${".".repeat(130)}` }))
        const words = `the messages of campaign ${campaignId} have not been counted since its text or its channels were changed; count them before you submit`
        assert.strictEqual((yield* Effect.flip(submit)).message, words)
        // "Dear , your shift is in City of " and 130: with a name of two letters, 166
        assert.deepStrictEqual(yield* count, { most: 2, messages: 20 })
        yield* author(Campaigns.edit(campaignId, { segments: 1 }))
        assert.strictEqual((yield* Effect.flip(submit)).message, words)
        yield* author(Campaigns.edit(campaignId, { text: "((name)): ((note))" }))
        assert.deepInclude(yield* Effect.flip(count), {
          reason: "no value",
          message:
            "10 of the recipients have no value for ((name)), ((note)). Load the file again: rows without one are then left out."
        })
        yield* author(Campaigns.edit(campaignId, { text: "((who))" }))
        assert.deepInclude(yield* Effect.flip(count), { reason: "no such column" })
        yield* author(Campaigns.edit(campaignId, { text: "((name))".repeat(800) }))
        assert.deepInclude(yield* Effect.flip(count), { reason: "text too long" })
        yield* author(Campaigns.edit(campaignId, { text: "Hi ((name))" }))
        assert.deepStrictEqual(yield* count, { most: 1, messages: 10 })
        assert.deepStrictEqual(yield* sql`SELECT segments FROM campaign WHERE id = ${campaignId}`, [{ segments: 1 }])
        assert.strictEqual(yield* submit, "in_review")
      })
  )

  it.effect(
    "are counted anew where other channels were chosen that have another alphabet, and not where they have the same",
    () =>
      Effect.gen(function* () {
        const { asPortal } = yield* TestDatabase
        const sql = yield* SqlClient
        const { author, campaignId, channel, laneId, workspace } = yield* some({ state: "draft" })
        const asAuthor = yield* actor(workspace.authorId, workspace.workspaceId)
        const recounted = asPortal(recountChanged(campaignId, asAuthor))
        const choose = (...ids: ReadonlyArray<number>) => author(sql`SELECT choose_channels(${laneId}, ${ids}::int[])`)
        const counted = Effect.map(
          sql<{ it: boolean }>`SELECT counted_for IS NOT NULL AS it FROM lane WHERE id = ${laneId}`,
          ([row]) => row!.it
        )
        yield* recounted
        const [same, other] = [yield* sampleChannel(workspace), yield* sampleChannel(workspace)]
        yield* sql`UPDATE channel SET charset = 'latin1' WHERE id = ${other.channelId}`
        yield* choose(same.channelId)
        assert.isTrue(yield* counted)
        yield* choose(channel.channelId, other.channelId)
        assert.isFalse(yield* counted)
        const submit = pressAs(workspace, workspace.authorId, campaignId, "submit")
        assert.match(
          (yield* Effect.flip(submit)).message,
          /have not been counted since its text or its channels were changed/
        )
        yield* recounted
        assert.strictEqual(yield* submit, "in_review")
      })
  )

  it.effect(
    "that differ in parts leave a ledger that adds up when their engine is gone, and when receipts never come",
    () =>
      Effect.gen(function* () {
        const { asEngine } = yield* TestDatabase
        const sql = yield* SqlClient
        const { campaignId, channel, laneId } = yield* some()
        const engine = new PretendEngine(channel, (seq) => [2, 1, 3, 1, 2][(seq - 1) % 5]!)
        const first = (yield* asEngine(engine.claim(laneId, 5)))!
        // of the second block nothing was ever heard
        yield* asEngine(engine.claim(laneId, 5))
        const answered = (nth: number, parts: ReadonlyArray<number>) =>
          parts.map((part) => ({ nth, part, verdict: "a" as const }))
        yield* asEngine(
          engine.flush([
            {
              block: first,
              answers: [...answered(0, [1, 2]), ...answered(1, [1]), ...answered(2, [1, 2]), ...answered(3, [1])]
            }
          ])
        )
        assert.strictEqual(first.letters, "aawaw")
        assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
        const epoch = (yield* asEngine(Channels.take(channel.channelId)))!
        const settled = yield* asEngine(Channels.settle(channel.channelId, epoch))
        assert.deepStrictEqual(settled, { blocks: 2, unknown: 7, resent: 0 })
        yield* byForce("block", `UPDATE block SET closed_at = closed_at - interval '40 days' WHERE lane_id = ${laneId}`)
        const { overdue } = yield* asEngine(Channels.findLate(channel.channelId))
        assert.strictEqual(yield* asEngine(Channels.endOverdue(channel.channelId, epoch, overdue)), 1)
        assert.deepStrictEqual(
          yield* sql`SELECT outcomes, accepted FROM block WHERE lane_id = ${laneId} ORDER BY first_seq`,
          [
            { outcomes: "kkkkk", accepted: 3 },
            { outcomes: "kkkkk", accepted: 0 }
          ]
        )
        // for each part of the four of whom something was accepted
        assert.deepStrictEqual(
          yield* sql`SELECT sum(cardinality(r.nth))::int AS n FROM receipt r JOIN block b ON b.id = r.block_id WHERE b.lane_id = ${laneId}`,
          [{ n: 7 }]
        )
        // recipient 3: two parts accepted, the third unknown; recipient 5: both unknown
        assert.deepStrictEqual(
          yield* sql`SELECT count(*)::int AS n FROM attempt a JOIN block b ON b.id = a.block_id, unnest(a.nth, a.verdict) AS u (nth, verdict)
                    WHERE b.lane_id = ${laneId} AND b.first_seq = 1 AND u.verdict = 'u'`,
          [{ n: 3 }]
        )
        assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("an audience that comes in ones and twos", (it) => {
  it.effect("goes out in runs of what has gathered, and its ledger adds up and is sealed", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const { campaignId, channel, laneId, numbers, workspace } = yield* some({ state: "in_review", run: 3 })
      // as if it had been fed
      yield* byForce("campaign", `UPDATE campaign SET mode = 'trigger' WHERE id = ${campaignId}`)
      yield* decideAs(workspace, workspace.moderatorId, campaignId)
      yield* Campaigns.move(campaignId, "open")
      const engine = new PretendEngine(channel, () => 1)
      const two = (yield* asEngine(engine.claim(laneId, 2)))!
      assert.strictEqual(two.claimed.numbers, numbers.slice(0, 2).join(","))
      const rest = (yield* asEngine(engine.claim(laneId, 1_000)))!
      assert.strictEqual(rest.claimed.numbers, numbers.slice(2).join(","))
      assert.deepStrictEqual(rest.claimed.placeholderValues!.name, names.slice(2))
      assert.isUndefined(yield* asEngine(engine.claim(laneId, 1_000)))
      const all = [two, rest].map((block) => ({
        block,
        answers: block.parts.map((_, nth) => ({ nth, part: 1, verdict: nth === 1 ? ("r" as const) : ("a" as const) }))
      }))
      yield* asEngine(engine.flush(all))
      const ledger = sql`SELECT string_agg(left(outcome, 1), '' ORDER BY seq) AS it FROM ledger WHERE lane_id = ${laneId}`
      assert.deepStrictEqual(yield* ledger, [{ it: "srsrssssss" }])
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      yield* asEngine(
        engine.flush(
          [two, rest].map((block) => ({
            block,
            receipts: block.parts.flatMap((_, nth) => (nth === 1 ? [] : [{ nth, part: 1, state: 2 }]))
          }))
        )
      )
      assert.deepStrictEqual(yield* ledger, [{ it: "drdrdddddd" }])
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
      const digests = sql`
        SELECT digest = sha256(int4send(first_seq) || array_send((${numbers}::bigint[])[first_seq:last_seq]) || outcomes::bytea) AS ok
          FROM block WHERE lane_id = ${laneId}`
      assert.deepStrictEqual(yield* digests, [{ ok: true }, { ok: true }])
      yield* pressAs(workspace, workspace.authorId, campaignId, "stop")
      while ((yield* asEngine(sealNext)) !== undefined);
      const finals =
        yield* sql`SELECT string_agg(letter, '' ORDER BY msisdn) AS it, count(*)::int AS n FROM final_outcomes(${campaignId})`
      assert.deepStrictEqual(finals, [{ it: "drdrdddddd", n: 10 }])
    })
  )
})
