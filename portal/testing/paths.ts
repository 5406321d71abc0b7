/** The paths of the router's patterns, with what a test has made in the places of their parameters. A new parameter gets its line here. */

export interface Places {
  readonly workspace: number
  readonly campaign: number
  readonly lane: number
  readonly sender: number
  readonly revision: number
  /** A member, of whom nothing else is asked; 1 unless given. */
  readonly person?: number
}

export const pathOf = (pattern: string, { campaign, lane, person = 1, revision, sender, workspace }: Places): string =>
  pattern
    .replace(":workspace", String(workspace))
    .replace(":campaign", String(campaign))
    .replace(":revision", String(revision))
    .replace(":sender", String(sender))
    .replace(":preset", "1")
    .replace(":channel", "1")
    .replace(":person", String(person))
    .replace(":invitation", "1")
    .replace(":request", "1")
    .replace(/:act\{.*\}/, "start")
    .replace(/:switch\{.*\}/, "on")
    .replace(/:section\{.*\}/, "workspace")
    .replace(":lane", String(lane))
    .replace(":seq", "1")
    .replace(":token", "a".repeat(43))
    .replace(":passkey", "1")
    .replace(":session", "999999")
    .replace(":hash", "0".repeat(16))
    .replace(":name", "portal.css")

/** Of a router's routes: `GET /w/:workspace`, each once. */
export const routesOf = (router: { readonly routes: ReadonlyArray<{ method: string; path: string }> }) => [
  ...new Set(
    router.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.length > 1 ? path.replace(/\/$/, "") : path}`)
  )
]
