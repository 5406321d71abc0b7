/** Where a workspace begins: what needs whoever looks, what is running, and today beside a usual day. */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import type { Env, Here } from "#portal/visit.ts"
import * as CampaignList from "#schema/campaign/CampaignList.ts"
import { dailyTraffic } from "#schema/campaign/DailyTraffic.ts"
import * as ReviewQueue from "#schema/campaign/ReviewQueue.ts"
import { OverviewPage, Running } from "./OverviewPage.tsx"

const read = ({ me, workspace }: Here) =>
  Effect.all({
    queue: ReviewQueue.page(workspace.id),
    drafts: CampaignList.page({ workspaceId: workspace.id, states: ["draft"], authorId: me.id }),
    toStart: CampaignList.page({ workspaceId: workspace.id, waitingForStart: true }),
    running: running(workspace.id),
    traffic: dailyTraffic(workspace.id)
  })

const running = (workspaceId: number) => CampaignList.page({ workspaceId, states: ["sending", "paused"] })

export const overview = ({ here }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      here((visit) => Effect.map(visit.acting(read(visit)), (seen) => <OverviewPage here={visit} seen={seen} />))
    )
    // for the page, which asks while something runs
    .get(
      "/running",
      here((visit) =>
        Effect.map(visit.acting(running(visit.workspace.id)), ({ campaigns }) => (
          <Running here={visit} running={campaigns} />
        ))
      )
    )
