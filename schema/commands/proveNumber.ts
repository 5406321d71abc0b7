/** `npm run audit:prove`: a proof about a number, for whoever asks whether a campaign had it, by whoever has the owner's URL. */
import { Console, Effect, Result } from "effect"
import {
  type ArgumentsError,
  inFile,
  isId,
  readOptions,
  refuse,
  runCommand,
  toStandardOutput
} from "#schema/audit/CommandLine.ts"
import { proveByOwner } from "#schema/audit/NumberProofs.ts"
import { DatabaseUrl, layer } from "#schema/Database.ts"

const help = `Proves that a number was, or was not, in the finished ledger of a campaign, and with which outcome. The audit says so.

  npm run audit:prove -- --campaign 7 --number 998900000001 --out proof.json
  npm run audit:verify -- payroll.jsonl --proof proof.json

  --campaign ID  which; its ledger has to be sealed, and its numbers not erased
  --number N     the number with its country code
  --out FILE     where to; without it to standard output
  --force        write over a file that is there
  -h, --help     this

The proof shows up to 128 numbers that stand beside it, with their outcomes.`

const options = {
  campaign: { type: "string" },
  number: { type: "string" },
  out: { type: "string" },
  force: { type: "boolean" }
} as const

interface Asked {
  readonly campaignId: number
  readonly number: number
  readonly out: string | undefined
  readonly force: boolean
}

const asked = (args: ReadonlyArray<string>) =>
  Result.flatMap(readOptions(args, options), ({ values }): Result.Result<Asked | "help", ArgumentsError> => {
    const { campaign, force = false, number, out } = values
    if (values.help === true) return Result.succeed("help")
    if (campaign === undefined || !isId(campaign)) return refuse("--campaign is a campaign's number; --help tells more")
    // E.164, 6: at most fifteen digits
    const digits = /^\+?(\d{5,15})$/.exec(number ?? "")?.[1]
    if (digits === undefined) return refuse("--number is a phone number with its country code, in digits alone")
    if (force && out === undefined) return refuse("--force goes with --out")
    return Result.succeed({ campaignId: Number(campaign), number: Number(digits), out, force })
  })

const program = Effect.gen(function* () {
  const given = yield* Effect.fromResult(asked(process.argv.slice(2)))
  if (given === "help") return yield* Console.log(help)
  const { campaignId, force, number, out } = given
  const connected = layer(yield* DatabaseUrl, { applicationName: "countersign audit:prove", maxConnections: 1 })
  const proof = Effect.map(
    Effect.provide(proveByOwner(campaignId, number), connected),
    (made) => `${JSON.stringify(made)}\n`
  )
  if (out === undefined) return yield* Effect.flatMap(proof, toStandardOutput)
  yield* inFile(out, force, (write) => Effect.flatMap(proof, write))
  yield* Console.log(`${out} has the proof about ${number} in the ledger of campaign ${campaignId}`)
})

runCommand(program, "not proved")
