/** The pages that people of a workspace open all day: lists, what they filter them by, and what each of their rows leads to. */
import { Redacted } from "effect"
import type { Reader } from "#bench/big/people.ts"
import { SESSION_COOKIE } from "#portal/visit.ts"

export interface Page {
  readonly what: string
  readonly path: string
  /** whose */
  readonly cookie: string
}

/** Each of these pages of each reader, who acts in a workspace. */
export const pagesOf = (readers: ReadonlyArray<Reader>): ReadonlyArray<Page> =>
  readers.flatMap(({ name, place: { campaignId, reveals, workspaceId }, token }) =>
    [
      "",
      "/campaigns",
      "/campaigns?state=done",
      "/campaigns?q=maintenance",
      `/campaigns/${campaignId}`,
      `/campaigns/${campaignId}/course`,
      // who may decide
      ...(reveals ? ["/moderation"] : []),
      "/senders",
      "/audit"
    ].map((path) => ({
      what: `${name}: ${path === "" ? "overview" : path.replace(`${campaignId}`, "7")}`,
      path: `/w/${workspaceId}${path}`,
      cookie: `${SESSION_COOKIE}=${Redacted.value(token)}`
    }))
  )
