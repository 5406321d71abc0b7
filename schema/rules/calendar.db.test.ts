/** Local times and daily windows, held to what Intl knows of the same time zones, which is another implementation of the same rules. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"

const ZONES = [
  "UTC",
  "Asia/Tashkent",
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kathmandu"
] as const
const HOUR = 3_600_000
const MINUTE = 60_000

const formats = new Map(
  ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium", hourCycle: "h23" })
  ])
)

/** What a clock on the wall shows, as `2026-03-29 02:30:00`. */
const shownAt = (zone: string, at: number) =>
  formats
    .get(zone as (typeof ZONES)[number])!
    .format(at)
    .replace(",", "")

/** When clocks show it: the first such moment; of one that is skipped, as long after the jump as it is after its beginning. */
const momentOf = (zone: string, local: string): number => {
  const asUtc = Date.parse(`${local.replace(" ", "T")}Z`)
  // no offset is larger than 14 hours, and all are whole quarters of an hour
  for (let at = asUtc - 15 * HOUR; at <= asUtc + 15 * HOUR; at += 15 * MINUTE) {
    const near = at + ((asUtc - Date.parse(`${shownAt(zone, at).replace(" ", "T")}Z`)) % (15 * MINUTE))
    if (shownAt(zone, near) === local) return near
  }
  // by the offset from before the jump
  const before = asUtc - 24 * HOUR
  return asUtc - (Date.parse(`${shownAt(zone, before).replace(" ", "T")}Z`) - before)
}

const minutes = (n: number) => `${`${Math.floor(n / 60)}`.padStart(2, "0")}:${`${n % 60}`.padStart(2, "0")}`

layer(TestDatabase.layer, { excludeTestServices: true })("the calendar", (it) => {
  it.effect("knows when clocks show a time, also one that is skipped or comes twice", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const said = (local: string, zone: string) =>
        Effect.map(
          sql<{
            at: number
          }>`SELECT extract(epoch FROM moment_of(${local}::text::timestamp, ${zone}))::float8 * 1000 AS at`,
          ([row]) => row!.at
        )
      const at = (iso: string) => Date.parse(iso)
      assert.strictEqual(yield* said("2026-03-29 02:30", "Europe/Berlin"), at("2026-03-29T03:30:00+02:00"))
      assert.strictEqual(yield* said("2026-10-25 02:30", "Europe/Berlin"), at("2026-10-25T02:30:00+02:00"))
      assert.strictEqual(yield* said("2026-10-04 02:15", "Australia/Lord_Howe"), at("2026-10-04T02:45:00+11:00"))
      const days = ["2026-03-28", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01", "2026-03-08"]
      for (const zone of ZONES) {
        for (const day of days) {
          for (let minute = 0; minute < 24 * 60; minute += 30) {
            const local = `${day} ${minutes(minute)}:00`
            assert.strictEqual(yield* said(local, zone), momentOf(zone, local), `${local} ${zone}`)
          }
        }
      }
    })
  )

  it.effect("counts how long a window is open, and when it will have been open for so long", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const runtime = yield* Effect.context<SqlClient>()
      const wanted = fc.record({
        zone: fc.constantFrom(...ZONES),
        since: fc.integer({ min: Date.UTC(2026, 1, 1) / MINUTE, max: Date.UTC(2026, 11, 1) / MINUTE }),
        length: fc.integer({ min: 1, max: 12 * 24 * 60 }),
        from: fc.integer({ min: 0, max: 95 }),
        to: fc.integer({ min: 0, max: 95 })
      })
      const check = fc.asyncProperty(wanted, ({ from, length, since, to, zone }) => {
        fc.pre(from !== to)
        const [begins, ends] = [since * MINUTE, (since + length) * MINUTE]
        const within = (at: number) => {
          const [hour, minute] = shownAt(zone, at).slice(11).split(":").map(Number) as [number, number]
          const clock = hour * 4 + minute / 15
          return from < to ? from <= clock && clock < to : clock >= from || clock < to
        }
        let open = 0
        for (let at = begins; at < ends; at += MINUTE) if (within(at)) open++
        return Effect.runPromiseWith(runtime)(
          Effect.gen(function* () {
            const [row] = yield* sql<{ seconds: number; after: number }>`
              SELECT s AS seconds, extract(epoch FROM moment_after(since, s, f, t, ${zone}))::float8 * 1000 AS after
                FROM (SELECT to_timestamp(${begins / 1000}::float8) AS since, ${minutes(from * 15)}::text::time AS f, ${minutes(to * 15)}::text::time AS t) AS w,
                     LATERAL open_seconds(since, to_timestamp(${ends / 1000}::float8), f, t, ${zone}) AS s`
            assert.strictEqual(row!.seconds, open * 60)
            if (open === 0) return
            // the last minute of it that was open ends there
            assert.isTrue(within(row!.after - 1), `${row!.after}`)
            assert.isAtMost(row!.after, ends)
          })
        )
      })
      yield* Effect.promise(() => fc.assert(check, { numRuns: 60, seed: 1 }))
    })
  )
})
