/**
 * Master: all workspaces, for super admins, who look at them in none and change nothing. To act in one they enter it for the rest of their
 * session, which its audit says. Beside it the archive of workspaces, from which one can be restored.
 */
import { Effect } from "effect"
import { Hono } from "hono"
import * as Sessions from "#portal/access/Sessions.ts"
import type { Answers } from "#portal/answers.tsx"
import { form } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import type { Env, Person } from "#portal/visit.ts"
import * as CampaignList from "#schema/campaign/CampaignList.ts"
import type { SqlClient, SqlError } from "#schema/Database.ts"
import { type Acting, act } from "#schema/people/Acting.ts"
import * as Master from "#schema/people/Master.ts"
import * as WorkspaceSettings from "#schema/people/WorkspaceSettings.ts"
import { Refused } from "#schema/Refused.ts"
import { ArchivePage, MasterPage } from "./MasterPages.tsx"

export const master = ({ signedIn }: Answers) =>
  new Hono<Env>()
    .get("/", signedIn(atAGlance))
    .get("/archive", signedIn(archive))
    .post(
      "/enter",
      signedIn((who) => chosen(who, Sessions.enter))
    )
    .post(
      "/restore",
      signedIn((who) => chosen(who, WorkspaceSettings.restore))
    )

/** In no workspace, where super admins look at all; to anybody else there is nothing here. */
const inAll = (who: Person): Acting =>
  who.me.super_admin
    ? act(who.token, null, who.request)
    : () => Effect.fail(new Refused({ reason: "Forbidden", message: "only a super admin sees all workspaces" }))

const atAGlance = (who: Person) =>
  Effect.map(
    inAll(who)(
      Effect.all([Master.workspaces(false), CampaignList.page({ workspaceId: null, states: ["sending", "paused"] })])
    ),
    ([workspaces, running]) => <MasterPage who={who} workspaces={workspaces} running={running} />
  )

const archive = (who: Person) =>
  Effect.map(inAll(who)(Master.workspaces(true)), (workspaces) => <ArchivePage who={who} workspaces={workspaces} />)

/** Done with the workspace that the form names; then there, or where it is looked for. */
const chosen = Effect.fnUntraced(function* (
  who: Person,
  doing: (workspaceId: number) => Effect.Effect<unknown, Refused | SqlError, SqlClient>
) {
  const text = (yield* form(who.c))("workspace")
  const id = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0
  yield* inAll(who)(doing(id))
  return go(who.c, doing === Sessions.enter ? `/w/${id}` : "/master")
})
