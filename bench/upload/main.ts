/**
 * How fast a file of numbers goes from a browser into an audience, and in how much of the portal's memory: `npm run bench:upload`.
 *
 * The portal and Postgres are processes of their own. The file is made while it is sent, in pieces and through HTTP as the portal's script
 * does it. A time is from the first piece until the audience is sealed. Exit codes: 0; 1 when a bound was not kept or something went wrong.
 */
import { randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { NodeRuntime } from "@effect/platform-node"
import { Clock, Effect, Redacted } from "effect"
import { asked } from "#bench/asked.ts"
import { child } from "#bench/engine/Child.ts"
import { MOST_NUMBERS, numberAt } from "#bench/load/numbersFile.ts"
import { ownDatabase } from "#bench/ownDatabase.ts"
import { conclude, exactly } from "#bench/stage/Figure.ts"
import { SESSION_COOKIE } from "#portal/visit.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { layer, SqlClient } from "#schema/Database.ts"
import { accessUrl, portalUrl } from "#schema/LoginRole.ts"
import { actAs } from "#schema/people/Acting.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { tokenOf } from "#schema/testing/session.ts"

const options = asked("A file of numbers from a browser into an audience, through the portal.", {
  lines: { default: 1_000_000, least: 1, most: MOST_NUMBERS, help: "lines of the file, each a number of its own" },
  kilobytes: { default: 4_096, least: 64, most: 8_192, help: "of a piece" },
  json: { default: false, help: "no lines for people before the JSON object" }
})

const LEAST_PER_SECOND = 100_000
/** What the portal may hold more than before: the set of all numbers is 8 octets each, and grows by doubling. */
const mostMoreMb = (lines: number) => 150 + (lines * 40) / 2 ** 20

/** Of the throw-away server: those of a small one that is kept. */
const sizes = { shared_buffers: "256MB", max_wal_size: "2GB" }

/** "+998901234567\n" */
const OCTETS_A_LINE = 14

/** A part of the file that never was one. */
const octets = (from: number, to: number): Uint8Array<ArrayBuffer> => {
  const first = Math.floor(from / OCTETS_A_LINE)
  const last = Math.ceil(to / OCTETS_A_LINE)
  const lines = Array.from({ length: last - first }, (_, i) => `+${numberAt(first + i)}\n`).join("")
  return new Uint8Array(Buffer.from(lines).subarray(from - first * OCTETS_A_LINE, to - first * OCTETS_A_LINE))
}

const rssMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))![1]) / 1024

const bench = Effect.scoped(
  Effect.gen(function* () {
    const owner = yield* ownDatabase("upload", sizes)
    const asOwner = Effect.provide(layer(owner, { applicationName: "countersign bench", maxConnections: 2 }))
    const { path, token } = yield* asOwner(draft)
    const portal = yield* child("portal", ["portal/main.ts"], {
      PORTAL_DATABASE_URL: Redacted.value(yield* portalUrl(owner)),
      ACCESS_DATABASE_URL: Redacted.value(yield* accessUrl(owner)),
      COUNTERSIGN_SECRET_KEY: randomBytes(32).toString("base64"),
      PORTAL_PORT: "0",
      PORTAL_URL: "http://localhost"
    })
    const [, at] = yield* portal.line(/the portal listens on (\S+),/)
    const ask = (to: string, request: RequestInit = {}) =>
      Effect.promise(() =>
        fetch(`http://${at}${path}${to}`, {
          ...{ ...request, redirect: "manual" },
          headers: { ...request.headers, Cookie: `${SESSION_COOKIE}=${token}` }
        })
      )

    yield* ask("")
    const size = options.lines * OCTETS_A_LINE
    const piece = options.kilobytes * 1024
    const before = rssMb(portal.pid)
    let most = before
    const begun = yield* Clock.currentTimeMillis
    for (let offset = 0; offset < size; offset += piece) {
      const query = new URLSearchParams({ name: "staff.txt", size: `${size}`, modified: "1", offset: `${offset}` })
      const body = octets(offset, Math.min(size, offset + piece))
      const answer = yield* ask(`/pieces?${query}`, {
        ...{ method: "PUT", body, headers: { "Content-Type": "application/octet-stream" } }
      })
      const said = yield* Effect.promise(() => answer.text())
      most = Math.max(most, rssMb(portal.pid))
      if (answer.status !== 200) return yield* Effect.die(new Error(`a piece was answered ${answer.status}: ${said}`))
    }
    const sent = yield* Clock.currentTimeMillis
    // it leads to its page when there is no upload any more
    while (true) {
      const answer = yield* ask("/progress", { headers: { "HX-Request": "true" } })
      const said = yield* Effect.promise(() => answer.text())
      most = Math.max(most, rssMb(portal.pid))
      if (answer.status === 204) break
      if (said.includes('data-state="failed"')) return yield* Effect.die(new Error(said))
      yield* Effect.sleep("50 millis")
    }
    const seconds = ((yield* Clock.currentTimeMillis) - begun) / 1_000
    const sealed = yield* asOwner(recipients)
    yield* conclude(
      [
        [
          exactly("recipients", "recipients of the audience that was sealed", sealed, options.lines),
          { name: "seconds", what: "seconds, until it was sealed", value: seconds },
          { name: "sentSeconds", what: "seconds, until the last piece was answered", value: (sent - begun) / 1_000 },
          { name: "perSecond", what: "lines a second", value: options.lines / seconds, least: LEAST_PER_SECOND },
          { name: "megabytes", what: "MB of the file", value: size / 2 ** 20 },
          { name: "beforeMb", what: "MB, the portal before", value: before },
          { name: "mostMb", what: "MB, the portal at most meanwhile", value: most },
          { name: "moreMb", what: "MB more than before", value: most - before, most: mostMoreMb(options.lines) }
        ]
      ],
      options.json
    )
  })
)

const draft = Effect.gen(function* () {
  const { authorId, senderRevisionId, workspaceId } = yield* sampleWorkspace()
  const content = { name: "Upload", senderRevisionId, text: "Planned maintenance tonight", segments: 1 }
  const { campaignId } = yield* actAs(authorId, workspaceId)(Campaigns.create(content, []))
  const token = Redacted.value(yield* tokenOf(authorId))
  return { token, path: `/w/${workspaceId}/campaigns/${campaignId}/audience` }
})

const recipients = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ n: number }>`
    SELECT coalesce(sum(recipients), 0)::int AS n FROM lane WHERE audience_digest IS NOT NULL`
  return row!.n
})

NodeRuntime.runMain(bench)
