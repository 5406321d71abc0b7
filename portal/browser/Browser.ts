/**
 * A real browser on a real portal: Chromium, one a test file, and the portal listening on a port of its own over the file's database. Each
 * person has a window of their own, with nothing in it of another's.
 *
 *     layer(TestBrowser, { excludeTestServices: true })("…", (it) => {
 *       it.effect("…", () => Effect.gen(function* () {
 *         const ivan = yield* signedIn(yield* member(workspace, "moderator"))
 *         yield* Effect.promise(() => ivan.getByRole("button", { name: "Approve" }).click())
 *       }))
 *     })
 *
 * Promises: a test fails when a page of it had a fault in a script, or something that its own policy refuses.
 */
import { createServer } from "node:net"
import { Context, Effect, Layer, Redacted } from "effect"
import type { BrowserContextOptions, Page } from "playwright-core"
import { type Account, account, TestAccess } from "#portal/access/testing/accounts.ts"
import { portal } from "#portal/Portal.ts"
import { standingAt } from "#portal/testing/browsing.ts"
import { LANGUAGE_COOKIE, THEME_COOKIE, type Theme } from "#portal/visit.ts"
import type { Language } from "#portal/words.ts"
import { SqlClient } from "#schema/Database.ts"
import { launchChromium } from "./chromium.ts"

/** How long a page may take to show what is waited for: it is for hangs. */
const PATIENCE_MS = 20_000

export interface WindowOptions {
  /** In CSS pixels; 1280 unless given. */
  readonly width?: number
  readonly theme?: Theme
  readonly language?: Language
  /** false: a browser that runs no scripts. */
  readonly scripts?: boolean
}

export class TestBrowser extends Context.Service<
  TestBrowser,
  {
    /** Scheme, host and port. */
    readonly origin: string
    /** Somebody's own browser, closed with the scope. */
    readonly open: (options: BrowserContextOptions) => Promise<Page>
  }
>()("portal/browser/Browser") {
  static readonly layerAlone = Layer.effect(
    TestBrowser,
    Effect.gen(function* () {
      const port = yield* freePort
      const origin = `http://localhost:${port}`
      const standing = yield* standingAt(origin)
      yield* Effect.provide(portal({ host: "127.0.0.1", port }), standing)
      const browser = yield* Effect.acquireRelease(Effect.promise(launchChromium), (running) =>
        Effect.promise(() => running.close())
      )
      return {
        origin,
        open: async (options) => {
          const context = await browser.newContext({ baseURL: origin, ...options })
          context.setDefaultTimeout(PATIENCE_MS)
          return context.newPage()
        }
      }
    })
  )

  /** With a database, cheap passwords, and mail that is written (TestAccess). */
  static readonly layer = Layer.provideMerge(TestBrowser.layerAlone, TestAccess)
}

/** A window of somebody who has not signed in. */
export const window = Effect.fnUntraced(function* (options: WindowOptions = {}) {
  const { language = "en", scripts = true, theme, width = 1280 } = options
  const { open, origin } = yield* TestBrowser
  const faults: Array<string> = []
  const page = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const page = await open({
        ...{ viewport: { width, height: 800 }, javaScriptEnabled: scripts, locale: language },
        ...{ timezoneId: "Asia/Tashkent", ...(theme && { colorScheme: theme }), reducedMotion: "reduce" }
      })
      const cookies = { [LANGUAGE_COOKIE]: language, ...(theme && { [THEME_COOKIE]: theme }) }
      await page.context().addCookies(Object.entries(cookies).map(([name, value]) => ({ name, value, url: origin })))
      page.on("pageerror", (error) => faults.push(`${page.url()}: ${error}`))
      page.on("console", (said) => {
        // a status that is no success is a test's own business
        if (said.type() === "error" && !said.text().startsWith("Failed to load resource"))
          faults.push(`${page.url()}: ${said.text()}`)
      })
      return page
    }),
    (page) => Effect.promise(() => page.context().close())
  )
  yield* Effect.addFinalizer(() => (faults.length === 0 ? Effect.void : Effect.die(faults.join("\n"))))
  return page
})

/** Types into the form of sign-in and sends it; the window must show it. */
export const typeSignIn = async (page: Page, email: string, password: string) => {
  await page.locator("#email").fill(email)
  await page.locator("#password").fill(password)
  await page.locator("form[action='/sign-in'] button[type=submit]").click()
}

/** A window of theirs, on the first page that they get. */
export const signedIn = Effect.fnUntraced(function* ({ email, password }: Account, options: WindowOptions = {}) {
  const page = yield* window(options)
  yield* Effect.promise(async () => {
    await page.goto("/sign-in")
    await typeSignIn(page, email, Redacted.value(password))
    await page.waitForURL((url) => url.pathname !== "/sign-in")
  })
  return page
})

/** Somebody new in a workspace. columns: of the person, as `super_admin`. */
export const member = Effect.fnUntraced(function* (
  { workspaceId }: { readonly workspaceId: number },
  role: "author" | "moderator" | "admin",
  columns: Readonly<Record<string, boolean>> = {}
) {
  const sql = yield* SqlClient
  const who = yield* account(columns)
  yield* sql`INSERT INTO membership ${sql.insert({ workspace_id: workspaceId, person_id: who.personId, role })}`
  return who
})

/** The address is part of what passkeys sign, so it has to be known before it is listened on. */
const freePort = Effect.callback<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const at = server.address()
    server.close(() => resume(Effect.succeed(typeof at === "object" && at !== null ? at.port : 0)))
  })
})
