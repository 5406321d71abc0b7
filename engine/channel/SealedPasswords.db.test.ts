/** Channels whose password is sealed: bound when it opens; otherwise not served, said why, and no other is kept waiting. */
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { scopedSmsc } from "#bench/smsc/Smsc.ts"
import { engine } from "#engine/Engine.ts"
import { eventually, makeChannel } from "#engine/TestCampaigns.ts"
import { says, TestEngine } from "#engine/TestEngine.ts"
import * as ChannelSettings from "#schema/channel/ChannelSettings.ts"
import { SqlClient } from "#schema/Database.ts"
import { Secrets } from "#schema/Secrets.ts"
import { somebody } from "#schema/testing/signedIn.ts"

const key = (n: number) => Secrets.layerOf([new Uint8Array(32).fill(n)])
const keyed = Effect.provide(engine, key(7))

const bound = (smsc: { counts: () => { binds: number } }, binds: number) =>
  eventually(
    `${binds} binds are up`,
    Effect.sync(() => smsc.counts().binds === binds)
  )

let made = 0

/** Set and switched on by a super admin, as people do it. */
const sealedChannel = Effect.fnUntraced(
  function* (port: number, password = "s3cret") {
    const { self: master } = yield* somebody(true)
    const name = `Sealed ${++made}`
    const account = { name, host: "127.0.0.1", port, system_id: "proof", password: Redacted.make(password) }
    const id = yield* master(ChannelSettings.create(account))
    yield* master(ChannelSettings.switchTo(id, true))
    const change = (wanted: Partial<ChannelSettings.Settings>) =>
      master(ChannelSettings.change(id, wanted)).pipe(Effect.provide(key(7)))
    return { id, name, change }
  },
  Effect.provide(key(7))
)

layer(TestEngine.layer, { excludeTestServices: true })("a sealed password", (it) => {
  it.effect("binds, and one given anew binds anew; the log has neither", () =>
    Effect.gen(function* () {
      const { startLife } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0, password: "s3cret" })
      const channel = yield* sealedChannel(smsc.port, "wr0ng")
      const { log } = yield* startLife(keyed)
      yield* says(log, /ALARM .* ESME_RINVPASWD/)
      yield* channel.change({ password: Redacted.make("s3cret") })
      yield* bound(smsc, 1)
      assert.notMatch(log.join("\n"), /s3cret|wr0ng/)
    })
  )

  it.effect("is not sent where its row was pointed behind our back, and binds again when that is put right", () =>
    Effect.gen(function* () {
      const { startLife } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0, password: "s3cret" })
      const thief = yield* scopedSmsc({ port: 0 })
      const { id, name } = yield* sealedChannel(smsc.port)
      const { log } = yield* startLife(keyed)
      yield* bound(smsc, 1)
      yield* sql`UPDATE channel SET port = ${thief.port} WHERE id = ${id}`
      yield* says(
        log,
        new RegExp(`^Error channel ${name} is not served: .* not what was sealed for this host, port and`)
      )
      yield* bound(smsc, 0)
      yield* sql`UPDATE channel SET port = ${smsc.port} WHERE id = ${id}`
      yield* eventually(
        "it binds again",
        Effect.sync(() => smsc.counts().bindsEver === 2)
      )
      assert.strictEqual(thief.counts().bindsEver, 0)
    })
  )

  it.effect("that can't be opened, for want of its key, keeps no other channel from being served", () =>
    Effect.gen(function* () {
      const { house, start, startLife } = yield* TestEngine
      const smsc = yield* scopedSmsc({ port: 0 })
      const { name } = yield* sealedChannel(smsc.port)
      yield* makeChannel(house, smsc.port, { binds: 2 })
      const none = yield* start
      yield* says(
        none.log,
        new RegExp(`channel ${name} is not served: .* COUNTERSIGN_SECRET_KEY is not set here; start`)
      )
      yield* bound(smsc, 2)
      yield* none.stop
      const another = yield* startLife(Effect.provide(engine, key(8)))
      yield* says(
        another.log,
        new RegExp(`channel ${name} is not served: .* not in COUNTERSIGN_SECRET_KEY; put it back`)
      )
      yield* bound(smsc, 2)
    })
  )
})
