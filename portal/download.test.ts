import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit } from "effect"
import { Hono } from "hono"
import { attachment, download } from "./download.ts"
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

describe("a file's name in a header", () => {
  it("stays a name, whatever it is made of", () => {
    for (const [name, header] of [
      ["audit-7.csv", 'filename="audit-7.csv"'],
      ['a"; x="b.csv', "filename=\"a_; x=_b.csv\"; filename*=UTF-8''a%22%3B%20x%3D%22b.csv"],
      ["a\r\nSet-Cookie: x=1\r\n\r\n<html>", 'filename="a__Set-Cookie: x=1____<html>"'],
      ["../../etc/passwd", 'filename=".._.._etc_passwd"'],
      ["..\\a.csv", 'filename=".._a.csv"'],
      [
        "зарплата (март).csv",
        `filename="________ (____).csv"; filename*=UTF-8''${encodeURIComponent("зарплата ")}%28${encodeURIComponent("март")}%29.csv`
      ],
      ["\ud800.csv", "filename=\"_.csv\"; filename*=UTF-8''%EF%BF%BD.csv"],
      ["gpj.\u202eexe", 'filename="gpj._exe"']
    ] as const) {
      assert.strictEqual(attachment(name), `attachment; ${header}`)
      assert.doesNotThrow(() => new Headers({ "Content-Disposition": attachment(name) }))
    }
  })
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
