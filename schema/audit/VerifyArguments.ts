/** What `npm run audit:verify` was told on its command line. Nonsense is refused in a line before anything is read. */
import { Result } from "effect"
import { type ArgumentsError, readOptions, refuse } from "./CommandLine.ts"

export const help = `Verifies the audit: every row follows the one before it, signed decisions and checkpoints hold.

  npm run audit:verify                                     all chains of the database at DATABASE_URL
  npm run audit:verify -- --workspace Payroll              one of them, by name or number; 0 is the installation's own
  npm run audit:verify -- export.jsonl --checkpoint c.json an export, with no database at all

  --checkpoint FILE  a checkpoint that was kept elsewhere, which the export must agree with; may be given several times
  --proof FILE       a proof that a number was, or was not, in a campaign (audit:prove), held to that export; may be several
  --key HEX          the public key that all checkpoints must be signed by; without it each by the key it names. Goes with
                     --checkpoint, or with the database, which keeps its own
  -h, --help         this

Exit code 0: all is as it was written. 1: something is not, and the first bad row is named. 2: it could not be read.`

export type Arguments =
  | { readonly _tag: "Help" }
  | { readonly _tag: "Database"; readonly workspace: string | undefined; readonly key: string | undefined }
  | {
      readonly _tag: "Export"
      readonly path: string
      readonly checkpoints: ReadonlyArray<string>
      readonly proofs: ReadonlyArray<string>
      readonly key: string | undefined
    }

const options = {
  workspace: { type: "string" },
  checkpoint: { type: "string", multiple: true },
  proof: { type: "string", multiple: true },
  key: { type: "string" }
} as const

export const readArguments = (args: ReadonlyArray<string>): Result.Result<Arguments, ArgumentsError> => {
  const parsed = readOptions(args, options, true)
  if (Result.isFailure(parsed)) return Result.fail(parsed.failure)
  const { positionals, values } = parsed.success
  const { checkpoint = [], proof = [], workspace } = values
  const key = values.key?.toLowerCase()
  if (values.help === true) return Result.succeed({ _tag: "Help" })
  if (key !== undefined && !/^[0-9a-f]{64}$/.test(key)) return refuse("--key is a public key of 32 bytes in hex")
  if (positionals.length > 1) return refuse("one export at a time")
  const [path] = positionals
  if (path !== undefined) {
    if (workspace !== undefined)
      return refuse("--workspace chooses a chain of the database; an export is of one workspace already")
    return key !== undefined && checkpoint.length === 0
      ? refuse("--key says who must have signed the checkpoints, and an export holds none: give some with --checkpoint")
      : Result.succeed({ _tag: "Export", path, checkpoints: checkpoint, proofs: proof, key })
  }
  if (proof.length > 0)
    return refuse("--proof goes with an export, which holds the row that sealed the campaign's ledger")
  if (checkpoint.length > 0) return refuse("--checkpoint goes with an export; the database keeps its own checkpoints")
  if (workspace === "") return refuse("--workspace is a workspace's name or number")
  return Result.succeed({ _tag: "Database", workspace, key })
}
