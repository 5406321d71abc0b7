/** Channels made, changed, switched and granted by super admins; their passwords are told to nobody. */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import * as Workspaces from "#schema/people/Workspaces.ts"
import { refused } from "#schema/Refused.ts"
import { Secrets } from "#schema/Secrets.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { newestOf, signedIn, somebody, told } from "#schema/testing/signedIn.ts"
import * as ChannelSettings from "./ChannelSettings.ts"
import * as Channels from "./Channels.ts"

let made = 0

const channel = (): ChannelSettings.Settings => ({
  name: `Operator ${++made}`,
  host: "smsc.example.org",
  port: 2775,
  system_id: "countersign",
  password: Redacted.make("s3cret")
})

const Sealing = Layer.merge(TestDatabase.layer, Secrets.layerOf([new Uint8Array(32).fill(7)]))

layer(Sealing, { excludeTestServices: true })("a channel", (it) => {
  it.effect("is made out of service, changed, and read by the engine once it is switched on", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const { self: master } = yield* somebody(true)
      const wanted = channel()
      const id = yield* master(ChannelSettings.create({ ...wanted, per_second: 100, receipt_wait: "24 hours" }))
      const driven = Effect.map(asEngine(Channels.enabled), ({ channels }) => {
        const one = channels.find((channel) => channel.id === id)
        return one && { ...one, password: Redacted.value(one.password) }
      })
      assert.isUndefined(yield* driven)
      yield* master(ChannelSettings.switchTo(id, true))
      assert.deepInclude(yield* newestOf(0), { action: "channel.enable", object_id: id })
      assert.include(yield* driven, { password: "s3cret", per_second: 100, binds: 1, receipt_wait_ms: 86_400_000 })
      yield* master(ChannelSettings.change(id, { password: Redacted.make("n3w"), per_second: null }))
      assert.include(yield* driven, { password: "n3w", per_second: null, host: wanted.host })
      assert.deepInclude(yield* newestOf(0), {
        action: "channel.change",
        facts: { before: { per_second: 100 }, after: { per_second: null }, password_changed: true }
      })
      assert.match(
        yield* told(master(ChannelSettings.switchTo(id, true))),
        /^Conflict: channel “.*” is enabled already$/
      )
      yield* master(ChannelSettings.switchTo(id, false))
      assert.isUndefined(yield* driven)
    })
  )

  it.effect("has a password that neither audit nor portal shows", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { self: master } = yield* somebody(true)
      const id = yield* master(ChannelSettings.create({ ...channel(), password: Redacted.make("hush1234") }))
      yield* master(ChannelSettings.change(id, { password: Redacted.make("hush5678") }))
      assert.deepStrictEqual(yield* sql`SELECT seq FROM audit WHERE facts LIKE '%hush%' OR personal LIKE '%hush%'`, [])
      const read = yield* told(master(Effect.flatMap(SqlClient, (client) => client`SELECT password FROM channel`)))
      assert.match(read, /permission denied/)
      const sealed = yield* told(
        master(Effect.flatMap(SqlClient, (client) => client`SELECT password_sealed FROM channel`))
      )
      assert.match(sealed, /permission denied/)
      const [row] = yield* sql<{ password: string | null; shown: string }>`
        SELECT password, encode(password_sealed, 'escape') AS shown FROM channel WHERE id = ${id}`
      assert.isNull(row!.password)
      assert.notInclude(row!.shown, "hush")
    })
  )

  it.effect("is moved to another host, port or system_id only by who gives its password again", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const { self: master } = yield* somebody(true)
      const id = yield* master(ChannelSettings.create(channel()))
      for (const move of [{ host: "smsc.elsewhere.example" }, { port: 2776 }, { system_id: "another" }])
        assert.strictEqual(
          yield* told(master(ChannelSettings.change(id, move))),
          "Invalid: a channel's password is for its host, port and system_id; give it again to change one of them"
        )
      const moved = { host: "smsc.elsewhere.example", password: Redacted.make("n3w") }
      yield* master(ChannelSettings.change(id, moved))
      yield* master(ChannelSettings.switchTo(id, true))
      const one = (yield* asEngine(Channels.enabled)).channels.find((each) => each.id === id)!
      assert.deepInclude(one, { host: moved.host, port: 2775 })
      assert.strictEqual(Redacted.value(one.password), "n3w")
    })
  )

  it.effect("takes a password sealed only, and with what it was sealed for", () =>
    Effect.gen(function* () {
      const { self: master } = yield* somebody(true)
      const id = yield* master(ChannelSettings.create(channel()))
      const change = (json: object) =>
        told(
          master(
            Effect.mapError(
              Effect.flatMap(
                SqlClient,
                (sql) => sql`SELECT change_channel(${id}, ${JSON.stringify(json)}::text::jsonb)`
              ),
              refused
            )
          )
        )
      const account = { host: "smsc.example.org", port: 2775, system_id: "countersign" }
      const sealed = `\\x${"01".repeat(33)}`
      const only = "Invalid: a channel's password is taken sealed only, as password_sealed"
      assert.strictEqual(yield* change({ ...account, password: "s3cret" }), only)
      assert.match(yield* change({ password_sealed: sealed }), /^Invalid: .* comes with the host, port and system_id/)
      for (const bytes of [32, 42]) {
        const password_sealed = `\\x${"01".repeat(bytes)}`
        assert.match(yield* change({ ...account, password_sealed }), /^Invalid: a sealed password is 33 to 41 bytes/)
      }
      assert.match(yield* change({ ...account, password_sealed: null }), /^Invalid: a channel needs a password/)
      assert.match(
        yield* change({ ...account, password_sealed: "\\xzz" }),
        /^Invalid: a value of this channel can't be/
      )
    })
  )

  it.effect("with what SMPP has no room for, or nobody knows, is refused in words", () =>
    Effect.gen(function* () {
      const { self } = yield* somebody()
      const { self: master } = yield* somebody(true)
      const wanted = channel()
      const id = yield* master(ChannelSettings.create(wanted))
      const cases: ReadonlyArray<readonly [object, string]> = [
        [{ epoch: 7 }, "Invalid: a channel has no epoch"],
        [{ host: "a b" }, "Invalid: a host is a name or an address"],
        [{ port: 0 }, "Invalid: a port is 1 to 65535"],
        [{ port: "x" }, "Invalid: a value of this channel can't be read"],
        [{ system_id: "0123456789012345" }, "Invalid: a system_id is 1 to 15 characters of ASCII"],
        [
          { password: Redacted.make("123456789") },
          "Invalid: a password is up to 8 characters of ASCII: SMPP has no room for more"
        ],
        [{ bind_mode: "both" }, "Invalid: a bind mode is transceiver or transmitter_and_receiver"],
        [{ binds: 33 }, "Invalid: a channel has 1 to 32 binds"],
        [{ window_size: null }, "Invalid: a window is 1 to 1,000 messages"],
        [{ per_second: 0 }, "Invalid: a rate and a burst are at least 1, or not given"],
        [{ charset: "utf8" }, "Invalid: a charset is gsm7 or latin1"],
        [{ receipt_wait: "1 second" }, "Invalid: receipts are waited for at least 1 minute"]
      ]
      for (const [change, words] of cases)
        assert.strictEqual(yield* told(master(ChannelSettings.change(id, change))), words)
      assert.strictEqual(
        yield* told(master(ChannelSettings.create(wanted))),
        "Conflict: there is a channel of this name already"
      )
      assert.strictEqual(
        yield* told(master(ChannelSettings.change(987654, { binds: 2 }))),
        "NotFound: channel 987654 does not exist"
      )
      for (const act of [ChannelSettings.create(wanted), ChannelSettings.switchTo(id, true)])
        assert.match(yield* told(self(act)), /^Forbidden: only a super admin may manage /)
    })
  )

  it.effect("is granted to workspaces and withdrawn, told in both chains, but not while something goes by it", () =>
    Effect.gen(function* () {
      const { self: master } = yield* somebody(true)
      const workspace = yield* sampleWorkspace()
      const { authorId, workspaceId } = workspace
      const id = yield* master(ChannelSettings.create(channel()))
      yield* master(ChannelSettings.switchTo(id, true))
      const author = yield* signedIn(authorId, workspaceId)
      const granted = Effect.map(author(Workspaces.channelsOf(workspaceId)), (rows) => rows.map((row) => row.id))
      assert.deepStrictEqual(yield* granted, [])
      yield* master(ChannelSettings.grant(id, workspaceId))
      assert.deepStrictEqual(yield* granted, [id])
      assert.deepInclude(yield* newestOf(0), {
        action: "channel.grant",
        object_id: id,
        facts: { workspace_id: workspaceId }
      })
      assert.deepInclude(yield* newestOf(workspaceId), { action: "channel.grant", object_id: id, role: "super_admin" })
      assert.match(
        yield* told(master(ChannelSettings.grant(id, workspaceId))),
        /^Conflict: channel “.*” is granted to workspace “.*” already$/
      )
      assert.strictEqual(
        yield* told(master(ChannelSettings.grant(id, 987654))),
        "NotFound: workspace 987654 does not exist"
      )

      const epoch = (yield* Channels.take(id))!
      yield* sampleCampaign({ workspace, channels: [{ channelId: id, epoch }], state: "draft" })
      yield* sampleCampaign({ workspace, channels: [{ channelId: id, epoch }], state: "in_review" })
      assert.match(
        yield* told(master(ChannelSettings.withdraw(id, workspaceId))),
        /^Conflict: workspace “.*” has 1 campaign that is not finished and goes by channel “.*”; stop it or let it end first$/
      )
      // what goes by another channel there does not matter
      const other = yield* sampleWorkspace()
      yield* sampleCampaign({ workspace: other, channels: [yield* sampleChannel(other)], state: "scheduled" })
      yield* master(ChannelSettings.grant(id, other.workspaceId))
      yield* master(ChannelSettings.withdraw(id, other.workspaceId))
      assert.deepInclude(yield* newestOf(other.workspaceId), { action: "channel.withdraw", object_id: id })
      assert.match(
        yield* told(master(ChannelSettings.withdraw(id, other.workspaceId))),
        /^Conflict: channel “.*” is not granted to workspace “.*”$/
      )
    })
  )
})
