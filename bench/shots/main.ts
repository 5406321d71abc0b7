/**
 * Every screen of the demo, by day and by night, on a telephone, a tablet and a desk: pictures to look at, in data/shots, with a page that
 * shows them side by side. The screens are the router's own, so that a new one is among them.
 */
import "#portal/jsx.ts"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Context, Effect } from "effect"
import type { Browser, Page } from "playwright-core"
import { asked } from "#bench/asked.ts"
import { DEMO_PASSWORD } from "#deploy/local/DemoPortal.ts"
import { launchChromium } from "#portal/browser/chromium.ts"
import { pathOf, routesOf } from "#portal/testing/paths.ts"
import { placesIn, startDemo } from "./Demo.ts"

asked(
  "Screenshots of every screen of the demo, light and dark, in three widths, into data/shots; index.html shows them.",
  {}
)

const into = "data/shots"
const WIDTHS = [390, 768, 1280] as const
const THEMES = ["light", "dark"] as const

interface Screen {
  readonly name: string
  readonly path: string
}

/** Of a route with a campaign in it, one of each state; else one. */
const screensOf = Effect.fnUntraced(function* (cwd: string) {
  // only now: its views need what jsx.ts has set up
  const { app } = yield* Effect.promise(() => import("#portal/app.tsx"))
  const routes = routesOf(app(Context.empty() as never, {} as never)).filter((route) => route.startsWith("GET "))
  const places = yield* placesIn(cwd)
  const whole = places.find(({ state }) => state === "done")!
  return routes.flatMap((route): ReadonlyArray<Screen> => {
    const pattern = route.slice(4)
    const slug =
      pattern
        .replace(/^\/w\/:workspace/, "workspace")
        .replace(/[^\w]+/g, "-")
        .replace(/^-|-$/g, "") || "home"
    if (!/:campaign(\/course)?$/.test(pattern)) return [{ name: slug, path: pathOf(pattern, whole) }]
    return places.map((one) => ({ name: `${slug}-${one.state}`, path: pathOf(pattern, one) }))
  })
})

const windowOf = async (
  browser: Browser,
  origin: string,
  width: number,
  theme: (typeof THEMES)[number],
  who?: string
) => {
  const context = await browser.newContext({
    ...{ baseURL: origin, viewport: { width, height: 900 }, colorScheme: theme, locale: "en" },
    ...{ timezoneId: "Asia/Tashkent", reducedMotion: "reduce" }
  })
  await context.addCookies([{ name: "countersign_theme", value: theme, url: origin }])
  const page = await context.newPage()
  if (who !== undefined) {
    await page.goto("/sign-in")
    await page.locator("#email").fill(`${who}@demo.example`)
    await page.locator("#password").fill(DEMO_PASSWORD)
    await page.locator("form[action='/sign-in'] button[type=submit]").first().click()
    await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"))
  }
  return page
}

/** Whether there is a page for whose window it is, once its address is asked; what never ends by itself is none. */
const isThere = async (page: Page, origin: string, path: string) => {
  const gone = new AbortController()
  const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ")
  const answer = await fetch(`${origin}${path}`, {
    headers: { Cookie: cookies },
    redirect: "manual",
    signal: gone.signal
  })
  const isPage = answer.status === 200 && answer.headers.get("Content-Type")?.startsWith("text/html") === true
  if (isPage) return (await answer.text()).includes("<html")
  gone.abort()
  return false
}

/** Whoever sees it first: an admin of the department, a super admin, somebody not signed in. Gives the names of those taken. */
const shoot = async (origin: string, screens: ReadonlyArray<Screen>) => {
  const browser = await launchChromium()
  const taken = new Set<string>()
  for (const theme of THEMES)
    for (const width of WIDTHS) {
      const folder = join(into, `${width}-${theme}`)
      mkdirSync(folder, { recursive: true })
      const windows: Array<Page> = []
      for (const who of ["olga", "sardor", undefined]) windows.push(await windowOf(browser, origin, width, theme, who))
      for (const { name, path } of screens)
        for (const page of windows)
          if (await isThere(page, origin, path)) {
            await page.goto(path)
            await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
            taken.add(name)
            break
          }
      for (const page of windows) await page.context().close()
    }
  await browser.close()
  return [...taken]
}

const index = (names: ReadonlyArray<string>) => {
  const picture = (name: string) => (width: number) =>
    THEMES.map(
      (theme) =>
        `<img loading="lazy" height="500" alt="${name}, ${width}, ${theme}" src="${width}-${theme}/${name}.png">`
    ).join("")
  const rows = names.map((name) => `<h2>${name}</h2><p>${WIDTHS.map(picture(name)).join("")}</p>`)
  return `<!doctype html><meta charset="utf-8"><title>Screens</title>${rows.join("\n")}\n`
}

Effect.scoped(
  Effect.gen(function* () {
    rmSync(into, { recursive: true, force: true })
    const { cwd, origin } = yield* startDemo
    const screens = yield* screensOf(cwd)
    const taken = yield* Effect.promise(() => shoot(origin, screens))
    writeFileSync(join(into, "index.html"), index(taken))
    yield* Console.log(
      `${taken.length} screens, ${taken.length * WIDTHS.length * THEMES.length} pictures: ${into}/index.html`
    )
  })
).pipe(NodeRuntime.runMain)
