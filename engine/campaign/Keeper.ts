/**
 * After the end of campaigns: seals each ledger when its last outcome is in, and erases what has been kept as long as its
 * workspace says. Both are one small step after another, each of which may be left out and is done the next time; several
 * engines don't meet in it.
 */
import { Effect, Schedule } from "effect"
import { type SqlClient, type SqlError, sqlMessage } from "#schema/Database.ts"
import { eraseOverdue, sealNext } from "#schema/ledger/Keeping.ts"

/** A ledger waits hours for its last receipt, so some seconds more are nothing. */
const SEAL_EVERY = "5 seconds"

const ERASE_EVERY = "1 hour"

const sealAll = Effect.gen(function* () {
  let id = yield* sealNext
  while (id !== undefined) {
    yield* Effect.logInfo(`campaign ${id}: its ledger is sealed`)
    id = yield* sealNext
  }
})

const eraseAll = Effect.gen(function* () {
  while (yield* eraseOverdue);
})

const told = (what: string) =>
  Effect.catch((error: SqlError) => Effect.logWarning(`${what} waits for the next time: ${sqlMessage(error)}`))

export const keeper: Effect.Effect<never, never, SqlClient> = Effect.all(
  [
    Effect.repeat(sealAll.pipe(told("sealing ledgers")), Schedule.spaced(SEAL_EVERY)),
    Effect.repeat(eraseAll.pipe(told("erasing what is overdue")), Schedule.spaced(ERASE_EVERY))
  ],
  { concurrency: "unbounded" }
).pipe(Effect.andThen(Effect.never))
