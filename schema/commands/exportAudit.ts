/** `npm run audit:export`: a workspace's audit as a file that can be checked without us, by whoever has the owner's URL. */
import { Console, Effect, Result } from "effect"
import { chainNamed } from "#schema/audit/ChainNamed.ts"
import { type ArgumentsError, readOptions, refuse, runCommand } from "#schema/audit/CommandLine.ts"
import { type ExportFormat, exportByOwner } from "#schema/audit/Exports.ts"
import { type Out, outHelp, outOptions, readOut, writeTo } from "#schema/audit/OutFile.ts"
import { DatabaseUrl, layer } from "#schema/Database.ts"

const help = `Takes the audit of a workspace out of the database at DATABASE_URL, as it is now. The audit says so.

  npm run audit:export -- --workspace Payroll --out payroll.jsonl
  npm run audit:verify -- payroll.jsonl

  --workspace NAME|ID  whose; 0 is the installation's own
  --csv                for a spreadsheet: it can't be verified. Without it JSON Lines, which can
${outHelp}
  -h, --help           this`

const options = { workspace: { type: "string" }, csv: { type: "boolean" }, ...outOptions } as const

interface Asked {
  readonly workspace: string
  readonly format: ExportFormat
  readonly out: Out
}

const asked = (args: ReadonlyArray<string>) =>
  Result.flatMap(readOptions(args, options), ({ values }): Result.Result<Asked | "help", ArgumentsError> => {
    const { csv, workspace } = values
    if (values.help === true) return Result.succeed("help")
    if (workspace === undefined || workspace === "")
      return refuse("say whose audit with --workspace; --help tells more")
    return Result.map(readOut(values), (out) => ({ workspace, format: csv === true ? "csv" : "jsonl", out }))
  })

const program = Effect.gen(function* () {
  const given = yield* Effect.fromResult(asked(process.argv.slice(2)))
  if (given === "help") return yield* Console.log(help)
  const { format, out, workspace } = given
  const connected = layer(yield* DatabaseUrl, { applicationName: "countersign audit:export", maxConnections: 1 })
  yield* Effect.provide(
    Effect.gen(function* () {
      const id = yield* chainNamed(workspace)
      const { first_seq, last_seq } = yield* writeTo(out, (write) => exportByOwner(id, format, write))
      const whose = id === 0 ? "the installation" : `workspace ${id}`
      if (out.path !== undefined) yield* Console.log(`${out.path} has rows ${first_seq} to ${last_seq} of ${whose}`)
    }),
    connected
  )
})

runCommand(program, "not exported")
