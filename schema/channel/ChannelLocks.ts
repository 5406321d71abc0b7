/**
 * Which engine has which channel: an advisory lock a channel, all of an engine's on one connection.
 *
 * The lock keeps engines from wrestling for a channel; what keeps two from both sending is the epoch. So a lock that was
 * lost with its connection (Postgres was restarted, the connection was cut) ends nothing: its engine goes on under its
 * epoch and takes the lock again as soon as it can, and whoever stands by leaves it the time to. Only if the other took
 * the channel nevertheless does the epoch end the first one's life.
 */
import { Context, Deferred, Effect, Latch, Layer, type Scope } from "effect"
import { SqlClient, type SqlError, sqlMessage } from "#schema/Database.ts"

/** First of the two numbers of a channel's advisory lock: "Coun", so that no other program's locks collide. */
const LOCK = 0x436f756e

/** How often the connection is tried, and who stands by looks whether a channel is free. */
const LOOK_EVERY = "1 second"

/** Between two tries to connect, once the connection is gone: sooner than anybody's patience is over. */
const CONNECT_EVERY = "250 millis"

/** Looks in a row at which a channel that was another's must be free before it is taken: its owner may be coming back. */
const PATIENCE = 4

/** We speak every second. An engine that is frozen or cut off loses its locks after this, not with TCP's patience. */
const SILENT_FOR = "6s"

const UNLOCK = "SELECT pg_advisory_unlock($1::int, $2::int)"

/** Channels whose lock somebody holds, in this database. */
const TAKEN = `SELECT objid::int FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND classid = $1::int AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

interface Wanted {
  readonly channelId: number
  readonly got: Deferred.Deferred<void>
  /** on the connection that we have now */
  held: boolean
  /** looks at which it must be seen free before it is taken; an owner that lost its lock has none to wait */
  patience: number
}

export class ChannelLocks extends Context.Service<
  ChannelLocks,
  {
    /** Waits until no other engine has the channel, then has it until the scope closes. One at a time asks for a channel. */
    readonly hold: (channelId: number) => Effect.Effect<void, never, Scope.Scope>
  }
>()("schema/channel/ChannelLocks") {
  static readonly layer = Layer.effect(
    ChannelLocks,
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const wanted = new Map<number, Wanted>()
      const asked = Latch.makeUnsafe()
      let execute: ((text: string, params: ReadonlyArray<unknown>) => Values) | undefined

      const look = Effect.fnUntraced(function* (run: NonNullable<typeof execute>) {
        const taken = new Set((yield* run(TAKEN, [LOCK])).map(([id]) => id as number))
        for (const one of wanted.values()) {
          if (one.held) continue
          const isOurs = yield* Deferred.isDone(one.got)
          if (taken.has(one.channelId)) {
            if (!isOurs) one.patience = PATIENCE
          } else if (--one.patience <= 0 || isOurs) {
            const rows = yield* run("SELECT pg_try_advisory_lock($1::int, $2::int)", [LOCK, one.channelId])
            one.held = rows[0]![0] === true
            // nobody may want it any more: then nobody would give it back
            if (one.held && wanted.get(one.channelId) !== one) yield* run(UNLOCK, [LOCK, one.channelId])
            else if (one.held) yield* Deferred.succeed(one.got, undefined)
          }
        }
      })

      /** As long as one connection lives. */
      const connected = Effect.scoped(
        Effect.gen(function* () {
          const connection = yield* sql.reserve
          const run = (text: string, params: ReadonlyArray<unknown>) => connection.executeValues(text, params)
          // back in the pool it must hold nothing
          yield* Effect.addFinalizer(() =>
            Effect.ignore(
              Effect.andThen(run("SELECT pg_advisory_unlock_all()", []), run("RESET idle_session_timeout", []))
            )
          )
          yield* run(`SET idle_session_timeout = '${SILENT_FOR}'`, [])
          execute = run
          while (true) {
            yield* look(run)
            asked.closeUnsafe()
            yield* Effect.timeoutOption(asked.await, LOOK_EVERY)
          }
        })
      )

      const disconnected = Effect.fnUntraced(function* (error: SqlError) {
        if (execute !== undefined)
          yield* Effect.logWarning(
            `the connection that holds the channels' locks is gone: ${sqlMessage(error)}; taking them again`
          )
        execute = undefined
        for (const one of wanted.values()) {
          one.held = false
          one.patience = PATIENCE
        }
        yield* Effect.sleep(CONNECT_EVERY)
      })

      yield* Effect.forkScoped(Effect.forever(Effect.catch(connected, disconnected)))

      const want = (channelId: number) =>
        Effect.gen(function* () {
          const one: Wanted = { channelId, got: yield* Deferred.make<void>(), held: false, patience: 0 }
          wanted.set(channelId, one)
          asked.openUnsafe()
          return one
        })
      const release = (one: Wanted) =>
        Effect.suspend(() => {
          wanted.delete(one.channelId)
          return one.held && execute !== undefined ? Effect.ignore(execute(UNLOCK, [LOCK, one.channelId])) : Effect.void
        })
      return ChannelLocks.of({
        hold: (channelId) =>
          Effect.flatMap(Effect.acquireRelease(want(channelId), release), (one) => Deferred.await(one.got))
      })
    })
  )
}

type Values = Effect.Effect<ReadonlyArray<ReadonlyArray<unknown>>, SqlError>
