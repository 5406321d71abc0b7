/** Channels as super admins set them, and which workspaces may send by them (rules/channels.sql). The engine follows the rows. */
import { Effect, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import type { Channel } from "./Channels.ts"

/** What can be set; what is left out is as its column's default. */
export interface Settings
  extends Partial<Omit<Channel, "id" | "name" | "host" | "port" | "system_id" | "password" | "receipt_wait_ms">> {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly system_id: string
  /** up to 8 characters of ASCII; shown to nobody again */
  readonly password: Redacted.Redacted<string>
  /** as Postgres reads an interval: `72 hours` */
  readonly receipt_wait?: string
}

const json = ({ password, ...rest }: Partial<Settings>) =>
  JSON.stringify(password === undefined ? rest : { ...rest, password: Redacted.value(password) })

/** Out of service until it is switched on. Gives the id. */
export const create = Effect.fn("ChannelSettings.create")(function* (wanted: Settings) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ id: number }>`SELECT create_channel(${json(wanted)}::text::jsonb) AS id`
  return row!.id
}, Effect.mapError(refused))

/** Changes what is named and nothing else. */
export const change = Effect.fn("ChannelSettings.change")(function* (channelId: number, wanted: Partial<Settings>) {
  const sql = yield* SqlClient
  yield* sql`SELECT change_channel(${channelId}, ${json(wanted)}::text::jsonb)`
}, Effect.mapError(refused))

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
