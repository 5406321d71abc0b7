/**
 * What a benchmark found, and whether it is as was asked: lines for people, then one JSON object. Over several runs the median with
 * its range beside it.
 */
import { Console, Effect } from "effect"
import { median, range } from "#bench/engine/report.ts"

export interface Figure {
  /** in JSON */
  readonly name: string
  /** for people, with its unit */
  readonly what: string
  readonly value: number
  /** its bounds; of several runs asked of the median */
  readonly least?: number
  readonly most?: number
  /** asked of each run: what is counted and never a matter of chance */
  readonly strict?: boolean
}

/** What has to be so in every run. */
export const exactly = (name: string, what: string, value: number, wanted: number): Figure => ({
  name,
  what,
  value,
  least: wanted,
  most: wanted,
  strict: true
})

interface Found extends Omit<Figure, "value"> {
  readonly value: number
  readonly range: ReadonlyArray<number>
  readonly holds: boolean
}

const DIGITS = 3
const shown = (value: number) => Number(value.toFixed(DIGITS)).toLocaleString("en", { maximumFractionDigits: DIGITS })

/** Of each figure its median, range and verdict; in the order of the first run. */
export const summed = (runs: ReadonlyArray<ReadonlyArray<Figure>>): ReadonlyArray<Found> =>
  runs[0]!.map((figure) => {
    const values = runs.map((run) => run.find(({ name }) => name === figure.name)?.value ?? Number.NaN)
    const value = median(values)
    const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = figure
    const isBound = figure.least !== undefined || figure.most !== undefined
    const asked = figure.strict === true ? values : [value]
    // what is not a number is in no bounds
    const holds = !isBound || asked.every((one) => one >= least && one <= most)
    return { ...figure, value, range: range(values, DIGITS), holds }
  })

const bounds = ({ least, most }: Found): string => {
  if (least !== undefined && least === most) return `asked: ${shown(least)}`
  const told = [
    least === undefined ? [] : [`at least ${shown(least)}`],
    most === undefined ? [] : [`at most ${shown(most)}`]
  ]
  return told.flat().length === 0 ? "" : `asked: ${told.flat().join(", ")}`
}

const line = (found: Found, runs: number): string => {
  const between = runs === 1 ? "" : ` (${shown(found.range[0]!)} to ${shown(found.range[1]!)})`
  const verdict = found.holds ? "" : "  NOT KEPT"
  return `  ${found.what.padEnd(66)} ${`${shown(found.value)}${between}`.padEnd(28)} ${bounds(found)}${verdict}`.trimEnd()
}

/** Tells what came out, and makes the exit code 1 where a bound was not kept. json: no lines for people. */
export const conclude = (runs: ReadonlyArray<ReadonlyArray<Figure>>, json: boolean): Effect.Effect<void> =>
  Effect.gen(function* () {
    const all = summed(runs)
    const broken = all.filter(({ holds }) => !holds).map(({ name }) => name)
    if (!json) for (const found of all) yield* Console.log(line(found, runs.length))
    yield* Console.log(broken.length === 0 ? "every bound was kept" : `NOT KEPT: ${broken.join(", ")}`)
    const figures = all.flatMap(
      ({ name, range, value }): Array<[string, number | ReadonlyArray<number>]> => [
        [name, Number(value.toFixed(DIGITS))],
        ...(runs.length === 1 ? [] : [[`${name}Range`, range] as [string, ReadonlyArray<number>]])
      ]
    )
    yield* Console.log(JSON.stringify({ ...Object.fromEntries(figures), runs: runs.length, broken }))
    if (broken.length > 0) process.exitCode = 1
  })
