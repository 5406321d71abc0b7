/** What a schedule may be, and what an author is told whose schedule can't be. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import { refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { pressAs, sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

type Content = Readonly<Record<string, string | number | Date | null>>

/** A draft of 48,000 numbers on a channel of so many a second. */
const draft = Effect.fnUntraced(function* (perSecond = 100, columns: Content = {}) {
  const workspace = yield* sampleWorkspace()
  const channel = yield* sampleChannel(workspace)
  const sql = yield* SqlClient
  yield* sql`UPDATE channel SET per_second = ${perSecond} WHERE id = ${channel.channelId}`
  const numbers = Array.from({ length: 4_800 }, (_, i) => 998_900_000_000 + i)
  const { campaignId } = yield* sampleCampaign({ workspace, channels: [channel], state: "draft", numbers, columns })
  const edit = (content: Content) =>
    actAs(
      workspace.authorId,
      workspace.workspaceId
    )(Effect.mapError(sql`SELECT FROM edit_campaign(${campaignId}, ${JSON.stringify(content)}::text::jsonb)`, refused))
  const submit = pressAs(workspace, workspace.authorId, campaignId, "submit")
  return { workspace, campaignId, edit, submit }
})

const year = new Date().getUTCFullYear() + 1

/** What the author is told, by what was wrong. */
const told: Readonly<Record<string, readonly [Content, string]>> = {
  "an end before its start": [
    {
      mode: "scheduled",
      starts_local: `${year}-03-02 18:00`,
      ends_local: `${year}-03-01 18:00`,
      time_zone: "Asia/Tashkent"
    },
    `the end (${year}-03-01 18:00 Asia/Tashkent) is before the start (${year}-03-02 18:00 Asia/Tashkent)`
  ],
  "a start in the past": [
    { mode: "scheduled", starts_local: "2026-01-01 18:00", time_zone: "UTC" },
    "the start, 2026-01-01 18:00 UTC, has passed; leave it out to start at once"
  ],
  "an end in the past": [
    { ends_local: "2026-01-01 18:00", time_zone: "UTC" },
    "the end, 2026-01-01 18:00 UTC, has passed"
  ],
  "a window that never opens": [
    { window_from: "09:00", window_to: "09:00" },
    "a window from 09:00 to 09:00 never opens; leave it out to send around the clock"
  ],
  "half a window": [{ window_from: "09:00" }, "a daily window has a beginning and an end"],
  "a window that does not open before the end": [
    {
      mode: "spread",
      starts_local: `${year}-03-02 19:00`,
      ends_local: `${year}-03-03 08:00`,
      window_from: "09:00",
      window_to: "18:00"
    },
    "the window from 09:00 to 18:00 does not open before the end"
  ],
  "a window to 24:00": [
    { window_from: "00:00", window_to: "24:00" },
    "midnight is 00:00 in a daily window; leave the window out to send around the clock"
  ],
  "a zero ceiling": [
    { per_second: 0 },
    "a ceiling is at least 1 message a second; to send nothing, pause or stop the campaign"
  ],
  "a time zone that does not exist": [
    { time_zone: "Asia/Toshkent" },
    "there is no time zone “Asia/Toshkent”; it is written as Asia/Tashkent or UTC"
  ],
  "a spread with two ends": [
    { mode: "spread", spread_minutes: 30, ends_local: `${year}-03-01 18:00` },
    "a spread campaign needs an end, or so many minutes from its start"
  ],
  "minutes that are not spread over": [{ spread_minutes: 30 }, "only a spread campaign takes so many minutes"],
  "a spread of minutes in a window": [
    { mode: "spread", spread_minutes: 30, window_from: "09:00", window_to: "18:00" },
    "a spread with a daily window needs an end instead of minutes"
  ],
  "an end of another age": [{ ends_local: "2962-03-01 18:00" }, "a campaign is over within two years from now"],
  "a time that is none": [
    { starts_local: "tonight" },
    'this can\'t be read: invalid input syntax for type timestamp: "tonight"'
  ],
  "a ceiling that is no number": [
    { per_second: "fast" },
    'this can\'t be read: invalid input syntax for type integer: "fast"'
  ]
}

layer(TestDatabase.layer, { excludeTestServices: true })("a schedule", (it) => {
  for (const [what, [content, words]] of Object.entries(told))
    it.effect(`with ${what} is refused in words`, () =>
      Effect.gen(function* () {
        const { edit } = yield* draft()
        const error = yield* Effect.flip(edit(content))
        assert.strictEqual(error.message, words)
        assert.strictEqual(error.reason, "Invalid")
      })
    )

  for (const [what, mode, words] of [
    ["a start", "scheduled", "a scheduled campaign needs a start"],
    ["an end", "spread", "a spread campaign needs an end, or so many minutes from its start"],
    ["an end", "trigger", "a trigger campaign needs an end: until then it takes messages"]
  ] as const)
    it.effect(`may lack ${what} in a draft, and is refused at submission: ${mode}`, () =>
      Effect.gen(function* () {
        const { edit, submit } = yield* draft()
        yield* edit({ mode })
        assert.strictEqual((yield* Effect.flip(submit)).message, words)
      })
    )

  it.effect("that spreads faster than its channel's contract is refused with the earliest possible end", () =>
    Effect.gen(function* () {
      const columns = {
        mode: "spread",
        time_zone: "UTC",
        starts_at: new Date(Date.UTC(year, 2, 1, 18)),
        ends_at: new Date(Date.UTC(year, 2, 1, 18, 30))
      }
      const { submit } = yield* draft(2, columns)
      assert.strictEqual(
        (yield* Effect.flip(submit)).message,
        `4800 messages can't be spread until ${year}-03-01 18:30 UTC: the channel and the ceilings allow 2 a second; the earliest possible end is ${year}-03-01 18:41 UTC`
      )
      const enough = yield* draft(3, columns)
      yield* enough.submit
    })
  )

  it.effect("that would take years in its window is refused, and no day is counted for ever", () =>
    Effect.gen(function* () {
      const columns = {
        mode: "spread",
        time_zone: "UTC",
        starts_at: new Date(Date.UTC(year, 2, 1, 18)),
        ends_at: new Date(Date.UTC(year, 2, 9, 18)),
        window_from: "09:00:00",
        window_to: "09:00:01"
      }
      const { submit } = yield* draft(1, columns)
      assert.match(
        (yield* Effect.flip(submit)).message,
        /allow 1 a second; they take more than two years in its window$/
      )
    })
  )

  it.effect("whose time has passed since it was written can't be submitted any more", () =>
    Effect.gen(function* () {
      const { submit } = yield* draft(100, { time_zone: "UTC", ends_at: new Date(Date.UTC(2026, 0, 1, 18)) })
      assert.match(
        (yield* Effect.flip(submit)).message,
        /^the time of campaign \d+, 2026-01-01 18:00 UTC, has passed; give it another$/
      )
    })
  )

  it.effect("is part of what was approved: to change it needs a new approval, and it says so", () =>
    Effect.gen(function* () {
      const { campaignId, edit, submit, workspace } = yield* draft()
      yield* submit
      const error = yield* Effect.flip(edit({ per_second: 50 }))
      assert.strictEqual(
        error.message,
        `campaign ${campaignId} is in review; take it back to draft to change it, and have it approved anew`
      )
      yield* pressAs(workspace, workspace.authorId, campaignId, "revise")
      yield* edit({ per_second: 50 })
    })
  )

  it.effect("means the clock of the campaign's zone, also where that is changed", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { campaignId, edit } = yield* draft()
      // the hour from two to three does not exist on the last Sunday of March in Berlin
      const sunday = `${year}-03-${31 - new Date(Date.UTC(year, 2, 31)).getUTCDay()}`
      yield* edit({ mode: "scheduled", starts_local: `${sunday} 02:30`, time_zone: "Europe/Berlin" })
      const [{ at }] = (yield* sql`SELECT starts_at AS at FROM campaign WHERE id = ${campaignId}`) as [{ at: Date }]
      assert.strictEqual(at.toISOString(), `${sunday}T01:30:00.000Z`)
    })
  )
})
