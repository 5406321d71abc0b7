/** `npm run audit:checkpoint`: signs what the audit's chains say now, to be kept where whoever owns the database can't reach it. */
import { Console, Effect, Option, Result, Schema } from "effect"
import { generateCheckpointKey } from "#schema/audit/Checkpoint.ts"
import { writeCheckpoints } from "#schema/audit/CheckpointFiles.ts"
import { configuredKey, signHeads } from "#schema/audit/Checkpoints.ts"
import { type ArgumentsError, readOptions, refuse, runCommand } from "#schema/audit/CommandLine.ts"
import type { FileError } from "#schema/audit/OutFile.ts"
import { layer } from "#schema/Database.ts"
import { AccessDatabaseUrl } from "#schema/LoginRole.ts"

const help = `Signs the newest row of every chain that has grown since its last checkpoint, and prints the checkpoints, a line each.

  npm run audit:checkpoint -- --out /media/safe
  npm run audit:verify -- payroll.jsonl --checkpoint /media/safe/workspace-3-row-120.json --key HEX

  --out FOLDER  also write each into a file of its own there
  --new-key     print a new pair of keys, and do nothing else
  -h, --help    this

The private key is in AUDIT_SIGNING_KEY, as PEM or as base64 of its 32-byte seed. The database is that of ACCESS_DATABASE_URL, or
of DATABASE_URL.`

const options = { out: { type: "string" }, "new-key": { type: "boolean" } } as const

type Asked = "help" | "new key" | { readonly out: string | undefined }

const asked = (args: ReadonlyArray<string>) =>
  Result.flatMap(readOptions(args, options), ({ values }): Result.Result<Asked, ArgumentsError> => {
    if (values.help === true) return Result.succeed("help")
    if (values["new-key"] !== true) return Result.succeed({ out: values.out })
    return values.out === undefined ? Result.succeed("new key") : refuse("--new-key prints keys and signs nothing")
  })

const newKey = Effect.suspend(() => {
  const { privateKey, publicKey } = generateCheckpointKey()
  return Console.log(`AUDIT_SIGNING_KEY=${privateKey}

This signs. Keep it with the secrets of the program that signs, and nowhere near the database: who has both can write another
history and sign that. It is not stored, and can't be shown again.

${publicKey}

This checks: npm run audit:verify -- export.jsonl --checkpoint FILE --key ${publicKey}
Publish it, or give it to whoever is to check, before the first checkpoint.`)
})

const noKey = `AUDIT_SIGNING_KEY is not set, and nothing is signed without a key. --new-key makes one; that of npm start is in
data/audit.key: AUDIT_SIGNING_KEY="$(cat data/audit.key)" npm run audit:checkpoint`

class NoKey extends Schema.TaggedError<NoKey>()("NoKey", {
  reason: Schema.Literals(["not set"]),
  message: Schema.String
}) {}

const program = Effect.gen(function* () {
  const given = yield* Effect.fromResult(asked(process.argv.slice(2)))
  if (given === "help") return yield* Console.log(help)
  if (given === "new key") return yield* newKey
  const key = Option.getOrUndefined(yield* configuredKey)
  if (key === undefined) {
    return yield* new NoKey({ reason: "not set", message: noKey })
  }
  const access = layer(yield* AccessDatabaseUrl, { applicationName: "countersign audit:checkpoint", maxConnections: 1 })
  const signed = yield* Effect.provide(signHeads(key), access)
  for (const checkpoint of signed) yield* Console.log(JSON.stringify(checkpoint))
  if (signed.length === 0) return yield* Console.error("no chain has grown since its last checkpoint")
  if (given.out !== undefined) yield* Effect.catch(writeCheckpoints(given.out, signed), notKept)
})

/** They are signed for good, and will not be again: what was printed is all that there is outside of the database. */
const notKept = ({ message }: FileError) =>
  Effect.andThen(
    Console.error(
      `signed and printed, but not written: ${message}. Each line printed above is a checkpoint: save those without a file by hand, ` +
        "since no row is signed twice"
    ),
    Effect.sync(() => void (process.exitCode = 1))
  )

runCommand(program, "not signed")
