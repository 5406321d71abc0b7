/**
 * What pages bring with them: one style sheet and a few scripts, all served by us. They are made when the portal starts (the style
 * sheet from the classes that the views use) and named by their content, so that a browser keeps them for good.
 */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"
import { compile, optimize } from "@tailwindcss/node"
import { Scanner } from "@tailwindcss/oxide"

export interface Asset {
  readonly type: string
  readonly plain: Buffer
  readonly brotli: Buffer
  readonly gzip: Buffer
}

export interface Assets {
  /** Its address, by the name that views know it by. */
  readonly href: (name: AssetName) => string
  readonly byPath: ReadonlyMap<string, Asset>
}

export type AssetName = "portal.css" | "portal.js" | "pace.js" | "icon.svg"

const here = fileURLToPath(new URL(".", import.meta.url))
const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")
const ofPackage = (path: string) => readFileSync(createRequire(import.meta.url).resolve(path), "utf8")

const styles = async (): Promise<string> => {
  const compiler = await compile(read("styles/portal.css"), { base: here, onDependency: () => {} })
  const scanner = new Scanner({ sources: [{ base: here, pattern: "**/*.tsx", negated: false }] })
  return optimize(compiler.build(scanner.scan()), { minify: true }).code + ofPackage("uplot/dist/uPlot.min.css")
}

/** htmx and what it needs, then ours: one file, in this order. */
const scripts = (): string =>
  [
    ofPackage("htmx.org/dist/htmx.min.js"),
    ofPackage("htmx.org/dist/ext/hx-sse.min.js"),
    ofPackage("basecoat-css/basecoat.min"),
    ofPackage("basecoat-css/dropdown-menu.min"),
    read("scripts/portal.js"),
    read("scripts/passkey.js"),
    read("scripts/live.js"),
    read("scripts/upload.js")
  ].join(";\n")

/** For the one page that has a chart. */
const chart = (): string => [ofPackage("uplot/dist/uPlot.iife.min.js"), read("scripts/pace.js")].join(";\n")

const asset = (type: string, text: string): Asset => {
  const plain = Buffer.from(text)
  return {
    type,
    plain,
    brotli: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    gzip: gzipSync(plain, { level: 9 })
  }
}

export const makeAssets = async (): Promise<Assets> => {
  const made: ReadonlyArray<readonly [AssetName, Asset]> = [
    ["portal.css", asset("text/css; charset=utf-8", await styles())],
    ["portal.js", asset("text/javascript; charset=utf-8", scripts())],
    ["pace.js", asset("text/javascript; charset=utf-8", chart())],
    ["icon.svg", asset("image/svg+xml", read("styles/icon.svg"))]
  ]
  const paths = new Map(
    made.map(([name, { plain }]) => [
      name,
      `/assets/${createHash("sha256").update(plain).digest("hex").slice(0, 16)}/${name}`
    ])
  )
  return {
    href: (name) => paths.get(name)!,
    byPath: new Map(made.map(([name, made]) => [paths.get(name)!, made]))
  }
}
