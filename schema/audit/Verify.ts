/** A whole chain verified: in a database, or in an export's file with no database at all. Rows in, findings or the first fault out. */
import { Effect, Stream } from "effect"
import { SqlClient, SqlError } from "#schema/Database.ts"
import type { Acting } from "#schema/people/Acting.ts"
import { Refused, refused } from "#schema/Refused.ts"
import { type AuditFault, BEFORE_ALL, fault } from "./AuditRow.ts"
import { type ChainHead, chainHead, checkpointsOf, rowsOf, snapshot } from "./Audits.ts"
import type { Checkpoint } from "./Checkpoint.ts"
import type { ExportHeader } from "./Export.ts"
import { ExportError, readExport } from "./ExportReader.ts"
import { type Findings, Verification } from "./Verification.ts"

export interface Verified {
  readonly workspaceId: number
  readonly of: "database" | "export"
  /** Its name, for people, as the database has it or as the export calls itself; empty where there is none. */
  readonly workspace: string
  readonly findings: Findings
}

/** A chain of the database, with the checkpoints kept there, as it is when this begins. key: see `Expected`. */
export const verifyChain = (
  workspaceId: number,
  key: string | undefined
): Effect.Effect<Verified, AuditFault | SqlError, SqlClient> => snapshot(verifying(workspaceId, key))

/** The same of the workspace acted in, for who may look at all of its audit. Begins its own transaction: not to be called within one. */
export const verifyAs = (acting: Acting): Effect.Effect<Verified, AuditFault | Refused, SqlClient> =>
  snapshot(
    acting(
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const [me] = yield* sql<{ id: number; may: boolean }>`
          SELECT acting_workspace() AS id, may_view_audit() AS may`
        if (!me!.may) return yield* ofPart
        return yield* verifying(me!.id, undefined)
      })
    )
  ).pipe(Effect.mapError((error) => (error instanceof SqlError ? refused(error) : error)))

const ofPart = Effect.fail(
  new Refused({
    reason: "Forbidden",
    message:
      "only who sees the whole audit can verify it: a moderator or an admin; you see what concerns your own campaigns"
  })
)

const verifying = Effect.fnUntraced(function* (workspaceId: number, key: string | undefined) {
  const head = yield* chainHead(workspaceId)
  const verification = new Verification({ workspaceId, checkpoints: yield* checkpointsOf(workspaceId), key })
  yield* Stream.runForEach(rowsOf(workspaceId), (rows) => verification.take(rows))
  const findings = yield* verification.end()
  const wrong = wrongEnd(head, findings)
  if (wrong !== undefined) return yield* wrong
  return { of: "database" as const, workspaceId, workspace: head.workspace, findings }
})

/** What the database holds to be the chain's end is kept apart from the rows: neither may be cut without the other. */
const wrongEnd = ({ hash, seq }: ChainHead, { last }: Findings): AuditFault | undefined => {
  const end = last?.seq ?? 0
  if (seq !== end) {
    return fault(
      Math.min(seq, end) + 1,
      "end",
      `the chain ends with row ${end}, and its head (audit_chain) says row ${seq}`
    )
  }
  if (end === 0 || hash === last?.hash) return undefined
  return fault(seq, "end", `row ${seq} is not the one that the chain's head (audit_chain) says it is`)
}

export interface OfExport {
  /** They are of the workspace of the export. */
  readonly checkpoints: ReadonlyArray<Checkpoint>
  readonly key: string | undefined
}

/** The export at `path`. */
export const verifyExport = (
  path: string,
  { checkpoints, key }: OfExport
): Effect.Effect<Verified, AuditFault | ExportError> =>
  Effect.suspend(() => {
    let header: ExportHeader | undefined
    let verification: Verification | undefined
    const begin = (of: ExportHeader): Verification => {
      header = of
      return new Verification({ workspaceId: of.workspace_id, checkpoints, key })
    }
    return Stream.runForEach(readExport(path), (batch): Effect.Effect<void, AuditFault | ExportError> => {
      if (header === undefined && checkpoints.some((one) => one.workspace_id !== batch.header.workspace_id)) {
        return Effect.fail(ofAnother(batch.header, checkpoints))
      }
      verification ??= begin(batch.header)
      return verification.take(batch.rows)
    }).pipe(
      Effect.andThen(Effect.suspend(() => verification!.end())),
      Effect.flatMap((findings) => {
        const wrong = wrongFile(header!, findings)
        if (wrong !== undefined) return Effect.fail(wrong)
        const { workspace, workspace_id } = header!
        return Effect.succeed({ of: "export" as const, workspaceId: workspace_id, workspace, findings })
      })
    )
  })

const ofAnother = ({ workspace_id }: ExportHeader, checkpoints: ReadonlyArray<Checkpoint>): ExportError => {
  const other = checkpoints.find((one) => one.workspace_id !== workspace_id)!
  return new ExportError({
    reason: "not an export",
    line: 1,
    message: `The file is an export of workspace ${workspace_id}, and a checkpoint is of workspace ${other.workspace_id}.`
  })
}

/** The rows are those that the first line promises. */
const wrongFile = (header: ExportHeader, { first, last }: Findings): AuditFault | undefined => {
  const begin = first?.seq ?? 1
  const end = last?.seq ?? 0
  if (header.first_seq !== begin) {
    return fault(
      Math.min(header.first_seq, begin),
      "head",
      `the file's first line says row ${header.first_seq} comes first, and it is row ${begin}`
    )
  }
  if (header.anchor !== (first?.previous ?? BEFORE_ALL)) {
    return fault(begin, "previous", `the previous hash of row ${begin} is not the anchor in the file's first line`)
  }
  if (header.last_seq === end) return undefined
  return fault(
    Math.min(header.last_seq, end) + 1,
    "end",
    `the file ends with row ${end}, and its first line says row ${header.last_seq} comes last`
  )
}
