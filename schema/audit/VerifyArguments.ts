/** What `npm run audit:verify` was told on its command line. Nonsense is refused in a line before anything is read. */
import { parseArgs } from "node:util"
import { Result, Schema } from "effect"

export const help = `Verifies the audit: every row follows the one before it, signed decisions and checkpoints hold.

  npm run audit:verify                                     all chains of the database at DATABASE_URL
  npm run audit:verify -- --workspace 3                    one of them; 0 is the installation's own
  npm run audit:verify -- export.jsonl --checkpoint c.json an export, with no database at all

  --checkpoint FILE  a checkpoint that was kept elsewhere, which the export must agree with; may be given several times
  --key HEX          the public key that all checkpoints must be signed by; without it each by the key it names
  -h, --help         this

Exit code 0: all is as it was written. 1: something is not, and the first bad row is named. 2: it could not be read.`

export class ArgumentsError extends Schema.TaggedError<ArgumentsError>()("ArgumentsError", {
  reason: Schema.Literals(["not understood"]),
  message: Schema.String
}) {}

export type Arguments =
  | { readonly _tag: "Help" }
  | { readonly _tag: "Database"; readonly workspaceId: number | undefined; readonly key: string | undefined }
  | {
      readonly _tag: "Export"
      readonly path: string
      readonly checkpoints: ReadonlyArray<string>
      readonly key: string | undefined
    }

const refuse = (message: string) => Result.fail(new ArgumentsError({ reason: "not understood", message }))

const options = {
  workspace: { type: "string" },
  checkpoint: { type: "string", multiple: true },
  key: { type: "string" },
  help: { type: "boolean", short: "h" }
} as const

export const readArguments = (args: ReadonlyArray<string>): Result.Result<Arguments, ArgumentsError> => {
  const parsed = Result.try(() => parseArgs({ args: [...args], options, allowPositionals: true }))
  if (Result.isFailure(parsed)) {
    // its first sentence says which one
    const [which] = `${(parsed.failure as Error).message}`.split(/\. |\n/)
    return refuse(`${which}; --help lists the options`)
  }
  const { positionals, values } = parsed.success
  const { checkpoint = [], workspace } = values
  const key = values.key?.toLowerCase()
  if (values.help === true) return Result.succeed({ _tag: "Help" })
  if (key !== undefined && !/^[0-9a-f]{64}$/.test(key)) return refuse("--key is a public key of 32 bytes in hex")
  if (positionals.length > 1) return refuse("one export at a time")
  const [path] = positionals
  if (path !== undefined) {
    return workspace === undefined
      ? Result.succeed({ _tag: "Export", path, checkpoints: checkpoint, key })
      : refuse("--workspace chooses a chain of the database; an export is of one workspace already")
  }
  if (checkpoint.length > 0) return refuse("--checkpoint goes with an export; the database keeps its own checkpoints")
  if (workspace !== undefined && !/^\d{1,9}$/.test(workspace)) return refuse("--workspace is a workspace's number")
  const workspaceId = workspace === undefined ? undefined : Number(workspace)
  return Result.succeed({ _tag: "Database", workspaceId, key })
}
