/** The portal as a browser without scripts has it: the whole of it, asked in this process, with the cookies that it sets. For tests. */
import { Context, Effect, Redacted } from "effect"
import { Passwords } from "#portal/access/Passwords.ts"
import { type Demo, Site } from "#portal/access/Site.ts"
import type { Account } from "#portal/access/testing/accounts.ts"
import { app } from "#portal/app.tsx"
import { type Assets, makeAssets } from "#portal/assets.ts"
import { Desk, type Standing } from "#portal/Desk.ts"
import { Live } from "#portal/live/Live.ts"
import { Mail } from "#portal/mail/Mail.ts"
import { SqlClient } from "#schema/Database.ts"
import { Secrets } from "#schema/Secrets.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"

export const ORIGIN = "http://portal.example"

/** The same for all tests of a process: the style sheet takes a second. */
let assets: Promise<Assets> | undefined

/** What a portal at this address stands on, in a database with cheap passwords (TestAccess). */
export const standingAt = (origin: string, demo?: Demo) =>
  Effect.gen(function* () {
    const { asAccess, asPortal } = yield* TestDatabase
    return Context.empty().pipe(
      Context.add(SqlClient, yield* asPortal(SqlClient)),
      Context.add(Desk, { asAccess }),
      Context.add(Live, yield* asPortal(Live.make)),
      Context.add(Passwords, yield* Passwords),
      Context.add(Secrets, yield* Secrets),
      Context.add(Mail, yield* Mail),
      Context.add(Site, { origin, rpId: new URL(origin).hostname, name: "Countersign", ...(demo && { demo }) })
    ) satisfies Context.Context<Standing>
  })

export const testPortalAt = (origin: string, demo?: Demo) =>
  Effect.gen(function* () {
    const standing = yield* standingAt(origin, demo)
    assets ??= makeAssets()
    return app(standing, yield* Effect.promise(() => assets!))
  })

export const testPortal = testPortalAt(ORIGIN)

export type Portal = Effect.Success<typeof testPortal>

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** One window of one browser. It follows no redirects: where it is sent is what tests ask. */
export class Browser {
  readonly cookies = new Map<string, string>()
  private readonly portal: Portal

  constructor(portal: Portal) {
    this.portal = portal
  }

  readonly get = (path: string, headers: Readonly<Record<string, string>> = {}) => this.ask(path, { headers })

  /** Sends a form, as from a page of the portal. */
  readonly post = (
    path: string,
    form: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = { Origin: ORIGIN }
  ) => this.ask(path, { method: "POST", body: new URLSearchParams(form), headers })

  /** Sends octets, as the script does that uploads a file. */
  readonly put = (path: string, body: Uint8Array<ArrayBuffer> = new Uint8Array()) =>
    this.send("PUT", path, body, { "Content-Type": "application/octet-stream", Origin: ORIGIN })

  readonly send = (
    method: string,
    path: string,
    body: Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>>
  ) => this.ask(path, { method, body, headers })

  private ask(path: string, request: RequestInit): Effect.Effect<Answered> {
    return Effect.promise(async () => {
      const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ")
      const headers = { ...(request.headers as Record<string, string>), ...(cookie !== "" && { Cookie: cookie }) }
      const response = await this.portal.request(`${ORIGIN}${path}`, { ...request, headers })
      for (const line of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
        if (value === "") this.cookies.delete(name!)
        else this.cookies.set(name!, value!)
      }
      return { status: response.status, headers: response.headers, text: await response.text() }
    })
  }

  /** Signs in by the form. */
  readonly signIn = ({ email, password }: Account) =>
    this.post("/sign-in", { email, password: Redacted.value(password) })
}
