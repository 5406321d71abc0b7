import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { AuditRow } from "./AuditRow.ts"
import { BEGIN_US, SampleChain } from "./testing/SampleChain.ts"
import { SoftAuthenticator } from "./testing/SoftAuthenticator.ts"
import { Verification } from "./Verification.ts"

const IVAN = 4
const MINUTE_US = 60_000_000

const verify = (rows: ReadonlyArray<AuditRow>) => {
  const verification = new Verification({ workspaceId: 5, checkpoints: [], key: undefined })
  return Effect.andThen(verification.take(rows), verification.end())
}

const refused = (rows: ReadonlyArray<AuditRow>) =>
  Effect.map(Effect.flip(verify(rows)), ({ message, reason, seq }) => ({ at: [seq, reason], message }))

/** A chain whose first row says what is asked of approvals, and whose second is of a while later. */
const settled = (asked: unknown, action = "workspace.settings", objectId = 5) => {
  const chain = new SampleChain(5)
  const facts = { after: { require_signed_approvals: asked } }
  const setting = chain.say({ action, objectId, facts, atUs: BEGIN_US })
  return { chain, rows: [setting, chain.say({ atUs: BEGIN_US + MINUTE_US + 1 })] }
}

describe("a workspace that asks for signed approvals", () => {
  it.effect("has no approval without a signature from then on", () =>
    Effect.gen(function* () {
      for (const action of ["workspace.settings", "workspace.create"]) {
        const { chain, rows } = settled(true, action)
        const fault = yield* refused([...rows, chain.decide(IVAN, "approve")])
        assert.deepStrictEqual(fault.at, [3, "decision"])
        assert.include(fault.message, "row 3 (campaign.approve) is not signed, and row 1 says")
      }
    })
  )

  it.effect("may have signed ones, other decisions without one, and unsigned ones of before", () =>
    Effect.gen(function* () {
      const device = new SoftAuthenticator()
      const chain = new SampleChain(5)
      const before = chain.decide(IVAN, "approve", undefined, 6)
      const setting = chain.say({
        action: "workspace.settings",
        objectId: 5,
        facts: { after: { require_signed_approvals: true } }
      })
      const later = chain.say({ atUs: BEGIN_US + 3 * MINUTE_US })
      const { decisions } = yield* verify([
        ...[before, setting, later, chain.introduce(device, IVAN), chain.decide(IVAN, "approve", { device })],
        chain.decide(IVAN, "reject", undefined, 8),
        chain.decide(IVAN, "request_changes", undefined, 9)
      ])
      assert.deepStrictEqual([decisions.signed, decisions.unsigned], [1, 3])
    })
  )

  it.effect("asks no more once another row says so, and still does where one says another thing", () =>
    Effect.gen(function* () {
      const changedTo = (setting: object) => {
        const { chain, rows } = settled(true)
        const other = chain.say({ action: "workspace.settings", objectId: 5, facts: { after: setting } })
        return [...rows, other, chain.decide(IVAN, "approve")]
      }
      yield* verify(changedTo({ require_signed_approvals: false }))
      assert.deepStrictEqual((yield* refused(changedTo({ time_zone: "UTC" }))).at, [4, "decision"])
    })
  )

  it.effect("is known by its own rows alone", () =>
    Effect.gen(function* () {
      for (const { chain, rows } of [
        settled(true, "workspace.settings", 6),
        settled(true, "campaign.edit"),
        settled("true")
      ])
        yield* verify([...rows, chain.decide(IVAN, "approve")])
    })
  )

  it.effect(
    "may have an unsigned one that was under way as the setting changed, as long as nothing later came first",
    () =>
      Effect.gen(function* () {
        const { chain, rows } = settled(true)
        const [setting] = rows
        const within = new SampleChain(5)
        const facts = JSON.parse(setting!.facts)
        const first = within.say({ action: "workspace.settings", objectId: 5, facts, atUs: BEGIN_US })
        yield* verify([first, within.decide(IVAN, "approve")])
        // its own time says that it was under way, and the rows before it that it can't have been
        const backdated = chain.say({
          personId: IVAN,
          action: "campaign.approve",
          facts: { campaign_id: 7, submission: 1, fingerprint: "ab".repeat(32), decision: "approve" },
          atUs: BEGIN_US + 1
        })
        assert.deepStrictEqual((yield* refused([...rows, backdated])).at, [3, "decision"])
      })
  )
})
