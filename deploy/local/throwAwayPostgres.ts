/**
 * A server for the length of a scope, with nothing durable and nothing left behind: not when the run is interrupted,
 * and not when it is killed. A shell beside us waits for the end of a pipe that only we hold; the kernel ends it with us
 * in any case, and the shell then stops the server and removes the folder.
 */

import { spawn } from "node:child_process"
import { chmodSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { start } from "./EmbeddedPostgres.ts"
import { reachableHome } from "./embedded/DataFolder.ts"
import { chooseUser } from "./embedded/ServerUser.ts"
import { throwAwaySettings } from "./embedded/settings.ts"

/** The server's pid is looked up at the end: it may have been restarted by then. */
const sweep = `cat > /dev/null
pid=$(head -n 1 "$1/cluster/postmaster.pid" 2> /dev/null) && kill -QUIT "$pid" 2> /dev/null
while [ -n "$pid" ] && kill -0 "$pid" 2> /dev/null; do sleep 0.1; done
rm -rf "$(readlink -f "$1/cluster")" "$1"`

/** As `start` of EmbeddedPostgres, in a temporary folder. */
export const startThrowAway = (settings: Readonly<Record<string, string>> = {}) =>
  Effect.flatMap(temporaryFolder, (dataDir) => start({ dataDir, settings: { ...throwAwaySettings, ...settings } }))

/** A folder that a server's user can get to; it goes with its server, when the scope closes or this process dies. */
export const temporaryFolder = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      // The server's user has to get there: not where TMPDIR is in the home of root.
      const folder = mkdtempSync(join(reachableHome(chooseUser(undefined), tmpdir()), "countersign-test-"))
      chmodSync(folder, 0o755)
      // Its own group: a Ctrl-C is for us; it comes after us.
      const sweeper = spawn("/bin/sh", ["-c", sweep, "sh", folder], {
        detached: true,
        stdio: ["pipe", "ignore", "ignore"]
      })
      sweeper.unref()
      return { folder, sweeper }
    }),
    ({ sweeper }) =>
      Effect.callback<void>((resume) => {
        sweeper.once("exit", () => resume(Effect.void)).ref()
        sweeper.stdin.end()
      })
  ),
  ({ folder }) => folder
)
