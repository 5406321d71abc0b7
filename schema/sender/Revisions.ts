/**
 * Revisions of a sender: proposed by one, decided by another, never changed. What a reviewer reads is what would change
 * against the revision in force (`differences`), and who else may use the name.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

/** A source address, and how the destination is addressed, as they go on the wire (SMPP 3.4, 5.2.5 to 5.2.9). */
export interface Address {
  readonly saddr: string
  /** 0 to 6 */
  readonly source_addr_ton: number
  /** 0 to 18 */
  readonly source_addr_npi: number
  readonly dest_addr_ton: number
  readonly dest_addr_npi: number
}

export interface Proposal extends Partial<Omit<Address, "saddr">> {
  readonly saddr: string
  /** What the name is for; whoever decides reads it. */
  readonly reason: string
}

/** Proposes a revision; types and plans that are not given are the usual ones for a name or a number. Gives its id. */
export const submit = Effect.fn("Revisions.submit")(function* (senderId: number, proposed: Proposal) {
  const sql = yield* SqlClient
  const [made] = yield* sql<{ id: number }>`
    SELECT submit_revision(${senderId}, ${proposed.saddr}, ${proposed.reason}, ${proposed.source_addr_ton ?? null},
      ${proposed.source_addr_npi ?? null}, ${proposed.dest_addr_ton ?? null}, ${proposed.dest_addr_npi ?? null}) AS id`
  return made!.id
}, Effect.mapError(refused))

/** Decides, once, on what somebody else proposed; a rejection has a note. */
export const decide = Effect.fn("Revisions.decide")(function* (
  revisionId: number,
  decision: "approve" | "reject",
  note?: string
) {
  const sql = yield* SqlClient
  yield* sql`SELECT decide_revision(${revisionId}, ${decision}, ${note ?? null})`
}, Effect.mapError(refused))

/** A revision that waits for a decision. */
export interface PendingRevision extends Address {
  readonly id: number
  readonly workspace_id: number
  readonly sender_id: number
  readonly label: string
  readonly revision: number
  readonly reason: string
  readonly made_by: number
  readonly maker: string
  readonly made_at: Date
  /** How long it has waited, in seconds. */
  readonly age_seconds: number
  /** What is in force now; null: nothing yet. */
  readonly in_force: Address | null
  /** How many other workspaces may use the name. */
  readonly others: number
}

/** The queue of the workspace acted in (in Master: of all), the oldest first. What is in the archive waits for nobody. */
export const pending = Effect.fn("Revisions.pending")(function* () {
  const sql = yield* SqlClient
  return yield* sql<PendingRevision>`
    SELECT r.id, r.workspace_id, r.sender_id, s.label, r.revision, r.reason, r.made_by, p.name AS maker, r.made_at,
           extract(epoch FROM now() - r.made_at)::float8 AS age_seconds,
           r.saddr, r.source_addr_ton, r.source_addr_npi, r.dest_addr_ton, r.dest_addr_npi,
           (SELECT jsonb_build_object('saddr', f.saddr, 'source_addr_ton', f.source_addr_ton, 'source_addr_npi', f.source_addr_npi,
                                      'dest_addr_ton', f.dest_addr_ton, 'dest_addr_npi', f.dest_addr_npi)
              FROM sender_revision f WHERE f.sender_id = s.id AND f.status = 'approved' ORDER BY f.revision DESC LIMIT 1) AS in_force,
           others_who_may_use(r.id) AS others
      FROM sender_revision r JOIN sender s ON s.id = r.sender_id LEFT JOIN person p ON p.id = r.made_by
     WHERE r.status = 'pending' AND s.archived_at IS NULL ORDER BY r.id`
}, Effect.mapError(refused))

/** How many wait in that queue. */
export const countPending = Effect.fn("Revisions.countPending")(function* () {
  const sql = yield* SqlClient
  const [found] = yield* sql<{ waiting: number }>`
    SELECT count(*)::int AS waiting FROM sender_revision r JOIN sender s ON s.id = r.sender_id
     WHERE r.status = 'pending' AND s.archived_at IS NULL`
  return found!.waiting
}, Effect.mapError(refused))

export interface Revision extends Address {
  readonly id: number
  readonly revision: number
  readonly reason: string
  readonly status: "pending" | "approved" | "rejected"
  readonly made_by: number
  readonly maker: string | null
  readonly made_at: Date
  readonly decided_by: number | null
  readonly decider: string | null
  readonly decided_at: Date | null
  readonly note: string | null
}

/** All revisions of a sender, the newest first. */
export const history = Effect.fn("Revisions.history")(function* (senderId: number) {
  const sql = yield* SqlClient
  return yield* sql<Revision>`
    SELECT r.id, r.revision, r.reason, r.status, r.made_by, m.name AS maker, r.made_at, r.decided_by, d.name AS decider, r.decided_at, r.note,
           r.saddr, r.source_addr_ton, r.source_addr_npi, r.dest_addr_ton, r.dest_addr_npi
      FROM sender_revision r LEFT JOIN person m ON m.id = r.made_by LEFT JOIN person d ON d.id = r.decided_by
     WHERE r.sender_id = ${senderId} ORDER BY r.revision DESC`
}, Effect.mapError(refused))

/** Whose revision it is; undefined: there is none in what one sees. */
export const senderOf = Effect.fn("Revisions.senderOf")(function* (revisionId: number) {
  const sql = yield* SqlClient
  const [found] = yield* sql<{ sender_id: number }>`SELECT sender_id FROM sender_revision WHERE id = ${revisionId}`
  return found?.sender_id
}, Effect.mapError(refused))

/** What deciding on it would be refused with; null: it would not. */
export const whyNot = Effect.fn("Revisions.whyNot")(function* (revisionId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ why: string | null }>`SELECT why_not_decide_revision(${revisionId}) AS why`
  return rows[0]!.why
}, Effect.mapError(refused))

/** How many other workspaces may send under this revision's name: 0 unless the installation granted it to them too. */
export const othersWhoMayUse = Effect.fn("Revisions.othersWhoMayUse")(function* (revisionId: number) {
  const sql = yield* SqlClient
  const [found] = yield* sql<{ others: number }>`SELECT others_who_may_use(${revisionId}) AS others`
  return found!.others
}, Effect.mapError(refused))

const FIELDS = ["saddr", "source_addr_ton", "source_addr_npi", "dest_addr_ton", "dest_addr_npi"] as const

export interface Difference {
  readonly field: (typeof FIELDS)[number]
  /** null: there was nothing before */
  readonly before: string | number | null
  readonly after: string | number
}

/** What a revision changes against another, field by field in the order of `Address`; against nothing, all of it. */
export const differences = (before: Address | null, after: Address): ReadonlyArray<Difference> =>
  FIELDS.flatMap((field) =>
    before?.[field] === after[field] ? [] : [{ field, before: before?.[field] ?? null, after: after[field] }]
  )
