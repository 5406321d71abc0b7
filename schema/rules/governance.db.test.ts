/**
 * Whatever several people and the engine do in whatever order: nothing is sent without the approvals its workspace asks for, by
 * people who made or edited no part of it; the ledger adds up; the chain verifies. What is allowed is written here a second
 * time, from the product's words: the database is only asked what happened.
 */
import { assert, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import { rowsOf } from "#schema/audit/Audits.ts"
import { Chain } from "#schema/audit/Chain.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient, SqlError, sqlState } from "#schema/Database.ts"
import { ClaimError } from "#schema/ledger/Door.ts"
import { type Acting, actAs } from "#schema/people/Acting.ts"
import { Refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import {
  type SampleChannel,
  type SampleWorkspace,
  sampleCampaign,
  sampleChannel,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"

const WHO = ["author", "flagged", "moderator", "admin", "neighbour"] as const
type Who = (typeof WHO)[number]

/** Those that lead on are there more often, so that most histories come somewhere. */
const VERBS = [
  ...["edit", "load", "submit", "submit", "submit", "approve", "approve", "approve", "approve", "approveOld", "revise"],
  ...["reject", "requestChanges", "start", "pause", "resume", "stop", "archive", "restore", "askForMore"],
  ...["open", "open", "open", "claim", "claim", "claim", "answer", "answer", "close"]
] as const
type Step = readonly [verb: (typeof VERBS)[number], who: Who, pick: number]

const steps = fc.array(fc.tuple(fc.constantFrom(...VERBS), fc.constantFrom(...WHO), fc.nat(9)), {
  minLength: 20,
  maxLength: 60
})

/** One campaign, what was done to it, and who did it. */
/** What the rules say no to, by whichever way it is told; anything else is a fault, and fails the test. */
const isRefusal = (error: unknown): boolean =>
  ((error instanceof Refused || error instanceof ClaimError) && error.reason !== "DatabaseGone") ||
  (error instanceof SqlError && (sqlState(error) ?? "").startsWith("CS"))

class Case {
  private readonly makers = new Set<Who>(["author"])
  /** Who approved what it is now. */
  private approvals = new Set<Who>()
  private needed = 1
  private state = "draft"
  private lane: number | undefined
  private loaded = 0
  private oldFingerprint = "00".repeat(32)
  private readonly engine: PretendEngine
  private readonly as: Record<Who, Acting>
  private readonly id: number
  private readonly workspace: SampleWorkspace

  constructor(id: number, lane: number, workspace: SampleWorkspace, channel: SampleChannel, as: Record<Who, Acting>) {
    this.id = id
    this.lane = lane
    this.workspace = workspace
    this.as = as
    this.engine = new PretendEngine(channel)
  }

  /** What a step came to: whether the database let it be. */
  private tried(effect: Effect.Effect<unknown, unknown, SqlClient>) {
    return effect.pipe(
      Effect.as(true),
      Effect.catchIf(isRefusal, () => Effect.succeed(false))
    )
  }

  private readonly stateNow = Effect.gen({ self: this }, function* () {
    const sql = yield* SqlClient
    const [row] = yield* sql<{ state: string }>`SELECT state FROM campaign WHERE id = ${this.id}`
    return row!.state
  })

  private perform([verb, who, pick]: Step) {
    const { id } = this
    const as = this.as[who]
    const ask = (text: string) => as(Effect.flatMap(SqlClient, (sql) => sql.unsafe(text)))
    const decide = (decision: Campaigns.Decision["decision"], fingerprint: string) =>
      as(Campaigns.decide(id, { decision, fingerprint, note: "no" }))
    switch (verb) {
      case "edit":
        return as(Campaigns.edit(id, { text: `Version ${pick}` }))
      case "load":
        return Effect.andThen(
          ask(`SELECT load_audience(${this.lane}, '{"{${998_900_000_000 + ++this.loaded}}"}')`),
          ask(`SELECT seal_audience(${this.lane})`)
        )
      case "approve":
        return Effect.flatMap(Campaigns.fingerprint(id), (fingerprint) => decide("approve", fingerprint ?? "00"))
      case "approveOld":
        return decide("approve", this.oldFingerprint)
      case "reject":
        return Effect.flatMap(Campaigns.fingerprint(id), (fingerprint) => decide("reject", fingerprint ?? "00"))
      case "requestChanges":
        return Effect.flatMap(Campaigns.fingerprint(id), (fingerprint) =>
          decide("request_changes", fingerprint ?? "00")
        )
      case "archive":
        return ask(`SELECT archive_campaign(${id})`)
      case "restore":
        return ask(`SELECT restore_campaign(${id})`)
      default:
        return as(Campaigns.move(id, verb))
    }
  }

  private engineDoes(verb: Step[0], pick: number) {
    return Effect.gen({ self: this }, function* () {
      const { asEngine } = yield* TestDatabase
      const block = [...this.engine.blocks][0]
      if (verb === "claim") yield* asEngine(this.engine.claim(this.lane!, 1 + pick))
      else if (verb === "answer" && block !== undefined) {
        const answers = block.parts.map((_, nth) => ({
          nth,
          part: 1,
          verdict: pick % 3 === 0 ? ("r" as const) : ("a" as const)
        }))
        yield* asEngine(this.engine.flush([{ block, answers }]))
      } else if (verb === "open" || verb === "close") yield* asEngine(Campaigns.move(this.id, verb))
    })
  }

  step(step: Step): Effect.Effect<void, unknown, SqlClient | TestDatabase> {
    return Effect.gen({ self: this }, function* () {
      const [verb, who, pick] = step
      const sql = yield* SqlClient
      const before = this.state
      if (verb === "askForMore") {
        this.needed = 1 + (pick % 3)
        yield* sql`UPDATE workspace SET approvals_needed = ${this.needed} WHERE id = ${this.workspace.workspaceId}`
        return
      }
      const isEngines = ["open", "claim", "answer", "close"].includes(verb)
      const done = isEngines
        ? yield* this.tried(this.engineDoes(verb, pick) as never)
        : yield* this.tried(this.perform(step))
      this.state = yield* this.stateNow
      this.note(verb, who, done && !isEngines)
      if (this.state === "sending" && before !== "sending" && before !== "paused") {
        assert.isAtLeast(this.approvals.size, this.needed, `${verb} by ${who}`)
        assert.deepStrictEqual(
          [...this.approvals].filter(
            (approver) => this.makers.has(approver) || ["author", "neighbour"].includes(approver)
          ),
          []
        )
      }
      if (verb === "claim" && this.engine.blocks.size > 0 && done) assert.notStrictEqual(this.state, "draft")
    })
  }

  private note(verb: Step[0], who: Who, done: boolean) {
    if (!done) return
    assert.notStrictEqual(who, "neighbour", `the neighbour did ${verb}`)
    if (verb === "edit" || verb === "load") {
      this.makers.add(who)
      this.approvals = new Set()
    }
    if (verb === "submit" || verb === "revise" || verb === "requestChanges") this.approvals = new Set()
    if (verb === "approve" || verb === "approveOld") this.approvals.add(who)
  }

  /** Remembers what could have been approved once. */
  readonly remember = Effect.gen({ self: this }, function* () {
    this.oldFingerprint = (yield* Campaigns.fingerprint(this.id)) ?? this.oldFingerprint
  })
}

layer(TestDatabase.layer, { excludeTestServices: true })("governance", (it) => {
  it.effect(
    "holds at every step of anything that people and the engine may do in any order, and its ledger and chain at the end",
    () =>
      Effect.gen(function* () {
        const { asPortal } = yield* TestDatabase
        const neighbour = yield* sampleWorkspace()
        const services = yield* Effect.context<SqlClient | TestDatabase>()
        let sent = 0
        const property = fc.asyncProperty(steps, (sequence) =>
          Effect.runPromise(
            Effect.gen(function* () {
              const sql = yield* SqlClient
              const workspace = yield* sampleWorkspace()
              const channel = yield* sampleChannel(workspace)
              const own = (id: number): Effect.Effect<Acting, unknown, SqlClient> =>
                Effect.map(
                  actor(id, workspace.workspaceId),
                  (as): Acting =>
                    (effect) =>
                      asPortal(as(effect)) as never
                )
              const stranger = yield* actor(neighbour.adminId, neighbour.workspaceId)
              const as: Record<Who, Acting> = {
                author: yield* own(workspace.authorId),
                flagged: yield* own(workspace.flaggedId),
                moderator: yield* own(workspace.moderatorId),
                admin: yield* own(workspace.adminId),
                neighbour: (effect) => asPortal(stranger(effect)) as never
              }
              const made = yield* actAs(
                workspace.authorId,
                workspace.workspaceId
              )(
                Campaigns.create(
                  { name: "Any", text: "Version 0", segments: 1, senderRevisionId: workspace.senderRevisionId },
                  [channel.channelId]
                )
              )
              const it = new Case(made.campaignId, made.laneId, workspace, channel, as)
              // most histories should come far enough to be interesting
              for (const step of [["load", "author", 0], ["submit", "author", 0], ...sequence] as ReadonlyArray<Step>) {
                yield* it.step(step)
                if (step[2] === 0) yield* it.remember
              }
              const progress = yield* Campaigns.progress(made.campaignId)
              const outcomes = [
                "delivered",
                "undelivered",
                "expired",
                "rejected",
                "unknown",
                "suppressed",
                "cancelled",
                "moving"
              ]
              assert.strictEqual(
                progress.audience,
                outcomes.reduce((sum, name) => sum + (progress[name as "moving"] ?? 0), 0)
              )
              assert.deepStrictEqual(yield* Campaigns.checkLedger(made.campaignId), [])
              assert.deepStrictEqual(yield* faults(workspace.workspaceId), [])
              if (progress.state !== "draft" && progress.accepted + progress.rejected > 0) sent++
              yield* sql`UPDATE channel SET enabled = false WHERE id = ${channel.channelId}`
            }).pipe(Effect.provide(services))
          )
        )
        yield* Effect.promise(() => fc.assert(property, { numRuns: 60 }))
        assert.isAbove(sent, 0, "some of these histories sent something")
      }),
    120_000
  )
})

/** What the verifier has to say against a workspace's chain. */
const faults = (workspaceId: number) =>
  Effect.map(Stream.runCollect(rowsOf(workspaceId)), (batches) => {
    const chain = new Chain(workspaceId)
    for (const row of [...batches].flat()) {
      const fault = chain.take(row)
      if (fault !== undefined) return [fault]
    }
    return [chain.end()].filter((fault) => fault !== undefined)
  })

layer(TestDatabase.layer, { excludeTestServices: true })("the chain", (it) => {
  it.effect("shows any one byte that was changed in any of its rows", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      yield* sampleCampaign({ workspace, channels: [channel], numbers: 3 })
      const { workspaceId } = workspace
      assert.deepStrictEqual(yield* faults(workspaceId), [])
      const [{ rows }] = (yield* sql`SELECT count(*)::int AS rows FROM audit WHERE workspace_id = ${workspaceId}`) as [
        { rows: number }
      ]
      assert.isAtLeast(rows, 4)
      // each column's change in one bit or one character, wherever it can be made in the table at all
      const changes = fc.record({
        seq: fc.integer({ min: 1, max: rows }),
        at: fc.nat(10_000),
        column: fc.constantFrom(
          "facts",
          "personal",
          "salt",
          "personal_digest",
          "previous",
          "hash",
          "role",
          "action",
          "object",
          "at",
          "person_id",
          "object_id"
        )
      })
      const changed = ({ at, column }: { at: number; column: string }) => {
        if (["salt", "personal_digest", "previous", "hash"].includes(column))
          return `set_byte(${column}, ${at} % length(${column}), get_byte(${column}, ${at} % length(${column})) # ${1 << (at % 8)})`
        if (column === "at") return "at + interval '1 microsecond'"
        if (column === "person_id") return "NULL"
        if (column === "object_id") return "object_id # 1"
        return `overlay(${column} placing CASE WHEN substr(${column}, 1 + ${at} % length(${column}), 1) = 'x' THEN 'y' ELSE 'x' END from 1 + ${at} % length(${column}) for 1)`
      }
      const services = yield* Effect.context<SqlClient>()
      const property = fc.asyncProperty(changes, (change) =>
        Effect.runPromise(
          Effect.gen(function* () {
            const client = yield* SqlClient
            const outcome = yield* Effect.flip(
              client.withTransaction(
                Effect.gen(function* () {
                  yield* client.unsafe("ALTER TABLE audit DISABLE TRIGGER USER")
                  const touched = yield* client.unsafe(
                    `UPDATE audit SET ${change.column} = ${changed(change)} WHERE workspace_id = ${workspaceId} AND seq = ${change.seq} AND ${change.column} IS NOT NULL RETURNING seq`
                  )
                  return yield* Effect.fail({ touched: touched.length, found: yield* faults(workspaceId) })
                })
              )
            )
            if (!("found" in outcome)) return assert.fail(JSON.stringify(outcome))
            assert.strictEqual(outcome.found.length, outcome.touched, JSON.stringify(change))
          }).pipe(Effect.provide(services))
        )
      )
      yield* Effect.promise(() => fc.assert(property, { numRuns: 200 }))
    })
  )
})
