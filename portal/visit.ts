/**
 * Who asks, in which language, and from where: what every handler is told of a request before it is looked at. Whether they may is the
 * database's to say.
 */
import type { HttpBindings } from "@hono/node-server"
import { Redacted } from "effect"
import type { Context } from "hono"
import { getCookie } from "hono/cookie"
import type { MyWorkspace } from "#portal/access/Sessions.ts"
import type { Demo } from "#portal/access/Site.ts"
import type { Acting, Request } from "#schema/people/Acting.ts"
import type { Me } from "#schema/people/People.ts"
import type { Assets } from "./assets.ts"
import { isZone } from "./words/times.ts"
import { isLanguage, type Language, languageOf, languages, type Words } from "./words.ts"

export interface Env {
  readonly Bindings: HttpBindings
  /** demo: where it is one. */
  readonly Variables: { readonly requestId: string; readonly demo: Demo | undefined }
}

export type Asked = Context<Env>

/** Anybody. */
export interface Visit {
  readonly c: Asked
  readonly words: Words
  readonly language: Language
  readonly theme: Theme | undefined
  readonly href: Assets["href"]
  /** The browser's time zone, once its script has told us. */
  readonly zone: string | undefined
  readonly now: Date
  /** For the audit. */
  readonly request: Request
  /** Of the cookie, whatever it is worth. */
  readonly token: Redacted.Redacted<string> | undefined
}

/** Somebody who has signed in, with their second factor where one is due. */
export interface Person extends Visit {
  readonly token: Redacted.Redacted<string>
  readonly me: Me
  readonly workspaces: ReadonlyArray<MyWorkspace>
}

/** The same, in a workspace that they may act in. */
export interface Here extends Person {
  readonly workspace: MyWorkspace
  readonly acting: Acting
}

export const SESSION_COOKIE = "countersign_session"
export const LANGUAGE_COOKIE = "countersign_language"
export const THEME_COOKIE = "countersign_theme"
/** As the system has it, by its script: where somebody chose nothing. */
export const SCHEME_COOKIE = "countersign_scheme"
export const ZONE_COOKIE = "countersign_zone"

export type Theme = "light" | "dark"

/** What a request says of itself. me: once it is known who asks, their own language comes before the browser's. */
export const visitOf = (c: Asked, assets: Assets, me?: Me): Visit => {
  const chosen = getCookie(c, LANGUAGE_COOKIE)
  const own = [chosen, me?.language].find(isLanguage)
  const language = own ?? languageOf(c.req.header("Accept-Language"))
  const theme = getCookie(c, THEME_COOKIE) ?? getCookie(c, SCHEME_COOKIE)
  const zone = getCookie(c, ZONE_COOKIE)
  const shown = getCookie(c, SESSION_COOKIE)
  return {
    c,
    language,
    words: languages[language],
    theme: theme === "light" || theme === "dark" ? theme : undefined,
    href: assets.href,
    zone: zone !== undefined && isZone(zone) ? zone : undefined,
    now: new Date(),
    request: {
      address: c.env?.incoming?.socket.remoteAddress ?? "",
      agent: (c.req.header("User-Agent") ?? "").slice(0, 500),
      request_id: c.get("requestId")
    },
    token: shown === undefined || shown === "" ? undefined : Redacted.make(shown)
  }
}
