/**
 * `npm run proof:crash -- --times 100 [--others 12] [--seed n]`: kills the engine, Postgres and the sockets at random
 * moments of running campaigns, and afterwards accounts for every number.
 *
 * What is said on the way goes to stderr; the last line, on stdout, is one JSON object. Exit code 1: something was lost,
 * sent twice, or does not add up, or nonsense was asked for.
 */
import { Effect } from "effect"
import { asked } from "#bench/asked.ts"
import { prove, wholePlan } from "./proof.ts"

const { others, seed, times } = asked(
  "Kills the engine, Postgres and the sockets at random moments of running campaigns, and accounts for every number.",
  {
    times: { default: 100, least: 0, most: 10_000, help: "how often the engine is killed" },
    others: {
      default: 12,
      least: 0,
      most: 10_000,
      help: "how often Postgres is killed, and how often all sockets are cut"
    },
    seed: { default: 0, least: 0, most: 2 ** 31, help: "of the plan; 0: another one each time, which is told" }
  }
)
const plan = seed > 0 ? seed : 1 + (Date.now() % 999_999)

process.stderr.write(`seed ${plan}\n`)
const began = performance.now()
const legs = await Effect.runPromise(prove(wholePlan(times, others), plan, (line) => process.stderr.write(`${line}\n`)))
const violations = legs.flatMap((leg) => leg.violations)
for (const violation of violations) process.stderr.write(`VIOLATION ${violation}\n`)
const seconds = Math.round((performance.now() - began) / 1000)
process.stdout.write(`${JSON.stringify({ seed: plan, seconds, legs, violations: violations.length })}\n`)
process.exitCode = violations.length > 0 ? 1 : 0
