/**
 * How an installation gets its first super admin: its owner makes one at the command line, who then sets a password by a link
 * that is good for an hour, once, and can be asked for again until then. Where there is one already, they make others.
 */
import { Effect, Result } from "effect"
import { type ArgumentsError, readOptions, refuse } from "#schema/audit/CommandLine.ts"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import { newToken, tokenHash } from "./Tokens.ts"

export const help = `Makes the first super admin of an installation, in the database of DATABASE_URL, by its owner.

  npm run people:first -- --email ann@example.org --name "Ann Example" --portal https://sms.example.org

  --email EMAIL  the address they sign in with
  --name NAME    as others will see it
  --portal URL   where the portal is: a link is printed then, without it the token that belongs into the link
  -h, --help     this

They set a password with what is printed, within an hour; when it is over, ask for another in the same way. Refused where there
is a super admin who has set one already.`

export type Arguments =
  | { readonly _tag: "Help" }
  /** portal: without a slash at its end */
  | { readonly _tag: "Make"; readonly email: string; readonly name: string; readonly portal: string | undefined }

const options = {
  email: { type: "string" },
  name: { type: "string" },
  portal: { type: "string" }
} as const

export const readArguments = (args: ReadonlyArray<string>): Result.Result<Arguments, ArgumentsError> =>
  Result.flatMap(readOptions(args, options), ({ values }): Result.Result<Arguments, ArgumentsError> => {
    const { email, help: asked, name, portal } = values
    if (asked === true) return Result.succeed({ _tag: "Help" })
    if (email === undefined || name === undefined) return refuse("--email and --name are needed; --help tells more")
    if (portal === undefined) return Result.succeed({ _tag: "Make", email, name, portal })
    return Result.map(portalAt(portal), (reached) => ({ _tag: "Make", email, name, portal: reached }))
  })

/** The link is a key: it goes over https, or stays on this machine. */
const portalAt = (text: string): Result.Result<string, ArgumentsError> => {
  const url = URL.parse(text)
  const here = url?.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)
  if (url === null || (url.protocol !== "https:" && !here)) {
    return refuse("--portal is where people reach it, as https://sms.example.org; http is for localhost alone")
  }
  return Result.succeed(`${url.origin}${url.pathname}`.replace(/\/+$/, ""))
}

/** As the owner. Gives the token; `Conflict` where there is a super admin already. */
export const makeFirst = Effect.fn("FirstSuperAdmin.makeFirst")(function* (email: string, name: string) {
  const sql = yield* SqlClient
  const token = yield* newToken
  yield* sql`SELECT make_first_super_admin(${email}, ${name}, decode(${tokenHash(token)}, 'hex'))`
  return token
}, Effect.mapError(refused))
