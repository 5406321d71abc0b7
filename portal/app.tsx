/**
 * The portal, from the outside in: what holds for every request, then the rooms. Handlers are in the rooms; whether somebody may is in
 * the database.
 */
import { Context as Services } from "effect"
import { Hono } from "hono"
import { bodyLimit } from "hono/body-limit"
import { csrf } from "hono/csrf"
import { HTTPException } from "hono/http-exception"
import { requestId } from "hono/request-id"
import { secureHeaders } from "hono/secure-headers"
import { Site } from "./access/Site.ts"
import { answers, wrong } from "./answers.tsx"
import type { Asset, Assets } from "./assets.ts"
import type { Standing } from "./Desk.ts"
import { live } from "./live/room.tsx"
import { audience, boundsItself } from "./rooms/audience/room.tsx"
import { audit } from "./rooms/audit/room.tsx"
import { campaignNumbers } from "./rooms/campaign/numbers.tsx"
import { campaign } from "./rooms/campaign/room.tsx"
import { campaigns } from "./rooms/campaigns/room.tsx"
import { channels } from "./rooms/channels/room.tsx"
import { home } from "./rooms/home.tsx"
import { letters } from "./rooms/letters/room.tsx"
import { master } from "./rooms/master/room.tsx"
import { members } from "./rooms/members/room.tsx"
import { moderation } from "./rooms/moderation/room.tsx"
import { life, numbers } from "./rooms/numbers/room.tsx"
import { overview } from "./rooms/overview/room.tsx"
import { own } from "./rooms/own/room.tsx"
import { people, workspaces } from "./rooms/people/room.tsx"
import { presets } from "./rooms/senders/presets.tsx"
import { senders } from "./rooms/senders/room.tsx"
import { settings } from "./rooms/settings/room.tsx"
import { stopList } from "./rooms/settings/stopList.tsx"
import { signIn } from "./rooms/signIn/room.tsx"
import { wizard } from "./rooms/wizard/room.tsx"
import { type Asked, type Env, visitOf } from "./visit.ts"

/** A form. Files come another way, and bound themselves (rooms/audience). */
const MOST_OF_A_FORM = 1024 * 1024

export const app = (standing: Services.Context<Standing>, assets: Assets) => {
  const how = answers(standing, assets)
  const site = Services.get(standing, Site)
  const formLimit = bodyLimit({
    maxSize: MOST_OF_A_FORM,
    onError: (c) => wrong(visitOf(c as Asked, assets), "TooLarge")
  })
  return (
    new Hono<Env>()
      .use(requestId({ headerName: "" }))
      .use((c, next) => {
        c.set("demo", site.demo)
        return next()
      })
      .use(
        secureHeaders({
          contentSecurityPolicy: {
            defaultSrc: ["'none'"],
            ...{ scriptSrc: ["'self'"], styleSrc: ["'self'"], imgSrc: ["'self'"], connectSrc: ["'self'"] },
            ...{ formAction: ["'self'"], frameAncestors: ["'none'"], baseUri: ["'none'"] }
          },
          referrerPolicy: "same-origin",
          xFrameOptions: "DENY"
        })
      )
      .get("/assets/:hash/:name", (c) => asset(c, assets.byPath.get(c.req.path)))
      .use(async (c, next) => {
        // what one person saw is nobody else's, and not theirs any more once they have signed out
        c.header("Cache-Control", "no-store")
        await next()
      })
      // behind a proxy the address of a request is not the one that people type
      .use(csrf({ origin: (from, c) => from === site.origin || from === new URL(c.req.url).origin }))
      .use((c, next) => (boundsItself(c) ? next() : formLimit(c, next)))
      .route("/", signIn(how))
      .route("/", letters(how))
      .route("/", home(how))
      .route("/me", own(how))
      .route("/master", master(how))
      .route("/master/people", people(how))
      .route("/master/workspaces", workspaces(how))
      .route("/w/:workspace", overview(how))
      .route("/w/:workspace/live", live(how))
      .route("/w/:workspace/campaigns", campaigns(how))
      .route("/w/:workspace/campaigns", wizard(how))
      .route("/w/:workspace/campaigns/:campaign", campaign(how))
      .route("/w/:workspace/campaigns/:campaign", campaignNumbers(how))
      .route("/w/:workspace/campaigns/:campaign/numbers", life(how))
      .route("/w/:workspace/campaigns/:campaign/audience", audience(how))
      .route("/w/:workspace/moderation", moderation(how))
      .route("/w/:workspace/senders", senders(how))
      .route("/presets", presets(how))
      .route("/channels", channels(how))
      .route("/w/:workspace/numbers", numbers(how))
      .route("/w/:workspace/audit", audit(how))
      .route("/w/:workspace/members", members(how))
      .route("/w/:workspace/settings", settings(how))
      .route("/w/:workspace/settings/stop-list", stopList(how))
      .notFound((c) => wrong(visitOf(c, assets), "NotFound"))
      .onError((error, c) => {
        const isCrossSite = error instanceof HTTPException && error.status === 403
        return wrong(visitOf(c, assets), isCrossSite ? "CrossSite" : "Fault")
      })
  )
}

/** Named by its content, so that it never changes. */
const asset = (c: Asked, found: Asset | undefined) => {
  if (found === undefined) return c.notFound()
  const accepted = c.req.header("Accept-Encoding") ?? ""
  const coding = ["br", "gzip"].find((one) => new RegExp(`(^|[\\s,])${one}([\\s,;]|$)`).test(accepted))
  c.header("Cache-Control", "public, max-age=31536000, immutable")
  c.header("Vary", "Accept-Encoding")
  c.header("Content-Type", found.type)
  if (coding !== undefined) c.header("Content-Encoding", coding)
  const body = coding === "br" ? found.brotli : coding === "gzip" ? found.gzip : found.plain
  return c.body(new Uint8Array(body))
}
