/** `npm run audit:prove`: a proof about a number, for whoever asks whether a campaign had it, by whoever has the owner's URL. */
import { Console, Effect, Result } from "effect"
import { type ArgumentsError, isId, readOptions, refuse, runCommand } from "#schema/audit/CommandLine.ts"
import { saidWords } from "#schema/audit/LedgerProof.ts"
import { proveByOwner } from "#schema/audit/NumberProofs.ts"
import { type Out, outHelp, outOptions, readOut, writeTo } from "#schema/audit/OutFile.ts"
import { printable } from "#schema/audit/printable.ts"
import { DatabaseUrl, layer, SqlClient } from "#schema/Database.ts"
import { explanations, makeNormaliser, reasonOf } from "#schema/text/Msisdn.ts"

const help = `Proves that a number was, or was not, in the finished ledger of a campaign, and with which outcome. The audit says so.

  npm run audit:prove -- --campaign 7 --number 998900000001 --out proof.json
  npm run audit:verify -- payroll.jsonl --proof proof.json

  --campaign ID        which; its ledger has to be sealed, and its numbers not erased
  --number N           the number, with its country code or as it is dialled in the country of the campaign's workspace
${outHelp}
  -h, --help           this

The proof shows up to 128 numbers that stand beside it, with their outcomes.`

const options = { campaign: { type: "string" }, number: { type: "string" }, ...outOptions } as const

interface Asked {
  readonly campaignId: number
  /** as it was typed */
  readonly number: string
  readonly out: Out
}

const asked = (args: ReadonlyArray<string>) =>
  Result.flatMap(readOptions(args, options), ({ values }): Result.Result<Asked | "help", ArgumentsError> => {
    const { campaign, number } = values
    if (values.help === true) return Result.succeed("help")
    if (campaign === undefined || !isId(campaign)) return refuse("--campaign is a campaign's number; --help tells more")
    if (number === undefined) return refuse("--number is a phone number, as +998901234567")
    return Result.map(readOut(values), (out) => ({ campaignId: Number(campaign), number, out }))
  })

/** What it is in the country of the campaign's workspace, as its audience was read. A campaign that is not there has none. */
const understood = Effect.fnUntraced(function* (campaignId: number, typed: string) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ country: string }>`
    SELECT w.country FROM campaign c JOIN workspace w ON w.id = c.workspace_id WHERE c.id = ${campaignId}`
  if (row === undefined) return Number(typed.replace(/\D/g, "")) || 1
  const number = makeNormaliser(row.country).ofText(typed)
  if (number < 0) return yield* Effect.fromResult(refuse(`“${printable(typed)}”: ${explanations[reasonOf(number)]}`))
  if (`+${number}` !== typed && `${number}` !== typed)
    yield* Console.error(`${printable(typed)} is +${number} in ${row.country}, where campaign ${campaignId} was made.`)
  return number
})

const program = Effect.gen(function* () {
  const given = yield* Effect.fromResult(asked(process.argv.slice(2)))
  if (given === "help") return yield* Console.log(help)
  const { campaignId, number, out } = given
  const connected = layer(yield* DatabaseUrl, { applicationName: "countersign audit:prove", maxConnections: 1 })
  const proof = yield* writeTo(out, (write) =>
    Effect.flatMap(understood(campaignId, number), (known) => proveByOwner(campaignId, known)).pipe(
      Effect.provide(connected),
      Effect.tap((made) => write(`${JSON.stringify(made)}\n`))
    )
  )
  const says = Result.getOrElse(saidWords(proof), (why) => why)
  // beside the proof, which a program may be reading
  if (out.path === undefined) return yield* Console.error(`It says: ${says}.`)
  yield* Console.log(`${out.path} says: ${says}.
It proves so to whoever holds it to the audit:

  npm run audit:export -- --workspace ${proof.workspace_id} --out audit.jsonl
  npm run audit:verify -- audit.jsonl --proof ${out.path}`)
})

runCommand(program, "not proved")
