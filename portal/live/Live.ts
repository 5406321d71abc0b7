/**
 * What changes in a workspace, told to every open window of it: ids, and never what they stand for; a window fetches that with its own
 * session.
 *
 * Promises: one LISTEN for the whole portal, and none while nobody looks. What nobody took yet folds into one, and is bounded: a window
 * that is slow is told less, and not later. What was said while nobody listened is lost, so after every (re)connection all is said to
 * have changed.
 */
import { Context, Effect, Fiber, Layer, Queue, type Scope, Stream } from "effect"
import { notices, Postgres } from "#schema/Database.ts"

/** `7 campaign 12`: of rules/audit.sql and transitions.sql, at their commit. */
const CHANGES = "countersign_live"

/** A window is told of so many things one by one, and of more that all has changed. */
const MOST = 50

/** Names of what browsers are told. */
export const ALL = "live-all"
export const changeOf = (object: string, id?: string | number): string =>
  id === undefined ? `live-${object}` : `live-${object}-${id}`

export interface Listener {
  /** Waits for a change, and gives all there were since the last: `live-campaign`, `live-campaign-12`. undefined: the portal ends. */
  readonly changes: Effect.Effect<ReadonlyArray<string> | undefined>
}

/** @effect-expect-leaking PgClient */
export class Live extends Context.Service<
  Live,
  {
    /** As long as the scope lives. */
    readonly listen: (workspaceId: number) => Effect.Effect<Listener, never, Scope.Scope>
    /** Lets everybody go: a portal that ends waits for nobody's window. */
    readonly end: Effect.Effect<void>
  }
>()("portal/live/Live") {
  static readonly make: Effect.Effect<Live["Service"], never, Postgres> = Effect.map(Postgres, (postgres) => {
    const windows = new Set<Window>()
    let hearing: Fiber.Fiber<void> | undefined
    const hear = Stream.runForEach(notices(CHANGES), (said) =>
      Effect.sync(() => {
        for (const window of windows) window.hear(said)
      })
    ).pipe(Effect.provideService(Postgres, postgres))
    const open = Effect.fnUntraced(function* (workspaceId: number) {
      const window = new Window(workspaceId, yield* Queue.dropping<void>(1))
      windows.add(window)
      if (hearing === undefined) hearing = yield* Effect.forkDetach(hear)
      else window.hear(undefined)
      return window
    })
    const close = (window: Window) =>
      Effect.suspend(() => {
        windows.delete(window)
        if (windows.size > 0 || hearing === undefined) return Effect.void
        const last = hearing
        hearing = undefined
        return Fiber.interrupt(last)
      })
    return {
      listen: (workspaceId) => Effect.acquireRelease(open(workspaceId), close),
      end: Effect.sync(() => {
        for (const window of windows) window.end()
      })
    }
  })

  static readonly layer = Layer.effect(Live, Live.make)
}

class Window implements Listener {
  private readonly workspaceId: number
  private readonly wake: Queue.Queue<void>
  private changed = new Set<string>()
  private isOver = false

  constructor(workspaceId: number, wake: Queue.Queue<void>) {
    this.workspaceId = workspaceId
    this.wake = wake
  }

  /** said: undefined after a connection was lost, or made. */
  hear(said: string | undefined) {
    const [workspace, object, id] = said?.split(" ") ?? []
    if (said !== undefined && Number(workspace) !== this.workspaceId) return
    if (object === undefined || this.changed.size >= MOST) this.changed = new Set([ALL])
    else {
      this.changed.add(changeOf(object))
      if (id !== undefined) this.changed.add(changeOf(object, id))
    }
    Queue.offerUnsafe(this.wake, undefined)
  }

  end() {
    this.isOver = true
    Queue.offerUnsafe(this.wake, undefined)
  }

  readonly changes = Effect.suspend(() =>
    Effect.map(Queue.take(this.wake), () => {
      const changed = [...this.changed]
      this.changed = new Set()
      return this.isOver ? undefined : changed
    })
  )
}
