/** Channels as super admins see them: each with where it goes, what its contract is, who may send by it, and what goes by it now. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

export interface ListedChannel {
  readonly id: number
  readonly name: string
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly system_id: string
  readonly bind_mode: "transceiver" | "transmitter_and_receiver"
  readonly binds: number
  readonly window_size: number
  /** messages a second by contract; null: as fast as the operator answers */
  readonly per_second: number | null
  readonly burst: number | null
  readonly charset: "gsm7" | "latin1"
  readonly enabled: boolean
  /** Workspaces that may send by it. */
  readonly granted_to: ReadonlyArray<number>
  /** Campaigns that wait for their time or are being sent by it. */
  readonly campaigns: number
  /** Messages that are claimed by an engine and not all answered yet. */
  readonly in_hand: number
}

/** All of them, by name; or one. Asked while acting in no workspace, where super admins look at all. */
export const channels = Effect.fn("ChannelList.channels")(function* (channelId: number | undefined) {
  const sql = yield* SqlClient
  return yield* sql<ListedChannel>`
    SELECT c.id, c.name, c.host, c.port, c.tls, c.system_id, c.bind_mode, c.binds::int AS binds, c.window_size::int AS window_size, c.per_second,
           c.burst, c.charset, c.enabled,
           ARRAY(SELECT g.workspace_id FROM channel_grant g WHERE g.channel_id = c.id ORDER BY 1) AS granted_to,
           (SELECT count(DISTINCT k.id)::int FROM campaign k JOIN lane l ON l.campaign_id = k.id JOIN lane_channel x ON x.lane_id = l.id
             WHERE x.channel_id = c.id AND k.state IN ('scheduled', 'sending', 'paused')) AS campaigns,
           (SELECT coalesce(sum(b.last_seq - b.first_seq + 1 - cardinality(b.suppressed_nth) - b.accepted - b.rejected), 0)::int
              FROM block b WHERE b.channel_id = c.id AND b.closed_at IS NULL) AS in_hand
      FROM channel c WHERE c.id = coalesce(${channelId ?? null}, c.id) ORDER BY c.name`
}, Effect.mapError(refused))
