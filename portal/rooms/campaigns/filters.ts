/** What a list of campaigns is narrowed down by, as its address says it; what an address can't mean is left out. */
import type { Asked } from "#portal/visit.ts"
import { beginOfDay } from "#portal/words/days.ts"
import type { Wanted } from "#schema/campaign/CampaignList.ts"
import type { CampaignState } from "#schema/campaign/Campaigns.ts"

export const MODES = ["on_demand", "scheduled", "spread", "trigger"] as const
export type Mode = (typeof MODES)[number]

/** As the tabs have them: what somebody may have to do something about comes first. */
export const STATES = [
  ...(["in_review", "scheduled", "sending", "paused", "draft"] as const),
  ...(["done", "cancelled", "rejected", "expired", "failed"] as const)
] satisfies ReadonlyArray<CampaignState>

export interface Filters {
  readonly named: string
  readonly state: CampaignState | undefined
  readonly archived: boolean
  readonly mode: Mode | undefined
  readonly senderId: number | undefined
  readonly authorId: number | undefined
  /** Days, "2026-11-14", both of them in; "": any. */
  readonly from: string
  readonly until: string
  /** day: by when they were or will be sent; else the newest first. */
  readonly by: "day" | undefined
  /** `next` of the page before. */
  readonly before: number | undefined
}

export const NO_FILTERS: Filters = {
  ...{ named: "", state: undefined, archived: false, mode: undefined, senderId: undefined, authorId: undefined },
  ...{ from: "", until: "", by: undefined, before: undefined }
}

export const filtersOf = (c: Asked): Filters => {
  const asked = (name: string) => c.req.query(name) ?? ""
  const id = (name: string) => {
    const [digits] = /^[1-9]\d{0,8}$/.exec(asked(name)) ?? []
    return digits === undefined ? undefined : Number(digits)
  }
  const day = (name: string) => (beginOfDay(asked(name), "UTC") === undefined ? "" : asked(name))
  return {
    named: asked("q").slice(0, 200),
    state: STATES.find((state) => state === asked("state")),
    archived: asked("state") === "archived",
    mode: MODES.find((mode) => mode === asked("mode")),
    senderId: id("sender"),
    authorId: id("author"),
    from: day("from"),
    until: day("until"),
    by: asked("by") === "day" ? "day" : undefined,
    before: id("before")
  }
}

/** Where a list so narrowed is. */
export const address = (path: string, filters: Filters): string => {
  const { archived, authorId, before, by, from, mode, named, senderId, state, until } = filters
  const tab = archived ? "archived" : state
  const query = new URLSearchParams({
    ...(named !== "" && { q: named }),
    ...(tab !== undefined && { state: tab }),
    ...(mode !== undefined && { mode }),
    ...(senderId !== undefined && { sender: String(senderId) }),
    ...(authorId !== undefined && { author: String(authorId) }),
    ...(from !== "" && { from }),
    ...(until !== "" && { until }),
    ...(by !== undefined && { by }),
    ...(before !== undefined && { before: String(before) })
  })
  return query.size === 0 ? path : `${path}?${query}`
}

/** zone: in which days begin. */
export const wantedBy = (filters: Filters, workspaceId: number, zone: string): Wanted => {
  const { archived, authorId, before, by, mode, named, senderId, state } = filters
  const from = beginOfDay(filters.from, zone)
  const until = beginOfDay(filters.until, zone, 1)
  return {
    workspaceId,
    named,
    archived,
    ...(state !== undefined && { states: [state] }),
    ...(mode !== undefined && { mode }),
    ...(senderId !== undefined && { senderId }),
    ...(authorId !== undefined && { authorId }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(by !== undefined && { by }),
    ...(before !== undefined && { before })
  }
}
