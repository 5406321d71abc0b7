/** The demo as a newcomer starts it, in a folder of its own and for as long as the scope lives; with what its pages are about. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect, Redacted } from "effect"
import type { Places } from "#portal/testing/paths.ts"
import { layer, SqlClient } from "#schema/Database.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => {
    const path = mkdtempSync(join(tmpdir(), "countersign-shots-"))
    // the server's user has to get there
    chmodSync(path, 0o755)
    return path
  }),
  (path) =>
    Effect.sync(() => {
      const cluster = join(path, "data/postgres/cluster")
      if (existsSync(cluster)) rmSync(dirname(realpathSync(cluster)), { recursive: true, force: true })
      rmSync(path, { recursive: true, force: true })
    })
)

/** `npm start`, once it is ready; gives its address, and the folder in which it is. */
export const startDemo = Effect.gen(function* () {
  const cwd = yield* folder
  const program = fileURLToPath(new URL("../../deploy/local/start.ts", import.meta.url))
  const env = { ...process.env, DATABASE_URL: undefined, PORTAL_PORT: undefined, PORTAL_URL: undefined }
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [program], { cwd, env, stdio: ["ignore", "pipe", "inherit"] })),
    (running) =>
      Effect.promise(async () => {
        if (running.exitCode !== null) return
        const ended = once(running, "exit")
        running.kill("SIGINT")
        await ended
      })
  )
  const said = yield* Effect.promise(
    () =>
      new Promise<string>((resolve) => {
        let text = ""
        // it goes on being read: who is not heard any more breaks off
        child.stdout.on("data", (piece) => {
          text += piece
          if (/Ready after/.test(text)) resolve(text)
        })
        child.once("exit", () => resolve(text))
      })
  )
  const origin = /Portal\s+(http:\S+)/.exec(said)?.[1]
  if (origin === undefined) return yield* Effect.die(`npm start did not begin:\n${said}`)
  return { cwd, origin: origin.replace(/\/$/, "") }
})

/** In its IT department, a campaign of each state. */
export const placesIn = (cwd: string): Effect.Effect<ReadonlyArray<Places & { readonly state: string }>> => {
  const { ownerUrl } = JSON.parse(readFileSync(join(cwd, "data/running.json"), "utf8")) as { ownerUrl: string }
  return Effect.flatMap(
    SqlClient,
    (sql) => sql<Places & { readonly state: string }>`
      SELECT DISTINCT ON (c.state) c.state, c.workspace_id AS workspace, c.id AS campaign, l.id AS lane, s.id AS sender, c.created_by AS person,
             (SELECT max(r.id) FROM sender_revision r WHERE r.sender_id = s.id) AS revision
        FROM campaign c JOIN workspace w ON w.id = c.workspace_id JOIN lane l ON l.campaign_id = c.id
        JOIN sender s ON s.workspace_id = w.id AND s.archived_at IS NULL
       WHERE w.name = 'IT department' OR c.state IN ('draft', 'paused', 'cancelled', 'expired', 'rejected')
       ORDER BY c.state, w.name = 'IT department' DESC, c.id DESC`
  ).pipe(
    Effect.provide(layer(Redacted.make(ownerUrl), { applicationName: "countersign shots", maxConnections: 1 })),
    Effect.orDie
  )
}
