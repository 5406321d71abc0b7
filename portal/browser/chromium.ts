/**
 * The browser itself: Chromium as npm brought it, unpacked once a machine. Any number of processes may ask for it at the same moment:
 * each finds it whole or unpacks one for itself, and the first to be ready is kept.
 */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import packed from "@sparticuz/chromium"
import { type Browser, chromium } from "playwright-core"

/** Its version, so that a newer package is unpacked beside it. */
const version = (): string => {
  const main = createRequire(import.meta.url).resolve("@sparticuz/chromium")
  return JSON.parse(readFileSync(join(main, "../../package.json"), "utf8")).version
}

const unpacked = async (): Promise<string> => {
  const home = join(tmpdir(), `countersign-chromium-${version()}`)
  const path = join(home, "chromium")
  if (existsSync(path)) return path
  const making = mkdtempSync(`${home}-`)
  const before = process.env.TMPDIR
  process.env.TMPDIR = making
  try {
    await packed.executablePath()
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
  try {
    renameSync(making, home)
  } catch {
    // another process was first
    rmSync(making, { recursive: true })
  }
  return path
}

/** What makes it less of a browser than people have is left out: its processes, and what keeps sites apart. */
const TOO_LAX = /single-process|no-zygote|web-security|isolat|insecure-content|disable-features/i

export const launchChromium = async (): Promise<Browser> =>
  chromium.launch({ executablePath: await unpacked(), args: packed.args.filter((arg) => !TOO_LAX.test(arg)) })
