/** Medians, ranges and what is said of them. */
import type { Figures } from "./Run.ts"

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const round = (value: number, digits = 0): number => Number(value.toFixed(digits))
export const range = (values: ReadonlyArray<number>, digits = 0) => [
  round(Math.min(...values), digits),
  round(Math.max(...values), digits)
]

/** One line for a person to follow the runs by. */
export const line = (f: Figures): string =>
  `${f.sender.padEnd(6)} ${Math.round(f.perSecond).toLocaleString("en").padStart(8)} a second, ${f.seconds.toFixed(2)} s, ` +
  `${f.microsPerMessage.toFixed(2)} µs CPU a message (simulator ${f.simulatorMicros.toFixed(2)}), peak ${f.rssMb.toFixed(0)} MB, ` +
  `${f.bytesPerMessage.toFixed(1)} bytes a message, claim to answer ${f.p50Ms}/${f.p99Ms} ms, ` +
  `loaded ${Math.round(f.loadPerSecond).toLocaleString("en")} a second` +
  (isRight(f)
    ? ""
    : `; WRONG: ${f.unknown} unknown, ${f.missing} missing, ${f.duplicates} duplicates, ${f.differences} differences`)

/** The ledger and the simulator agree on everything. */
export const isRight = (f: Figures): boolean => f.unknown + f.missing + f.duplicates + f.differences === 0

/** The benchmark's last line. Where there were several runs: medians, and the ranges beside them. */
export const summary = (engine: ReadonlyArray<Figures>, floor: ReadonlyArray<Figures>) => {
  const of = (pick: (f: Figures) => number, from = engine) => from.map(pick)
  const most = (pick: (f: Figures) => number) => Math.max(...of(pick))
  const perSecond = of((f) => f.perSecond)
  const floors = of((f) => f.perSecond, floor)
  const ratios = floors.map((f, i) => perSecond[i]! / f)
  return {
    messages: engine[0]!.messages,
    perSecond: round(median(perSecond)),
    ...(floor.length === 0 ? {} : { floorPerSecond: round(median(floors)), ratio: round(median(ratios), 3) }),
    engineMicrosPerMessage: round(median(of((f) => f.microsPerMessage)), 2),
    ...(floor.length === 0 ? {} : { floorMicrosPerMessage: round(median(of((f) => f.microsPerMessage, floor)), 2) }),
    rssMb: round(most((f) => f.rssMb)),
    loadPerSecond: round(median([...of((f) => f.loadPerSecond), ...of((f) => f.loadPerSecond, floor)])),
    bytesPerMessage: round(
      most((f) => f.bytesPerMessage),
      1
    ),
    unknown: most((f) => f.unknown),
    missing: most((f) => f.missing),
    duplicates: most((f) => f.duplicates),
    differences: most((f) => f.differences),
    p50Ms: round(median(of((f) => f.p50Ms))),
    p99Ms: round(median(of((f) => f.p99Ms))),
    ...(engine.length === 1
      ? {}
      : {
          runs: engine.length,
          perSecondRange: range(perSecond),
          ...(floor.length === 0 ? {} : { floorPerSecondRange: range(floors), ratioRange: range(ratios, 3) }),
          engineMicrosPerMessageRange: range(
            of((f) => f.microsPerMessage),
            2
          ),
          rssMbRange: range(of((f) => f.rssMb))
        })
  }
}

/** What was promised of the engine: of the floor's speed at least, bytes a message on disk below, MB of memory below. */
export const LEAST_RATIO = 0.7
export const MOST_BYTES = 25
export const MOST_RSS_MB = 400
/** Between a campaign and one of ten times its size. */
export const MOST_GROWTH_MB = 50

/** With fewer messages than this what tables and indexes take at the least weighs more than what is in them. */
const FEW = 50_000

export interface Promised {
  /** What was found, and what was promised. */
  readonly what: string
  readonly kept: boolean
  /** Whether breaking it fails the benchmark: time does not, for a machine may be busy with other things. */
  readonly fails: boolean
}

/** Everything that this run can tell of. tenfold: the runs of `--memory` with ten times the messages. */
export const promises = (
  engine: ReadonlyArray<Figures>,
  floor: ReadonlyArray<Figures>,
  tenfold: ReadonlyArray<Figures>
): ReadonlyArray<Promised> => {
  const all = [...engine, ...tenfold]
  const promised = (what: string, kept: boolean, fails = true): Promised => ({ what, kept, fails })
  const wrong = [...all, ...floor].filter((f) => !isRight(f)).length
  const ratio = median(engine.flatMap((f, i) => (floor[i] === undefined ? [] : [f.perSecond / floor[i].perSecond])))
  const bytes = Math.max(...all.filter((f) => f.messages >= FEW).map((f) => f.bytesPerMessage))
  const [before, after] = [engine, tenfold].map((runs) => Math.max(...runs.map((f) => f.rssMb))) as [number, number]
  return [
    promised(`the ledger and the simulator disagree in ${wrong} runs`, wrong === 0),
    ...(floor.length === 0
      ? []
      : [
          promised(
            `a ratio of ${ratio.toFixed(3)}, and at least ${LEAST_RATIO} is promised`,
            ratio >= LEAST_RATIO,
            false
          )
        ]),
    ...(bytes > 0
      ? [promised(`${bytes.toFixed(1)} bytes a message, and fewer than ${MOST_BYTES} are promised`, bytes < MOST_BYTES)]
      : []),
    ...(tenfold.length === 0
      ? []
      : [
          promised(
            `${before.toFixed(0)} MB of memory, then ${after.toFixed(0)} MB; fewer than ${MOST_RSS_MB} are promised, within ${MOST_GROWTH_MB}`,
            Math.max(before, after) < MOST_RSS_MB && Math.abs(after - before) <= MOST_GROWTH_MB
          )
        ])
  ]
}
