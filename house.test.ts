/**
 * The house keeps its shape: who may import whom, where the driver and SQL may be named, and how a file may be called.
 * It reads the tree as it is, so that what is new is held to it too.
 */
import { globSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import { assert, describe, it } from "@effect/vitest"

const sources = globSync("{schema,engine,portal,bench,deploy}/**/*.{ts,tsx,mjs}")
const ours = sources.filter((file) => !/\.test\.tsx?$|\/Test[A-Z]\w*\.ts$|\/testing\//.test(file))
const text = (file: string) => readFileSync(file, "utf8")

/** The rooms a file imports from, its own among them: by `#room/…`, or by climbing out of its room. */
const roomsImported = (file: string): ReadonlyArray<string> =>
  [...text(file).matchAll(/(?:from|import)\s*\(?\s*["'](#|(?:\.\.\/)+)(schema|engine|portal|bench|deploy)\//g)].map(
    (m) => m[2]!
  )

/** portal → schema ← engine; bench and deploy stand around them and may use all. */
const allowed: Record<string, ReadonlyArray<string>> = {
  schema: ["schema"],
  engine: ["schema", "engine"],
  portal: ["schema", "portal"],
  bench: ["schema", "engine", "portal", "bench", "deploy"],
  deploy: ["schema", "engine", "portal", "bench", "deploy"]
}

describe("the house", () => {
  it("has something to look at", () => assert.isAbove(sources.length, 100))

  it("imports only along its arrows", () => {
    const wrong = ours.flatMap((file) => {
      const may = allowed[file.split("/")[0]!]!
      return roomsImported(file)
        .filter((room) => !may.includes(room))
        .map((room) => `${file} imports ${room}`)
    })
    assert.deepStrictEqual(wrong, [])
  })

  it("names the driver in the database layer only", () => {
    const naming = ours.filter((file) => text(file).includes("@effect/sql-pg"))
    assert.deepStrictEqual(naming.sort(), ["schema/Database.ts", "schema/PgTypes.ts"])
  })

  it("has no SQL in the engine", () => {
    const sql = /(?<!\.)\bsql(?:<[^>]*>)?`|\.unsafe\(|\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\b/
    assert.deepStrictEqual(
      ours.filter((file) => file.startsWith("engine/") && sql.test(text(file))),
      []
    )
  })

  it("has no name that says nothing", () => {
    const empty = /^(utils?|common|helpers?|misc|manager|handlers?|base)$/i
    const names = sources.flatMap((file) =>
      file.split("/").map((part) => basename(part).replace(/(\.test|\.db)*\.\w+$/, ""))
    )
    assert.deepStrictEqual(
      names.filter((name) => empty.test(name)),
      []
    )
  })

  it("has no file that nobody can read in one sitting", () => {
    const long = [...sources, ...globSync("schema/**/*.sql")].filter((file) => text(file).split("\n").length > 400)
    assert.deepStrictEqual(long, [])
  })

  it("pins every dependency exactly", () => {
    const { dependencies, devDependencies } = JSON.parse(text("package.json"))
    const loose = Object.entries<string>({ ...dependencies, ...devDependencies }).filter(
      ([, v]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(v)
    )
    assert.deepStrictEqual(loose, [])
  })
})
