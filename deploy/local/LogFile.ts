/**
 * Where the engine's words go while a person looks at the same terminal: all into a file, warnings also to the screen in
 * one line.
 */

import { Console } from "node:console"
import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { Writable } from "node:stream"
import { Layer, Logger, LogLevel } from "effect"
import * as Screen from "./Screen.ts"

/** The file begins anew beyond this; one before is kept as `.old`. */
const LONGEST = 10_000_000

/**
 * Log lines into `path`; warnings, and what `alsoShown` begins, also to the screen. What is written to `console` goes into
 * the file too: nothing but the screen writes to the terminal.
 */
export const logFile = (path: string, alsoShown?: string) => {
  mkdirSync(dirname(path), { recursive: true })
  if (existsSync(path) && statSync(path).size > LONGEST) renameSync(path, `${path}.old`)
  const write = (text: string) => {
    try {
      appendFileSync(path, text)
    } catch {
      // A full disk must not end the engine.
    }
  }
  const sink = new Writable({
    write: (chunk: Buffer, _, done) => {
      write(`timestamp=${new Date().toISOString()} ${chunk}`)
      done()
    }
  })
  globalThis.console = new Console(sink, sink)
  const toFile = Logger.map(Logger.formatLogFmt, (text) => write(`${text}\n`))
  const toScreen = Logger.make(({ logLevel, message }) => {
    const text = (Array.isArray(message) ? message : [message]).filter((part) => typeof part === "string").join(" ")
    const isWarning = LogLevel.isGreaterThanOrEqualTo(logLevel, "Warn")
    if (isWarning || (alsoShown !== undefined && text.startsWith(alsoShown))) show(text, isWarning)
  })
  return Layer.fresh(Logger.layer([toFile, toScreen]))
}

const show = (text: string, isWarning: boolean): void => {
  const time = new Date().toTimeString().slice(0, 8)
  Screen.line(`${Screen.dim(time)}  ${isWarning ? `${Screen.amber("!")} ` : ""}${Screen.shown(text)}`)
}
