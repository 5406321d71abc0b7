/** A workspace's campaigns: the list, its filters kept in the address; and several of them archived at once. */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { formOfMany } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import type { Env, Here } from "#portal/visit.ts"
import { archive } from "#schema/campaign/Archive.ts"
import * as CampaignList from "#schema/campaign/CampaignList.ts"
import * as People from "#schema/people/People.ts"
import * as Senders from "#schema/sender/Senders.ts"
import { ArchivePage, RefusedPage } from "./ArchivePage.tsx"
import { CampaignsPage } from "./CampaignsPage.tsx"
import { filtersOf, wantedBy } from "./filters.ts"

export const campaigns = ({ here }: Answers) => new Hono<Env>().get("/", here(list)).post("/archive", here(archived))

const list = (visit: Here) => {
  const { id, time_zone } = visit.workspace
  const filters = filtersOf(visit.c)
  return Effect.map(
    visit.acting(
      Effect.all({
        page: CampaignList.page(wantedBy(filters, id, visit.zone ?? time_zone)),
        counts: CampaignList.counts(id),
        senders: Senders.senders(),
        authors: People.people()
      })
    ),
    ({ authors, counts, page, senders }) => (
      <CampaignsPage here={visit} filters={filters} page={page} counts={counts} choices={{ senders, authors }} />
    )
  )
}

/** Asked first, then done: each in a transaction of its own, so that one that is refused keeps none of the others. */
const archived = Effect.fnUntraced(function* (visit: Here) {
  const path = `/w/${visit.workspace.id}/campaigns`
  const many = yield* formOfMany(visit.c)
  // a query of this list and nothing else: it becomes the end of an address
  const back = /^\?[\w=&%+.*-]{1,1000}$/.exec(many("back")[0] ?? "")?.[0] ?? ""
  const ids = many("campaign")
    .filter((id) => /^[1-9]\d{0,8}$/.test(id))
    .map(Number)
  const { campaigns } = yield* visit.acting(CampaignList.page({ workspaceId: visit.workspace.id, ids }))
  // archived by somebody else meanwhile, or none was ticked
  if (campaigns.length === 0) return go(visit.c, `${path}${back}`)
  if (many("sure")[0] !== "yes") return <ArchivePage here={visit} back={back} campaigns={campaigns} />
  const said = yield* Effect.forEach(campaigns, (one) =>
    Effect.match(visit.acting(archive(one.id)), {
      onFailure: ({ message }) => ({ one, said: message }),
      onSuccess: () => undefined
    })
  )
  const refused = said.filter((one) => one !== undefined)
  if (refused.length === 0) return go(visit.c, `${path}${back}`)
  visit.c.status(409)
  return <RefusedPage here={visit} back={back} archived={campaigns.length - refused.length} refused={refused} />
})
