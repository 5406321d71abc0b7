/**
 * The roles that programs log in with: the engine, the portal, and the sworn part of the portal, which alone checks what
 * people prove themselves by and opens sessions. Neither owns anything nor bypasses row-level security; what they may do is
 * granted in rules/, and nothing else opens a door.
 *
 * Their passwords are not stored anywhere: each is scrypt (RFC 7914) of the owner's password, salted with the role's name, so that
 * whoever may migrate can work them out. Who holds one can try owner's passwords against it offline, a slow guess at a time, so
 * an owner's password that could be guessed still has to be a long one; a random one can't be found. An operator who gives
 * ENGINE_, PORTAL_ or ACCESS_DATABASE_URL manages that role's password, which then says nothing; we never change it.
 */

import { createHmac, hash, pbkdf2Sync, randomBytes, scryptSync } from "node:crypto"
import { Config, Effect, Option, type Redacted, Schedule } from "effect"
import { layer, SqlClient, type SqlError, sqlState, urlFor, urlParts } from "./Database.ts"
import { DatabaseUrl, orUrl, urlIn } from "./DatabaseUrl.ts"

export type LoginRole = "countersign_engine" | "countersign_portal" | "countersign_access"

export const loginRoles: ReadonlyArray<LoginRole> = ["countersign_engine", "countersign_portal", "countersign_access"]

const givenUrl = {
  countersign_engine: Config.option(urlIn("ENGINE_DATABASE_URL")),
  countersign_portal: Config.option(urlIn("PORTAL_DATABASE_URL")),
  countersign_access: Config.option(urlIn("ACCESS_DATABASE_URL"))
}

/** What the engine connects with: ENGINE_DATABASE_URL, else worked out from the owner's URL. */
export const engineUrl = (ownerUrl: Redacted.Redacted<string>) => roleUrl(ownerUrl, "countersign_engine")

/** What the portal connects with: PORTAL_DATABASE_URL, else worked out from the owner's URL. */
export const portalUrl = (ownerUrl: Redacted.Redacted<string>) => roleUrl(ownerUrl, "countersign_portal")

/** What signing in is checked with: ACCESS_DATABASE_URL, else worked out from the owner's URL. */
export const accessUrl = (ownerUrl: Redacted.Redacted<string>) => roleUrl(ownerUrl, "countersign_access")

/** For an engine that is a process of its own: ENGINE_DATABASE_URL is enough, and then it never sees the owner's. */
export const EngineDatabaseUrl = urlIn("ENGINE_DATABASE_URL").pipe(
  orUrl(Config.map(DatabaseUrl, (url) => derivedUrl(url, "countersign_engine")))
)

/** The same for the portal. */
export const PortalDatabaseUrl = urlIn("PORTAL_DATABASE_URL").pipe(
  orUrl(Config.map(DatabaseUrl, (url) => derivedUrl(url, "countersign_portal")))
)

/** The same for what checks how people prove themselves. */
export const AccessDatabaseUrl = urlIn("ACCESS_DATABASE_URL").pipe(
  orUrl(Config.map(DatabaseUrl, (url) => derivedUrl(url, "countersign_access")))
)

const roleUrl = (ownerUrl: Redacted.Redacted<string>, role: LoginRole) =>
  Effect.map(
    givenUrl[role],
    Option.getOrElse(() => derivedUrl(ownerUrl, role))
  )

/**
 * An owner without a password (trust, peer) gives a role without one: a password derived from nothing would be known
 * to everybody who can read this file.
 */
const derivedUrl = (ownerUrl: Redacted.Redacted<string>, role: LoginRole): Redacted.Redacted<string> => {
  const owner = urlParts(ownerUrl).password
  const password = owner === "" ? undefined : derivedPassword(owner, role)
  return urlFor(ownerUrl, { username: role, password })
}

/**
 * 16 MiB and 25 to 35 ms a guess on one core of the machine where HMAC-SHA256 gave 306,000 guesses a second. OWASP's least for
 * passwords is eight times dearer, and would make three roles cost a second at each start.
 */
const COST = { N: 2 ** 14, r: 8, p: 1 }

const derived = new Map<string, string>()

const derivedPassword = (owner: string, role: LoginRole): string => {
  const key = `${role} ${owner}`
  const known = derived.get(key)
  if (known !== undefined) return known
  const password = scryptSync(owner, `countersign login role ${role}`, 32, COST).toString("hex")
  derived.set(key, password)
  return password
}

/** A role that exists already and could do more than it must. */
export type TooMighty = { readonly role: LoginRole; readonly why: string }

/**
 * Creates the roles where they are missing, and gives a role its derived password again when the owner's has changed.
 * Safe beside another starter on the same server. Returns the roles that must not be used as they are.
 */
export const ensureLoginRoles = Effect.fn("LoginRole.ensure")(function* (ownerUrl: Redacted.Redacted<string>) {
  const sql = yield* SqlClient
  const mighty: Array<TooMighty> = []
  for (const role of loginRoles) {
    const given = yield* givenUrl[role]
    const url = Option.getOrElse(given, () => derivedUrl(ownerUrl, role))
    const { password } = urlParts(url)
    const secret = password === "" ? "NULL" : `'${scramSecret(password)}'`
    const found = yield* sql<{ why: string | null }>`
      SELECT CASE WHEN rolsuper THEN 'is a superuser'
                  WHEN rolbypassrls THEN 'bypasses row-level security'
                  WHEN pg_has_role(oid, current_user, 'MEMBER') THEN 'is a member of the owner'
                  WHEN pg_has_role(oid, 'pg_read_all_data', 'MEMBER') THEN 'may read all data'
                  WHEN pg_has_role(oid, 'pg_write_all_data', 'MEMBER') THEN 'may write all data'
                  WHEN pg_has_role(oid, 'pg_read_server_files', 'MEMBER') THEN 'may read files of the server'
                  WHEN pg_has_role(oid, 'pg_execute_server_program', 'MEMBER') THEN 'may run programs on the server'
                  WHEN NOT rolcanlogin THEN 'can not log in' END AS why
      FROM pg_roles WHERE rolname = ${role}`
    if (found.length === 0) yield* createRole(role, secret)
    else if (found[0]!.why !== null) mighty.push({ role, why: found[0]!.why })
    else if (Option.isNone(given) && password !== "" && !(yield* opens(url))) yield* setPassword(role, secret)
  }
  return mighty
})

const createRole = (role: LoginRole, secret: string) =>
  Effect.flatMap(
    SqlClient,
    (sql) =>
      sql.unsafe(`CREATE ROLE ${role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB
    NOCREATEROLE NOREPLICATION PASSWORD ${secret}`).unprepared
  ).pipe(
    // 42710 when it was there, 23505 when another starter made it while we did: both mean that it exists.
    Effect.catchTag("SqlError", (error) =>
      ["42710", "23505"].includes(sqlState(error) ?? "") ? Effect.void : Effect.fail(error)
    )
  )

const setPassword = (role: LoginRole, secret: string) =>
  Effect.flatMap(SqlClient, (sql) => sql.unsafe(`ALTER ROLE ${role} PASSWORD ${secret}`).unprepared).pipe(
    // XX000 "tuple concurrently updated": another starter sets the same password at this moment.
    Effect.retry({ times: 5, schedule: Schedule.spaced("100 millis"), while: (error) => sqlState(error) === "XX000" })
  )

/** Whether the server lets this URL in. Any answer but "wrong password" is not about the password. */
const opens = (url: Redacted.Redacted<string>): Effect.Effect<boolean, SqlError> =>
  Effect.flatMap(SqlClient, (sql) => sql`SELECT 1`).pipe(
    Effect.provide(layer(url, { applicationName: "countersign migrate", maxConnections: 1 })),
    Effect.as(true),
    Effect.catchTag("SqlError", (error) => Effect.succeed(sqlState(error) !== "28P01"))
  )

/**
 * What Postgres stores for a password (RFC 5803), made here so that the password itself is in no statement, hence in
 * no log of statements. 4096 rounds are the server's own default.
 */
const scramSecret = (password: string): string => {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, 4096, 32, "sha256")
  const clientKey = createHmac("sha256", salted).update("Client Key").digest()
  const serverKey = createHmac("sha256", salted).update("Server Key").digest("base64")
  return `SCRAM-SHA-256$4096:${salt.toString("base64")}$${hash("sha256", clientKey, "base64")}:${serverKey}`
}
