/**
 * Makes proofs about numbers out of a sealed ledger (rules/ledger_seal.sql). It shows up to 128 numbers beside the one that is asked
 * for, so who asks is in the audit (`number.prove`).
 */
import { Effect } from "effect"
import { SqlClient, type SqlError, transaction } from "#schema/Database.ts"
import { digestIn, factsOf } from "./Facts.ts"
import { type LedgerProof, ProofError } from "./LedgerProof.ts"
import { type Entry, proveNumber } from "./NumberTree.ts"

/** What the database gives of a tree by number; of one without numbers nothing but its root. */
interface NearRuns {
  readonly root: string
  readonly leaves: ReadonlyArray<Uint8Array>
  readonly near: ReadonlyArray<{
    readonly index: number
    readonly numbers: ReadonlyArray<number>
    readonly letters: string
  }> | null
}

/** Of the campaigns that somebody could have meant, the newest. */
const SHOWN = 10

interface SealRow {
  readonly workspace_id: number
  readonly seq: number
  readonly hash: string
  readonly facts: string
}

/**
 * For who acts in the campaign's workspace (schema/people/Acting.ts) and may reveal numbers. number: E.164 digits. reason: why it is
 * asked, for the audit, as for a revealed number. What the database refuses, as a ledger that is not sealed yet or was erased, is an `SqlError`.
 */
export const proveAs = (
  campaignId: number,
  number: number,
  reason: string
): Effect.Effect<LedgerProof, ProofError | SqlError, SqlClient> =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.flatMap(
      sql<NearRuns>`SELECT p.root, p.leaves, p.near FROM number_proof(${campaignId}, ${number}::bigint, ${reason}) p`,
      ([found]) => proofOf(campaignId, number, found!)
    )
  )

/** For the owner, who is nobody in particular: the audit says that it was the command line. */
export const proveByOwner = (
  campaignId: number,
  number: number
): Effect.Effect<LedgerProof, ProofError | SqlError, SqlClient> =>
  transaction(
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const [found] = yield* sql<NearRuns & { workspace_id: number }>`
        SELECT c.workspace_id, p.root, p.leaves, p.near
          FROM campaign c CROSS JOIN LATERAL runs_near(c, ${number}::bigint) p WHERE c.id = ${campaignId}`
      if (found === undefined) {
        return yield* noCampaign(campaignId)
      }
      const proof = yield* proofOf(campaignId, number, found)
      const facts = JSON.stringify({ root: found.root, through: "command_line" })
      const personal = JSON.stringify({ number })
      yield* sql`SELECT audit_system(${found.workspace_id}, 'number.prove', 'campaign', ${campaignId}::bigint,
                                     ${facts}::text::jsonb, ${personal}::text::jsonb)`
      return proof
    })
  )

const noCampaign = Effect.fnUntraced(function* (campaignId: number) {
  const sql = yield* SqlClient
  const sealed = yield* sql<{ id: number }>`
    SELECT id FROM campaign WHERE ledger_sealed_at IS NOT NULL AND erased_at IS NULL ORDER BY id DESC LIMIT ${SHOWN + 1}`
  const ids = sealed.map(({ id }) => id)
  const known = `${ids.slice(0, SHOWN).join(", ")}${ids.length > SHOWN ? ", …" : ""}`
  const those = ids.length === 0 ? "no campaign has a sealed ledger yet" : `those with a sealed ledger: ${known}`
  return yield* new ProofError({ reason: "no campaign", message: `campaign ${campaignId} does not exist; ${those}` })
})

const proofOf = Effect.fnUntraced(function* (campaignId: number, number: number, { leaves, near, root }: NearRuns) {
  const sql = yield* SqlClient
  const [row] = yield* sql<SealRow>`
    SELECT workspace_id, seq, encode(hash, 'hex') AS hash, facts FROM audit
     WHERE workspace_id = (SELECT workspace_id FROM campaign WHERE id = ${campaignId})
       AND object = 'campaign' AND object_id = ${campaignId}::bigint AND action = 'ledger.seal'`
  if (row === undefined) {
    const message = `the row of the audit that sealed the ledger of campaign ${campaignId} was dropped when its time was over`
    return yield* new ProofError({ reason: "seal dropped", message })
  }
  if (digestIn(factsOf(row), "by_number") !== root) {
    const message = `the ledger of campaign ${campaignId} is not the one that row ${row.seq} of the audit sealed: it was changed since`
    return yield* new ProofError({ reason: "not as sealed", message })
  }
  const runs = (near ?? []).map(({ index, letters, numbers }) => ({
    index,
    entries: numbers.map((one, i): Entry => [one, letters[i]!])
  }))
  return {
    format: "countersign/number-proof/1",
    workspace_id: row.workspace_id,
    campaign_id: campaignId,
    by_number: root,
    sealed: { seq: row.seq, hash: row.hash },
    ...proveNumber(number, leaves, runs)
  } satisfies LedgerProof
})
