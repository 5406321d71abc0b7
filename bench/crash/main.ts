/**
 * `npm run proof:crash -- --times 100 [--others 12] [--seed n]`: kills the engine, Postgres and the sockets at random
 * moments of running campaigns, and afterwards accounts for every number.
 *
 * What is said on the way goes to stderr; the last line, on stdout, is one JSON object. Exit code 1: something was lost,
 * sent twice, or does not add up. 2: nonsense was asked for.
 */
import { parseArgs } from "node:util"
import { Effect } from "effect"
import { prove, wholePlan } from "./proof.ts"

const { values } = parseArgs({
  options: { times: { type: "string" }, others: { type: "string" }, seed: { type: "string" } }
})
const whole = (name: "times" | "others" | "seed", byDefault: number): number => {
  const given = values[name]
  if (given === undefined) return byDefault
  if (/^\d+$/.test(given)) return Number(given)
  process.stderr.write(`--${name} is a whole number\n`)
  process.exit(2)
}
const times = whole("times", 100)
const others = whole("others", 12)
const seed = whole("seed", Date.now() % 1_000_000)

process.stderr.write(`seed ${seed}\n`)
const began = performance.now()
const legs = await Effect.runPromise(prove(wholePlan(times, others), seed, (line) => process.stderr.write(`${line}\n`)))
const violations = legs.flatMap((leg) => leg.violations)
for (const violation of violations) process.stderr.write(`VIOLATION ${violation}\n`)
const seconds = Math.round((performance.now() - began) / 1000)
process.stdout.write(`${JSON.stringify({ seed, seconds, legs, violations: violations.length })}\n`)
process.exitCode = violations.length > 0 ? 1 : 0
