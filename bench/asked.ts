/**
 * What a benchmark, a proof or `npm start` was told on its command line: whole numbers and switches, the same way for all of them.
 *
 * Promises: `--help` says every option with its default and ends with 0; what can't be understood is told in one line, before
 * anything is started, and ends with 1. Whatever comes back is within its bounds.
 */
import { parseArgs } from "node:util"

export interface Whole {
  readonly default: number
  readonly least: number
  readonly most: number
  readonly help: string
}

/** One that is on unless said otherwise is switched off by `--no-name`. */
export interface Switch {
  readonly default: boolean
  readonly help: string
}

export type Options = Readonly<Record<string, Whole | Switch>>

export type Asked<O extends Options> = { readonly [K in keyof O]: O[K] extends Whole ? number : boolean }

/** Why the command line can't be taken, in a line. */
export class NotUnderstood extends Error {}

const isWhole = (option: Whole | Switch): option is Whole => typeof option.default === "number"

/** The values, or "help". Throws `NotUnderstood`. */
export const readArguments = <O extends Options>(options: O, args: ReadonlyArray<string>): Asked<O> | "help" => {
  const given = parsed(options, args)
  if (given.help === true) return "help"
  const value = ([name, option]: readonly [string, Whole | Switch]) => {
    if (!isWhole(option)) return [name, given[name] ?? option.default]
    const text = given[name] ?? `${option.default}`
    const n = Number(text)
    if (/^\d+$/.test(`${text}`) && n >= option.least && n <= option.most) return [name, n]
    throw new NotUnderstood(`--${name} is a whole number from ${option.least} to ${option.most}, not “${text}”`)
  }
  return Object.fromEntries(Object.entries(options).map(value)) as Asked<O>
}

const parsed = (options: Options, args: ReadonlyArray<string>): Record<string, string | boolean | undefined> => {
  const types = Object.entries(options).map(([name, option]) => [
    name,
    { type: isWhole(option) ? ("string" as const) : ("boolean" as const) }
  ])
  try {
    return parseArgs({
      args: [...args],
      options: { ...Object.fromEntries(types), help: { type: "boolean", short: "h" } },
      allowNegative: true
    }).values as Record<string, string | boolean | undefined>
  } catch (error) {
    // its first sentence says which one; the rest is about positional arguments
    throw new NotUnderstood(`${(error as Error).message.split(". ")[0]}; --help lists the options`)
  }
}

/** For --help. */
export const helpOf = (what: string, options: Options): string =>
  [
    what,
    "",
    ...Object.entries<Whole | Switch>({ ...options, help: { default: false, help: "this" } }).map(([name, option]) => {
      const flag = isWhole(option) ? `--${name} N` : option.default ? `--no-${name}` : `--${name}`
      return `  ${flag.padEnd(18)} ${option.help}${isWhole(option) ? ` [${option.default}]` : ""}`
    })
  ].join("\n")

/** The same for a program that begins: helps, or refuses, and ends it. */
export const asked = <O extends Options>(what: string, options: O): Asked<O> => {
  try {
    const values = readArguments(options, process.argv.slice(2))
    if (values !== "help") return values
    process.stdout.write(`${helpOf(what, options)}\n`)
    process.exit(0)
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}
