/**
 * Two people press at once, again and again: pairs of transactions of which one order must come out, never both and never a
 * deadlock. Each race is set up anew by the owner, run by the portal's role with two living sessions, and looked at afterwards.
 */
import { Effect, Schema } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import type { Acting } from "#schema/people/Acting.ts"
import { Refused } from "#schema/Refused.ts"
import {
  type SampleChannel,
  type SampleWorkspace,
  sampleCampaign,
  sampleChannel,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"

/** Runs an effect in the portal's role, on a pool of its own. */
export type AsPortal = <A, E>(effect: Effect.Effect<A, E, SqlClient>) => Effect.Effect<A, E>

export interface Arena {
  readonly asPortal: AsPortal
  readonly workspace: SampleWorkspace
  readonly neighbour: SampleWorkspace
  readonly channel: SampleChannel
  /** Living sessions of the workspace's people, and of the neighbour's admin. */
  readonly as: Record<"author" | "flagged" | "moderator" | "admin" | "neighbour", Acting>
}

/** What one side of a race came to: the state it made, or why it was refused. */
type Side = string

/** Refused in words is an outcome; anything else, a deadlock first of all, is a fault. */
const side = (effect: Effect.Effect<unknown, unknown, SqlClient>): Effect.Effect<Side, unknown, SqlClient> =>
  effect.pipe(
    Effect.map(String),
    Effect.catchIf(
      (error) => error instanceof Refused && error.reason !== "DatabaseGone",
      (error) => Effect.succeed((error as Refused).reason)
    )
  )

const statement = (text: string) => Effect.flatMap(SqlClient, (sql) => sql.unsafe(text))

const moves = (campaignId: number) =>
  Effect.flatMap(
    SqlClient,
    (sql) =>
      sql<{ action: string }>`SELECT action FROM campaign_transition WHERE campaign_id = ${campaignId} ORDER BY id`
  ).pipe(Effect.map((rows) => rows.map(({ action }) => action).join(" ")))

/** A race gives its outcome in a word or two, for counting; it fails with what must never be. */
export type Race = (arena: Arena, round: number) => Effect.Effect<string, unknown, SqlClient>

/** What must never be. */
export class BothOrNeither extends Schema.TaggedError<BothOrNeither>()("BothOrNeither", { message: Schema.String }) {}

const never = (message: string) => Effect.fail(new BothOrNeither({ message }))

/** Who is begun first changes with the round, and waits for up to two milliseconds, so that either may come first. */
const both = (round: number, { asPortal }: Arena, one: Effect.Effect<Side, unknown, SqlClient>, other: typeof one) =>
  Effect.map(
    Effect.forEach(
      round % 2 === 0 ? [one, other] : [other, one],
      (pressed, i) => asPortal(Effect.delay(pressed, i === 0 ? ((round * 7919) % 5) / 2 : 0)),
      { concurrency: "unbounded" }
    ),
    (sides) => (round % 2 === 0 ? sides : sides.toReversed()) as [Side, Side]
  )

/** Two approvals, the second of which completes the count. */
export const twoApprovals: Race = (arena, round) =>
  Effect.gen(function* () {
    const { as, channel, workspace } = arena
    const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state: "in_review", numbers: 1 })
    const fingerprint = yield* Campaigns.fingerprint(campaignId)
    const approve = Campaigns.decide(campaignId, { decision: "approve", fingerprint })
    const sides = yield* both(round, arena, side(as.moderator(approve)), side(as.flagged(approve)))
    const moved = yield* moves(campaignId)
    if (moved !== "submit approve" || sides.toSorted().join(" ") !== "in_review scheduled")
      return yield* never(`two approvals came to ${sides.join(" and ")}, moves ${moved}`)
    return sides[0] === "scheduled" ? "the moderator completed it" : "the other completed it"
  })

/** An approval of what was read, against an edit of it. */
export const editAgainstApproval: Race = (arena, round) =>
  Effect.gen(function* () {
    const { as, channel, workspace } = arena
    const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state: "in_review", numbers: 1 })
    const fingerprint = yield* Campaigns.fingerprint(campaignId)
    // one of two approvals is there; this one would complete it
    yield* arena.asPortal(as.flagged(Campaigns.decide(campaignId, { decision: "approve", fingerprint })))
    const edit = as.author(
      Effect.andThen(Campaigns.move(campaignId, "revise"), Campaigns.edit(campaignId, { text: `Edited ${round}` }))
    )
    const [approved, edited] = yield* both(
      round,
      arena,
      side(as.moderator(Campaigns.decide(campaignId, { decision: "approve", fingerprint }))),
      side(edit)
    )
    const sql = yield* SqlClient
    const [after] = yield* sql<{ state: string; text: string; standing: number }>`
      SELECT state, text, approvals_standing(id) AS standing FROM campaign WHERE id = ${campaignId}`
    const moved = yield* moves(campaignId)
    const either =
      moved === "submit revise"
        ? approved === "Conflict"
        : moved === "submit approve revise" && approved === "scheduled"
    if (edited !== "undefined" || !either || after!.state !== "draft" || after!.standing !== 0)
      return yield* never(`approval ${approved}, edit ${edited}, moves ${moved}, then ${JSON.stringify(after)}`)
    return approved === "scheduled" ? "approved, then edited" : "edited, and not approved"
  })

/** Somebody presses Start, somebody else Stop. */
export const stopAgainstStart: Race = (arena, round) =>
  Effect.gen(function* () {
    const { as, channel, workspace } = arena
    const { campaignId } = yield* sampleCampaign({
      workspace,
      channels: [channel],
      state: "scheduled",
      numbers: 1,
      columns: { starts_automatically: "false" }
    })
    const [started, stopped] = yield* both(
      round,
      arena,
      side(as.author(Campaigns.move(campaignId, "start"))),
      side(as.moderator(Campaigns.move(campaignId, "stop")))
    )
    const moved = yield* moves(campaignId)
    const order =
      moved === "submit approve stop"
        ? started === "Conflict" && "stopped, never started"
        : moved === "submit approve start stop" && started === "sending" && "started, then stopped"
    if (order === false || stopped !== "cancelled")
      return yield* never(`start ${started}, stop ${stopped}, moves ${moved}`)
    return order
  })

/** Two workspaces want one sender name, each in letters of its own. */
export const oneSenderName: Race = (arena, round) =>
  Effect.gen(function* () {
    const { as } = arena
    const word = [...String(round).padStart(5, "0")].map((digit) => "bcdghjkmnp"[Number(digit)]).join("")
    const claim = (acting: Acting, saddr: string) =>
      side(
        acting(
          Effect.gen(function* () {
            const sql = yield* SqlClient
            const [sender] = yield* sql<{ id: number }>`SELECT create_sender(${`${saddr} of ${round}`}) AS id`
            yield* sql`SELECT submit_revision(${sender!.id}, ${saddr}, 'for the race')`
            return "mine"
          })
        )
      )
    const [mine, theirs] = yield* both(
      round,
      arena,
      claim(as.admin, `C${word}`),
      claim(as.neighbour, `c${word.toUpperCase()}`)
    )
    const winners = [mine, theirs].filter((outcome) => outcome === "mine").length
    if (winners !== 1 || ![mine, theirs].includes("Conflict"))
      return yield* never(`a name came to ${mine} and ${theirs}`)
    return mine === "mine" ? "the workspace has it" : "the neighbour has it"
  })

export const races: Record<string, { readonly race: Race; readonly approvals: number }> = {
  "two approvals that complete the count": { race: twoApprovals, approvals: 2 },
  "an edit against an approval": { race: editAgainstApproval, approvals: 2 },
  "a stop against a start": { race: stopAgainstStart, approvals: 1 },
  "two claims of one sender name": { race: oneSenderName, approvals: 1 }
}

/** Runs one race so often; gives how often each order came out. Fails at the first that must not be. */
export const runRace = Effect.fnUntraced(function* (name: string, rounds: number, asPortal: AsPortal) {
  const { approvals, race } = races[name]!
  const workspace = yield* sampleWorkspace({ approvals_needed: approvals })
  const neighbour = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const inWorkspace = (id: number) => actor(id, workspace.workspaceId)
  const arena: Arena = {
    asPortal,
    workspace,
    neighbour,
    channel,
    as: {
      author: yield* inWorkspace(workspace.authorId),
      flagged: yield* inWorkspace(workspace.flaggedId),
      moderator: yield* inWorkspace(workspace.moderatorId),
      admin: yield* inWorkspace(workspace.adminId),
      neighbour: yield* actor(neighbour.adminId, neighbour.workspaceId)
    }
  }
  const orders: Record<string, number> = {}
  for (let round = 0; round < rounds; round++) {
    const order = yield* race(arena, round)
    orders[order] = (orders[order] ?? 0) + 1
  }
  const broken = yield* statement(
    `SELECT a.seq FROM audit a WHERE a.workspace_id = ${workspace.workspaceId}
        AND (a.hash <> audit_hash(a) OR a.previous <> coalesce((SELECT p.hash FROM audit p WHERE p.workspace_id = a.workspace_id AND p.seq = a.seq - 1), a.previous))`
  )
  if (broken.length > 0) return yield* never(`the chain is broken at ${JSON.stringify(broken[0])}`)
  return orders
})
