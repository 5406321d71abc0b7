/**
 * Everything that the portal lists, as its services ask it, of one workspace or of all (Master): what is measured, and whose plans
 * are looked at.
 */
import { Effect } from "effect"
import { faithful } from "#bench/ledger/fill.ts"
import * as AuditList from "#schema/audit/AuditList.ts"
import * as CampaignHistory from "#schema/campaign/CampaignHistory.ts"
import * as CampaignList from "#schema/campaign/CampaignList.ts"
import * as ReviewQueue from "#schema/campaign/ReviewQueue.ts"
import { SqlClient, type SqlError } from "#schema/Database.ts"
import { people } from "#schema/people/People.ts"
import { members } from "#schema/people/Workspaces.ts"
import type { Refused } from "#schema/Refused.ts"
import { refused } from "#schema/Refused.ts"
import * as Senders from "#schema/sender/Senders.ts"

/** Whose lists, and what of theirs to filter by. */
export interface Place {
  /** null: Master. */
  readonly workspaceId: number | null
  /** Of a campaign that was sent: the one in the middle of theirs. */
  readonly campaignId: number
  readonly ofWorkspaceId: number
  readonly laneId: number
  readonly authorId: number
  readonly senderId: number
  readonly openedAt: Date
  readonly auditSeq: number
  /** Whether they may reveal numbers, and so search for one. */
  readonly reveals: boolean
}

/** As the owner. */
export const placeOf = Effect.fn("bench.placeOf")(function* (workspaceId: number | null, reveals: boolean) {
  const sql = yield* SqlClient
  const own = workspaceId === null ? sql`true` : sql`c.workspace_id = ${workspaceId}`
  const rows = yield* sql<Omit<Place, "workspaceId" | "reveals">>`
    SELECT c.id AS "campaignId", c.workspace_id AS "ofWorkspaceId", l.id AS "laneId", c.created_by AS "authorId", r.sender_id AS "senderId",
           c.opened_at AS "openedAt", (SELECT seq / 2 FROM audit_chain WHERE workspace_id = ${workspaceId ?? 0}) AS "auditSeq"
      FROM campaign c JOIN lane l ON l.campaign_id = c.id JOIN sender_revision r ON r.id = c.sender_revision_id
     WHERE ${own} AND c.state = 'done'
       AND c.id >= (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY c.id) FROM campaign c WHERE ${own} AND c.state = 'done')
     ORDER BY c.id LIMIT 1`
  return { workspaceId, reveals, ...rows[0]! } satisfies Place
})

export type Query = Effect.Effect<unknown, SqlError | Refused, SqlClient>

const DAY = 24 * 3600 * 1000

export const queriesOf = (place: Place): Readonly<Record<string, Query>> => {
  const { auditSeq, authorId, campaignId, laneId, ofWorkspaceId, openedAt, senderId, workspaceId } = place
  const campaigns = (more: Omit<CampaignList.Wanted, "workspaceId"> = {}) => CampaignList.page({ workspaceId, ...more })
  const audit = (more: Omit<AuditList.Wanted, "workspaceId"> = {}) =>
    AuditList.page({ workspaceId: workspaceId ?? 0, ...more })
  const dayOf = { from: openedAt, until: new Date(openedAt.getTime() + DAY) }
  return {
    campaigns: campaigns(),
    "campaigns, halfway down": campaigns({ before: campaignId }),
    "campaigns, archived": campaigns({ archived: true }),
    "campaigns, done": campaigns({ states: ["done"] }),
    "campaigns, failed": campaigns({ states: ["failed"] }),
    "campaigns, under way": campaigns({ states: ["scheduled", "sending", "paused"] }),
    "campaigns by mode": campaigns({ mode: "on_demand" }),
    "campaigns by sender": campaigns({ senderId }),
    "campaigns by author": campaigns({ authorId }),
    "campaigns of a day": campaigns(dayOf),
    "campaigns of a year": campaigns({ from: new Date(openedAt.getTime() - 365 * DAY), until: openedAt }),
    "campaigns in the order of days": campaigns({ by: "day" }),
    "campaigns in the order of days, halfway down": campaigns({ by: "day", before: campaignId }),
    "campaigns by name": campaigns({ named: "зарплата" }),
    "campaigns by a name that none has": campaigns({ named: "no campaign is called this" }),
    "campaigns by sender, author, name": campaigns({ senderId, authorId, named: "shift", states: ["done", "failed"] }),
    "campaigns by state": CampaignList.counts(workspaceId),
    "review queue": ReviewQueue.page(workspaceId),
    "review queue, counted": ReviewQueue.count(workspaceId),
    "history of a campaign": CampaignHistory.history(ofWorkspaceId, campaignId),
    audit: audit(),
    "audit, halfway down": audit({ before: auditSeq }),
    "audit by person": audit({ personId: authorId }),
    "audit by object": audit({ object: "campaign", objectId: campaignId }),
    "audit by kind of object": audit({ object: "sender" }),
    "audit by action": audit({ action: "campaign.stop" }),
    "audit of a day": audit(dayOf),
    "audit of a year": audit({ from: new Date(openedAt.getTime() - 365 * DAY), until: openedAt }),
    "audit of years, halfway down": audit({ until: new Date(openedAt.getTime() + 365 * DAY), before: auditSeq }),
    senders: Senders.senders(),
    "members of a workspace": members(ofWorkspaceId),
    people: people(),
    ...(place.reveals ? { "number, everywhere": asked(`number_history(${faithful[7]})`) } : {}),
    "page of a ledger": asked(`ledger_page(${laneId}, 0, 50)`)
  }
}

const asked = (call: string) =>
  Effect.flatMap(SqlClient, (sql) => Effect.mapError(sql.unsafe(`SELECT * FROM ${call}`), refused))
