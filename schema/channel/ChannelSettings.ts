/** Channels as super admins set them, and which workspaces may send by them (rules/channels.sql). The engine follows the rows. */
import { Effect, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { Refused, refused } from "#schema/Refused.ts"
import { Secrets } from "#schema/Secrets.ts"
import { accountOf, type Channel } from "./Channels.ts"

/** What can be set; what is left out is as its column's default. */
export interface Settings
  extends Partial<Omit<Channel, "id" | "name" | "host" | "port" | "system_id" | "password" | "receipt_wait_ms">> {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly system_id: string
  /** up to 8 characters of ASCII; sealed before it goes to the database, and shown to nobody again */
  readonly password: Redacted.Redacted<string>
  /** as Postgres reads an interval: `72 hours` */
  readonly receipt_wait?: string
}

type Account = Pick<Channel, "host" | "port" | "system_id">

/** For that account and no other; bounds by SMPP 3.4, 4.1.1. */
const sealed = Effect.fnUntraced(function* (account: Account, password: Redacted.Redacted<string>) {
  const plain = Redacted.value(password)
  if (!/^[ -~]{0,8}$/.test(plain))
    return yield* new Refused({
      reason: "Invalid",
      message: "a password is up to 8 characters of ASCII: SMPP has no room for more"
    })
  const bytes = yield* (yield* Secrets).seal(accountOf(account), Buffer.from(plain, "latin1"))
  return `\\x${Buffer.from(bytes).toString("hex")}`
})

/** Out of service until it is switched on. Gives the id. */
export const create = Effect.fn("ChannelSettings.create")(
  function* (wanted: Settings) {
    const sql = yield* SqlClient
    const { password, ...rest } = wanted
    const settings = JSON.stringify({ ...rest, password_sealed: yield* sealed(wanted, password) })
    const [row] = yield* sql<{ id: number }>`SELECT create_channel(${settings}::text::jsonb) AS id`
    return row!.id
  },
  Effect.catchTag("SqlError", (error) => Effect.fail(refused(error)))
)

/**
 * Changes what is named and nothing else. Host, port and system_id change together with the password only, which is sealed
 * for them: what is not named of them goes along as it was read, so that another's change at this moment can't part them.
 */
export const change = Effect.fn("ChannelSettings.change")(
  function* (channelId: number, { password, ...wanted }: Partial<Settings>) {
    const sql = yield* SqlClient
    let settings: object = wanted
    if (password !== undefined) {
      const rows = yield* sql<Account>`SELECT host, port, system_id FROM channel WHERE id = ${channelId}`
      // who sees no such channel is refused by the database, in its words
      const account = { ...(rows[0] ?? { host: "", port: 0, system_id: "" }), ...wanted }
      const { host, port, system_id } = account
      settings = { ...wanted, host, port, system_id, password_sealed: yield* sealed(account, password) }
    }
    yield* sql`SELECT change_channel(${channelId}, ${JSON.stringify(settings)}::text::jsonb)`
  },
  Effect.catchTag("SqlError", (error) => Effect.fail(refused(error)))
)

/** In service or not; what goes by it waits meanwhile. */
export const switchTo = Effect.fn("ChannelSettings.switchTo")(function* (channelId: number, enabled: boolean) {
  const sql = yield* SqlClient
  yield* sql`SELECT switch_channel(${channelId}, ${enabled})`
}, Effect.mapError(refused))

export const grant = Effect.fn("ChannelSettings.grant")(function* (channelId: number, workspaceId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT grant_channel(${channelId}, ${workspaceId})`
}, Effect.mapError(refused))

/** `Conflict` while something goes by it there. */
export const withdraw = Effect.fn("ChannelSettings.withdraw")(function* (channelId: number, workspaceId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT withdraw_channel(${channelId}, ${workspaceId})`
}, Effect.mapError(refused))
