/** What holds on every page, as a browser shows it: it fits a telephone, can be used by everybody, runs nothing foreign, and is light. */
import { brotliCompressSync } from "node:zlib"
import { AxeBuilder } from "@axe-core/playwright"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import type { Page } from "playwright-core"
import { makeAssets } from "#portal/assets.ts"
import { SESSION_COOKIE } from "#portal/visit.ts"
import { signedIn, TestBrowser, type WindowOptions } from "./Browser.ts"
import { pagesAmong, screens } from "./screens.ts"

/** With fonts, of which there are none. */
const MOST_OCTETS = 150_000

/** The house is made once, for all tests of this file. */
let made: Promise<Effect.Success<typeof screens>> | undefined

const house = Effect.gen(function* () {
  const context = yield* Effect.context<Effect.Services<typeof screens>>()
  made ??= Effect.runPromiseWith(context)(screens)
  return yield* Effect.promise(() => made!)
})

/** Shows every page to who sees most, and has it looked at; each: no page twice. Gives what was found, page by page. */
const onEveryPage = Effect.fnUntraced(function* (
  options: WindowOptions & { readonly each?: boolean },
  look: (page: Page, path: string) => Promise<ReadonlyArray<string>>
) {
  const { each, paths, who } = yield* house
  const { origin } = yield* TestBrowser
  const page = yield* signedIn(who, options)
  const cookies = yield* Effect.promise(() => page.context().cookies())
  const token = cookies.find(({ name }) => name === SESSION_COOKIE)!.value
  const pages = yield* pagesAmong(origin, Redacted.make(token), options.each ? each : paths)
  assert.isAbove(pages.length, 15)
  return yield* Effect.promise(async () => {
    const found: Array<string> = []
    for (const path of pages) {
      await page.goto(path)
      found.push(...(await look(page, path)).map((one) => `${path} ${one}`))
    }
    return found
  })
})

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

/** For all pages: a machine may be busy. */
const LONG_MS = 300_000

/** What axe calls serious or critical, and where. only: a rule that depends on colours. */
const barriers =
  (only?: "color-contrast") =>
  async (page: Page): Promise<ReadonlyArray<string>> => {
    const axe = new AxeBuilder({ page }).setLegacyMode()
    const { violations } = await (only === undefined ? axe.withTags(WCAG) : axe.withRules(only)).analyze()
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(
        ({ id, impact, nodes }) =>
          `${impact} ${id}: ${nodes
            .map(({ html }) => html)
            .slice(0, 3)
            .join(" | ")}`
      )
  }

/** How much wider than its window a page is, and what makes it so. */
const TOO_WIDE = `(() => {
  const over = document.documentElement.scrollWidth - window.innerWidth
  if (over <= 0) return undefined
  const isClipped = (one) => one.parentElement !== null &&
    (getComputedStyle(one.parentElement).overflowX !== "visible" || isClipped(one.parentElement))
  const out = [...document.querySelectorAll("body *")].filter(
    (one) => one.getBoundingClientRect().right > window.innerWidth + 1 && !isClipped(one)
  )
  return over + " pixels too wide, by " + out.slice(0, 3).map((one) => one.outerHTML.slice(0, 120)).join(" and ")
})()`

layer(TestBrowser.layer, { excludeTestServices: true })("every page", (it) => {
  it.effect(
    "fits a telephone, runs nothing that somebody was named, and comes in 150 kB with all it needs",
    () =>
      Effect.gen(function* () {
        const assets = yield* Effect.promise(makeAssets)
        const packed = [...assets.byPath.values()].reduce((sum, { brotli }) => sum + brotli.length, 0)
        const found = yield* onEveryPage({ width: 390 }, async (page) => {
          const isWide = await page.evaluate(TOO_WIDE)
          const isRun = (await page.title()) === "run" || (await page.locator("img[src=x]").count()) > 0
          const octets = packed + brotliCompressSync(await page.content()).length
          return [
            ...(isWide === undefined ? [] : [`is ${isWide}`]),
            ...(isRun ? ["runs what somebody was named"] : []),
            ...(octets <= MOST_OCTETS ? [] : [`comes in ${octets} octets`])
          ]
        })
        assert.deepStrictEqual(found, [])
      }),
    LONG_MS
  )

  it.effect(
    "has nothing by day that keeps anybody out, as far as axe can tell",
    () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* onEveryPage({ theme: "light", each: true }, barriers()), [])
      }),
    LONG_MS
  )

  it.effect(
    "has enough contrast by night too",
    () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* onEveryPage({ theme: "dark", each: true }, barriers("color-contrast")), [])
      }),
    LONG_MS
  )
})
