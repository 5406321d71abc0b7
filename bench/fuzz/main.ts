/**
 * `npm run proof:fuzz`: rubbish at everything that reads what a peer sends (engine/smpp/fuzz.ts says what must hold).
 *
 * How far it is goes to stderr; the last line, on stdout, is one JSON object with counts, seconds and the heap before and
 * after. Exit code 1 after any escape, growth or a stream that took longer than a second, and when nonsense was asked for.
 */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { asked } from "#bench/asked.ts"
import { fuzz } from "#engine/smpp/fuzz.ts"

/** More than this beside what the program itself needs is growth: the garbage of a million streams is several GB. */
const MOST_GROWTH_MB = 8
const MOST_SLOW_MS = 1000

const { iterations, seed } = asked("Mutated and random octets into everything that reads what a peer sends.", {
  iterations: { default: 1_000_000, least: 1, most: 1_000_000_000, help: "streams" },
  seed: { default: 1, least: 0, most: 2 ** 32 - 2, help: "the same one gives the same streams" }
})

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void
const heapMb = () => {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}

const warm = fuzz(2000, seed + 1)
const before = heapMb()
const began = performance.now()
const elapsed = () => (performance.now() - began) / 1000
const { escapes, ...counts } = fuzz(iterations, seed, (streams) => {
  if (streams % Math.ceil(iterations / 20) !== 0) return
  process.stderr.write(`${streams.toLocaleString("en").padStart(13)} streams, ${elapsed().toFixed(0)} s\n`)
})
const seconds = elapsed()
const after = heapMb()

for (const escape of [...warm.escapes, ...escapes]) process.stderr.write(`${escape}\n`)
const rounded = (value: number) => Number(value.toFixed(2))
const figures = {
  ...counts,
  slowestMs: rounded(counts.slowestMs),
  seconds: rounded(seconds),
  heapMbBefore: rounded(before),
  heapMbAfter: rounded(after),
  escapes: warm.escapes.length + escapes.length
}
process.stdout.write(`${JSON.stringify(figures)}\n`)
const held = figures.escapes === 0 && after - before <= MOST_GROWTH_MB && counts.slowestMs <= MOST_SLOW_MS
process.exitCode = held ? 0 : 1
