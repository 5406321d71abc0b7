import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { COLOURS } from "#portal/access/Sessions.ts"

const sheet = readFileSync(new URL("portal.css", import.meta.url), "utf8")

/** What a rule says, by its selector. */
const said = (selector: string, property: string) =>
  sheet
    .match(new RegExp(`^  ${selector.replace(".", "\\.")} \\{([^}]*)\\}`, "m"))?.[1]
    ?.match(`${property}: ([^;]*);`)?.[1]

/** Relative luminance (WCAG 2.2). */
const luminance = (hex: string) =>
  [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i]!, 0)

const contrast = (one: string, other: string) => {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number]
  return (lighter + 0.05) / (darker + 0.05)
}

describe("the band over a workspace's name", () => {
  for (const theme of ["", ".dark "]) {
    it(`can be read in each of its colours${theme === "" ? "" : " by night"}, and those of Master`, () => {
      const text = said(`${theme}.band`, "color")!
      for (const colour of [...COLOURS, "master"]) {
        const grounds = said(`${theme}.band-${colour}`, "--band")?.match(/#[0-9a-f]{6}/g) ?? []
        assert.isNotEmpty(grounds, colour)
        for (const ground of grounds) assert.isAtLeast(contrast(text, ground), 4.5, `${theme}${colour} ${ground}`)
      }
    })
  }
})
