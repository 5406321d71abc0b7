/**
 * Passwords as argon2id hashes (RFC 9106, PHC strings).
 *
 * Promises: a check costs the same whether there is a hash or not; no more run at once than there are cores, since each takes its
 * memory and a core for some 50 ms, and no more wait than a person would wait for.
 */
import { availableParallelism } from "node:os"
import { hash as argon2, verify as argon2Verify, parseOptions } from "@node-rs/argon2"
import { Context, Effect, Layer, Metric, Redacted, Semaphore } from "effect"
import { newToken } from "#schema/people/Tokens.ts"
import { SignInError } from "./SignInError.ts"

export interface Cost {
  readonly memoryKiB: number
  readonly passes: number
  readonly lanes: number
}

/** OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane. */
export const OWASP: Cost = { memoryKiB: 19_456, passes: 2, lanes: 1 }

/** For each that is checked: at 50 ms each, who waits at the end waits about two seconds. */
const WAITING_EACH = 40

/** Each is some 50 ms of a core. */
export const passwordChecks = Metric.counter("password_checks_total", {
  description: "passwords checked against a hash, or against the one that stands in for an account that does not exist",
  incremental: true
})

export interface Options {
  readonly cost?: Cost
  /** As many as there are cores unless given. */
  readonly atOnce?: number
}

export class Passwords extends Context.Service<
  Passwords,
  {
    /** A PHC string of this password under a new salt. */
    readonly hash: (password: Redacted.Redacted<string>) => Effect.Effect<string, SignInError>
    /**
     * Gives what was asked if the password is of its hash, else undefined. With hash null a hash is checked that nothing fits.
     * It is asked for when its turn has come, so that nobody is counted as wrong who was sent away as one too many.
     */
    readonly verify: <A extends { readonly hash: string | null }, E, R>(
      asked: Effect.Effect<A, E, R>,
      password: Redacted.Redacted<string>
    ) => Effect.Effect<A | undefined, E | SignInError, R>
    /** Whether it was made under other costs than today's. */
    readonly isStale: (hash: string) => boolean
  }
>()("portal/access/Passwords") {
  static readonly layer = ({ atOnce = availableParallelism(), cost = OWASP }: Options = {}) =>
    Layer.effect(
      Passwords,
      Effect.gen(function* () {
        const turns = yield* Semaphore.make(atOnce)
        const options = { memoryCost: cost.memoryKiB, timeCost: cost.passes, parallelism: cost.lanes }
        let present = 0
        const inTurn = <A, E, R>(work: Effect.Effect<A, E, R>) =>
          Effect.suspend((): Effect.Effect<A, E | SignInError, R> => {
            if (present >= atOnce * (1 + WAITING_EACH)) return Effect.fail(busy)
            present++
            return Effect.ensuring(
              turns.withPermit(work),
              Effect.sync(() => present--)
            )
          })
        // a turn lasts as long as the thread that works, also when nobody waits for it any more
        const run = <A>(work: () => Promise<A>) => Effect.uninterruptible(Effect.promise(work))
        const made = (password: Redacted.Redacted<string>) => run(() => argon2(plain(password), options))
        const fitsNothing = yield* Effect.flatMap(newToken, made)
        return Passwords.of({
          hash: (password) => inTurn(made(password)),
          verify: (asked, password) =>
            inTurn(
              Effect.gen(function* () {
                const found = yield* asked
                yield* Metric.update(passwordChecks, 1)
                const fits = yield* run(() => argon2Verify(found.hash ?? fitsNothing, plain(password)))
                return fits && found.hash !== null ? found : undefined
              })
            ),
          isStale: (hash) => {
            const made = parseOptions(hash)
            return (
              made.memoryCost !== cost.memoryKiB || made.timeCost !== cost.passes || made.parallelism !== cost.lanes
            )
          }
        })
      })
    )
}

const busy = new SignInError({
  reason: "Busy",
  message: "too many people are signing in at this moment; try again in a few seconds"
})

/** The same characters typed on another keyboard are the same password (NIST SP 800-63B, 3.1.1.2). */
const plain = (password: Redacted.Redacted<string>) => Redacted.value(password).normalize("NFKC")
