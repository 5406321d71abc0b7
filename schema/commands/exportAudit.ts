/** `npm run audit:export`: a workspace's audit as a file that can be checked without us, by whoever has the owner's URL. */
import { Console, Effect, Result } from "effect"
import { chains } from "#schema/audit/Audits.ts"
import {
  ArgumentsError,
  inFile,
  isId,
  readOptions,
  refuse,
  runCommand,
  toStandardOutput
} from "#schema/audit/CommandLine.ts"
import { type ExportFormat, exportByOwner } from "#schema/audit/Exports.ts"
import { DatabaseUrl, layer, urlToShow } from "#schema/Database.ts"
import { workspaces } from "#schema/people/Workspaces.ts"

const help = `Takes the audit of a workspace out of the database at DATABASE_URL, as it is now. The audit says so.

  npm run audit:export -- --workspace Payroll --out payroll.jsonl
  npm run audit:verify -- payroll.jsonl

  --workspace NAME|ID  whose; 0 is the installation's own
  --csv                for a spreadsheet: it can't be verified. Without it JSON Lines, which can
  --out FILE           where to; without it to standard output
  --force              write over a file that is there
  -h, --help           this`

const options = {
  workspace: { type: "string" },
  csv: { type: "boolean" },
  out: { type: "string" },
  force: { type: "boolean" }
} as const

interface Asked {
  readonly workspace: string
  readonly format: ExportFormat
  readonly out: string | undefined
  readonly force: boolean
}

const asked = (args: ReadonlyArray<string>) =>
  Result.flatMap(readOptions(args, options), ({ values }): Result.Result<Asked | "help", ArgumentsError> => {
    const { csv, force = false, out, workspace } = values
    if (values.help === true) return Result.succeed("help")
    if (workspace === undefined || workspace === "")
      return refuse("say whose audit with --workspace; --help tells more")
    if (force && out === undefined) return refuse("--force goes with --out")
    return Result.succeed({ workspace, format: csv === true ? "csv" : "jsonl", out, force })
  })

/** The id of the chain that is meant. A workspace that is called as another's number has to be given by its own. */
const chainOf = Effect.fnUntraced(function* (workspace: string) {
  const all = yield* workspaces
  const there = yield* chains
  const found = isId(workspace)
    ? [0, ...all.map(({ id }) => id), ...there].find((id) => id === Number(workspace))
    : all.find(({ name }) => name === workspace)?.id
  if (found !== undefined) return found
  const known = all.map(({ id, name }) => `${id} (${name})`).join(", ")
  return yield* new ArgumentsError({
    reason: "not understood",
    message: `${urlToShow(yield* DatabaseUrl)} has no workspace ${workspace}; it has ${known === "" ? "none" : known}`
  })
})

const program = Effect.gen(function* () {
  const given = yield* Effect.fromResult(asked(process.argv.slice(2)))
  if (given === "help") return yield* Console.log(help)
  const { force, format, out, workspace } = given
  const connected = layer(yield* DatabaseUrl, { applicationName: "countersign audit:export", maxConnections: 1 })
  yield* Effect.provide(
    Effect.gen(function* () {
      const id = yield* chainOf(workspace)
      if (out === undefined) return yield* exportByOwner(id, format, toStandardOutput)
      const { first_seq, last_seq } = yield* inFile(out, force, (write) => exportByOwner(id, format, write))
      yield* Console.log(
        `${out} has rows ${first_seq} to ${last_seq} of ${id === 0 ? "the installation" : `workspace ${id}`}`
      )
    }),
    connected
  )
})

runCommand(program, "not exported")
