/**
 * What a person sees in the terminal: calm, aligned lines, and one line at the bottom that moves.
 *
 * Nothing else may write to the terminal: what the engine and libraries log goes to a file (LogFile.ts). Colour means
 * state and always comes with a word; none when the output is no terminal or NO_COLOR is set.
 */
import { stripVTControlCharacters } from "node:util"

const terminal = process.stdout.isTTY === true
const coloured = terminal && !process.env.NO_COLOR

const sgr = (on: number, off: number) => (text: string) => (coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text)
export const bold = sgr(1, 22)
export const dim = sgr(2, 22)
export const red = sgr(31, 39)
export const green = sgr(32, 39)
export const amber = sgr(33, 39)

/** Whether somebody can be asked. */
export const isInteractive = terminal && process.stdin.isTTY === true

const INDENT = "  "
const LABEL = 12

/** What a terminal echoes at the end of the moving line when it is interrupted must not break it. */
const CTRL_C = 3

let moving = ""
let blank = false

/** Writes a line; the moving one stays below it. Of two empty ones in a row the second is left out. */
export const line = (text = ""): void => {
  if (text === "" && blank && moving === "") return
  blank = text === ""
  clear()
  process.stdout.write(text === "" ? "\n" : `${INDENT}${text.replaceAll("\n", `\n${INDENT}`)}\n`)
  draw()
}

/** A label and what belongs to it; several lines of it stay aligned. */
export const row = (label: string, ...values: ReadonlyArray<string>): void => {
  values.forEach((value, i) => {
    line(`${dim((i === 0 ? label : "").padEnd(LABEL))}${value}`)
  })
}

/** What the terminal is wide, or, where it doesn't say, COLUMNS. */
const columns = (): number => process.stdout.columns || Number(process.env.COLUMNS) || 80

/** Characters that the moving line has room for. */
export const room = (): number => columns() - INDENT.length - CTRL_C

/** The moving line: rewritten in place, cut to the width. Where there is no terminal nothing is shown. */
export const move = (text: string): void => {
  if (!terminal) return
  clear()
  moving = cutTo(text, room())
  draw()
}

/** Ends the moving line: it stays as it was last, or goes. */
export const settle = (keep: boolean): void => {
  if (moving === "") return
  if (keep) {
    process.stdout.write("\n")
    blank = false
  } else clear()
  moving = ""
}

const clear = () => {
  if (moving !== "") process.stdout.write("\r\u001b[2K")
}
const draw = () => {
  if (moving !== "") process.stdout.write(`${INDENT}${moving}`)
}

/** Cuts by what is visible; a cut line loses its colour rather than bleeding it. */
const cutTo = (text: string, width: number): string => {
  const plain = stripVTControlCharacters(text)
  return plain.length <= width ? text : plain.slice(0, Math.max(0, width))
}

/** An error: what happened, and what to do. */
export const failure = (message: string): void => {
  settle(true)
  const [first, ...rest] = message.split("\n")
  process.stderr.write(`\n${INDENT}${red("✗")} ${first}\n`)
  for (const more of rest) process.stderr.write(more === "" ? "\n" : `${INDENT}  ${more}\n`)
  process.stderr.write("\n")
}

const grouped = new Intl.NumberFormat("en")
/** 48000 as 48,000. */
export const count = (n: number): string => grouped.format(n)

/** "1 line", "3 lines". */
export const many = (n: number, one: string, more = `${one}s`): string => `${count(n)} ${n === 1 ? one : more}`

/** Text from a file or a person, safe to show: control characters would move the cursor. */
export const shown = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "�")

/** Shares from 0 to 1 as a bar of `width` characters: what is done, and what is done in part (at least as much). */
export const bar = (done: number, width: number, partly = done): string => {
  const length = (share: number) => Math.round(Math.max(0, Math.min(1, share)) * width)
  const full = length(done)
  const half = Math.max(0, length(partly) - full)
  return "█".repeat(full) + "▒".repeat(half) + dim("░".repeat(width - full - half))
}

/** Text without colours as lines that fit beside a label. */
export const wrapped = (text: string): ReadonlyArray<string> => {
  const width = Math.max(40, (process.stdout.columns || 100) - INDENT.length - LABEL - 1)
  const lines: Array<string> = []
  for (const word of text.split(" ")) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** "12 s", "3 min", "2 h 5 min". */
export const duration = (seconds: number): string => {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
