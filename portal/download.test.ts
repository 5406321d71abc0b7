import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit } from "effect"
import { Hono } from "hono"
import { download } from "./download.ts"
import type { Asked, Env } from "./visit.ts"

/** Answered as a route would be. */
const asked = (make: Parameters<typeof download<string, never>>[2]) =>
  Effect.promise(async () => {
    let exit: Exit.Exit<Response, string> | undefined
    const response = await new Hono<Env>()
      .get("/", async (c) => {
        exit = await Effect.runPromiseExit(download(c as Asked, { name: "a.csv", type: "text/csv" }, make))
        return Exit.isSuccess(exit) ? exit.value : c.text("refused", 409)
      })
      .request("/")
    return response
  })

describe("a download", () => {
  it.effect("is what was written, piece by piece", () =>
    Effect.gen(function* () {
      const response = yield* asked((take) => Effect.andThen(take("one,"), take("two")))
      assert.strictEqual(response.headers.get("Content-Disposition"), 'attachment; filename="a.csv"')
      assert.strictEqual(yield* Effect.promise(() => response.text()), "one,two")
    })
  )

  it.effect("is refused as anything else where nothing was written yet", () =>
    Effect.gen(function* () {
      const response = yield* asked(() => Effect.fail("not you"))
      assert.deepStrictEqual([response.status, yield* Effect.promise(() => response.text())], [409, "refused"])
    })
  )

  it.effect("breaks off where it fails later, so that half of it passes for nothing", () =>
    Effect.gen(function* () {
      const response = yield* asked((take) => Effect.andThen(take("one,"), Effect.fail("the database is gone")))
      const read = yield* Effect.exit(Effect.tryPromise(() => response.text()))
      assert.isTrue(Exit.isFailure(read))
    })
  )

  it.effect("ends what makes it when nobody takes it any more", () =>
    Effect.gen(function* () {
      const ended = yield* Deferred.make<void>()
      const response = yield* asked((take) =>
        Effect.ensuring(Effect.forever(take("again and again")), Deferred.succeed(ended, undefined))
      )
      yield* Effect.promise(() => response.body!.cancel())
      yield* Deferred.await(ended)
    })
  )
})
