/**
 * Something to test on: a workspace with people in every role, an approved sender, a channel, and campaigns brought to any
 * state by the same steps that people take. All of it is done as the owner; nothing is mocked.
 */
import { Effect } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import * as Channels from "#schema/channel/Channels.ts"
import { SqlClient } from "#schema/Database.ts"
import { type Acting, actAs } from "#schema/people/Acting.ts"

export interface SampleWorkspace {
  readonly workspaceId: number
  readonly authorId: number
  /** an author with the moderator flag */
  readonly flaggedId: number
  readonly moderatorId: number
  readonly adminId: number
  /** moderator of no workspace */
  readonly outsiderId: number
  readonly senderId: number
  readonly senderRevisionId: number
}

let made = 0

/** Columns of `workspace` by name over `approvals_needed` 1. */
export const sampleWorkspace = Effect.fnUntraced(function* (columns: Readonly<Record<string, number | string>> = {}) {
  const sql = yield* SqlClient
  const n = ++made
  const person = Effect.fnUntraced(function* (name: string) {
    const email = `${name.toLowerCase()}${n}@sample.example`
    const [row] = yield* sql<{ id: number }>`INSERT INTO person (email, name) VALUES (${email}, ${name}) RETURNING id`
    return row!.id
  })
  const [workspace] = yield* sql<{ id: number }>`
    INSERT INTO workspace ${sql.insert({ name: `Sample ${n}`, country: "UZ", ...columns })} RETURNING id`
  const workspaceId = workspace!.id
  const member = Effect.fnUntraced(function* (name: string, role: string, moderator = false) {
    const id = yield* person(name)
    yield* sql`INSERT INTO membership (workspace_id, person_id, role, moderator) VALUES (${workspaceId}, ${id}, ${role}, ${moderator})`
    return id
  })
  const authorId = yield* member("Author", "author")
  const flaggedId = yield* member("Flagged", "author", true)
  const moderatorId = yield* member("Moderator", "moderator")
  const adminId = yield* member("Admin", "admin")
  const outsiderId = yield* person("Outsider")
  // a name belongs to one workspace
  const saddr = `Corp${n}`
  const [sender] = yield* sql<{ id: number }>`
    INSERT INTO sender (workspace_id, label, created_by) VALUES (${workspaceId}, ${saddr}, ${adminId}) RETURNING id`
  const [revision] = yield* sql<{ id: number }>`
    INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, status, made_by, decided_by, decided_at)
    VALUES (${workspaceId}, ${sender!.id}, 1, ${saddr}, 5, 0, 'Known to all staff', 'approved', ${adminId}, ${moderatorId}, now()) RETURNING id`
  const ids = { workspaceId, authorId, flaggedId, moderatorId, adminId, outsiderId }
  return { ...ids, senderId: sender!.id, senderRevisionId: revision!.id } satisfies SampleWorkspace
})

export interface SampleChannel {
  readonly channelId: number
  readonly epoch: number
}

/** A channel, granted to the workspace and taken. */
export const sampleChannel = Effect.fnUntraced(function* ({ workspaceId }: { readonly workspaceId: number }) {
  const sql = yield* SqlClient
  const [channel] = yield* sql<{ id: number }>`
    INSERT INTO channel (name, host, port, system_id, password) VALUES (${`Sample ${++made}`}, '127.0.0.1', 2775, 'sample', 'secret') RETURNING id`
  yield* sql`INSERT INTO channel_grant (channel_id, workspace_id) VALUES (${channel!.id}, ${workspaceId})`
  return { channelId: channel!.id, epoch: (yield* Channels.take(channel!.id))! } satisfies SampleChannel
})

export interface Wanted {
  readonly workspace: SampleWorkspace
  /** the channels that serve its one lane */
  readonly channels: ReadonlyArray<SampleChannel>
  /** where to bring it; `sending` unless given */
  readonly state?: Campaigns.CampaignState
  /** how many numbers, or which; 10 unless given */
  readonly numbers?: number | ReadonlyArray<number>
  /** of how many recipients each audience row is made; 1,000 unless given */
  readonly run?: number
  /** placeholder values by column, one a recipient; the most parts are the campaign's segments */
  readonly values?: Readonly<Record<string, ReadonlyArray<string>>>
  /** columns of `campaign` by name, e.g. `{ segments: 2, on_lost_answer: "resend" }` */
  readonly columns?: Readonly<Record<string, string | number | Date | null>>
}

export interface SampleCampaign {
  readonly campaignId: number
  readonly laneId: number
  /** recipient seq has numbers[seq - 1] */
  readonly numbers: ReadonlyArray<number>
}

/** A workspace with a channel and a campaign in review, or as wanted. house: columns of the workspace. */
export const inReview = Effect.fnUntraced(function* (
  house: Readonly<Record<string, number>> = {},
  wanted: Partial<Wanted> = {}
) {
  const workspace = yield* sampleWorkspace(house)
  const channel = yield* sampleChannel(workspace)
  const campaign = yield* sampleCampaign({ workspace, channels: [channel], state: "in_review", ...wanted })
  return { workspace, channel, ...campaign }
})

const firstNumber = 998_900_000_000

/** A campaign in the state that is wanted: as many of moderator, flagged author and admin sign as its workspace asks for. */
export const sampleCampaign = Effect.fnUntraced(function* (wanted: Wanted) {
  const sql = yield* SqlClient
  const { workspace } = wanted
  const row = {
    workspace_id: workspace.workspaceId,
    name: `Sample ${++made}`,
    sender_revision_id: workspace.senderRevisionId,
    text: "Planned maintenance tonight",
    segments: 1,
    created_by: workspace.authorId,
    edited_by: workspace.authorId,
    ...wanted.columns
  }
  const [campaign] = yield* sql<{ id: number }>`INSERT INTO campaign ${sql.insert(row)} RETURNING id`
  const campaignId = campaign!.id
  const [lane] = yield* sql<{ id: number }>`
    INSERT INTO lane (workspace_id, campaign_id) VALUES (${workspace.workspaceId}, ${campaignId}) RETURNING id`
  const laneId = lane!.id
  for (const { channelId } of wanted.channels) {
    yield* sql`INSERT INTO lane_channel (workspace_id, lane_id, channel_id) VALUES (${workspace.workspaceId}, ${laneId}, ${channelId})`
  }
  const numbers =
    typeof wanted.numbers === "object"
      ? wanted.numbers
      : Array.from({ length: wanted.numbers ?? 10 }, (_, i) => firstNumber + i)
  const as = actAs(workspace.authorId, workspace.workspaceId)
  yield* load(laneId, as, numbers, wanted.run ?? 1_000, wanted.values)
  if (wanted.values !== undefined) yield* as(sql`SELECT note_parts(${laneId}, ${row.text}, ${row.segments})`)
  const sample: SampleCampaign = { campaignId, laneId, numbers }
  yield* bringTo(wanted.state ?? "sending", campaignId, workspace)
  return sample
})

const load = Effect.fnUntraced(function* (
  laneId: number,
  as: Acting,
  numbers: ReadonlyArray<number>,
  run: number,
  values?: Wanted["values"]
) {
  const sql = yield* SqlClient
  const slice = (from: number) =>
    JSON.stringify(Object.fromEntries(Object.entries(values!).map(([key, all]) => [key, all.slice(from, from + run)])))
  const from = Array.from({ length: Math.ceil(numbers.length / run) }, (_, i) => i * run)
  const runs = from.map((at) => `{${numbers.slice(at, at + run).join(",")}}`)
  // a trigger campaign's lane is sealed empty
  if (runs.length > 0)
    yield* as(
      sql`SELECT load_audience(${laneId}, ${runs}::text[], ${values === undefined ? null : from.map(slice)}::text[])`
    )
  yield* as(sql`SELECT seal_audience(${laneId})`)
})

/** Moves a campaign in somebody's name. */
export const pressAs = (
  workspace: Pick<SampleWorkspace, "workspaceId">,
  personId: number,
  campaignId: number,
  action: string,
  note?: string
) => actAs(personId, workspace.workspaceId)(Campaigns.move(campaignId, action, note))

/** Decides for what the campaign is now, in somebody's name. */
export const decideAs = (
  workspace: Pick<SampleWorkspace, "workspaceId">,
  personId: number,
  campaignId: number,
  decision: Campaigns.Decision["decision"] = "approve"
) =>
  Effect.flatMap(Campaigns.fingerprint(campaignId), (fingerprint) =>
    actAs(
      personId,
      workspace.workspaceId
    )(Campaigns.decide(campaignId, { decision, fingerprint, note: "for the test" }))
  )

const bringTo = Effect.fnUntraced(function* (
  state: Campaigns.CampaignState,
  campaignId: number,
  workspace: SampleWorkspace
) {
  const sql = yield* SqlClient
  const { adminId, authorId, flaggedId, moderatorId } = workspace
  const press = (action: string, person: number) => pressAs(workspace, person, campaignId, action)
  const system = (action: string) => Campaigns.move(campaignId, action)
  const approve = Effect.gen(function* () {
    const [{ needed }] = (yield* sql`SELECT approvals_needed(${campaignId}) AS needed`) as [{ needed: number }]
    for (const person of [moderatorId, flaggedId, adminId].slice(0, needed))
      yield* decideAs(workspace, person, campaignId)
  })
  /** how each state is reached, after the one before it */
  const way: Record<Campaigns.CampaignState, Effect.Effect<unknown, unknown, SqlClient>> = {
    draft: Effect.void,
    in_review: press("submit", authorId),
    rejected: Effect.suspend(() =>
      Effect.andThen(way.in_review, decideAs(workspace, moderatorId, campaignId, "reject"))
    ),
    scheduled: Effect.suspend(() => Effect.andThen(way.in_review, approve)),
    expired: Effect.suspend(() =>
      way.scheduled.pipe(
        Effect.andThen(byForce("campaign", `UPDATE campaign SET ends_at = now() WHERE id = ${campaignId}`)),
        Effect.andThen(system("expire"))
      )
    ),
    sending: Effect.suspend(() => Effect.andThen(way.scheduled, system("open"))),
    paused: Effect.suspend(() => Effect.andThen(way.sending, press("pause", authorId))),
    cancelled: Effect.suspend(() => Effect.andThen(way.sending, press("stop", authorId))),
    failed: Effect.suspend(() => Effect.andThen(way.sending, system("fail"))),
    done: Effect.die("a campaign is done when everything in it was sent: send it")
  }
  yield* Effect.orDie(way[state])
})

/** An end for what is fed: by the machine's clock, which is the database's too. */
export const inAnHour = () => new Date(Date.now() + 3_600_000)

/** A campaign that is fed, in the state that is wanted. */
export const sampleTrigger = (wanted: Omit<Wanted, "numbers" | "run">) =>
  sampleCampaign({ ...wanted, numbers: 0, columns: { mode: "trigger", ends_at: inAnHour(), ...wanted.columns } })

/** Does something to the tables that their triggers would refuse: what only their owner could do, by hand. */
export const byForce = Effect.fnUntraced(function* (table: string, statement: string) {
  const sql = yield* SqlClient
  yield* sql.withTransaction(
    Effect.gen(function* () {
      yield* sql.unsafe(`ALTER TABLE ${table} DISABLE TRIGGER USER`)
      yield* sql.unsafe(statement)
      yield* sql.unsafe(`ALTER TABLE ${table} ENABLE TRIGGER USER`)
    })
  )
})
