/**
 * `npm run audit:verify`: says whether the audit is as it was written, in the database of DATABASE_URL or in an export without one, and
 * names the first row that is not. Exit codes: 0 it is, 1 it is not, 2 it could not be read.
 */
import { readFileSync } from "node:fs"
import { runMain } from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Result } from "effect"
import { AuditFault } from "#schema/audit/AuditRow.ts"
import { chains } from "#schema/audit/Audits.ts"
import { chainNamed } from "#schema/audit/ChainNamed.ts"
import { CheckpointError, readCheckpoint } from "#schema/audit/Checkpoint.ts"
import { failureWords, refuse } from "#schema/audit/CommandLine.ts"
import { findingsWords } from "#schema/audit/Findings.ts"
import { notReadWords } from "#schema/audit/fileWords.ts"
import { type LedgerProof, ProofError, provenWords, readProof } from "#schema/audit/LedgerProof.ts"
import { printable } from "#schema/audit/printable.ts"
import { type Verified, verifyChain, verifyExport } from "#schema/audit/Verify.ts"
import { type Arguments, help, readArguments } from "#schema/audit/VerifyArguments.ts"
import { DatabaseUrl, layer, SqlClient, urlToShow } from "#schema/Database.ts"

const GOOD = 0
const BAD = 1
const NOT_READ = 2

/** Says what came out of one chain, and gives its exit code; then what else there is to say of one that is as it was written. */
const told = <E, R>(
  chain: string,
  key: string | undefined,
  verify: Effect.Effect<Verified, AuditFault | E, R>,
  more: (verified: Verified) => Effect.Effect<number> = () => Effect.succeed(GOOD)
) =>
  verify.pipe(
    Effect.tap((verified) => Console.log(findingsWords(verified, key !== undefined).join("\n"))),
    Effect.flatMap(more),
    Effect.catchIf(isFault, ({ message, seq }) =>
      Effect.as(Console.error(`BAD: ${chain}: ${printable(message)}. Nothing after row ${seq} is vouched for.`), BAD)
    )
  )

const isFault = (error: unknown): error is AuditFault => error instanceof AuditFault

/** What `read` makes of the text at `path`; or, as the failure, why it makes nothing of it. */
const readAt = <A>(path: string, read: (text: string) => Result.Result<A, { readonly message: string }>) =>
  Effect.flatMap(
    Effect.try({ try: () => readFileSync(path, "utf8"), catch: (cause) => notReadWords(path, cause) }),
    (text) => Effect.fromResult(Result.mapError(read(text), ({ message }) => `${path}: ${message}`))
  )

const checkpoint = (path: string) =>
  Effect.mapError(
    readAt(path, readCheckpoint),
    (message) => new CheckpointError({ reason: "not a checkpoint", message })
  )

const proofAt = (path: string) =>
  readAt(path, readProof).pipe(
    Effect.map((proof) => ({ path, proof })),
    Effect.mapError((message) => new ProofError({ reason: "not a proof", message }))
  )

/** Says what each proof proves under the chain, and gives the exit code. */
const provenUnder =
  (proofs: ReadonlyArray<{ readonly path: string; readonly proof: LedgerProof }>) =>
  ({ findings: { seals }, workspaceId }: Verified) =>
    Effect.map(
      Effect.forEach(proofs, ({ path, proof }) =>
        Result.match(provenWords(proof, { workspaceId, seals }), {
          onSuccess: (words) => Effect.as(Console.log(words), GOOD),
          onFailure: (why) => Effect.as(Console.error(`BAD: ${path}: it proves nothing: ${why}.`), BAD)
        })
      ),
      (codes) => (codes.includes(BAD) ? BAD : GOOD)
    )

const inExport = ({ checkpoints, key, path, proofs }: Extract<Arguments, { readonly _tag: "Export" }>) =>
  Effect.gen(function* () {
    const given = yield* Effect.forEach(checkpoints, checkpoint)
    const toProve = yield* Effect.forEach(proofs, proofAt)
    return yield* told(path, key, verifyExport(path, { checkpoints: given, key }), provenUnder(toProve))
  })

/** Whose role is shown no row does not know that there is none. */
const mustReadAll = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ role: string; reads: boolean }>`
    SELECT current_user AS role, pg_has_role(current_user, relowner, 'USAGE') AS reads FROM pg_class WHERE oid = 'audit'::regclass`
  if (row?.reads === true) return
  const who = `${row?.role} is shown no audit, whether there is any or not`
  return yield* Effect.fromResult(refuse(`${who}; set DATABASE_URL to the owner's, which npm start prints`))
})

const inDatabase = ({ key, workspace }: Extract<Arguments, { readonly _tag: "Database" }>) =>
  Effect.gen(function* () {
    const url = yield* DatabaseUrl
    const connected = layer(url, { applicationName: "countersign audit:verify", maxConnections: 1 })
    return yield* Effect.provide(
      Effect.gen(function* () {
        const asked = workspace === undefined ? yield* chains : [yield* chainNamed(workspace)]
        if (asked.length === 0) {
          yield* mustReadAll
          yield* Console.log(`${urlToShow(url)} has no audit yet`)
        }
        const codes = yield* Effect.forEach(asked, (id) => told(`workspace ${id}`, key, verifyChain(id, key)))
        return codes.includes(BAD) ? BAD : GOOD
      }),
      connected
    )
  })

const program = Effect.gen(function* () {
  const given = yield* Effect.fromResult(readArguments(process.argv.slice(2)))
  if (given._tag === "Help") return yield* Effect.as(Console.log(help), GOOD)
  return yield* given._tag === "Export" ? inExport(given) : inDatabase(given)
}).pipe(
  Effect.catch((error) => Effect.as(Console.error(`not verified: ${failureWords(error)}`), NOT_READ)),
  Effect.tap((code) => Effect.sync(() => void (process.exitCode = code)))
)

runMain(program)
