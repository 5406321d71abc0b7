import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import {
  inAnHour,
  pressAs,
  type SampleWorkspace,
  sampleCampaign,
  sampleChannel,
  sampleWorkspace
} from "#schema/testing/sampleCampaign.ts"
import { actor } from "#schema/testing/session.ts"
import * as CampaignList from "./CampaignList.ts"
import { insensitive } from "./insensitive.ts"

const withPostgres = layer(TestDatabase.layer, { excludeTestServices: true })

/** As the moderator of a workspace, in it. */
const listed = Effect.fnUntraced(function* (workspace: SampleWorkspace, wanted: Partial<CampaignList.Wanted> = {}) {
  const { asPortal } = yield* TestDatabase
  const { moderatorId, workspaceId } = workspace
  const page = CampaignList.page({ workspaceId, ...wanted })
  return (yield* asPortal((yield* actor(moderatorId, workspaceId))(page))).campaigns
})

const names = (campaigns: ReadonlyArray<CampaignList.Listed>) => campaigns.map(({ name }) => name)

withPostgres("a list of campaigns", (it) => {
  it.effect("is narrowed down by state, mode, sender, author, day, archive and name, one by one and together", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channels = [yield* sampleChannel(workspace)]
      const make = (name: string, more: Partial<Parameters<typeof sampleCampaign>[0]> = {}) =>
        sampleCampaign({ workspace, channels, state: "draft", ...more, columns: { name, ...more.columns } })
      yield* make("Payroll, March")
      yield* make("ЗАРПЛАТА за март", { columns: { created_by: workspace.adminId } })
      const sent = yield* make("50% off", { state: "sending" })
      yield* make("Shifts", { state: "in_review", columns: { starts_at: new Date("2100-03-03T09:00:00Z") } })
      const old = yield* make("Payroll, February", { state: "rejected" })
      yield* pressAs(workspace, workspace.moderatorId, sent.campaignId, "pause")
      yield* sql`UPDATE campaign SET archived_at = now() WHERE id = ${old.campaignId}`
      yield* sampleCampaign({ workspace: yield* sampleWorkspace(), channels: [], state: "draft" })

      assert.deepStrictEqual(names(yield* listed(workspace)), [
        "Shifts",
        "50% off",
        "ЗАРПЛАТА за март",
        "Payroll, March"
      ])
      const found = (wanted: Partial<CampaignList.Wanted>) => Effect.map(listed(workspace, wanted), names)
      assert.deepStrictEqual(yield* found({ archived: true }), ["Payroll, February"])
      assert.deepStrictEqual(yield* found({ states: ["paused", "in_review"] }), ["Shifts", "50% off"])
      assert.deepStrictEqual(yield* found({ mode: "on_demand", authorId: workspace.adminId }), ["ЗАРПЛАТА за март"])
      assert.strictEqual((yield* found({ senderId: workspace.senderId })).length, 4)
      assert.deepStrictEqual(yield* found({ senderId: workspace.senderId + 1 }), [])
      assert.deepStrictEqual(yield* found({ named: " payroll" }), ["Payroll, March"])
      assert.deepStrictEqual(yield* found({ named: "зарплата", states: ["draft"] }), ["ЗАРПЛАТА за март"])
      assert.deepStrictEqual(yield* found({ named: "0%" }), ["50% off"])
      assert.deepStrictEqual(yield* found({ named: "0.o" }), [])
      const day = { from: new Date("2100-03-03T00:00:00Z"), until: new Date("2100-03-04T00:00:00Z") }
      assert.deepStrictEqual(yield* found(day), ["Shifts"])
      assert.deepStrictEqual(yield* found({ until: day.from, states: ["in_review"] }), [])
    })
  )

  it.effect("goes on where the page before ended, by day too, also among those of one moment", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const days = ["2100-03-03", "2100-03-05", "2100-03-04", "2100-03-05", "2100-03-03"]
      const ids: Array<number> = []
      for (const day of days) {
        const columns = { starts_at: new Date(`${day}T09:00:00Z`) }
        ids.push((yield* sampleCampaign({ workspace, channels: [], state: "draft", columns })).campaignId)
      }
      const inOrder = [3, 1, 2, 4, 0].map((n) => ids[n]!)
      for (const n of [-1, 0, 1, 2, 3, 4]) {
        const rest = yield* listed(workspace, { by: "day", ...(n >= 0 && { before: inOrder[n]! }) })
        assert.deepStrictEqual(
          rest.map(({ id }) => id),
          inOrder.slice(n + 1)
        )
      }
      const these = yield* listed(workspace, { ids: [ids[0]!, ids[2]!] })
      assert.deepStrictEqual(
        these.map(({ id }) => id),
        [ids[2], ids[0]]
      )
    })
  )

  it.effect("has those that wait for somebody to press Start, once their time has come", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channels = [yield* sampleChannel(workspace)]
      const byHand = { starts_automatically: "false" }
      for (const columns of [
        { name: "by itself" },
        { name: "at once", ...byHand },
        { name: "in an hour", ...byHand, starts_at: inAnHour() }
      ])
        yield* sampleCampaign({ workspace, channels, state: "scheduled", columns })
      assert.deepStrictEqual(names(yield* listed(workspace, { waitingForStart: true })), ["at once"])
    })
  )

  it.effect("says of each what a row of it shows, and counts the states for the tabs", () =>
    Effect.gen(function* () {
      const { asPortal } = yield* TestDatabase
      const workspace = yield* sampleWorkspace()
      const channels = [yield* sampleChannel(workspace)]
      const { campaignId } = yield* sampleCampaign({ workspace, channels, state: "cancelled", numbers: 7 })
      yield* sampleCampaign({ workspace, channels, state: "draft", numbers: 7 })
      const [row] = (yield* listed(workspace)).filter(({ id }) => id === campaignId)
      const { audience, author, delivered, failed, moving, saddr, sender, state, workspace_id } = row!
      assert.deepStrictEqual(
        { audience, author, delivered, failed, moving, saddr, state, workspace_id },
        {
          audience: 7,
          author: "Author",
          delivered: 0,
          failed: 0,
          moving: 0,
          saddr: sender,
          state: "cancelled",
          workspace_id: workspace.workspaceId
        }
      )
      const counted = yield* asPortal(
        (yield* actor(workspace.authorId, workspace.workspaceId))(CampaignList.counts(workspace.workspaceId))
      )
      assert.deepStrictEqual(counted, { states: { cancelled: 1, draft: 1 }, archived: 0 })
    })
  )

  it.effect("finds words in capitals or not in any script, and takes every sign for itself", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const finds = Effect.fnUntraced(function* (words: string, name: string) {
        const rows = yield* sql<{ found: boolean }>`SELECT regexp_like(${name}, ${insensitive(words)}) AS found`
        return rows[0]!.found
      })
      for (const [words, name] of [
        ["payroll", "March PAYROLL notice"],
        ["ЗАРПЛАТА", "Зарплата за март"],
        ["éTé", "Été"],
        ["straße", "Straße"],
        ["会议", "明天会议"]
      ] as const) {
        assert.isTrue(yield* finds(words, name), words)
      }
      for (const signs of [
        "50%",
        "a.b",
        "(x)",
        "[y]*",
        "\\d",
        "a|b",
        "^$",
        "_",
        "1+1",
        "“;--",
        "?",
        "***=x",
        "(?i)",
        "7 😀",
        "ä́",
        "a{2}"
      ]) {
        assert.isTrue(yield* finds(signs, `before ${signs} after`), signs)
      }
      assert.isFalse(yield* finds("a.b", "axb"))
      assert.isFalse(yield* finds("payroll", "pay roll"))
    })
  )
})
