/**
 * How an installation gets its first super admin: its owner makes one at the command line, who then sets a password by a link
 * that is good for an hour, once, and can be asked for again until then. Where there is one already, they make others.
 */
import { createHash, randomBytes } from "node:crypto"
import { parseArgs } from "node:util"
import { Effect, Redacted, Result, Schema } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

export const help = `Makes the first super admin of an installation, in the database of DATABASE_URL, by its owner.

  npm run people:first -- --email ann@example.org --name "Ann Example" --portal https://sms.example.org

  --email EMAIL  the address they sign in with
  --name NAME    as others will see it
  --portal URL   where the portal is: a link is printed then, without it the token that belongs into the link
  -h, --help     this

They set a password with what is printed, within an hour; when it is over, ask for another in the same way. Refused where there
is a super admin who has set one already.`

export class ArgumentsError extends Schema.TaggedError<ArgumentsError>()("FirstSuperAdminArgumentsError", {
  reason: Schema.Literals(["not understood"]),
  message: Schema.String
}) {}

export type Arguments =
  | { readonly _tag: "Help" }
  | { readonly _tag: "Make"; readonly email: string; readonly name: string; readonly origin: string | undefined }

const refuse = (message: string) => Result.fail(new ArgumentsError({ reason: "not understood", message }))

const options = {
  email: { type: "string" },
  name: { type: "string" },
  portal: { type: "string" },
  help: { type: "boolean", short: "h" }
} as const

export const readArguments = (args: ReadonlyArray<string>): Result.Result<Arguments, ArgumentsError> => {
  const parsed = Result.try(() => parseArgs({ args: [...args], options }).values)
  if (Result.isFailure(parsed)) return refuse(`${(parsed.failure as Error).message}; see --help`)
  const { email, help: asked, name, portal } = parsed.success
  if (asked === true) return Result.succeed({ _tag: "Help" })
  if (email === undefined || name === undefined) return refuse("--email and --name are needed; see --help")
  if (portal !== undefined && !/^https?:$/.test(URL.parse(portal)?.protocol ?? ""))
    return refuse("--portal is where people reach it, as https://sms.example.org")
  return Result.succeed({
    _tag: "Make",
    email,
    name,
    origin: portal === undefined ? undefined : new URL(portal).origin
  })
}

/** As the owner. Gives the token; `Conflict` where there is a super admin already. */
export const makeFirst = Effect.fn("FirstSuperAdmin.makeFirst")(function* (email: string, name: string) {
  const sql = yield* SqlClient
  const token = randomBytes(32).toString("base64url")
  const hash = createHash("sha256").update(token).digest("hex")
  yield* sql`SELECT make_first_super_admin(${email}, ${name}, decode(${hash}, 'hex'))`
  return Redacted.make(token)
}, Effect.mapError(refused))
