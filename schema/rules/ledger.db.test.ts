/** The ledger adds up whatever happens, says so when it does not, and is read a page at a time without reading it all. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import * as Channels from "#schema/channel/Channels.ts"
import { SqlClient } from "#schema/Database.ts"
import { giveBackLostClaims } from "#schema/ledger/Door.ts"
import { record } from "#schema/ledger/Outcomes.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type Answer, type PretendBlock, PretendEngine, type Receipt } from "#schema/testing/PretendEngine.ts"
import { byForce, pressAs, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** What may happen to a campaign; `a` and `b` choose which, how many and how. */
const verbs = [
  "claim",
  "claim",
  "answer",
  "answer",
  "answer",
  "receipt",
  "receipt",
  "giveBack",
  "again",
  "crash",
  "lostClaim"
]
  .concat("park", "overdue", "stopNumber", "pause", "stop")
  .map((verb) => verb as "claim")
type Step = readonly [verb: string, a: number, b: number]

const life = fc.record({
  numbers: fc.integer({ min: 1, max: 30 }),
  run: fc.integer({ min: 1, max: 12 }),
  segments: fc.integer({ min: 1, max: 2 }),
  onLostAnswer: fc.constantFrom("hold", "resend"),
  steps: fc.array(fc.tuple(fc.constantFrom(...verbs), fc.nat(1_000), fc.nat(1_000)), { minLength: 5, maxLength: 25 })
})

layer(TestDatabase.layer, { excludeTestServices: true })("the ledger", (it) => {
  it.effect(
    "adds up after every step of any life of a campaign, and nobody gets a message twice without its being approved",
    () =>
      Effect.gen(function* () {
        const context = yield* Effect.context<SqlClient | TestDatabase>()
        const workspace = yield* sampleWorkspace()
        const lives = fc.asyncProperty(life, (it) =>
          Effect.runPromiseWith(context)(
            Effect.gen(function* () {
              const channels = [yield* sampleChannel(workspace), yield* sampleChannel(workspace)]
              const columns = { segments: it.segments, on_lost_answer: it.onLostAnswer }
              const campaign = yield* sampleCampaign({ workspace, channels, numbers: it.numbers, run: it.run, columns })
              const world = new World(
                campaign,
                workspace,
                channels.map((c) => new PretendEngine(c, it.segments))
              )
              for (const step of it.steps) {
                yield* world.step(step)
                yield* adds(campaign.campaignId)
              }
              yield* world.finish
              yield* adds(campaign.campaignId)
              const { moving } = yield* Campaigns.progress(campaign.campaignId)
              assert.strictEqual(moving, 0)
              if (it.onLostAnswer === "hold") yield* onceEach(campaign.laneId)
              yield* viewAgrees(campaign)
              yield* (yield* SqlClient)`DELETE FROM stop_list`
            })
          )
        )
        yield* Effect.promise(() => fc.assert(lives, { numRuns: 40, endOnFailure: false }))
      }),
    120_000
  )

  /** The identity of product.md, section 7, and every figure counted anew. */
  const adds = Effect.fnUntraced(function* (campaignId: number) {
    const p = yield* Campaigns.progress(campaignId)
    const outcomes = p.delivered + p.undelivered + p.expired + p.rejected + p.unknown + p.suppressed + p.cancelled
    assert.strictEqual(p.audience, outcomes + p.moving)
    assert.isAtLeast(p.moving, 0)
    assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
  })

  /** No part of a recipient was accepted, or lost sight of, in two blocks. */
  const onceEach = Effect.fnUntraced(function* (laneId: number) {
    const sql = yield* SqlClient
    const twice = yield* sql`
      SELECT b.first_seq + t.nth AS seq, t.part FROM block b JOIN attempt a ON a.month = b.month AND a.block_id = b.id,
             unnest(a.nth, a.part, a.verdict) AS t (nth, part, verdict)
       WHERE b.lane_id = ${laneId} AND t.verdict IN ('a', 'u') GROUP BY 1, 2 HAVING count(*) > 1`
    assert.deepStrictEqual(twice, [])
  })

  /** The view, the pages and a number's history tell the same. */
  const viewAgrees = Effect.fnUntraced(function* ({
    campaignId,
    laneId,
    numbers
  }: {
    campaignId: number
    laneId: number
    numbers: ReadonlyArray<number>
  }) {
    const sql = yield* SqlClient
    const view = yield* sql<{ seq: number; msisdn: number; outcome: string }>`
      SELECT seq, msisdn, outcome FROM ledger WHERE lane_id = ${laneId} ORDER BY seq`
    assert.deepStrictEqual(
      view.map(({ msisdn }) => msisdn),
      [...numbers]
    )
    const pages: (typeof view)[number][] = []
    for (let after = 0; after < numbers.length; after += 7)
      pages.push(
        ...(yield* sql<{
          seq: number
          msisdn: number
          outcome: string
        }>`SELECT seq, msisdn, outcome FROM ledger_rows(${laneId}, ${after}, 7)`)
      )
    assert.deepStrictEqual(pages, [...view])
    const first =
      yield* sql`SELECT seq, outcome FROM number_history_in(ARRAY(SELECT id FROM workspace), ${numbers[0]!}::bigint) WHERE lane_id = ${laneId}`
    assert.deepStrictEqual(first, [{ seq: 1, outcome: view[0]!.outcome }])
    const { delivered, cancelled } = yield* Campaigns.progress(campaignId)
    assert.strictEqual(view.filter(({ outcome }) => outcome === "delivered").length, delivered)
    assert.strictEqual(view.filter(({ outcome }) => outcome === "cancelled").length, cancelled)
  })

  it.effect("names each figure that was tampered with", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { campaignId, laneId } = yield* sampleCampaign({ workspace, channels: [channel] })
      const engine = new PretendEngine(channel)
      const block = (yield* asEngine(engine.claim(laneId, 5)))!
      const answers: Array<Answer> = [0, 1, 2, 3, 4].map((nth) => ({ nth, part: 1, verdict: "a" }))
      yield* asEngine(
        engine.flush([{ block, answers, receipts: answers.map(({ nth, part }) => ({ nth, part, state: 2 })) }])
      )
      const { id } = block.claimed
      const names = Effect.map(Campaigns.checkLedger(campaignId), (rows) => rows.map(({ what }) => what).sort())
      assert.deepStrictEqual(yield* names, [])
      for (const [tamper, expected] of [
        [`UPDATE progress SET delivered = delivered + 1 WHERE lane_id = ${laneId}`, ["delivered"]],
        [`UPDATE block SET delivered = 4 WHERE id = ${id}`, [`delivered of block ${id}`]],
        [`UPDATE block SET outcomes = 'ddddu' WHERE id = ${id}`, [`digest of block ${id}`, `outcomes of block ${id}`]],
        [`UPDATE block SET digest = sha256('') WHERE id = ${id}`, [`digest of block ${id}`]],
        [`UPDATE lane SET next_seq = 9 WHERE id = ${laneId}`, ["claimed"]],
        [`UPDATE lane SET suppressed = 1 WHERE id = ${laneId}`, ["suppressed"]],
        [
          `UPDATE receipt SET state[1] = 5 WHERE block_id = ${id}`,
          [
            "delivered",
            `delivered of block ${id}`,
            `outcomes of block ${id}`,
            "undelivered",
            `undelivered of block ${id}`
          ]
        ],
        [`UPDATE audience SET msisdn[2] = 1 WHERE lane_id = ${laneId}`, [`digest of block ${id}`]],
        [
          `INSERT INTO block (month, workspace_id, lane_id, channel_id, epoch, first_seq, last_seq, closed_at)
            SELECT month, workspace_id, lane_id, channel_id, epoch, 5, 5, now() FROM block WHERE id = ${id}`,
          ["block \\d+ is closed and waits", "claimed", `lane ${laneId} has recipients in two blocks`]
        ]
      ] as const) {
        const found = yield* sql
          .withTransaction(
            Effect.gen(function* () {
              yield* byForce("audience", tamper)
              return yield* Effect.fail(yield* names)
            })
          )
          .pipe(Effect.flip)
        const told = found as ReadonlyArray<string>
        assert.strictEqual(told.length, expected.length, `${tamper}: ${told}`)
        for (const what of expected)
          assert.isTrue(
            told.some((one) => new RegExp(`^${what}$`).test(one)),
            `${tamper}: ${told}`
          )
      }
      assert.deepStrictEqual(yield* names, [])
    })
  )
})

/** Two engines, each on a channel of the same lane, and what befalls them. */
class World {
  /** closed blocks that no engine remembers: their receipts come late */
  private readonly forgotten = new Set<PretendBlock>()
  private said: ReadonlyArray<unknown> | undefined
  private readonly campaign: {
    readonly campaignId: number
    readonly laneId: number
    readonly numbers: ReadonlyArray<number>
  }
  private readonly people: { readonly workspaceId: number; readonly authorId: number }
  private readonly engines: Array<PretendEngine>

  constructor(campaign: World["campaign"], people: World["people"], engines: Array<PretendEngine>) {
    this.campaign = campaign
    this.people = people
    this.engines = engines
  }

  step([verb, a, b]: Step) {
    return Effect.gen({ self: this }, function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const engine = this.engines[a % 2]!
      const block = [...engine.blocks][b % Math.max(1, engine.blocks.size)]
      const { laneId, numbers } = this.campaign
      switch (verb) {
        case "claim":
          // refused while it is paused or stopped
          yield* Effect.ignore(asEngine(engine.claim(laneId, 1 + (b % 8))))
          break
        case "answer": {
          if (block === undefined) break
          const answers = waiting(block)
            .slice(0, 1 + (b % 5))
            .map((it, i) => ({ ...it, verdict: (["a", "a", "r", "t", "u", "a"] as const)[(a + i) % 6]! }))
          this.said = yield* asEngine(engine.flush([{ block, answers }]))
          break
        }
        case "receipt": {
          if (block === undefined) break
          const states = [2, 2, 5, 3, 8, 7, 1]
          const receipts = awaited(block)
            .slice(0, 1 + (b % 5))
            .map((it, i) => ({ ...it, state: states[(a + i) % 7]! }))
          // one that comes again changes nothing
          this.said = yield* asEngine(
            engine.flush([
              {
                block,
                receipts: [...receipts, ...receipts.slice(0, 1).map((it) => ({ ...it, state: 4 }))].filter(
                  ({ state }, i) => i < receipts.length || (state === 4 && receipts[0]!.state !== 1)
                )
              }
            ])
          )
          break
        }
        case "giveBack": {
          if (block === undefined) break
          const back = untouched(block).slice(b % 3)
          if (back.length > 0) yield* asEngine(engine.giveBack(block, back))
          break
        }
        case "again":
          if (this.said !== undefined) yield* Effect.ignore(asEngine(record(this.said)))
          break
        case "crash":
          yield* this.crash(a % 2)
          break
        case "lostClaim": {
          const known = [...engine.blocks].map((it) => it.claimed.id)
          const lost = yield* asEngine(engine.claim(laneId, 1 + (b % 8))).pipe(Effect.orElseSucceed(() => undefined))
          if (lost !== undefined) engine.blocks.delete(lost)
          yield* asEngine(giveBackLostClaims(engine.channel.channelId, engine.channel.epoch, known))
          break
        }
        case "park":
          yield* this.park(b)
          break
        case "overdue":
          yield* this.overdue(a % 2)
          break
        case "stopNumber":
          yield* sql`INSERT INTO stop_list (workspace_id, msisdn, cause) VALUES (${this.people.workspaceId}, ${numbers[b % numbers.length]!}, 'asked') ON CONFLICT DO NOTHING`
          break
        case "pause":
          yield* Effect.ignore(this.press(b % 2 === 0 ? "pause" : "resume"))
          break
        case "stop":
          if (b % 4 === 0) yield* Effect.ignore(this.press("stop"))
      }
    })
  }

  /** kill -9: the next owner settles what was open; what was closed and awaits receipts is nobody's memory. */
  private crash(which: number) {
    return Effect.gen({ self: this }, function* () {
      const { asEngine } = yield* TestDatabase
      const dead = this.engines[which]!
      const { channelId } = dead.channel
      const epoch = (yield* asEngine(Channels.take(channelId)))!
      yield* asEngine(Channels.settle(channelId, epoch))
      for (const block of dead.blocks) this.forgotten.add(block)
      this.engines[which] = new PretendEngine({ channelId, epoch }, dead.segments)
    })
  }

  /** Receipts of forgotten blocks come in, are parked, and matched. */
  private park(b: number) {
    return Effect.gen({ self: this }, function* () {
      const { asEngine } = yield* TestDatabase
      for (const engine of this.engines) {
        const { channelId, epoch } = engine.channel
        const parked = { key: ["never-sent"], msisdn: [0], state: [2], error: ["000"] }
        for (const block of this.forgotten)
          for (const { nth, part } of accepted(block).slice(b % 3, (b % 3) + 4)) {
            parked.key.push(block.messageId(nth, part))
            parked.msisdn.push(b % 2 === 0 ? 0 : this.campaign.numbers[block.claimed.firstSeq + nth - 1]!)
            parked.state.push(b % 5 === 0 ? 5 : 2)
            parked.error.push("000")
          }
        yield* asEngine(engine.flush([], parked))
        const { parked: found } = yield* asEngine(Channels.findLate(channelId))
        const free = found.filter((id) => [...engine.blocks].every((it) => it.claimed.id !== id))
        yield* asEngine(Channels.matchParked(channelId, epoch, free))
      }
    })
  }

  /** Receipts that never come, for blocks that nobody remembers. */
  private overdue(which: number) {
    return Effect.gen({ self: this }, function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const { blocks, channel } = this.engines[which]!
      yield* sql`UPDATE channel SET receipt_wait = '1 microsecond' WHERE id = ${channel.channelId}`
      const { overdue } = yield* asEngine(Channels.findLate(channel.channelId))
      const free = overdue.filter((id) => [...blocks].every((it) => it.claimed.id !== id))
      yield* asEngine(Channels.endOverdue(channel.channelId, channel.epoch, free))
      yield* sql`UPDATE channel SET receipt_wait = '72 hours' WHERE id = ${channel.channelId}`
    })
  }

  press(action: string) {
    return pressAs(this.people, this.people.authorId, this.campaign.campaignId, action)
  }

  /** Everything that can still go out does, and everything that was accepted ends. */
  readonly finish = Effect.gen({ self: this }, function* () {
    const { asEngine } = yield* TestDatabase
    yield* Effect.ignore(this.press("resume"))
    for (const engine of this.engines) {
      while (yield* asEngine(engine.claim(this.campaign.laneId, 50)).pipe(Effect.orElseSucceed(() => undefined)));
      for (const block of [...engine.blocks]) {
        yield* asEngine(engine.flush([{ block, answers: waiting(block).map((it) => ({ ...it, verdict: "a" })) }]))
        yield* asEngine(engine.flush([{ block, receipts: awaited(block).map((it) => ({ ...it, state: 2 })) }]))
      }
    }
    yield* this.crash(0)
    yield* this.crash(1)
    yield* this.overdue(0)
    yield* this.overdue(1)
  })
}

const places = (block: PretendBlock) =>
  block.parts.flatMap((parts, nth) =>
    /[s-]/.test(block.letter(nth)) ? [] : parts.map((known, i) => ({ known, nth, part: i + 1 }))
  )
const place = ({ nth, part }: { nth: number; part: number }) => ({ nth, part })
const waiting = (block: PretendBlock): Array<Omit<Answer, "verdict">> =>
  places(block)
    .filter(({ known }) => known.verdict === undefined || known.verdict === "t")
    .map(place)
const accepted = (block: PretendBlock) =>
  places(block)
    .filter(({ known }) => known.verdict === "a")
    .map(place)
const awaited = (block: PretendBlock): Array<Omit<Receipt, "state">> =>
  places(block)
    .filter(({ known }) => known.verdict === "a" && known.receipt === undefined)
    .map(place)
/** Of whom no part has an answer for good. */
const untouched = (block: PretendBlock) =>
  block.parts.flatMap((parts, nth) =>
    block.letter(nth) === "w" && parts.every(({ verdict }) => verdict === undefined || verdict === "t") ? [nth] : []
  )
