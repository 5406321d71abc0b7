/**
 * Two kinds of test: pure ones, and those that need Postgres (`*.db.test.ts`); the server is started only for a run that
 * has some of these. Files run in parallel, each in a process of its own; one more at a time than there are cores, since most of them
 * wait for the database or for another process half of their time.
 */
import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

const elsewhere = ["**/node_modules/**", "data/**"]

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: availableParallelism() + 1,
    // A test waits on what it tests, not on the clock: these are for hangs, and wide, since the cores may be shared.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: "pure", include: ["**/*.test.ts"], exclude: ["**/*.db.test.ts", ...elsewhere] }
      },
      {
        extends: true,
        test: {
          name: "postgres",
          include: ["**/*.db.test.ts"],
          exclude: elsewhere,
          globalSetup: "deploy/local/testServer.ts"
        }
      }
    ]
  }
})
