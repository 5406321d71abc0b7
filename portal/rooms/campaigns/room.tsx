/** A workspace's campaigns: the list, its filters kept in the address. */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import type { Asked, Env } from "#portal/visit.ts"
import * as CampaignList from "#schema/campaign/CampaignList.ts"
import type { CampaignState } from "#schema/campaign/Campaigns.ts"
import { CampaignsPage, type Filters } from "./CampaignsPage.tsx"

const STATES: ReadonlySet<string> = new Set<CampaignState>([
  ...(["draft", "in_review", "scheduled", "sending", "paused"] as const),
  ...(["done", "rejected", "cancelled", "expired", "failed"] as const)
])

/** What the address says; what it can't mean is left out. */
const filtersOf = (c: Asked): Filters => {
  const state = c.req.query("state") ?? ""
  const before = c.req.query("before") ?? ""
  return {
    named: (c.req.query("q") ?? "").slice(0, 200),
    state: STATES.has(state) ? (state as CampaignState) : undefined,
    archived: state === "archived",
    before: /^\d{1,9}$/.test(before) ? Number(before) : undefined
  }
}

export const campaigns = ({ here }: Answers) =>
  new Hono<Env>().get(
    "/",
    here((visit) => {
      const filters = filtersOf(visit.c)
      const wanted: CampaignList.Wanted = {
        workspaceId: visit.workspace.id,
        named: filters.named,
        archived: filters.archived,
        ...(filters.state !== undefined && { states: [filters.state] }),
        ...(filters.before !== undefined && { before: filters.before })
      }
      return Effect.map(
        visit.acting(Effect.all([CampaignList.page(wanted), CampaignList.counts(visit.workspace.id)])),
        ([page, counts]) => <CampaignsPage here={visit} filters={filters} page={page} counts={counts} />
      )
    })
  )
